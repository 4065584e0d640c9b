/* SPDX-License-Identifier: Apache-2.0 */
/* How well stretch marks are found, told apart and measured, how truly the change of their contrast
 * is read, and whether soft skin is lined up, on phantoms.
 *
 *   truth_stretch_marks          odd seeds: what is reported
 *   truth_stretch_marks even     even seeds: what may be looked at while working on the stage
 *   truth_stretch_marks odd 4 2  with 4 seeds for each tone, the second of four tables only
 *
 * A mark of the phantom counts when 15 mm of it lie in the picture. It is found when half of its
 * middle is covered by what was found; a mark found of which most pieces lie on none of the
 * phantom's is false. Area: pixels that show at least half of a mark, against the pieces' own
 * widths. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "base/num.h"
#include "stage_params.h"
#include "stages/lines.h"
#include "truth/soft_skin.h"
#include "truth/view_bed.h"

static const double ita_deg[] = { 60, 45, 25, 5, -15, -40 };
static const double resolutions[] = { 3, 5, 10 };
static const double margin_mm = 4; /* of the picture, where a mark has no skin on both sides */
enum { TONES = 6, RESOLUTIONS = 3, SIDE_MM = 90, MOST = 32 };

static struct stage_params defaults, scar_defaults, tone_defaults;

static struct phantom_shot body_shot(int seed, int tone, double px_per_mm)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = 9000 + (uint64_t)seed;
    shot.spec.tissue = phantom_tissue_of(shot.spec.seed);
    shot.spec.fm = phantom_tissue_fm(&shot.spec.tissue, ita_deg[tone], shot.spec.fb);
    shot.spec.striae_per_cm2 = 0.25;
    shot.spec.striae_alba = 0.5;
    shot.spec.hairs_per_cm2 = 0.2;
    shot.spec.spots_per_cm2 = 0.05;
    shot.spec.width_mm = shot.spec.height_mm = SIDE_MM;
    shot.camera.width = shot.camera.height = (int)(SIDE_MM * px_per_mm);
    shot.camera.px_per_mm = px_per_mm;
    shot.light.azimuth_deg = 40 + 25 * (seed % 5);
    shot.camera.noise_seed = (uint64_t)(2 * seed);
    return shot;
}

static void shoot(struct view_bed *b, const struct phantom_shot *shot,
                  const struct phantom_skin *skin, struct derm_frame *f)
{
    struct phantom_rgb8 picture;

    b->run.pair = NULL; /* of the pictures before */
    phantom_shoot(skin, shot, &picture);
    *f = (struct derm_frame){ .scale = { DERM_SCALE_USER, shot->camera.px_per_mm, 0 } };
    bed_picture(b, &f->view, &picture, shot->camera.px_per_mm);
    free(picture.px);
}

static void find(struct view_bed *b)
{
    must(b, derm_stage_tone.run(&b->run, tone_defaults.at));
    derm_arena_reset(&b->scratch, 0);
    must(b, derm_stage_stretch_marks.run(&b->run, defaults.at));
    derm_arena_reset(&b->scratch, 0);
    must(b, derm_stage_linear_scars.run(&b->run, scar_defaults.at));
    derm_arena_reset(&b->scratch, 0);
}

struct tally {
    double sum, squares;
    int n;
};
static void add(struct tally *t, double x)
{
    t->sum += x;
    t->squares += x * x;
    t->n++;
}
static double mean_of(const struct tally *t)
{
    return t->n ? t->sum / t->n : 0;
}
static double sd_of(const struct tally *t)
{
    return t->n > 1 ? sqrt(fmax(t->squares - t->sum * t->sum / t->n, 0) / (t->n - 1)) : 0;
}
static double rms_of(const struct tally *t)
{
    return t->n ? sqrt(t->squares / t->n) : 0;
}

/* ---- one photo */

/* The pixels of the pieces of one line, or with label 0 of all, at their own width in the first
 * photo. */
