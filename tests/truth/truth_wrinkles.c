/* SPDX-License-Identifier: Apache-2.0 */
/* How well wrinkles and fine lines are found, and how truly the change of their contrast is read,
 * on phantoms.
 *
 *   truth_wrinkles          odd seeds: what is reported
 *   truth_wrinkles even     even seeds: what may be looked at while working on the stage
 *   truth_wrinkles odd 4 2  with 4 seeds for each tone, the second of four tables only
 *
 * Lengths agree within 0.5 mm (algorithms, section 4): the recall is the share of the length of the
 * phantom's wrinkles (fine lines) near which a wrinkle (fine line) was found, the precision that of
 * the length found near which there is one. "Either": of whichever sort. Only lines
 * count that show in the picture's own light (0.02 optical density, without noise), for light along
 * a groove leaves it without shade. The truth of a change is that of the same contrasts, by length:
 * 3 to 5 points less than in the light of phantom_true_change, which falls more steeply. */
#include "base/num.h"
#include "stage_params.h"
#include "stages/lines.h"
#include "truth/view_bed.h"

static struct stage_params defaults;
static const void *params; /* of the stage */

static const double ita_deg[] = { 60, 45, 25, 5, -15, -35 };
static const double resolutions[] = { 4, 8, 12 };
static const double tolerance_mm = 0.5, edge_mm = 3, step_mm = 0.25, least_contrast = 0.02;
enum { TONES = 6, RESOLUTIONS = 3, SIDE_MM = 60, MOST = 32, MOST_POINTS = 20000 };
enum sort { WRINKLE, FINE_LINE, SORTS };

static const enum phantom_kind phantom_kinds[SORTS] = { PHANTOM_WRINKLE, PHANTOM_FINE_LINE };
static const enum derm_kind kinds[SORTS] = { DERM_KIND_WRINKLE, DERM_KIND_FINE_LINE };

static struct phantom_shot line_shot(int seed, int tone, double px_per_mm)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = 7000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[tone], shot.spec.fb);
    shot.spec.wrinkles_per_cm2 = 0.25;
    shot.spec.fine_lines_per_cm2 = 0.5;
    shot.spec.hairs_per_cm2 = 0.1;
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

    phantom_shoot(skin, shot, &picture);
    *f = (struct derm_frame){ .scale = { DERM_SCALE_USER, shot->camera.px_per_mm, 0 } };
    bed_picture(b, &f->view, &picture, shot->camera.px_per_mm);
    free(picture.px);
}

/* ---- lengths: points of equal distance along the lines, mm on the skin */

struct points {
    struct derm_point at[MOST_POINTS];
    int n;
};

static void add_point(struct points *p, double x, double y)
{
    const double most = 0.5 * SIDE_MM - edge_mm;

    if (fabs(x) > most || fabs(y) > most || p->n == MOST_POINTS) return;
    p->at[p->n++] = (struct derm_point){ x, y };
}

