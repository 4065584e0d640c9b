/* SPDX-License-Identifier: Apache-2.0 */
/* How well scars of cuts are found and measured, and how truly the change of their contrast is
 * read, on phantoms.
 *
 *   truth_linear_scars          odd seeds: what is reported
 *   truth_linear_scars even     even seeds: what may be looked at while working on the stage
 *   truth_linear_scars odd 4 2  with 4 seeds for each tone, the second of five tables only
 *
 * A scar of the phantom counts when it is what the stage looks for: 15 mm long and 5 times longer
 * than wide. It is found when most pieces of one of the scars found lie on it; a scar found of
 * which most pieces lie on no scar of the phantom is false. */
#include "base/num.h"
#include "stage_params.h"
#include "truth/view_bed.h"

static struct stage_params defaults;
static const void *params; /* of the stage */

static const double ita_deg[] = { 60, 45, 25, 5, -15, -40 };
static const double resolutions[] = { 4, 8, 12 };
enum { TONES = 6, RESOLUTIONS = 3, SIDE_MM = 70, MOST = 32 };

static struct phantom_shot scar_shot(int seed, int tone, double px_per_mm, int scars)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = 5000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[tone], shot.spec.fb);
    shot.spec.linear_scars = scars;
    shot.spec.hairs_per_cm2 = 0.3;
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

/* ---- one photo */

struct whole { /* the pieces of one scar */
    double length_mm, width_mm, contrast;
    int curve; /* of the phantom, -1 none */
};

/* photo 0 or 1. */
static struct whole add_up(const struct derm_objects *o, int label, int photo,
                           const struct phantom_skin *skin, const struct phantom_shot *shot)
{
    const double s = shot->camera.px_per_mm;
    struct whole w = { .curve = -1 };
    double area = 0, value = 0, mm2 = 0, measured_mm = 0;
    int pieces = 0, on[MOST] = { 0 };

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const double own = photo ? p->follow_area_px : p->base_area_px;
        double x, y, along, across;

        if (p->label != label) continue;
        pieces++;
        area += p->area_px;
        value += photo ? p->follow_value : p->base_value;
        mm2 += own / (s * s);
        measured_mm += own > 0 ? p->length_mm : 0;
        w.length_mm += (p->found_in >> photo) & 1 ? p->length_mm : 0;
        phantom_to_skin(skin, &shot->camera, p->x, p->y, &x, &y);
        for (int c = 0; c < skin->curves; c++) {
            phantom_curve_place(&skin->curve[c], x, y, &along, &across);
            on[c] += fabs(across) < 0.5 * skin->curve[c].width_mm &&
                     fabs(along) < 0.5 * skin->curve[c].length_mm + 2;
        }
    }
    w.width_mm = measured_mm > 0 ? mm2 / measured_mm : (double)NAN;
    w.contrast = area > 0 ? value / area : (double)NAN;
    for (int c = 0; c < skin->curves; c++)
        if (2 * on[c] > pieces) w.curve = c;
    return w;
}