static void paint(const struct derm_objects *o, int label, double px_per_mm, struct derm_mask *m)
{
    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const struct derm_object *const q =
            &o->item[i + 1 < o->n && o->item[i + 1].label == p->label ? i + 1 : i - 1];
        const double area = p->base_area_px > 0 ? p->base_area_px : p->area_px;
        const double half_long = 0.5 * p->length_mm * px_per_mm,
                     r = hypot(half_long, 20 * px_per_mm);
        const double half_wide = area / (4 * half_long);
        const double d = hypot(q->x - p->x, q->y - p->y);
        const double ax = (q->x - p->x) / d, ay = (q->y - p->y) / d;

        if (label && p->label != label) continue;
        for (int y = imax((int)(p->y - r), 0); y < imin((int)(p->y + r), m->h); y++)
            for (int x = imax((int)(p->x - r), 0); x < imin((int)(p->x + r), m->w); x++)
                if (fabs((x - p->x) * ax + (y - p->y) * ay) <= half_long + 0.5 &&
                    fabs((y - p->y) * ax - (x - p->x) * ay) <= half_wide)
                    derm_mask_row(m, y)[x] = 0xff;
    }
}

struct score {
    int marks, found, lines, wrong, kinds, right_kind, as_scars, scars, scars_found;
    double both, either; /* px */
    struct tally width;  /* % */
};

static bool is_inside(const struct phantom_shot *shot, double x, double y)
{
    const double margin_px = margin_mm * shot->camera.px_per_mm;

    return x >= margin_px && y >= margin_px && x < shot->camera.width - margin_px &&
           y < shot->camera.height - margin_px;
}

/* Share of the middle of a curve that is set; *inside_mm: how much of it lies in the picture. */
static double covered(const struct phantom_skin *skin, const struct phantom_shot *shot,
                      const struct phantom_curve *c, const struct derm_mask *m, double *inside_mm)
{
    const int steps = (int)c->length_mm;
    int in = 0, set = 0;

    for (int i = 0; i <= steps; i++) {
        double x_mm, y_mm, x, y;

        phantom_curve_point(c, c->length_mm * ((double)i / steps - 0.5), 0, &x_mm, &y_mm);
        phantom_to_image(skin, &shot->camera, x_mm, y_mm, &x, &y);
        if (!is_inside(shot, x, y)) continue;
        in++;
        set += derm_mask_row(m, (int)(y + 0.5))[(int)(x + 0.5)] != 0;
    }
    *inside_mm = c->length_mm * in / (steps + 1);
    return in > 0 ? (double)set / in : 0;
}

/* The phantom's curve under most pieces of a line, -1 for none. */
static int curve_under(const struct phantom_skin *skin, const struct phantom_shot *shot,
                       const struct derm_objects *o, int first, int end)
{
    int most = -1, on[MOST + 96] = { 0 };

    for (int i = first; i < end; i++) {
        double x, y, along, across;

        phantom_to_skin(skin, &shot->camera, o->item[i].x, o->item[i].y, &x, &y);
        for (int c = 0; c < skin->curves && c < MOST + 96; c++) {
            phantom_curve_place(&skin->curve[c], x, y, &along, &across);
            on[c] += fabs(across) < 0.5 * skin->curve[c].width_mm &&
                     fabs(along) < 0.5 * skin->curve[c].length_mm + 2;
            if (2 * on[c] > end - first) most = c;
        }
    }
    return most;
}

static void score_lines(const struct phantom_skin *skin, const struct phantom_shot *shot,
                        const struct derm_objects *o, const struct phantom_band *band,
                        struct score *s)
{
    const double px2 = shot->camera.px_per_mm * shot->camera.px_per_mm;

    for (int from = 0; from < o->n;) {
        const int first = from;
        const struct derm_object line = derm_line_next(o, &from);
        const int c = curve_under(skin, shot, o, first, from);
        double mm2 = 0, mm = 0;

        s->lines++;
        if (c < 0 || skin->curve[c].kind != PHANTOM_STRIA) {
            s->wrong++;
            continue;
        }
        s->kinds++;
        s->right_kind += derm_line_is_red(&line) == (skin->curve[c].melanin >= 0);
        for (int i = first; i < from; i++) {
            mm2 += o->item[i].base_area_px / px2;
            mm += o->item[i].base_area_px > 0 ? o->item[i].length_mm : 0;
        }
        if (mm > 0 && band[c].width_mm > 0) add(&s->width, 100 * (mm2 / mm / band[c].width_mm - 1));
    }
}

static void score_photo(struct view_bed *b, const struct phantom_shot *shot,
                        const struct phantom_skin *skin, const struct derm_frame *f,
                        struct score *s)
{
    const struct derm_objects *const o = &f->objects[DERM_KIND_STRETCH_MARK];
    const struct derm_objects *const scars = &f->objects[DERM_KIND_LINEAR_SCAR];
    struct phantom_grey16 label = phantom_labels(skin, &shot->camera, PHANTOM_STRIA);
    struct phantom_band *const band = phantom_alloc((size_t)skin->curves + 1, sizeof(*band));
    struct derm_mask m, scar_mask;

