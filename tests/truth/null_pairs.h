/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of photos of unchanged skin, compared by the whole pipeline as files. Three kinds:
 *
 *   smiles    neutral and smiling photo of a person, minutes apart, the second in other light: same
 *             skin, other expression (Face Research Lab London Set)
 *   copies    a photo and its copy: resampled (turned, nearer, shifted), other light, other JPEG
 *   phantoms  two photos of a rendered skin that differ in all that those of the acceptance suite
 *             do (phantom_nuisance.h), and more in JPEG; 7 tones, 3 resolutions. Every skin has
 *             optics of its own and lies on a sphere, under daylight or LED
 *
 * and, to see how well a change is read where there is one,
 *
 *   faded     two such photos of a phantom whose spots, pores and scars have faded by known shares
 *
 * and, since it does more than nuisances of chance do,
 *
 *   pressed   copies and phantoms of which one photo is compressed far more than the other
 *
 * People and seeds with even numbers are for tuning, those with odd ones for reporting. */
#ifndef DERM_TRUTH_NULL_PAIRS_H
#define DERM_TRUTH_NULL_PAIRS_H

#include <sys/stat.h>
#include <unistd.h>

#include "base/metrics.h"
#include "context.h"
#include "photo_warp.h"
#include "stages/statistics.h"

#include "color/transfer.h"
#include "io/png_write.h"
#include "phantom_nuisance.h"

enum null_kind {
    NULL_SMILE,
    NULL_COPY,
    NULL_PHANTOM,
    NULL_KINDS,
    FADED = NULL_KINDS,
    PRESSED,
    KINDS
};

struct null_row { /* one judged row of one comparison */
    enum derm_metric_id metric;
    enum derm_region region;
    enum null_kind kind;
    int subject; /* person, or phantom seed */
    int pair;
    double ita_deg, px_per_mm; /* as the program sees them */
    double skin_ita_deg;       /* as it is; NAN: nobody knows */
    int objects;
    double change, percent, lo, hi; /* lo, hi: the document's interval */
    enum derm_verdict verdict;
    double truth, concern_truth; /* true change in percent: of the metric, of its concern */
    double compression;          /* steps of JPEG quality between the photos */
};

struct null_lab {
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work;
    struct derm_random random;
    char path[2][PATH_TEXT], mask[PATH_TEXT]; /* of the pair at hand */
    double truth[DERM_CONCERN_COUNT];         /* of the pair at hand, main metrics */
    double linear_scar_truth;                 /* its linear_scars.contrast */
    double fine_line_truth;                   /* its fine_lines.contrast */
    double flaking_truth;                     /* its texture.flaking */
    double skin_ita_deg;                      /* of the pair at hand */
    bool press;                               /* the next photo is compressed more than others */
    int pairs, refused;
    struct null_row *row;
    int n, room;
};

static inline double between(struct null_lab *lab, double lo, double hi)
{
    return lo + (hi - lo) * derm_random_uniform(&lab->random);
}

static inline void null_lab_open(struct null_lab *lab, const char *precision)
{
    const struct derm_settings settings = {
        .size = sizeof(settings), .models = DERM_TEST_MODELS, .threads = 1, .precision = precision
    };
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    struct derm_error err = { 0 };

    memset(lab, 0, sizeof(*lab));
    if (derm_context_new(&lab->ctx, &settings) != DERM_OK) die(derm_error_text(lab->ctx));
    if (derm_arena_init(&lab->keep, (size_t)4 << 30, &err) != DERM_OK) die(err.text);
    for (int i = 0; i < 2; i++)
        snprintf(lab->path[i], PATH_TEXT, "%s/null_pair_%ld_%p_%d.jpg", folder, (long)getpid(),
                 (void *)lab, i);
    snprintf(lab->mask, PATH_TEXT, "%s/null_pair_%ld_%p_mask.png", folder, (long)getpid(),
             (void *)lab);
}

static inline void null_lab_close(struct null_lab *lab)
{
    remove(lab->path[0]);
    remove(lab->path[1]);
    remove(lab->mask);
    derm_arena_free(&lab->keep);
    derm_context_free(lab->ctx);
}

/* ---- one pair */

