/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs about lines (wrinkles, stretch marks, scars of cuts) share: the skins' tones,
 * how two photos of one skin differ, pictures as frames and pairs, and sums of errors. */
#ifndef DERM_TRUTH_LINE_SCENES_H
#define DERM_TRUTH_LINE_SCENES_H

#include "base/num.h"
#include "context.h"
#include "stage_params.h"
#include "truth/view_bed.h"

enum { LINE_TONES = 6, MOST_SEEDS = 32 /* for each tone */ };
static const double line_ita[LINE_TONES] = { 60, 45, 25, 5, -15, -40 };

struct line_lab { /* the bed with the program's own models */
    derm_context *ctx;
    struct view_bed bed;
};

static inline void line_lab_open(struct line_lab *l)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };

    if (derm_context_new(&l->ctx, &settings) != DERM_OK) {
        fprintf(stderr, "%s\n", derm_error_text(l->ctx));
        exit(1);
    }
    bed_open(&l->bed);
    l->bed.run.models = l->ctx->engine.models;
}

static inline void line_lab_close(struct line_lab *l)
{
    bed_close(&l->bed);
    derm_context_free(l->ctx);
}

/* ---- how two photos differ */

static const struct {
    const char *name;
    double gain, cast, gradient, defocus_px, turn_deg, oil;
} line_nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },
    { "all that follow", 0.85, 1.04, 0.2, 0.3, 10, 1.2 },
    { "exposure 20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },
    { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "defocus +0.7 px", 1, 1, 0, 0.7, 0, 1 },
    { "light turned 10 deg", 1, 1, 0, 0, 10, 1 },
    { "oil x 1.5", 1, 1, 0, 0, 0, 1.5 },
};
enum {
    LINE_NUISANCES = sizeof(line_nuisances) / sizeof(*line_nuisances),
    ALL_NUISANCES = 1 /* the index of all of them together */
};

/* up: one way or the other, so that they are no bias. */
static inline void disturb(struct phantom_shot *shot, int nuisance, bool up)
{
    const double sign = up ? 1 : -1;

    shot->light.gain *= pow(line_nuisances[nuisance].gain, sign);
    shot->light.cast[0] *= pow(line_nuisances[nuisance].cast, sign);
    shot->light.gradient_x += sign * line_nuisances[nuisance].gradient;
    shot->light.azimuth_deg += sign * line_nuisances[nuisance].turn_deg;
    shot->light.oil *= pow(line_nuisances[nuisance].oil, sign);
    shot->camera.defocus_px += line_nuisances[nuisance].defocus_px;
    shot->camera.noise_seed += 1;
}

/* ---- pictures */

/* A square picture of a skin of this tone; the light comes from elsewhere for each seed. */
static inline struct phantom_shot line_shot(uint64_t first_seed, int seed, int tone, int side_mm,
                                            double px_per_mm)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = first_seed + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(line_ita[tone], shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = side_mm;
    shot.camera.width = shot.camera.height = (int)(side_mm * px_per_mm);
    shot.camera.px_per_mm = px_per_mm;
    shot.light.azimuth_deg = 40 + 25 * (seed % 5);
    shot.camera.noise_seed = (uint64_t)(2 * seed);
    return shot;
}

/* The seeds of a tone do not meet those of another. */
static inline int line_seed(int seeds, int tone, int i, int odd)
{
    return 2 * (seeds * tone + i) + odd;
}

static inline void shoot(struct view_bed *b, const struct phantom_shot *shot,
                         const struct phantom_skin *skin, struct derm_frame *f)
{
    struct phantom_rgb8 picture;

    b->run.pair = NULL; /* of the pictures before */
    phantom_shoot(skin, shot, &picture);
    *f = (struct derm_frame){ .scale = { DERM_SCALE_USER, shot->camera.px_per_mm, 0 } };
    bed_picture(b, &f->view, &picture, shot->camera.px_per_mm);
    free(picture.px);
}

static inline void measure_frame(struct view_bed *b, struct derm_frame *f)
{
    b->run.frame = f;
    b->run.pair = NULL;
}

/* Two frames in one pose. */
static inline void measure_pair(struct view_bed *b, struct derm_frame f[2], struct derm_pair *pair)
{
    *pair = (struct derm_pair){ .base = &f[0],
                                .follow = &f[1],
                                .registration = { .accepted = true },
                                .warped = f[1].view,
                                .common = f[0].view.skin };
    b->run.frame = NULL;
    b->run.pair = pair;
}

/* A photo of a new skin, to be measured. */
static inline void shoot_alone(struct view_bed *b, const struct phantom_shot *shot,
                               struct phantom_skin *skin, struct derm_frame *f)
{
    bed_clear(b);
    phantom_skin_init(skin, &shot->spec);
    shoot(b, shot, skin, f);
    measure_frame(b, f);
}