    must(b, derm_mask_new(&b->scratch, &m, label.w, label.h));
    must(b, derm_mask_new(&b->scratch, &scar_mask, label.w, label.h));
    paint(o, 0, shot->camera.px_per_mm, &m);
    paint(scars, 0, shot->camera.px_per_mm, &scar_mask);
    phantom_bands(skin, PHANTOM_STRIA, shot->camera.px_per_mm, band);
    for (int i = 0; i < label.w * label.h; i++) {
        const bool is = label.px[i] != 0, set = derm_mask_row(&m, i / label.w)[i % label.w] != 0;

        if (!is_inside(shot, i % label.w, i / label.w)) continue;
        s->both += is && set;
        s->either += is || set;
    }
    for (int c = 0; c < skin->curves; c++) {
        const enum phantom_kind kind = skin->curve[c].kind;
        const bool stria = kind == PHANTOM_STRIA;
        double inside_mm, unused;
        const double share =
            covered(skin, shot, &skin->curve[c], stria ? &m : &scar_mask, &inside_mm);

        if (inside_mm < 15 || (!stria && kind != PHANTOM_LINEAR_SCAR)) continue;
        *(stria ? &s->marks : &s->scars) += 1;
        *(stria ? &s->found : &s->scars_found) += share >= 0.5;
        if (stria) s->as_scars += covered(skin, shot, &skin->curve[c], &scar_mask, &unused) >= 0.5;
    }
    score_lines(skin, shot, o, band, s);
    free(band);
    free(label.px);
}

static void test_finding(struct view_bed *b, int odd, int seeds, int scars)
{
    printf("\n%s seeds, %s\n", odd ? "odd" : "even",
           scars ? "2 linear scars, no stretch marks, hairs, spots, wrinkles"
                 : "stretch marks, half of them pale");
    printf("%6s %6s %9s %9s %6s %16s %9s %9s %9s\n", "ITA", "px/mm", "found", "false", "IoU",
           "width, %", "kind", "as scars", "scars");
    for (int k = 0; k < RESOLUTIONS; k++)
        for (int tone = 0; tone < TONES; tone++) {
            struct score s = { 0 };

            for (int i = 0; i < seeds; i++) {
                struct phantom_shot shot =
                    body_shot(2 * (seeds * tone + i) + odd, tone, resolutions[k]);
                struct phantom_skin skin;
                struct derm_frame f;

                if (scars) {
                    shot.spec.striae_per_cm2 = 0;
                    shot.spec.linear_scars = scars;
                    shot.spec.hairs_per_cm2 = 1;
                    shot.spec.spots_per_cm2 = 0.5;
                    shot.spec.wrinkles_per_cm2 = i % 2 ? 0.3 : 0;
                }
                bed_clear(b);
                phantom_skin_init(&skin, &shot.spec);
                shoot(b, &shot, &skin, &f);
                b->run.frame = &f;
                b->run.pair = NULL;
                find(b);
                score_photo(b, &shot, &skin, &f, &s);
                phantom_skin_free(&skin);
            }
            printf("%6.0f %6.0f %4d/%-4d %4d/%-4d %6.2f %+8.1f +- %4.1f %4d/%-4d %4d/%-4d "
                   "%4d/%-4d\n",
                   ita_deg[tone], resolutions[k], s.found, s.marks, s.wrong, s.lines,
                   s.either > 0 ? s.both / s.either : 0, mean_of(&s.width), sd_of(&s.width),
                   s.right_kind, s.kinds, s.as_scars, s.marks, s.scars_found, s.scars);
            fflush(stdout);
        }
}

/* ---- change */

static const struct {
    const char *name;
    double gain, cast, gradient, defocus_px, turn_deg, oil;
} nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },
    { "all that follow", 0.85, 1.04, 0.2, 0.3, 10, 1.2 },
    { "exposure 20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },
    { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "defocus +0.7 px", 1, 1, 0, 0.7, 0, 1 },
    { "light turned 10 deg", 1, 1, 0, 0, 10, 1 },
    { "oil x 1.5", 1, 1, 0, 0, 0, 1.5 },
};
enum { NUISANCES = sizeof(nuisances) / sizeof(*nuisances) };