/* Fading takes contrast and depth, neither places nor outlines. */
static inline double true_change(const struct null_lab *lab, enum derm_metric_id metric)
{
    const bool fades = derm_metrics[metric].is_main ||
                       metric == DERM_METRIC_PIGMENTATION_CONTRAST ||
                       metric == DERM_METRIC_STRETCH_MARKS_REDNESS;

    if (metric == DERM_METRIC_LINEAR_SCARS_CONTRAST) return lab->linear_scar_truth;
    if (metric == DERM_METRIC_FINE_LINES_CONTRAST) return lab->fine_line_truth;
    if (metric == DERM_METRIC_TEXTURE_FLAKING) return lab->flaking_truth;
    return fades ? lab->truth[derm_metrics[metric].concern] : 0;
}

static inline void note_row(struct null_lab *lab, const struct derm_result *r, enum null_kind kind,
                            int subject)
{
    struct null_row *row;

    if (r->status != DERM_MEASURED || r->verdict == DERM_NOT_COMPARABLE) return;
    if (!r->has_percent && derm_metrics[r->metric].klass == DERM_CLASS_LOCAL) return;
    if (lab->n == lab->room) {
        lab->room = 2 * lab->room + 1024;
        lab->row = realloc(lab->row, (size_t)lab->room * sizeof(*lab->row));
        if (!lab->row) abort();
    }
    row = &lab->row[lab->n++];
    *row = (struct null_row){ r->metric,
                              r->region,
                              kind,
                              subject,
                              lab->pairs,
                              lab->work.tone.ita_deg,
                              lab->work.frame[0].view.grid.px_per_mm,
                              lab->skin_ita_deg,
                              r->objects,
                              r->change,
                              r->percent,
                              r->percent_lo,
                              r->percent_hi,
                              r->verdict,
                              true_change(lab, r->metric),
                              lab->truth[derm_metrics[r->metric].concern],
                              lab->work.pair.compression };
}

/* Compares the two files; px_per_mm 0: by the face. */
static inline void compare_files(struct null_lab *lab, enum null_kind kind, int subject,
                                 double px_per_mm)
{
    struct derm_error err = { 0 };

    lab->work = (struct derm_work){ .photos = 2 };
    derm_arena_reset(&lab->keep, 0);
    for (int i = 0; i < 2; i++) {
        struct derm_photo_request *const r = &lab->work.request[i];

        r->size = sizeof(*r);
        r->path = lab->path[i];
        r->px_per_mm = px_per_mm;
        if (kind == NULL_PHANTOM) r->control_path = lab->mask; /* where skin fades it does, too */
    }
    if (derm_run(&lab->ctx->engine, &lab->work, &lab->keep, &err) != DERM_OK) die(err.text);
    lab->pairs++;
    lab->refused += lab->work.pair.comparability == DERM_INCOMPARABLE;
    for (int i = 0; i < lab->work.results.n; i++)
        note_row(lab, &lab->work.results.item[i], kind, subject);
}

static inline void write_photo(struct null_lab *lab, int photo, const struct phantom_rgb8 *picture)
{
    const double quality = lab->press ? between(lab, 50, 80) : between(lab, 80, 96);
    const struct phantom_file how = { .jpeg_quality = (int)quality };

    if (phantom_write(lab->path[photo], picture, &how) != 0) exit(1);
}

/* ---- real photos in other light */

struct other { /* what differs from the original photo */
    double gain_od[3], slope_od[2];
    double turn, zoom, shift[2]; /* radians, factor, px */
    double noise;                /* at white; 0: the photo's own alone */
};

/* Light: algorithms, section 14; as tests/truth/truth_spots.c. */
static inline struct other draw_other(struct null_lab *lab, bool moved)
{
    const double gain = between(lab, -0.25, 0.25);
    struct other o = { .zoom = 1 };

    for (int c = 0; c < 3; c++)
        o.gain_od[c] = gain + between(lab, -0.06, 0.06);
    for (int i = 0; i < 2; i++)
        o.slope_od[i] = between(lab, -0.15, 0.15);
    if (!moved) return o;
    o.turn = between(lab, -0.035, 0.035);
    o.zoom = between(lab, 0.97, 1.03);
    for (int i = 0; i < 2; i++)
        o.shift[i] = between(lab, -15, 15);
    return o;
}

/* Catmull-Rom, so that resampling does not blur. */
static inline void cubic(double t, double w[4])
{
    w[0] = ((-0.5 * t + 1) * t - 0.5) * t;
    w[1] = (1.5 * t - 2.5) * t * t + 1;
    w[2] = ((-1.5 * t + 2) * t + 0.5) * t;
    w[3] = (0.5 * t - 0.5) * t * t;
}

