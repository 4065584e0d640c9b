/* SPDX-License-Identifier: Apache-2.0 */
/* phantom: a seeded renderer of skin close-ups whose truth is known.
 *
 * It exists to test dermetry, so it shares no code and no optical constant with it: a test must not
 * check the model against itself. The same seed gives the same skin, pixel for pixel; light, pose
 * and camera are chosen apart from it, so that two renderings show the same skin twice.
 *
 * Skin coordinates are millimetres from the centre of the scene, x to the right, y down. Image
 * coordinates are pixels, centres at integers. Planes are allocated with malloc; running out of
 * memory ends the program. */
#ifndef PHANTOM_H
#define PHANTOM_H

#include <stddef.h>
#include <stdint.h>

/* Kinds below PHANTOM_KINDS can fade. The others never do, are drawn whatever kinds are asked for,
 * and are in no sum: a flush is a wide reddening, a mole a dark spot with a sharp rim, a papule a
 * red bump. A mark is what an inflammation leaves: a red spot. A flake is a white scale that lies
 * on the skin; fading makes them fewer, not fainter. */
enum phantom_kind {
    PHANTOM_SPOT,
    PHANTOM_PORE,
    PHANTOM_SCAR,
    PHANTOM_LINEAR_SCAR,
    PHANTOM_WRINKLE,
    PHANTOM_FINE_LINE,
    PHANTOM_MELASMA,
    PHANTOM_STRIA,
    PHANTOM_MARK,
    PHANTOM_VESSEL,
    PHANTOM_ERYTHEMA,
    PHANTOM_FLAKE,
    PHANTOM_KINDS,
    PHANTOM_FLUSH,
    PHANTOM_MOLE,
    PHANTOM_PAPULE
};
enum phantom_scar { PHANTOM_ICEPICK, PHANTOM_BOXCAR, PHANTOM_ROLLING, PHANTOM_SCAR_SHAPES };

/* Optical constants of a skin. All 0: the usual ones. */
struct phantom_tissue {
    double melanin_exponent; /* of the wavelength */
    double saturation;       /* of blood with oxygen */
    double epidermis_cm;     /* thickness */
    double scattering;       /* of the dermis, factor */
    double surface;          /* reflectance of the surface, a veil over all colours */
    double spread;           /* factor on the lengths of subsurface scattering */
};

/* What is asked of a skin. */
struct phantom_spec {
    uint64_t seed;
    /* The part that a camera can see; a margin is added. A tilted camera sees more than one that
     * faces the skin. */
    double width_mm, height_mm;
    double radius_mm; /* of the body part; 0: flat, though lit as if it were 75 mm */
    double fm, fb;    /* melanosome and blood volume fractions of the base skin */
    struct phantom_tissue tissue;
    double spots_per_cm2, pores_per_cm2, scars_per_cm2, flushes_per_cm2;
    double hairs_per_cm2, stubble_per_cm2; /* dark lines and dots: what must not be counted */
    double fade[PHANTOM_KINDS];            /* 0..1: how much weaker each kind is than at fade 0 */
    int linear_scars;                      /* of cuts, in the frame; as many as find room */
    double linear_scar_narrowing;          /* 0..1: share of their width that is gone */
    double wrinkles_per_cm2, fine_lines_per_cm2; /* of their middles */
    double melasma;        /* share of the skin under patches of pigment without a rim */
    double striae_per_cm2; /* stretch marks: of their middles */
    double striae_alba;    /* share of them that are old and pale; the others are red */
    double marks_per_cm2, vessels_per_cm2;
    double moles_per_cm2, papules_per_cm2;
    double flakes_per_cm2;
    double erythema;  /* blood fraction added to the middle of the skin, as after a treatment */
    double smoothing; /* 0..1: share of the height of the skin's fine relief that is gone */
};

struct phantom_object {
    enum phantom_kind kind;
    double x_mm, y_mm;
    double radius_mm; /* mean of the half axes */
    double axis_ratio, angle;
    double strength; /* at fade 0. spot, mole: melanosome, mark, papule: blood fraction added; pore,
                        scar: depth in mm; flake: opacity */
    double edge_mm;  /* width of the border */
    double hold;     /* flake: the fade at which it comes off */
    double lobe, turn; /* spot, flake: strength and phase of the irregular outline */
    double height_mm;  /* papule: of its top; flake: of its rim */
    enum phantom_scar shape;
};
/* A band along an arc, with what it does to the skin in its middle at fade 0. Places on it: s mm
 * along from the middle, t mm across, from x towards y. */
struct phantom_curve {
    enum phantom_kind kind;
    double x_mm, y_mm, angle;   /* of the middle */
    double bend;                /* curvature, 1/mm */
    double length_mm, width_mm; /* at half strength */
    double edge_mm;             /* width of the border; 0: no plateau, a Gaussian across */
    double end_mm;              /* width of the border at the ends */
    double sway, turn; /* strength and phase of an uneven width; all are slimmer at the ends */
    double melanin;    /* ln of the factor on the melanosome fraction */
    double blood;      /* blood fraction added */
    double depth_mm;   /* negative: raised */
    double smooth;     /* share of the skin's relief that is lost */
};
struct phantom_hair { /* an arc from (x, y) */
    double x_mm, y_mm, angle, bend, length_mm, width_mm, density;
};