static void disturb(struct phantom_shot *shot, int i, int up)
{
    shot->light.gain *= up ? nuisances[i].gain : 1 / nuisances[i].gain;
    shot->light.cast[0] *= up ? nuisances[i].cast : 1 / nuisances[i].cast;
    shot->light.gradient_x += up ? nuisances[i].gradient : -nuisances[i].gradient;
    shot->light.azimuth_deg += up ? nuisances[i].turn_deg : -nuisances[i].turn_deg;
    shot->light.oil *= up ? nuisances[i].oil : 1 / nuisances[i].oil;
    shot->camera.defocus_px += nuisances[i].defocus_px;
    shot->camera.noise_seed += 1;
}

/* Contrast, area, width in %; redness in optical density. */
static void read_pair(const struct derm_objects *o, double out[4])
{
    double value[2] = { 0 }, area[2] = { 0 }, mm[2] = { 0 }, blood[2] = { 0 }, all = 0;

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const double own[2] = { p->base_area_px, p->follow_area_px };

        all += p->area_px;
        value[0] += p->base_value;
        value[1] += p->follow_value;
        for (int k = 0; k < 2; k++) {
            area[k] += own[k];
            mm[k] += own[k] > 0 ? p->length_mm : 0;
            blood[k] += p->blood[k];
        }
    }
    out[0] = 100 * (value[1] / value[0] - 1);
    out[1] = 100 * (area[1] / area[0] - 1);
    out[2] = 100 * (area[1] / mm[1] / (area[0] / mm[0]) - 1);
    out[3] = (blood[1] - blood[0]) / all;
}

static void print_change(const char *name, double fade, const struct tally *truths,
                         const struct tally t[4])
{
    printf("%-20s %5.1f %7.1f %+8.1f +- %4.1f (%4.1f)", name, fade, mean_of(truths), mean_of(&t[0]),
           sd_of(&t[0]), rms_of(&t[0]));
    for (int m = 1; m < 4; m++)
        printf(m < 3 ? " %+8.1f +- %4.1f" : " %+8.3f +- %.3f", mean_of(&t[m]), sd_of(&t[m]));
    printf(" %5d\n", t[0].n);
}

static void test_change(struct view_bed *b, int odd, int seeds)
{
    static const double fades[] = { 0, 0.2, 0.4 };
    static const double px_per_mm = 5;
    double truth[3][TONES * MOST]; /* of a skin, whatever the light */

    printf("\n%s seeds, %g px/mm: reading minus truth\n", odd ? "odd" : "even", px_per_mm);
    printf("%-20s %5s %7s %22s %16s %16s %16s %5s\n", "", "fade", "truth", "contrast, % (rms)",
           "area, %", "width, %", "redness", "pairs");
    for (int i = 0; i < NUISANCES; i++)
        for (int k = 0; k < 3; k++) {
            struct tally t[4] = { 0 }, truths = { 0 };

            for (int tone = 0; tone < TONES; tone++)
                for (int n = 0; n < seeds; n++) {
                    struct phantom_shot shot =
                        body_shot(2 * (seeds * tone + n) + odd, tone, px_per_mm);
                    struct derm_frame f[2];
                    struct derm_pair pair = { .registration = { .accepted = true } };
                    struct phantom_skin skin;
                    double *const known = &truth[k][tone * seeds + n], d[4];

                    shot.spec.striae_alba = n % 2;
                    bed_clear(b);
                    phantom_skin_init(&skin, &shot.spec);
                    shoot(b, &shot, &skin, &f[0]);
                    skin.spec.fade[PHANTOM_STRIA] = fades[k];
                    if (i == 0) *known = k > 0 ? phantom_true_change(&skin, PHANTOM_STRIA) : 0;
                    disturb(&shot, i, (tone + n) % 2);
                    shoot(b, &shot, &skin, &f[1]);
                    pair.warped = f[1].view;
                    pair.base = &f[0];
                    pair.follow = &f[1];
                    pair.common = f[0].view.skin;
                    b->run.frame = NULL;
                    b->run.pair = &pair;
                    find(b);
                    phantom_skin_free(&skin);
                    if (pair.objects[DERM_KIND_STRETCH_MARK].n == 0) continue;
                    read_pair(&pair.objects[DERM_KIND_STRETCH_MARK], d);
                    add(&truths, *known);
                    add(&t[0], d[0] - *known);
                    for (int m = 1; m < 4; m++)
                        add(&t[m], d[m]);
                }
            print_change(nuisances[i].name, fades[k], &truths, t);
            fflush(stdout);
        }
}