static inline double sample_at(const struct picture *p, const double *linear, double x, double y,
                               int c)
{
    const int x0 = (int)floor(x), y0 = (int)floor(y);
    double wx[4], wy[4], sum = 0;

    if (x0 < 1 || y0 < 1 || x0 > p->w - 3 || y0 > p->h - 3) return 0;
    cubic(x - x0, wx);
    cubic(y - y0, wy);
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++) {
            const size_t at = (size_t)(y0 + j - 1) * (size_t)p->w + (size_t)(x0 + i - 1);
            sum += wx[i] * wy[j] * linear[p->rgb[3 * at + (size_t)c]];
        }
    return sum;
}

/* Of photons and of reading, about normal. */
static inline double noisy(struct null_lab *lab, double light, double noise)
{
    double sum = -6;

    if (noise <= 0) return light;
    for (int k = 0; k < 12; k++)
        sum += derm_random_uniform(&lab->random);
    return light + noise * sqrt(fmax(light, 0) + 0.02) * sum;
}

static inline void write_other(struct null_lab *lab, int photo, const struct picture *in,
                               const struct other *o)
{
    static struct derm_srgb_encoder encoder;
    double linear[256];
    struct phantom_rgb8 out = { .w = in->w, .h = in->h };
    const double cs = cos(o->turn) / o->zoom, sn = sin(o->turn) / o->zoom;

    derm_srgb_encoder_init(&encoder);
    for (int v = 0; v < 256; v++)
        linear[v] = derm_srgb_decode(v / 255.0);
    out.px = malloc((size_t)in->w * (size_t)in->h * 3);
    if (!out.px) abort();
    for (int y = 0; y < in->h; y++) {
        const double v = y - 0.5 * in->h, shade_y = o->slope_od[1] * (v / in->h);

        for (int x = 0; x < in->w; x++) {
            const double u = x - 0.5 * in->w;
            const double sx = 0.5 * in->w + cs * u - sn * v + o->shift[0];
            const double sy = 0.5 * in->h + sn * u + cs * v + o->shift[1];
            const double shade = exp(-shade_y - o->slope_od[0] * (u / in->w));

            for (int c = 0; c < 3; c++) {
                const double light = shade * exp(-o->gain_od[c]) * sample_at(in, linear, sx, sy, c);

                out.px[3 * ((size_t)y * (size_t)in->w + (size_t)x) + (size_t)c] =
                    derm_srgb_encode8(&encoder, (float)noisy(lab, light, o->noise));
            }
        }
    }
    write_photo(lab, photo, &out);
    free(out.px);
}

enum { COPIES = 2, SMILES = 4 }; /* pairs per person, and one that is compressed */

static inline void person_pairs(struct null_lab *lab, const char *id, bool smiles)
{
    const int person = atoi(id);
    lab->skin_ita_deg = (double)NAN;
    struct picture neutral, smiling = { 0 };
    char path[PATH_TEXT];

    lab->random = (struct derm_random){ (uint64_t)person };
    path_of(id, false, path);
    read_jpeg(path, &neutral);
    path_of(id, true, path);
    if (smiles) read_jpeg(path, &smiling);
    for (int i = 0; i < COPIES + (smiles ? SMILES : 0) + 1; i++) {
        const enum null_kind kind = i < COPIES                      ? NULL_COPY
                                    : smiles && i < COPIES + SMILES ? NULL_SMILE
                                                                    : PRESSED;
        const struct other one = draw_other(lab, false);
        const struct other two = draw_other(lab, kind != NULL_SMILE);

        lab->press = false;
        write_other(lab, i % 2, &neutral, &one); /* which comes first takes turns */
        lab->press = kind == PRESSED;
        write_other(lab, 1 - i % 2, kind == NULL_SMILE ? &smiling : &neutral, &two);
        compare_files(lab, kind, person, 0);
    }
    free(neutral.rgb);
    free(smiling.rgb);
}

/* False when there are no photos. */
static inline bool people_pairs(struct null_lab *lab, int odd)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256], id[8];

    if (!f) return false;
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "%7[0-9]", id) == 1 && atoi(id) % 2 == odd)
            person_pairs(lab, id, strstr(line, "smiling/") != NULL);
    fclose(f);
    return true;
}

