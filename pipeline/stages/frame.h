/* SPDX-License-Identifier: Apache-2.0 */
/* All that is known of one photo, and of a pair, in pipeline order: the table of contents.
 *
 * Frames of reference
 *   photo   pixels of the decoded photo after EXIF orientation
 *   grid    pixels of the analysis grid: the part of the photo that is measured, at the resolution
 * it is measured at (never enlarged): x_photo = x0 + (x_grid + 0.5) * step - 0.5 A pair is measured
 * on the baseline's grid. */
#ifndef DERM_STAGES_FRAME_H
#define DERM_STAGES_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include <dermetry/metrics.h>

#include "base/plane.h"
#include "color/light.h"
#include "io/points.h"
#include "stages/statistics.h"

/* X(name): what a stage reads and writes; DERM_SLOT(name) is its bit. */
#define DERM_SLOT_LIST(X)                                                                          \
    X(source)                                                                                      \
    X(rgb)                                                                                         \
    X(light)                                                                                       \
    X(clipped)                                                                                     \
    X(face)                                                                                        \
    X(scale)                                                                                       \
    X(match)                                                                                       \
    X(grid)                                                                                        \
    X(od)                                                                                          \
    X(skin)                                                                                        \
    X(regions)                                                                                     \
    X(neck)                                                                                        \
    X(quality)                                                                                     \
    X(tone)                                                                                        \
    X(registration)                                                                                \
    X(warped)                                                                                      \
    X(gauge)                                                                                       \
    X(conditions)                                                                                  \
    X(swelling)                                                                                    \
    X(equalised)                                                                                   \
    X(whole_skin)                                                                                  \
    X(clutter)                                                                                     \
    X(pores)                                                                                       \
    X(pigmentation)                                                                                \
    X(redness)                                                                                     \
    X(vessels)                                                                                     \
    X(scars)                                                                                       \
    X(identified)                                                                                  \
    X(tracks)                                                                                      \
    X(stretch_marks)                                                                               \
    X(linear_scars)                                                                                \
    X(texture)                                                                                     \
    X(evenness)                                                                                    \
    X(wrinkles)                                                                                    \
    X(gloss)                                                                                       \
    X(flaking)                                                                                     \
    X(results)

enum derm_slot_index {
#define X(name) DERM_SLOT_INDEX_##name,
    DERM_SLOT_LIST(X)
#undef X
};
#define DERM_SLOT(name) (UINT64_C(1) << DERM_SLOT_INDEX_##name)

struct derm_point {
    double x, y;
};

/* ---- decode ---- */
enum { DERM_SHA256_TEXT = 65 };

struct derm_camera { /* EXIF facts that matter; "" or 0 when absent. Never GPS or serial numbers. */
    char captured_at[40]; /* ISO 8601, with the offset when the file has one */
    char make[64], model[64], lens[64];
    double exposure_s, f_number, focal_mm;
    int iso;
    int flash_fired;     /* -1 unknown, 0, 1 */
    int white_balance;   /* -1 unknown, 0 automatic, 1 manual */
    int custom_rendered; /* EXIF CustomRendered: 0 or absent plain; else HDR, portrait, ... */
};

struct derm_source {
    const char *file_name; /* without folders, valid UTF-8 */
    const char *format;    /* "jpeg" or "png" */
    char sha256_file[DERM_SHA256_TEXT], sha256_pixels[DERM_SHA256_TEXT];
    uint64_t file_bytes;
    int width, height; /* photo, after orientation */
    int orientation;   /* EXIF 1..8 that was applied */
    int bits;          /* per sample: 8 or 16 */
    bool grey;
    int jpeg_quality;       /* 1..100 estimated from the quantisation tables; 0: not a JPEG */
    bool chroma_subsampled; /* JPEG with less chroma than luma */
    char colour_space[64];  /* "sRGB" or the ICC profile's description */
    bool colour_assumed;    /* no profile in the file: taken as sRGB */
    struct derm_camera camera;
};

/* ---- face ---- */
enum { DERM_LANDMARK_COUNT = 478 };

struct derm_face {
    int count;    /* faces in the photo; 0: close-up mode */
    bool used;    /* the photo is measured as a face */
    double score; /* detector, 0..1 */
    struct derm_point
        at[DERM_LANDMARK_COUNT];         /* photo px; MediaPipe indices, 468.. are the irises */
    double z[DERM_LANDMARK_COUNT];       /* photo px, smaller is nearer to the camera */
    double yaw_deg, pitch_deg, roll_deg; /* + yaw: subject turns to the subject's left */
    double ipd_px, iris_px;              /* between pupil centres; mean iris diameter */
};

/* ---- what the coarse alignment compares, where it takes more than faces: see stages/match.c ----
 */