/* A random field on a lattice, unit variance, smooth at the scale of sigma_mm. */
struct phantom_field {
    float *node;
    int nx, ny;
    double cell_mm, x0_mm, y0_mm;
};
enum phantom_field_index {
    PHANTOM_MELANIN_WIDE,
    PHANTOM_MELANIN_FINE,
    PHANTOM_BLOOD_WIDE,
    PHANTOM_BLOOD_FINE,
    PHANTOM_RELIEF_WIDE,
    PHANTOM_RELIEF_FINE,
    PHANTOM_BEND_X,
    PHANTOM_BEND_Y,
    PHANTOM_PATCH_WIDE,
    PHANTOM_PATCH_FINE,
    PHANTOM_FIELDS
};

struct phantom_skin {
    struct phantom_spec spec;
    struct phantom_field field[PHANTOM_FIELDS];
    struct phantom_object *object;
    int n;
    struct phantom_object *flush; /* Gaussian reddening; strength is blood fraction added */
    int flushes;
    struct phantom_curve *curve;
    int curves;
    struct phantom_hair *hair;
    int hairs;
    double patch_level;    /* of the patch fields, above which there is melasma */
    double patch_strength; /* melanosome fraction added there, at fade 0 */
};

enum phantom_illuminant { PHANTOM_BLACKBODY, PHANTOM_DAYLIGHT, PHANTOM_LED, PHANTOM_TUBE };
struct phantom_light {
    double azimuth_deg, elevation_deg; /* where it comes from; 0 is the right, 90 the top */
    double ambient;                    /* share of light from everywhere */
    double gain;                       /* 1: automatic exposure */
    enum phantom_illuminant illuminant;
    double cct_k, awb;             /* colour temperature; share of it that the camera removes */
    double cast[3];                /* what is left of white balance errors, factors */
    double gradient_x, gradient_y; /* relative change over the width and the height */
    double oil;                    /* strength of highlights */
};

struct phantom_camera {
    int width, height; /* px */
    double px_per_mm;
    double turn_deg, shift_x_mm, shift_y_mm, zoom;
    double tilt_x_deg, tilt_y_deg; /* camera gone round the skin's middle to the right, down */
    double distance_mm;            /* to the skin's middle; 0: far away */
    double bend_mm;                /* elastic deformation of the skin, rms */
    double defocus_px, noise;
    double vignette; /* share of the light that the corners lose */
    double s_curve;  /* strength of a camera's contrast curve, 0: none */
    int p3;          /* Display-P3 primaries in place of sRGB */
    uint64_t noise_seed;
};

struct phantom_plane {
    float *px;
    int w, h;
};
struct phantom_rgb8 {
    uint8_t *px; /* interleaved, no padding */
    int w, h;
    int p3; /* primaries: Display-P3, else sRGB */
};

/* ---- phantom_optics.c: chromophores to colour */
enum { PHANTOM_LUT_FM = 40, PHANTOM_LUT_FB = 20 };
struct phantom_optics { /* -ln reflectance, linear sRGB, white = 1 */
    float od[PHANTOM_LUT_FB][PHANTOM_LUT_FM][3];
    double cast[3]; /* what the light's colour leaves on a white surface */
};
void phantom_optics_init(struct phantom_optics *o, const struct phantom_tissue *tissue,
                         const struct phantom_light *light);
void phantom_optics_od(const struct phantom_optics *o, double fm, double fb, double od[3]);
/* Individual typology angle in degrees of plain skin under D65, and its inverse. */
double phantom_ita(double fm, double fb);
double phantom_fm_of_ita(double ita_deg, double fb);
/* The same for a skin with constants of its own. */
double phantom_tissue_ita(const struct phantom_tissue *t, double fm, double fb);
double phantom_tissue_fm(const struct phantom_tissue *t, double ita_deg, double fb);
double phantom_tissue_spread(const struct phantom_tissue *t);
/* Constants drawn at random within what is known of skin. */
struct phantom_tissue phantom_tissue_of(uint64_t seed);

/* ---- phantom_skin.c: what is where */
void phantom_skin_init(struct phantom_skin *s, const struct phantom_spec *spec);
void phantom_skin_free(struct phantom_skin *s);
double phantom_field_at(const struct phantom_field *f, double x_mm, double y_mm);
/* Melasma and erythema are no objects: whether the skin has the kind, how much of it there is at a
 * place, 0..1, and what it adds there: melanosome or blood fraction. */
int phantom_has_wide(const struct phantom_skin *s, enum phantom_kind kind);
double phantom_wide_at(const struct phantom_skin *s, enum phantom_kind kind, double x_mm,
                       double y_mm);