/* ---- phantoms */

enum stream { STREAM_SCENE = 2000, STREAM_NUISANCE };
/* SHOTS is odd: then the faded photo is the follow-up. Every other set of tones is faded at last,
 * the others' last photo is compressed. */
enum { SEEDS = 7, SHOTS = 3, SIDE_MM = 60 };
static const double phantom_itas[] = { 60, 48, 34, 19, -10, -40 }; /* tones I to VI */
static const double phantom_scales[] = { 4, 6.5, 10 };
/* Of the null pairs: so that every tone is read often enough to have figures of its own. Their
 * number has no divisor in common with those that decide what grows on a skin: else one tone had
 * all of the wrinkles. */
static const double null_itas[] = { 64, 46, 37, 28, 2, -30, -55 };
enum {
    PHANTOM_TONES = sizeof(phantom_itas) / sizeof(*phantom_itas),
    PHANTOM_CELLS = PHANTOM_TONES * (sizeof(phantom_scales) / sizeof(*phantom_scales)),
    NULL_TONES = sizeof(null_itas) / sizeof(*null_itas),
    NULL_CELLS = NULL_TONES * (sizeof(phantom_scales) / sizeof(*phantom_scales))
};

/* Two photos in a row differ as two of the acceptance suite do; which of them is the scene's own
 * and which the disturbed one takes turns, so that neither the first nor the second is the better.
 */
static inline struct phantom_shot other_shot(struct null_lab *lab, const struct phantom_shot *scene,
                                             int photo)
{
    struct phantom_shot s = *scene;
    struct phantom_rng r;

    s.camera.noise_seed = (uint64_t)(1e6 * derm_random_uniform(&lab->random));
    phantom_rng_init(&r, s.camera.noise_seed, STREAM_NUISANCE);
    if (photo % 2) draw_pose(&r, &s.camera);
    draw_nuisances(&r, photo % 2, &s);
    return s;
}

/* A strip of untreated skin along the left edge. */
static inline void write_control(struct null_lab *lab, int side)
{
    struct derm_error err = { 0 };
    struct derm_mask m;

    derm_arena_reset(&lab->keep, 0);
    lab->keep.err = &err;
    if (derm_mask_new(&lab->keep, &m, side, side) != DERM_OK) die(err.text);
    for (int y = 0; y < side; y++)
        memset(derm_mask_row(&m, y), 0xff, (size_t)side / 5);
    if (derm_png_write_grey(lab->mask, &m, &err) != DERM_OK) die(err.text);
}

/* Fades the skin by shares that differ from kind to kind. */
static inline void fade_skin(struct null_lab *lab, struct phantom_skin *skin)
{
    static const struct {
        enum derm_concern concern;
        enum phantom_kind kind;
    } fading[] = {
        { DERM_CONCERN_PORES, PHANTOM_PORE },          { DERM_CONCERN_PIGMENTATION, PHANTOM_SPOT },
        { DERM_CONCERN_SCARS, PHANTOM_SCAR },          { DERM_CONCERN_WRINKLES, PHANTOM_WRINKLE },
        { DERM_CONCERN_STRETCH_MARKS, PHANTOM_STRIA }, { DERM_CONCERN_REDNESS, PHANTOM_MARK },
    };
    enum { EVENNESS_PX_PER_MM = 4 };
    const double before = phantom_evenness(skin, EVENNESS_PX_PER_MM);

    for (size_t i = 0; i < sizeof(fading) / sizeof(*fading); i++) {
        skin->spec.fade[fading[i].kind] = between(lab, 0.1, 0.5);
        lab->truth[fading[i].concern] = phantom_true_change(skin, fading[i].kind);
    }
    skin->spec.fade[PHANTOM_VESSEL] = skin->spec.fade[PHANTOM_MARK];
    skin->spec.fade[PHANTOM_LINEAR_SCAR] = between(lab, 0.1, 0.5);
    lab->linear_scar_truth = phantom_true_change(skin, PHANTOM_LINEAR_SCAR);
    skin->spec.fade[PHANTOM_FINE_LINE] = between(lab, 0.1, 0.5);
    lab->fine_line_truth = phantom_true_change(skin, PHANTOM_FINE_LINE);
    skin->spec.smoothing = between(lab, 0.1, 0.5);
    skin->spec.fade[PHANTOM_FLAKE] = skin->spec.smoothing; /* by share, too */
    lab->flaking_truth = phantom_true_change(skin, PHANTOM_FLAKE);
    lab->truth[DERM_CONCERN_TEXTURE] = phantom_true_smoothing(skin);
    lab->truth[DERM_CONCERN_TONE] = 100 * (phantom_evenness(skin, EVENNESS_PX_PER_MM) / before - 1);
}