/* What all lines of a kind add to the picture in its own light, without noise: optical density. */
static struct phantom_plane shade_of(const struct phantom_skin *skin,
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

static double shade_at(const struct phantom_plane *d, const struct phantom_skin *skin,
                       const struct phantom_shot *shot, const struct phantom_curve *c, double s_mm,
                       double t_mm)
{
    double x, y, px, py;

    phantom_curve_point(c, s_mm, t_mm, &x, &y);
    phantom_to_image(skin, &shot->camera, x, y, &px, &py);
    return (double)d->px[(ptrdiff_t)clampi((int)(py + 0.5), 0, d->h - 1) * d->w +
                         clampi((int)(px + 0.5), 0, d->w - 1)];
}

/* Light along a groove leaves it without shade: nobody can see it. */
static double contrast_of(const struct phantom_plane *d, const struct phantom_skin *skin,
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

/* Of the lines that show. */
static void true_points(const struct phantom_skin *skin, const struct phantom_shot *shot,
                        enum phantom_kind kind, struct points *p)
{
    struct phantom_plane d = shade_of(skin, shot, kind);

    p->n = 0;
    for (int c = 0; c < skin->curves; c++) {
        const struct phantom_curve *const curve = &skin->curve[c];
        const int half = (int)(0.5 * curve->length_mm / step_mm);

        if (curve->kind != kind) continue;
        if (contrast_of(&d, skin, shot, curve) < least_contrast) continue;
        for (int i = -half; i <= half; i++) {
            double x, y;
            phantom_curve_point(curve, i * step_mm, 0, &x, &y);
            add_point(p, x, y);
        }
    }
    phantom_plane_free(&d);
}

/* Along the direction between the neighbours of a piece. */
static void found_points(const struct derm_objects *o, const struct phantom_skin *skin,
                         const struct phantom_shot *shot, struct points *p)
{
    const double s = shot->camera.px_per_mm;

    p->n = 0;
    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const a =
            &o->item[i > 0 && o->item[i - 1].label == o->item[i].label ? i - 1 : i];
        const struct derm_object *const b =
            &o->item[i + 1 < o->n && o->item[i + 1].label == o->item[i].label ? i + 1 : i];
        const double length = fmax(hypot(b->x - a->x, b->y - a->y), 1e-6);
        const int half = (int)(0.5 * o->item[i].length_mm / step_mm);

        for (int k = -half; k < half; k++) {
            const double px = (k + 0.5) * step_mm * s / length;
            double x, y;

            phantom_to_skin(skin, &shot->camera, o->item[i].x + px * (b->x - a->x),
                            o->item[i].y + px * (b->y - a->y), &x, &y);
            add_point(p, x, y);
        }
    }
}

static int count_near(const struct points *of, const struct points *to, const struct points * or)
{
    int n = 0;

    for (int i = 0; i < of->n; i++) {
        bool near = false;

        for (int k = 0; !near && k < to->n + or->n; k++) {
            const struct derm_point q = k < to->n ? to->at[k] : or->at[k - to->n];
            near = hypot(q.x - of->at[i].x, q.y - of->at[i].y) <= tolerance_mm;
        }
        n += near;
    }
    return n;
}

struct score { /* of one sort: points */
    double wanted, got, got_either, found, right, right_either;
};

static double f1(double got, double wanted, double right, double found)
{
    const double recall = wanted > 0 ? got / wanted : 0, precision = found > 0 ? right / found : 0;

    return recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0;
}

static void look(struct view_bed *b, const struct phantom_shot *shot, struct score score[SORTS])
{
    static struct points truth[SORTS], found[SORTS], none;
    struct phantom_skin skin;
    struct derm_frame f;

    bed_clear(b);
    phantom_skin_init(&skin, &shot->spec);
    shoot(b, shot, &skin, &f);
    b->run.frame = &f;
    b->run.pair = NULL;
    must(b, derm_stage_wrinkles.run(&b->run, params));
    for (int k = 0; k < SORTS; k++) {
        true_points(&skin, shot, phantom_kinds[k], &truth[k]);
        found_points(&f.objects[kinds[k]], &skin, shot, &found[k]);
    }
    for (int k = 0; k < SORTS; k++) {
        struct score *const s = &score[k];

        s->wanted += truth[k].n;
        s->got += count_near(&truth[k], &found[k], &none);
        s->got_either += count_near(&truth[k], &found[k], &found[1 - k]);
        s->found += found[k].n;
        s->right += count_near(&found[k], &truth[k], &none);
        s->right_either += count_near(&found[k], &truth[k], &truth[1 - k]);
    }
    phantom_skin_free(&skin);
}

static void test_finding(struct view_bed *b, int odd, int seeds)
{
    printf("\n%s seeds: lengths within %.1f mm\n", odd ? "odd" : "even", tolerance_mm);
    printf("%6s %6s %38s %38s\n", "", "", "wrinkles", "fine lines");
    printf("%6s %6s", "ITA", "px/mm");
    for (int k = 0; k < SORTS; k++)
        printf(" %6s %6s %6s %6s %6s %6s", "recall", "prec", "F1", "rec/e", "pre/e", "F1/e");
    printf("\n");
    for (int r = 0; r < RESOLUTIONS; r++) {
        struct score all[SORTS] = { { 0 } };

        for (int tone = 0; tone <= TONES; tone++) {
            struct score own[SORTS] = { { 0 } }, *const s = tone < TONES ? own : all;

            for (int i = 0; tone < TONES && i < seeds; i++) {
                const struct phantom_shot shot =
                    line_shot(2 * (seeds * tone + i) + odd, tone, resolutions[r]);

                b->tone.ita_deg = ita_deg[tone];
                look(b, &shot, own);
            }
            if (tone < TONES)
                printf("%6.0f %6.0f", ita_deg[tone], resolutions[r]);
            else
                printf("%6s %6.0f", "all", resolutions[r]);
            for (int k = 0; k < SORTS; k++) {
                double *const sum = (double *)&all[k], *const one = (double *)&own[k];

                for (int i = 0; i < 6; i++)
                    sum[i] += one[i];
                printf(" %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f", s[k].got / s[k].wanted,
                       s[k].right / s[k].found, f1(s[k].got, s[k].wanted, s[k].right, s[k].found),
                       s[k].got_either / s[k].wanted, s[k].right_either / s[k].found,
                       f1(s[k].got_either, s[k].wanted, s[k].right_either, s[k].found));
            }
            printf("\n");
            fflush(stdout);
        }
    }
}

/* ---- change */

static const struct {
    const char *name;
    double gain, cast, gradient, defocus_px, turn_deg, oil;
} nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },
    { "exposure 20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },
    { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "defocus +0.3 px", 1, 1, 0, 0.3, 0, 1 },
    { "light turned 10 deg", 1, 1, 0, 0, 10, 1 },
    { "all of them", 0.85, 1.04, 0.2, 0.3, 10, 1.2 },
};

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

static double read_change(const struct derm_objects *o)
{
    double value[2] = { 0 };

    for (int i = 0; i < o->n; i++) {
        value[0] += o->item[i].base_value;
        value[1] += o->item[i].follow_value;
    }
    return 100 * (value[1] / value[0] - 1);
}

