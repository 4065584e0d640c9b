/* SPDX-License-Identifier: Apache-2.0 */
/* How well atrophic scars are found, and how truly the change of their relief is read, on phantoms.
 *
 *   truth_scars          odd seeds: what is reported
 *   truth_scars even     even seeds: what may be looked at while working on the segmenter
 *
 * A scar counts as found when the centre of an object lies within the larger of its radius and
 * 1 mm; an object that lies in no scar is false. Scars nearer than 3 mm to the edge are left out.
 * Change: two pictures of one skin in one pose; root of the relief energy, by diameters. */
#include "sample_all.h"
#include "stage_params.h"
#include "stages/segment.h"
#include "stages/unite.h"
#include "truth/view_bed.h"

static struct stage_params defaults;
static const void *params; /* of the stage */

static const double edge_mm = 3, px_per_mm = 10;
static const double ita_deg[6] = { 60, 45, 25, 5, -15, -35 };
enum { TONES = 6, SEEDS_PER_TONE = 2, SIDE = 600 };

static struct phantom_shot scar_shot(int seed, int tone)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = 1000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[tone], shot.spec.fb);
    shot.spec.scars_per_cm2 = 0.5;
    shot.spec.width_mm = shot.spec.height_mm = SIDE / px_per_mm;
    shot.camera.width = shot.camera.height = SIDE;
    shot.camera.px_per_mm = px_per_mm;
    shot.light.azimuth_deg = 40 + 25 * (seed % 5);
    shot.camera.noise_seed = (uint64_t)(2 * seed);
    return shot;
}

static void shoot(struct view_bed *b, const struct phantom_shot *shot,
                  const struct phantom_skin *skin, struct derm_view *v)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    bed_picture(b, v, &picture, shot->camera.px_per_mm);
    free(picture.px);
}

struct score {
    int scars[PHANTOM_SCAR_SHAPES], found[PHANTOM_SCAR_SHAPES];
    int objects, right;
    double cm2;
};

static bool is_within(const struct phantom_skin *skin, const struct phantom_shot *shot,
                      const struct phantom_object *scar, const struct derm_object *o)
{
    double x, y;

    phantom_to_image(skin, &shot->camera, scar->x_mm, scar->y_mm, &x, &y);
    return hypot(o->x - x, o->y - y) <= fmax(scar->radius_mm, 1) * px_per_mm;
}

static bool is_inside(double x, double y)
{
    const double edge = edge_mm * px_per_mm;

    return x >= edge && y >= edge && x <= SIDE - edge && y <= SIDE - edge;
}

static void judge(const struct phantom_skin *skin, const struct phantom_shot *shot,
                  const struct derm_objects *found, struct score *score)
{
    const double side_cm = (SIDE / px_per_mm - 2 * edge_mm) / 10;

    score->cm2 += side_cm * side_cm;
    for (int i = 0; i < skin->n; i++) {
        const struct phantom_object *const scar = &skin->object[i];
        bool hit = false;
        double x, y;

        phantom_to_image(skin, &shot->camera, scar->x_mm, scar->y_mm, &x, &y);
        if (scar->kind != PHANTOM_SCAR || !is_inside(x, y)) continue;
        for (int k = 0; k < found->n; k++)
            hit = hit || is_within(skin, shot, scar, &found->item[k]);
        score->scars[scar->shape]++;
        score->found[scar->shape] += hit;
    }
    for (int k = 0; k < found->n; k++) {
        bool hit = false;

        if (!is_inside(found->item[k].x, found->item[k].y)) continue;
        for (int i = 0; i < skin->n; i++)
            hit = hit || (skin->object[i].kind == PHANTOM_SCAR &&
                          is_within(skin, shot, &skin->object[i], &found->item[k]));
        score->objects++;
        score->right += hit;
    }
}

static void test_finding(struct view_bed *b, int odd, double scars_per_cm2)
{
    printf("\n%s seeds, %.1f scars per cm2: found\n", odd ? "odd" : "even", scars_per_cm2);
    printf("%6s %9s %9s %9s %10s %14s\n", "ITA", "icepick", "boxcar", "rolling", "precision",
           "false per cm2");
    for (int tone = 0; tone < TONES; tone++) {
        struct score s = { 0 };

        for (int k = 0; k < SEEDS_PER_TONE; k++) {
            struct phantom_shot shot = scar_shot(2 * (tone * SEEDS_PER_TONE + k) + odd, tone);
            struct derm_objects found = { 0 };
            struct phantom_skin skin;
            struct derm_view v;

            shot.spec.scars_per_cm2 = scars_per_cm2;
            bed_clear(b);
            b->tone.ita_deg = ita_deg[tone];
            phantom_skin_init(&skin, &shot.spec);
            shoot(b, &shot, &skin, &v);
            must(b, derm_segment_find(&b->run, &derm_segmenter_scars, params, &v, &v.skin, &found));
            judge(&skin, &shot, &found, &s);
            phantom_skin_free(&skin);
        }
        printf("%6.0f", ita_deg[tone]);
        for (int i = 0; i < PHANTOM_SCAR_SHAPES; i++)
            printf("   %3d/%3d", s.found[i], s.scars[i]);
        printf("    %3d/%3d %14.2f\n", s.right, s.objects, (s.objects - s.right) / s.cm2);
    }
}