double phantom_wide_strength(const struct phantom_skin *s, enum phantom_kind kind);
/* Strength with the fading of its kind. */
double phantom_strength(const struct phantom_skin *s, const struct phantom_object *o);

/* ---- phantom_curves.c: bands on the skin */
int phantom_is_curve(enum phantom_kind kind);
void phantom_curves_init(struct phantom_skin *s);
void phantom_curve_point(const struct phantom_curve *c, double s_mm, double t_mm, double *x_mm,
                         double *y_mm);
void phantom_curve_place(const struct phantom_curve *c, double x_mm, double y_mm, double *s_mm,
                         double *t_mm);
/* How much of it there is at a place, 0..1; nothing further across than its reach or further along
 * than its end. */
double phantom_curve_profile(const struct phantom_curve *c, double s_mm, double t_mm);
double phantom_curve_reach(const struct phantom_curve *c);
double phantom_curve_end(const struct phantom_curve *c);

/* ---- phantom_pose.c: pixels and skin. */
void phantom_to_image(const struct phantom_skin *s, const struct phantom_camera *camera,
                      double x_mm, double y_mm, double *x_px, double *y_px);
void phantom_to_skin(const struct phantom_skin *s, const struct phantom_camera *camera, double x_px,
                     double y_px, double *x_mm, double *y_mm);

/* ---- phantom_render.c: light and skin to linear light */
/* kinds: bit k draws objects of kind k. Linear sRGB primaries, scene exposure. lin[] is allocated
 * at oversample times the camera's size. */
void phantom_render(const struct phantom_skin *s, const struct phantom_light *light,
                    const struct phantom_camera *camera, unsigned kinds, int oversample,
                    struct phantom_plane lin[3]);
/* Factor between rendered and photographed size, for features as fine as pores. */
int phantom_oversample(const struct phantom_camera *camera);

/* ---- phantom_camera.c: linear light to an 8-bit picture */
void phantom_photograph(const struct phantom_camera *camera, const struct phantom_plane lin[3],
                        int oversample, struct phantom_rgb8 *out);

/* ---- phantom_truth.c */
/* What the features of one kind add to the picture (optical density, green), in ideal light without
 * a camera:
 *   spots, melasma, marks, erythema  integral over the skin, mm2 per cm2
 *   pores  sum over the pores of how much darker the inside is than its surround, per cm2
 *   scars  root mean square, band-passed
 *   linear scars, stretch marks  mean strength of their contrast over their length
 *   wrinkles, fine lines, vessels  sum of contrast times length, mm per cm2
 *   flakes  skin that they cover, percent */
double phantom_load(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm);
/* One curve of those that are seen, read from the picture of what its kind adds. */
struct phantom_band {
    double width_mm;  /* full width at half maximum of the mean profile across */
    double length_mm; /* where the middle has more than half the mean contrast */
    double contrast;  /* of the inside against both sides, optical density; negative: paler */
};
/* bands[] holds one per curve of the skin; zero where the kind is another or nothing is seen. */
void phantom_bands(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm,
                   struct phantom_band *bands);
/* The same for objects: contrast of the inside against a ring, one per object of the skin. */
void phantom_contrasts(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm,
                       double *contrast);
/* Change in percent of a kind's load against the same skin at fade 0. */
double phantom_true_change(const struct phantom_skin *s, enum phantom_kind kind);
/* The same of the fine relief, which is no object: of the root mean square of what it adds to the
 * picture, against the same skin before smoothing. */
double phantom_true_smoothing(const struct phantom_skin *s);

/* ---- phantom_evenness.c: mean distance of the pigments' optical density from that around, between
 * features of 1 and of 20 mm */
double phantom_evenness(const struct phantom_skin *s, double px_per_mm);

/* ---- phantom_gloss.c: share of the picture where the surface returns more than limit times the
 * light that the body of the skin does */
double phantom_highlight_fraction(const struct phantom_skin *s, const struct phantom_light *light,
                                  const struct phantom_camera *camera, double limit);

/* ---- phantom_write.c: 0, or -1 with a message on stderr */
struct phantom_file {
    int jpeg_quality;        /* 0: PNG */
    const char *captured_at; /* "2024:03:05 10:12:00" for EXIF, or NULL */
};
int phantom_write(const char *path, const struct phantom_rgb8 *picture,
                  const struct phantom_file *how);
/* Colour profile of Display-P3; returns its length in bytes, at most size. */
size_t phantom_p3_profile(uint8_t *out, size_t size);

/* ---- phantom_util.c */
void *phantom_alloc(size_t count, size_t size); /* zeroed */
void phantom_plane_init(struct phantom_plane *p, int w, int h);
void phantom_plane_free(struct phantom_plane *p);
void phantom_blur(struct phantom_plane *p, double sigma_px);

struct phantom_rng { /* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64 */
    uint64_t s[4];
};
void phantom_rng_init(struct phantom_rng *r, uint64_t seed, uint64_t stream);
double phantom_uniform(struct phantom_rng *r, double lo, double hi);
double phantom_normal(struct phantom_rng *r);

#endif