struct derm_keypoint;
struct derm_sketch {
    struct derm_keypoint *point; /* NULL: not sought */
    int n;
    int size_px; /* longer side of the small picture they were sought in */
    double step; /* photo px per px of it */
};

/* ---- scale ---- */
enum derm_scale_source {
    DERM_SCALE_UNKNOWN, /* px_per_mm is only nominal: sets filter sizes, not units */
    DERM_SCALE_USER,
    DERM_SCALE_IRIS_IPD,
};
struct derm_scale {
    enum derm_scale_source source;
    double px_per_mm; /* photo px */
    double rel_sd;
};

/* ---- grid and what lives on it ---- */
struct derm_grid {
    double x0, y0, step; /* step >= 1: photo px per grid px */
    int w, h;
    double px_per_mm; /* grid px; nominal when the scale is unknown */
    int neck_h;       /* of h: rows at the bottom for the neck of a face alone */
};

/* Fine dark detail around each place: hairs, lashes, rims. See stages/clutter.h. */
struct derm_clutter {
    struct derm_plane energy; /* cells: mean square of the detail, optical density; px NULL: none */
    double cell_px;
    double near_px, far_px;           /* of an object's surround, beyond its edge */
    double smooth;                    /* energy around most places of the smoothest skin */
    double usual[DERM_CONCERN_COUNT]; /* energy around an object that is nobody's hair */
    double lesion_radius_px;          /* a wider spot is no hair */
    double min_contrast; /* of an object, relative to the rms of the detail around it */
    double crowd; /* share of a spot's surround that has more than is usual, in a crowd; 0: any */
};

/* The measured planes of one photo on one grid. */
struct derm_view {
    struct derm_grid grid;
    struct derm_plane od[3];  /* optical density -ln(linear light) of R, G, B */
    struct derm_mask skin;    /* may be measured: skin, lit, not glossy, not hair */
    struct derm_mask gloss;   /* skin that is left out of it as glossy */
    struct derm_mask neck;    /* skin of the neck, not in skin up to stage join_neck; px NULL: no
                                 face. Of the warped view: what both photos show, lined up */
    double highlights;        /* share of the skin that is glossy for its own brightness */
    double plain_od;          /* median optical density of skin without lesions, luminance */
    struct derm_bits regions; /* bit r: region r (enum derm_region) or control, skin or not */
    uint32_t regions_visible; /* bit r: enough of region r can be seen */
    struct derm_clutter clutter;
};

/* Where the photo is clipped, at some places of the grid: for shares of it, and the last thing that
 * its samples are asked for. */
struct derm_clipping {
    struct derm_lattice at;
    struct derm_mask high, low; /* lattice */
};

/* ---- quality ---- */
enum derm_severity { DERM_SEVERITY_INFO, DERM_SEVERITY_WARN, DERM_SEVERITY_FAIL };

struct derm_finding { /* one row of quality[] or of comparability.reasons[] */
    enum derm_reason reason;
    enum derm_severity severity;
    const char *quantity; /* what was measured: "px_per_mm", "clipped_fraction", ... */
    double measured, limit;
    unsigned concerns; /* bit c: affects concern c (enum derm_concern) */
    unsigned regions;  /* bit r: only in region r of the face (enum derm_region); 0: everywhere */
};
enum { DERM_MAX_FINDINGS = 32 };

struct derm_quality {
    double clipped_high, clipped_low; /* fraction of skin */
    double noise_od;                  /* sd of optical density, G, on the grid */
    double blur_mm;                   /* sigma of the sharpest edges; 0 unknown */
    double skin_od;                   /* median optical density of skin, G */
    double light_gradient;            /* optical density across the skin, 10-90 % of its plane */
    int n;
    struct derm_finding finding[DERM_MAX_FINDINGS];
};

/* ---- tone: one set of weights per subject ---- */
struct derm_tone {
    float melanin[3], blood[3];             /* weights on od R, G, B */
    double direction[3];                    /* in which melanin moves od R, G, B; length 1 */
    bool parted;                            /* blood is told apart from melanin */
    float broad_melanin[3], broad_blood[3]; /* the same for what is broader than a millimetre */
    double ita_deg; /* of the fitted skin, rough: sets limits, not a result */
};

/* A photo without colour, or without skin to learn the weights from, has none for blood. */
static inline bool derm_tone_has_blood(const struct derm_tone *t)
{
    return t->blood[0] != 0.0f || t->blood[1] != 0.0f || t->blood[2] != 0.0f;
}