static int labels_of(const struct derm_objects *o)
{
    return o->n > 0 ? o->item[o->n - 1].label : 0;
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

struct score {
    int scars, found, wrong;
    struct tally width, length; /* %, mm */
    double cm2;
};

static void look(struct view_bed *b, const struct phantom_shot *shot, struct score *s)
{
    struct phantom_skin skin;
    struct phantom_band *band;
    struct derm_frame f;
    int hit[MOST] = { 0 };

    bed_clear(b);
    phantom_skin_init(&skin, &shot->spec);
    shoot(b, shot, &skin, &f);
    b->run.frame = &f;
    b->run.pair = NULL;
    must(b, derm_stage_linear_scars.run(&b->run, params));
    band = phantom_alloc((size_t)skin.curves + 1, sizeof(*band));
    phantom_bands(&skin, PHANTOM_LINEAR_SCAR, shot->camera.px_per_mm, band);
    for (int label = 1; label <= labels_of(&f.objects[DERM_KIND_LINEAR_SCAR]); label++) {
        const struct whole w = add_up(&f.objects[DERM_KIND_LINEAR_SCAR], label, 0, &skin, shot);

        if (w.curve < 0) {
            s->wrong++;
            continue;
        }
        if (hit[w.curve]++) continue;
        add(&s->width, 100 * (w.width_mm / band[w.curve].width_mm - 1));
        add(&s->length, w.length_mm - band[w.curve].length_mm);
    }
    for (int c = 0; c < skin.curves; c++) {
        if (band[c].length_mm < 15 || band[c].length_mm < 5 * band[c].width_mm) continue;
        s->scars++;
        s->found += hit[c] > 0;
    }
    s->cm2 += SIDE_MM * SIDE_MM / 100.0;
    free(band);
    phantom_skin_free(&skin);
}

static void test_finding(struct view_bed *b, int odd, int seeds, int scars)
{
    printf("\n%s seeds, %s\n", odd ? "odd" : "even",
           scars ? "up to 2 scars a picture" : "no scars, many hairs, stubble and spots");
    printf("%6s %6s %9s %6s %16s %16s\n", "ITA", "px/mm", "found", "false", "width, %",
           "length, mm");
    for (int k = 0; k < RESOLUTIONS; k++)
        for (int tone = 0; tone < TONES; tone++) {
            struct score s = { 0 };

            for (int i = 0; i < seeds; i++) {
                struct phantom_shot shot =
                    scar_shot(2 * (seeds * tone + i) + odd, tone, resolutions[k], scars);

                if (!scars) {
                    shot.spec.hairs_per_cm2 = 2;
                    shot.spec.stubble_per_cm2 = 4;
                    shot.spec.spots_per_cm2 = 1;
                }
                b->tone.ita_deg = ita_deg[tone];
                look(b, &shot, &s);
            }
            printf("%6.0f %6.0f %4d/%-4d %6d %+8.1f +- %4.1f %+8.1f +- %4.1f\n", ita_deg[tone],
                   resolutions[k], s.found, s.scars, s.wrong, mean_of(&s.width), sd_of(&s.width),
                   mean_of(&s.length), sd_of(&s.length));
            fflush(stdout);
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
    { "defocus +0.7 px", 1, 1, 0, 0.7, 0, 1 },
    { "light turned 10 deg", 1, 1, 0, 0, 10, 1 },
    { "all of them", 0.85, 1.04, 0.2, 0.3, 10, 1.2 },
};

/* Mean over the scars of a pair, as the metric has it: contrast in %, width in %, length in mm. */
static void read_pair(const struct derm_objects *o, double px_per_mm, double out[3])
{
    double value[2] = { 0 }, mm2[2] = { 0 }, mm[2] = { 0 }, length[2] = { 0 };

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const double area[2] = { p->base_area_px, p->follow_area_px };

        value[0] += p->base_value;
        value[1] += p->follow_value;
        for (int k = 0; k < 2; k++) {
            mm2[k] += area[k] / (px_per_mm * px_per_mm);
            mm[k] += area[k] > 0 ? p->length_mm : 0;
            length[k] += (p->found_in >> k) & 1 ? p->length_mm : 0;
        }
    }
    out[0] = 100 * (value[1] / value[0] - 1);
    out[1] = 100 * (mm2[1] / mm[1] / (mm2[0] / mm[0]) - 1);
    out[2] = length[1] - length[0];
}

static void test_change(struct view_bed *b, int odd, int seeds, double fade)
{
    static const double px_per_mm = 8;
    double truth[TONES * MOST]; /* of a skin, whatever the light */

    printf("\n%s seeds, fade %.0f %%: reading minus truth\n", odd ? "odd" : "even", 100 * fade);
    printf("%-20s %7s %16s %16s %16s %5s\n", "", "truth", "contrast, %", "width, %", "length, mm",
           "pairs");
    for (size_t i = 0; i < sizeof(nuisances) / sizeof(*nuisances); i++) {
        struct tally t[3] = { 0 }, truths = { 0 };

        for (int tone = 0; tone < TONES; tone++)
            for (int k = 0; k < seeds; k++) {
                const int seed = 2 * (seeds * tone + k) + odd, up = (tone + k) % 2;
                struct phantom_shot shot = scar_shot(seed, tone, px_per_mm, 2);
                struct derm_frame f[2];
                struct derm_pair pair = { .registration = { .accepted = true } };
                struct phantom_skin skin;
                double d[3];

                bed_clear(b);
                b->tone.ita_deg = ita_deg[tone];
                phantom_skin_init(&skin, &shot.spec);
                shoot(b, &shot, &skin, &f[0]);
                skin.spec.fade[PHANTOM_LINEAR_SCAR] = fade;
                if (i == 0)
                    truth[tone * seeds + k] =
                        fade > 0 ? phantom_true_change(&skin, PHANTOM_LINEAR_SCAR) : 0;
                shot.light.gain *= up ? nuisances[i].gain : 1 / nuisances[i].gain;
                shot.light.cast[0] *= up ? nuisances[i].cast : 1 / nuisances[i].cast;
                shot.light.gradient_x += up ? nuisances[i].gradient : -nuisances[i].gradient;
                shot.light.azimuth_deg += up ? nuisances[i].turn_deg : -nuisances[i].turn_deg;
                shot.light.oil *= up ? nuisances[i].oil : 1 / nuisances[i].oil;
                shot.camera.defocus_px += nuisances[i].defocus_px;
                shot.camera.noise_seed += 1;
                shoot(b, &shot, &skin, &f[1]);
                pair.warped = f[1].view;
                pair.base = &f[0];
                pair.follow = &f[1];
                pair.common = f[0].view.skin;
                b->run.frame = NULL;
                b->run.pair = &pair;
                must(b, derm_stage_linear_scars.run(&b->run, params));
                phantom_skin_free(&skin);
                if (pair.objects[DERM_KIND_LINEAR_SCAR].n == 0) continue;
                read_pair(&pair.objects[DERM_KIND_LINEAR_SCAR], px_per_mm, d);
                add(&truths, truth[tone * seeds + k]);
                add(&t[0], d[0] - truth[tone * seeds + k]);
                add(&t[1], d[1]);
                add(&t[2], d[2]);
            }
        printf("%-20s %7.1f", nuisances[i].name, mean_of(&truths));
        for (int m = 0; m < 3; m++)
            printf(" %+8.1f +- %4.1f", mean_of(&t[m]), sd_of(&t[m]));
        printf(" %5d\n", t[0].n);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST) : 4, only = argc > 3 ? atoi(argv[3]) : 0;
    struct view_bed bed;

    bed_open(&bed);
    params = stage_defaults(&derm_stage_linear_scars, &defaults);
    for (int i = 0; i < 5; i++) {
        static const double fade[5] = { 0, 0, 0, 0.2, 0.4 };

        if (only && only != i + 1) continue;
        if (i < 2)
            test_finding(&bed, odd, seeds, i == 0 ? 2 : 0);
        else
            test_change(&bed, odd, seeds, fade[i]);
    }
    bed_close(&bed);
    return 0;
}