/* A pair of pictures of one skin in one pose. */
static void compare(struct view_bed *b, struct phantom_shot *shot, int nuisance, bool up,
                    const struct phantom_skin *base, const struct phantom_skin *faded,
                    struct derm_pair *pair, struct derm_frame f[2])
{
    const int i = nuisance;

    shoot(b, shot, base, &f[0]);
    shot->light.gain *= up ? nuisances[i].gain : 1 / nuisances[i].gain;
    shot->light.cast[0] *= up ? nuisances[i].cast : 1 / nuisances[i].cast;
    shot->light.gradient_x += up ? nuisances[i].gradient : -nuisances[i].gradient;
    shot->light.azimuth_deg += up ? nuisances[i].turn_deg : -nuisances[i].turn_deg;
    shot->light.oil *= up ? nuisances[i].oil : 1 / nuisances[i].oil;
    shot->camera.defocus_px += nuisances[i].defocus_px;
    shot->camera.noise_seed += 1;
    shoot(b, shot, faded, &f[1]);
    *pair = (struct derm_pair){ .base = &f[0],
                                .follow = &f[1],
                                .registration = { .accepted = true },
                                .warped = f[1].view,
                                .common = f[0].view.skin };
    b->run.frame = NULL;
    b->run.pair = pair;
    must(b, derm_stage_wrinkles.run(&b->run, params));
}

/* Sum of contrast times length over the lines of a kind. */
static double sum_of(const struct phantom_skin *skin, const struct phantom_shot *shot,
                     enum phantom_kind kind)
{
    struct phantom_plane d = shade_of(skin, shot, kind);
    double sum = 0;

    for (int c = 0; c < skin->curves; c++)
        if (skin->curve[c].kind == kind)
            sum += contrast_of(&d, skin, shot, &skin->curve[c]) * skin->curve[c].length_mm;
    phantom_plane_free(&d);
    return sum;
}

static void test_change(struct view_bed *b, int odd, int seeds, double fade)
{
    static const double px_per_mm = 8;
    double truth[SORTS][TONES * MOST]; /* of a skin, whatever the light */

    printf("\n%s seeds, fade of depth %.0f %%: reading minus truth, %%\n", odd ? "odd" : "even",
           100 * fade);
    printf("%-20s %28s %28s\n", "", "wrinkles", "fine lines");
    printf("%-20s %7s %7s %6s %6s %7s %7s %6s %6s\n", "", "truth", "bias", "RMSE", "pairs", "truth",
           "bias", "RMSE", "pairs");
    for (size_t i = 0; i < sizeof(nuisances) / sizeof(*nuisances); i++) {
        struct tally t[SORTS] = { { 0 } }, truths[SORTS] = { { 0 } };

        for (int tone = 0; tone < TONES; tone++)
            for (int k = 0; k < seeds; k++) {
                const int at = tone * seeds + k, seed = 2 * at + odd;
                struct phantom_shot shot = line_shot(seed, tone, px_per_mm);
                struct phantom_skin skin, faded;
                struct derm_frame f[2];
                struct derm_pair pair;

                bed_clear(b);
                b->tone.ita_deg = ita_deg[tone];
                phantom_skin_init(&skin, &shot.spec);
                faded = skin; /* shares what skin owns */
                for (int s = 0; s < SORTS; s++) {
                    faded.spec.fade[phantom_kinds[s]] = fade;
                    if (i > 0) continue;
                    truth[s][at] = 100 * (sum_of(&faded, &shot, phantom_kinds[s]) /
                                              sum_of(&skin, &shot, phantom_kinds[s]) -
                                          1);
                }
                compare(b, &shot, (int)i, (tone + k) % 2, &skin, &faded, &pair, f);
                for (int s = 0; s < SORTS; s++) {
                    if (pair.objects[kinds[s]].n == 0) continue;
                    add(&truths[s], truth[s][at]);
                    add(&t[s], read_change(&pair.objects[kinds[s]]) - truth[s][at]);
                }
                phantom_skin_free(&skin);
            }
        printf("%-20s", nuisances[i].name);
        for (int s = 0; s < SORTS; s++)
            printf(" %+7.1f %+7.1f %6.1f %6d", truths[s].sum / truths[s].n, t[s].sum / t[s].n,
                   sqrt(t[s].squares / t[s].n), t[s].n);
        printf("\n");
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST) : 4, only = argc > 3 ? atoi(argv[3]) : 0;
    struct view_bed bed;

    bed_open(&bed);
    params = stage_defaults(&derm_stage_wrinkles, &defaults);
    for (int i = 0; i < 4; i++) {
        static const double fade[4] = { 0, 0, 0.2, 0.4 };

        if (only && only != i + 1) continue;
        if (i == 0)
            test_finding(&bed, odd, seeds);
        else
            test_change(&bed, odd, seeds, fade[i]);
    }
    bed_close(&bed);
    return 0;
}