/* ---- objects ---- */
enum derm_fate { /* of a lesion between two photos; see stages/track.h */
                 DERM_FATE_UNKNOWN,
                 DERM_FATE_PERSISTENT,
                 DERM_FATE_FADED,
                 DERM_FATE_DARKENED, /* of a red mark: redder, of a hollow: deeper */
                 DERM_FATE_GONE,
                 DERM_FATE_NEW,
                 DERM_FATE_UNSURE, /* too faint, in a pair too restless, to say */
                 DERM_FATE_COUNT
};
struct derm_object {
    double x, y;                     /* grid px, centre */
    double area_px;                  /* grid px2, at half maximum */
    double diameter_mm;              /* equivalent */
    double length_mm;                /* lines: of this piece of the centreline */
    double contrast;                 /* optical density, inside minus ring */
    double amplitude;                /* scale-normalised response, optical density */
    double axis_ratio;               /* minor / major, (0, 1] */
    double scale_px;                 /* filter sigma at which it was found, grid px */
    unsigned regions;                /* region bits at the centre */
    int label;                       /* its number in labels */
    int field;                       /* 1: a diffuse field (melasma-like), not a spot */
    bool plain;                      /* pores: stands out so much that it is nothing else */
    bool strong;                     /* pores: its change is measured */
    unsigned found_in;               /* pair: 1 baseline, 2 follow-up, 3 both; analysis: 1 */
    double base_value, follow_value; /* pair: the measured quantity at this same place */
    double base_area_px, follow_area_px;
    double base_coherence, follow_coherence; /* relief patches: of the slopes' directions, 0..1 */
    double melanin[2], blood[2];             /* streaks, in either photo: contrast x area_px */
    double warp_area_bias; /* pair, pigment and redness: the map enlarges it so much more than its
                              surround */
    enum derm_fate fate;   /* pair; spots, red marks, scars */
    double contrast_change, change_sd; /* of those: follow-up less baseline at this same place,
                                          optical density (of a scar its relief); sd of that where
                                          nothing changed, 0: not known */
    int identity;                      /* enum derm_identity, as far as it is sure */
    double probability;                /* of what it is likeliest; 0: not classified */
    double z, noise;  /* pores: largest response over its noise; that, optical density */
    double margin[2]; /* over the limit by which it is listed, and by which its change is measured:
                         ratios from 1 on; 0: no such limit */
};
/* Whether it lies in a region, not in untreated skin alone. */
static inline bool derm_in_regions(const struct derm_object *o)
{
    return (o->regions & ((1u << DERM_REGION_COUNT) - 1)) != 0;
}
struct derm_objects {
    struct derm_object *item;
    int n;
    struct derm_labels labels; /* px NULL: none (pores) */
    int label_shift;           /* a pixel of labels is 2^label_shift grid px wide and high */
    double blank_sd;   /* pair: of the change of value where nothing is, see stages/blanks.h; 0: not
                          known */
    bool blank_per_px; /* it is per pixel of an object's area_px */
};
/* The label of a grid pixel, where there are labels. */
static inline int derm_label_at(const struct derm_objects *all, int x, int y)
{
    return derm_labels_row(&all->labels, y >> all->label_shift)[x >> all->label_shift];
}
/* sd of the change of an object's value between two photos of unchanged skin; 0: not known. */
static inline double derm_blank_sd(const struct derm_objects *all, const struct derm_object *o)
{
    return all->blank_sd * (all->blank_per_px ? o->area_px : 1);
}

/* ---- results ---- */
enum derm_status { DERM_MEASURED, DERM_NOT_ASSESSABLE, DERM_OUT_OF_RANGE };
enum derm_verdict {
    DERM_NO_DETECTABLE_CHANGE,
    DERM_IMPROVED,
    DERM_WORSENED,
    DERM_NOT_COMPARABLE,
};

/* What most of a change's uncertainty comes from: the objects differ, the photos were measured
 * differently, two photos of unchanged skin are known to differ so much, or the untreated skin of
 * this pair changed, too. */
enum derm_component { DERM_OBJECTS, DERM_MEASUREMENT, DERM_REPEATABILITY, DERM_CONTROL };

struct derm_value {
    double value, sd;
};
struct derm_result { /* one metric in one region */
    enum derm_metric_id metric;
    enum derm_region region;
    enum derm_status status;
    enum derm_reason reason;                /* when not measured, or why not comparable */
    struct derm_value base, follow;         /* an analysis uses base only */
    double change, change_sd;               /* pair: follow - base */
    double percent, percent_lo, percent_hi; /* pair: change in % of base with its 95 % interval */
    bool has_percent;                       /* base is large enough to divide by */
    double mdc95_percent;             /* pair: the smallest change that would have been seen */
    double p;                         /* pair: two-sided, of no change */
    enum derm_component dominated_by; /* pair */
    enum derm_verdict verdict;
    int objects; /* how many objects it rests on */
};
/* What untreated skin did between the photos of a pair; see measure. */
struct derm_control {
    bool given;                                     /* the baseline has a control region */
    struct derm_result concern[DERM_CONCERN_COUNT]; /* its main metric there */
    bool coloured;                                  /* enough of it is seen in both photos: */
    struct derm_value melanin, blood; /* change of the mean, optical density; by the light, too */
};
struct derm_results {
    struct derm_result *item;
    int n;
    struct derm_control control;
};