/* ---- change */

static double read_change(struct view_bed *b, const struct derm_view v[2])
{
    const struct derm_segmenter *const s = &derm_segmenter_scars;
    struct derm_objects found[2] = { 0 }, all = { 0 };
    double sum[2] = { 0 };

    for (int i = 0; i < 2; i++)
        must(b, derm_segment_find(&b->run, s, params, &v[i], &v[i].skin, &found[i]));
    must(b, derm_unite(&b->run, &found[0], &found[1], &v[0], s->merge_mm * px_per_mm, &all));
    for (int i = 0; i < 2; i++) {
        double *const value = calloc((size_t)all.n + 1, sizeof(double));
        double *const area = calloc((size_t)all.n + 1, sizeof(double));
        if (!value || !area) exit(1);
        must(b, sample_all(&b->run, s, params, &v[i], &v[i].skin, &all, value, area));
        for (int k = 0; k < all.n; k++)
            sum[i] += value[k] / sqrt(all.item[k].area_px); /* as the metric: by diameter */
        free(value);
        free(area);
    }
    return sum[0] > 0 ? 100 * (sqrt(fmax(sum[1], 0) / sum[0]) - 1) : (double)NAN;
}

static const struct {
    const char *name;
    double gain, cast, gradient, defocus_px, turn_deg, oil;
} nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },          { "exposure 20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },        { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "defocus +0.7 px", 1, 1, 0, 0.7, 0, 1 },    { "oil x1.5", 1, 1, 0, 0, 0, 1.5 },
    { "light turned 10 deg", 1, 1, 0, 0, 10, 1 }, { "all but light", 0.85, 1.04, 0.2, 0.3, 0, 1.2 },
};

static void test_change(struct view_bed *b, int odd, double fade)
{
    printf("\n%s seeds, depth fade %.0f %%: reading minus truth\n", odd ? "odd" : "even",
           100 * fade);
    printf("%-20s %7s %7s %7s %5s\n", "", "truth", "mean", "sd", "pairs");
    for (size_t i = 0; i < sizeof(nuisances) / sizeof(*nuisances); i++) {
        double sum = 0, squares = 0, truths = 0;
        int n = 0;

        for (int tone = 0; tone < TONES; tone++) {
            const int seed = 2 * tone + odd, up = tone % 2;
            struct phantom_shot shot = scar_shot(seed, tone);
            struct phantom_skin skin;
            struct derm_view v[2];
            double truth, d;

            bed_clear(b);
            b->tone.ita_deg = ita_deg[tone];
            phantom_skin_init(&skin, &shot.spec);
            shoot(b, &shot, &skin, &v[0]);
            skin.spec.fade[PHANTOM_SCAR] = fade;
            truth = phantom_true_change(&skin, PHANTOM_SCAR);
            shot.light.gain *= up ? nuisances[i].gain : 1 / nuisances[i].gain;
            shot.light.cast[0] *= up ? nuisances[i].cast : 1 / nuisances[i].cast;
            shot.light.gradient_x += up ? nuisances[i].gradient : -nuisances[i].gradient;
            shot.light.azimuth_deg += up ? nuisances[i].turn_deg : -nuisances[i].turn_deg;
            shot.light.oil *= up ? nuisances[i].oil : 1 / nuisances[i].oil;
            shot.camera.defocus_px += nuisances[i].defocus_px;
            shot.camera.noise_seed += 1;
            shoot(b, &shot, &skin, &v[1]);
            d = read_change(b, v) - truth;
            phantom_skin_free(&skin);
            if (isnan(d)) continue; /* nothing found in either */
            n++;
            truths += truth;
            sum += d;
            squares += d * d;
        }
        printf("%-20s %7.1f %+7.1f %7.1f %5d\n", nuisances[i].name, truths / n, sum / n,
               sqrt((squares - sum * sum / n) / (n - 1)), n);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    struct view_bed bed;

    bed_open(&bed);
    params = stage_defaults(&derm_stage_scars, &defaults);
    test_finding(&bed, odd, 0.5);
    test_finding(&bed, odd, 0);
    fflush(stdout);
    test_change(&bed, odd, 0);
    test_change(&bed, odd, 0.4);
    bed_close(&bed);
    return 0;
}