/* ---- registration of soft skin */

static void test_registration(struct files *l, int odd, int seeds)
{
    enum { ROOM = 4096 };
    static const double bends_mm[] = { 0, 0.5, 1, 2, 3, 5 };
    static double error[ROOM];

    printf("\n%s seeds, soft skin, 6 px/mm, 3 degrees, 2 mm\n", odd ? "odd" : "even");
    printf("%8s %9s %14s %14s %14s %10s %22s\n", "bend, mm", "accepted", "residual, mm",
           "median error", "p95 error", "coverage", "change of contrast, %");
    for (size_t i = 0; i < sizeof(bends_mm) / sizeof(*bends_mm); i++) {
        struct tally residual = { 0 }, median = { 0 }, p95 = { 0 }, coverage = { 0 },
                     change = { 0 };
        int pairs = 0;

        for (int tone = 0; tone < TONES; tone++)
            for (int k = 0; k < seeds; k++, pairs++) {
                struct phantom_shot shot[2];
                struct phantom_skin skin;
                double d[4];
                int n;

                shot[0] = body_shot(2 * (seeds * tone + k) + odd, tone, 6);
                shot[0].spec.pores_per_cm2 = 10;
                shot[1] = shot[0];
                shot[1].camera.noise_seed++;
                shot[1].camera.turn_deg = k % 2 ? 3 : -3;
                shot[1].camera.shift_x_mm = 2;
                shot[1].camera.bend_mm = bends_mm[i];
                phantom_skin_init(&skin, &shot[0].spec);
                compare_files(l, shot, &skin);
                const struct derm_pair *const pair = &l->work.pair;
                const struct derm_registration *const r = &pair->registration;
                if (r->accepted && pair->comparability != DERM_INCOMPARABLE) {
                    n = map_errors(pair, shot, &skin, error, ROOM);
                    add(&residual, r->residual_mm);
                    add(&coverage, r->coverage);
                    if (n > 0) add(&median, derm_percentile(error, n, 0.5));
                    if (n > 0) add(&p95, derm_percentile(error, n, 0.95));
                    if (pair->objects[DERM_KIND_STRETCH_MARK].n > 0) {
                        read_pair(&pair->objects[DERM_KIND_STRETCH_MARK], d);
                        add(&change, d[0]);
                    }
                }
                phantom_skin_free(&skin);
            }
        printf("%8.1f %4d/%-4d %14.3f %14.3f %14.3f %10.2f %+8.1f +- %4.1f %4d\n", bends_mm[i],
               residual.n, pairs, mean_of(&residual), mean_of(&median), mean_of(&p95),
               mean_of(&coverage), mean_of(&change), sd_of(&change), change.n);
        fflush(stdout);
    }
}

static derm_context *context(void)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    derm_context *ctx;

    if (derm_context_new(&ctx, &settings) == DERM_OK) return ctx;
    fprintf(stderr, "%s\n", derm_error_text(ctx));
    exit(1);
}

static void test_soft_skin(derm_context *ctx, int odd, int seeds)
{
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    struct files l = { .ctx = ctx };

    if (derm_arena_init(&l.keep, (size_t)4 << 30, &ctx->err) != DERM_OK) exit(1);
    for (int i = 0; i < 2; i++)
        snprintf(l.path[i], sizeof(l.path[i]), "%s/striae_%ld_%d.jpg", folder, (long)getpid(), i);
    test_registration(&l, odd, seeds);
    for (int i = 0; i < 2; i++)
        remove(l.path[i]);
    derm_arena_free(&l.keep);
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST) : 4, only = argc > 3 ? atoi(argv[3]) : 0;
    derm_context *const ctx = context();
    struct view_bed bed;

    bed_open(&bed);
    bed.run.models = ctx->engine.models;
    stage_defaults(&derm_stage_stretch_marks, &defaults);
    stage_defaults(&derm_stage_linear_scars, &scar_defaults);
    stage_defaults(&derm_stage_tone, &tone_defaults);
    if (!only || only == 1) test_finding(&bed, odd, seeds, 0);
    if (!only || only == 2) test_finding(&bed, odd, seeds, 2);
    if (!only || only == 3) test_change(&bed, odd, seeds);
    if (!only || only == 4) test_soft_skin(ctx, odd, imax(1, seeds / 2));
    bed_close(&bed);
    derm_context_free(ctx);
    return 0;
}