/* A skin, with the light and the camera of its photos. */
static inline struct phantom_shot phantom_scene(struct null_lab *lab, int seed, double ita_deg,
                                                double px_per_mm)
{
    struct phantom_shot shot = phantom_default_shot();
    struct phantom_rng r;

    lab->random = (struct derm_random){ 100000 + (uint64_t)seed };
    shot.spec.seed = 3000 + (uint64_t)seed;
    shot.spec.width_mm = shot.spec.height_mm = SIDE_MM + 8;
    shot.spec.spots_per_cm2 = 0.2 * exp(between(lab, 0, 2.1));
    shot.spec.scars_per_cm2 = 0.15 * exp(between(lab, 0, 1.6));
    shot.spec.pores_per_cm2 = between(lab, 25, 60);
    shot.spec.linear_scars = seed / 2 % 2;
    shot.spec.striae_per_cm2 = seed / 2 % 4 == 2 ? 0.3 : 0;
    shot.spec.striae_alba = seed / 2 % 8 == 2 ? 0 : 1;
    shot.spec.wrinkles_per_cm2 = seed / 2 % 3 == 1 ? 0.2 : 0;
    shot.spec.fine_lines_per_cm2 = seed / 2 % 3 == 1 ? 0.3 : 0;
    shot.spec.marks_per_cm2 = 0.2 + 0.2 * (seed / 2 % 4);
    shot.spec.vessels_per_cm2 = seed / 2 % 3 == 0 ? 0.3 : 0;
    shot.spec.flakes_per_cm2 = px_per_mm >= 8 && seed / 2 % 4 ? 3 : 0; /* else not searched for */
    shot.spec.tissue = phantom_tissue_of(shot.spec.seed);
    shot.spec.fm = phantom_tissue_fm(&shot.spec.tissue, ita_deg, shot.spec.fb);
    phantom_rng_init(&r, shot.spec.seed, STREAM_SCENE);
    draw_scene(&r, (const double[2]){ px_per_mm, px_per_mm }, &shot);
    shot.camera.width = shot.camera.height = (int)(SIDE_MM * px_per_mm);
    return shot;
}

static inline void phantom_pairs_of(struct null_lab *lab, int seed, double ita_deg,
                                    double px_per_mm, bool faded)
{
    const struct phantom_shot shot = phantom_scene(lab, seed, ita_deg, px_per_mm);
    struct phantom_skin skin;

    lab->skin_ita_deg = ita_deg;
    write_control(lab, shot.camera.width);
    phantom_skin_init(&skin, &shot.spec);
    for (int i = 0; i <= SHOTS; i++) { /* each against the one before */
        const enum null_kind kind = i < SHOTS ? NULL_PHANTOM : faded ? FADED : PRESSED;
        const struct phantom_shot other = other_shot(lab, &shot, i);
        struct phantom_rgb8 picture;

        if (kind == FADED) fade_skin(lab, &skin);
        phantom_shoot(&skin, &other, &picture);
        lab->press = kind == PRESSED;
        write_photo(lab, i % 2, &picture);
        free(picture.px);
        if (i > 0) compare_files(lab, kind, seed, px_per_mm);
    }
    memset(lab->truth, 0, sizeof(lab->truth));
    lab->linear_scar_truth = lab->fine_line_truth = lab->flaking_truth = 0;
    phantom_skin_free(&skin);
}

enum { PHANTOM_SETS = NULL_CELLS * SEEDS };

/* The sets from first to end - 1: every tone at every resolution, SEEDS times. */
static inline void phantom_pairs(struct null_lab *lab, int odd, int first, int end)
{
    for (int i = first; i < end; i++)
        phantom_pairs_of(lab, 2 * i + odd, null_itas[i % NULL_TONES],
                         phantom_scales[i % NULL_CELLS / NULL_TONES], i / NULL_TONES % 2 == 0);
}

#endif