/* How the second photo of a pair differs. */
struct difference {
    int nuisance;
    bool up;
    double fade; /* share of the contrast or depth that is gone */
};

/* A pair of photos of a new skin before and after, to be measured; after shares what before owns.
 */
static inline void shoot_pair(struct view_bed *b, struct phantom_shot *shot,
                              const struct phantom_skin *before, const struct phantom_skin *after,
                              const struct difference *d, struct derm_frame f[2],
                              struct derm_pair *pair)
{
    shoot(b, shot, before, &f[0]);
    disturb(shot, d->nuisance, d->up);
    shoot(b, shot, after, &f[1]);
    measure_pair(b, f, pair);
}

/* The same, and the true change in percent, where one kind fades. */
static inline double shoot_fading(struct view_bed *b, struct phantom_shot *shot,
                                  enum phantom_kind kind, const struct difference *d,
                                  struct derm_frame f[2], struct derm_pair *pair)
{
    struct phantom_skin skin, faded;
    double truth;

    bed_clear(b);
    phantom_skin_init(&skin, &shot->spec);
    faded = skin;
    faded.spec.fade[kind] = d->fade;
    truth = d->fade > 0 ? phantom_true_change(&faded, kind) : 0;
    shoot_pair(b, shot, &skin, &faded, d, f, pair);
    phantom_skin_free(&skin);
    return truth;
}

/* One stage with its defaults. */
static inline void run_stage(struct view_bed *b, const struct derm_stage *stage)
{
    struct stage_params p;

    must(b, stage->run(&b->run, stage_defaults(stage, &p)));
    derm_arena_reset(&b->scratch, 0);
}

/* Whether a place of the phantom lies on a curve, the ends drawn out by beyond_mm. */
static inline bool is_on_curve(const struct phantom_curve *c, double x_mm, double y_mm,
                               double beyond_mm)
{
    double along, across;

    phantom_curve_place(c, x_mm, y_mm, &along, &across);
    return fabs(across) < 0.5 * c->width_mm && fabs(along) < 0.5 * c->length_mm + beyond_mm;
}

/* ---- how much lines show */

/* What all lines of a kind add to the picture in its own light, without noise: optical density. */
static inline struct phantom_plane shade_of(const struct phantom_skin *skin,
                                            const struct phantom_shot *shot, enum phantom_kind kind)
{
    struct phantom_plane with[3], without[3];

    phantom_render(skin, &shot->light, &shot->camera, 1u << kind, 1, with);
    phantom_render(skin, &shot->light, &shot->camera, 0, 1, without);
    for (int i = 0; i < with[1].w * with[1].h; i++)
        with[1].px[i] = logf(without[1].px[i] / with[1].px[i]);
    for (int c = 0; c < 3; c++) {
        phantom_plane_free(&without[c]);
        if (c != 1) phantom_plane_free(&with[c]);
    }
    return with[1];
}

static inline double shade_at(const struct phantom_plane *d, const struct phantom_skin *skin,
                              const struct phantom_shot *shot, const struct phantom_curve *c,
                              double s_mm, double t_mm)
{
    double x, y, px, py;

    phantom_curve_point(c, s_mm, t_mm, &x, &y);
    phantom_to_image(skin, &shot->camera, x, y, &px, &py);
    return (double)d->px[(ptrdiff_t)clampi((int)(py + 0.5), 0, d->h - 1) * d->w +
                         clampi((int)(px + 0.5), 0, d->w - 1)];
}

/* Light along a groove leaves it without shade: nobody can see it. */
static inline double contrast_of(const struct phantom_plane *d, const struct phantom_skin *skin,
                                 const struct phantom_shot *shot, const struct phantom_curve *c)
{
    const double beside_mm = 1.5 * fmax(c->width_mm, 0.5);
    double sum = 0;

    for (int i = -16; i <= 16; i++) {
        const double s = 0.4 * c->length_mm * i / 16;
        sum += shade_at(d, skin, shot, c, s, 0) - 0.5 * (shade_at(d, skin, shot, c, s, beside_mm) +
                                                         shade_at(d, skin, shot, c, s, -beside_mm));
    }
    return sum / 33;
}

/* ---- sums */

struct tally {
    double sum, squares;
    int n;
};

static inline void add(struct tally *t, double x)
{
    t->sum += x;
    t->squares += x * x;
    t->n++;
}

static inline double mean_of(const struct tally *t)
{
    return t->n ? t->sum / t->n : 0;
}

static inline double sd_of(const struct tally *t)
{
    return t->n > 1 ? sqrt(fmax(t->squares - t->sum * t->sum / t->n, 0) / (t->n - 1)) : 0;
}

static inline double rms_of(const struct tally *t)
{
    return t->n ? sqrt(t->squares / t->n) : 0;
}

#endif