/* ---- the frame ---- */
struct derm_frame {
    struct derm_source source;
    struct derm_rgb8 rgb;      /* photo, sRGB: for networks and pictures, never measured */
    struct derm_light light;   /* photo, linear; given back by stage skin, as clipped is */
    struct derm_mask clipped;  /* photo, any channel near its end of the scale */
    struct derm_mask user_roi; /* photo size; px NULL when not given */
    struct derm_mask user_exclude, user_control;
    struct derm_points user_line; /* of a scar, photo px; n 0 when not given */
    struct derm_face face;
    struct derm_scale scale;
    struct derm_sketch sketch;
    struct derm_view view;
    struct derm_clipping clipping;
    struct derm_quality quality;
    struct derm_objects objects[DERM_KIND_COUNT];
};

/* ---- the pair ---- */
enum derm_comparability { DERM_COMPARABLE, DERM_LIMITED, DERM_INCOMPARABLE };

enum { DERM_BEND_TERMS = 6 };
struct derm_bend { /* polynomial 1, u, v, uu, uv, vv of u = (x - x0) / size, v; see stages/bend.h */
    int terms;     /* 0: none */
    double x0, y0, size;
    double x[DERM_BEND_TERMS], y[DERM_BEND_TERMS];
};
struct derm_match { /* coarse alignment, photo px: follow = m * (x, y, 1) of the baseline */
    bool found;
    double follow_from_base[2][3];
    struct derm_bend bend;      /* finer than the similarity where the matches allow it, photo px */
    double scale_ratio;         /* follow-up px per baseline px on the skin */
    int inliers, least_inliers; /* matches that agree; how many it takes */
    double inlier_fraction;
};

struct derm_field { /* a smooth map, px to px, held on a lattice; see stages/field.h */
    struct derm_plane x, y;
    double cell_px;
};

struct derm_registration {
    bool accepted;
    struct derm_field map;      /* baseline grid -> follow-up grid */
    struct derm_plane fb_error; /* at the nodes of map: forward-backward, grid px */
    double agree_fraction;      /* patches whose displacement agrees with their neighbours' */
    double zncc;                /* band-passed, before the dense step */
    double residual_mm;         /* median forward-backward error; grid px when no scale */
    double coverage;            /* share of baseline skin seen in the follow-up */
    /* At the nodes: 1 where the map is that of the neck, which is lined up by itself; px NULL where
     * the necks do not line up. */
    struct derm_plane of_neck;
};

/* What the two photos' blur was compared by; see stages/gauge.c. */
enum derm_gauge_source { DERM_GAUGE_NONE, DERM_GAUGE_SKIN, DERM_GAUGE_HAIR };
struct derm_gauge {
    enum derm_gauge_source source;
    double variance_px2, sd_px2; /* of the follow-up's blur less the baseline's, grid px */
    int windows;
    double sharpening; /* difference of the photos' sharpening: sharpening.h */
};

enum derm_width { DERM_WIDTH_CHEEKS, DERM_WIDTH_LIDS, DERM_WIDTH_LIPS, DERM_WIDTH_COUNT };
struct derm_width_change {
    double base_mm, follow_mm;
    double mdc95_mm; /* two photos of one face as it is differ by less, 95 times in 100 */
};
struct derm_swelling {
    enum derm_reason reason; /* why there are no widths */
    struct derm_width_change width[DERM_WIDTH_COUNT];
};

struct derm_check { /* one row of comparability.checks[]: a gate of gates.json, passed or not */
    const char *quantity, *unit;
    double measured, warn, fail; /* fail HUGE_VAL: it only warns */
    unsigned concerns, regions;  /* as those of a finding */
};
enum { DERM_MAX_CHECKS = 64 };

struct derm_pair {
    struct derm_frame *base, *follow;
    struct derm_match match;
    struct derm_registration registration;
    struct derm_view warped; /* the follow-up on the baseline's grid */
    struct derm_mask common; /* baseline grid: may be measured in both photos */
    struct derm_gauge gauge;
    int equalised; /* which photo was blurred: 0 none, 1 baseline, 2 follow-up */
    enum derm_comparability comparability;
    /* sd of a feature's contrast in one photo relative to the other, by what changed the contrast
     * of all the skin, and by gloss, 0 where that is not known: stage conditions */
    double contrast_change, veil;
    double compression; /* steps of JPEG quality between the files; a file without loss has 100 */
    int n, checks;
    struct derm_finding finding[DERM_MAX_FINDINGS];
    struct derm_check check[DERM_MAX_CHECKS];
    struct derm_swelling swelling;
    struct derm_objects objects[DERM_KIND_COUNT]; /* union of both photos, baseline grid */
};

#endif
