/* SPDX-License-Identifier: Apache-2.0 */
/* How well pores are found and how truly their change is read.
 *
 *   truth_pores          photo with labelled pores (skipped when absent), then phantoms
 *
 * Photo (one face: it checks, nothing was tuned on it): average precision of the detections ranked
 * by z, each matched to the nearest free label whose centroid is within the larger of 0.25 mm and
 * the label's own radius; AP = sum over the matched detections of the precision there, divided by
 * the number of labels inside the region of interest.
 * Phantoms: two pictures of one skin in one pose with different noise, exposure, white balance,
 * defocus; change of the amplitude sum over the united pores against the truth. */
#include "sample_all.h"
#include "stages/unite.h"

#include "truth/labelled_pores.h"

static void test_photo(struct view_bed *b)
{
    static const double z_list = 2, /* deep enough for a precision-recall curve */
        z_counted = 3.5;
    static const struct {
        double px_per_mm;
        int quality;
    } cases[] = { { photo_px_per_mm, 0 },  { 11, 0 }, { 8, 0 }, { 6, 0 }, { 5, 0 }, { 4, 0 },
                  { photo_px_per_mm, 75 }, { 8, 75 }, { 6, 75 } };
    struct photo p;

    if (!photo_open(b, &p)) {
        printf("SKIP: no labelled photo at %s/lesions/porenet\n", DERM_TEST_DATA);
        return;
    }
    printf("labelled photo, %d pores in the region\n", p.labels);
    printf("%8s %5s %6s %6s %8s %8s\n", "px/mm", "jpeg", "AP", "F1max", "at z>3.5", "detected");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct derm_objects o, counted;
        struct derm_view v;
        double f1, unused, at_z;

        bed_clear(b);
        photo_view(b, &p, cases[i].px_per_mm, cases[i].quality, &v);
        must(b, find_above(b, &v, z_list, &o));
        must(b, find_above(b, &v, z_counted, &counted));
        at_z = average_precision(&p, &counted, photo_px_per_mm / cases[i].px_per_mm, &unused);
        printf("%8.1f %5d %6.3f", cases[i].px_per_mm, cases[i].quality,
               average_precision(&p, &o, photo_px_per_mm / cases[i].px_per_mm, &f1));
        printf(" %6.3f %8.3f %8d\n", f1, at_z, counted.n);
    }
    bed_clear(b);
    photo_close(&p);
}

/* ---- phantoms */

struct nuisance {
    const char *name;
    double gain, cast, gradient, defocus_px, azimuth_deg, oil;
};
static const struct nuisance nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },       { "exposure -20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },     { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "light turned 10", 1, 1, 0, 0, 10, 1 },  { "oil x1.5", 1, 1, 0, 0, 0, 1.5 },
    { "defocus +0.3 px", 1, 1, 0, 0.3, 0, 1 }, { "all but defocus", 0.85, 1.04, 0.2, 0, 6, 1.2 },
};
enum { NUISANCES = sizeof(nuisances) / sizeof(*nuisances), SEEDS = 7 };

static struct phantom_shot pore_shot(int seed)
{
    static const double ita_deg[7] = { 60, 45, 30, 15, 0, -15, -30 };
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[seed / 2 % 7], shot.spec.fb);
    shot.spec.scars_per_cm2 = 0.15;
    shot.spec.width_mm = shot.spec.height_mm = 40;
    shot.camera.width = shot.camera.height = 400;
    shot.camera.noise_seed = (uint64_t)(2 * seed);
    return shot;
}

static void disturb(struct phantom_shot *shot, const struct nuisance *n, double sign)
{
    shot->light.gain *= sign > 0 ? n->gain : 1 / n->gain;
    shot->light.cast[0] *= sign > 0 ? n->cast : 1 / n->cast;
    shot->light.cast[2] *= sign > 0 ? 1 / n->cast : n->cast;
    shot->light.gradient_x += sign * n->gradient;
    shot->light.azimuth_deg += sign * n->azimuth_deg;
    shot->light.oil *= sign > 0 ? n->oil : 1 / n->oil;
    shot->camera.defocus_px += n->defocus_px;
    shot->camera.noise_seed += 1;
}

static void shoot(struct view_bed *b, const struct phantom_shot *shot, struct derm_view *v,
                  double *true_change)
{
    struct phantom_rgb8 picture;
    struct phantom_skin skin;

    phantom_skin_init(&skin, &shot->spec);
    phantom_shoot(&skin, shot, &picture);
    if (true_change) *true_change = phantom_true_change(&skin, PHANTOM_PORE);
    bed_picture(b, v, &picture, shot->camera.px_per_mm);
    free(picture.px);
    phantom_skin_free(&skin);
}

/* Change in percent of the amplitude sum over pores of at least z_min in either view. */
static double read_change(struct view_bed *b, const struct derm_view v[2], double z_min)
{
    struct derm_objects found[2] = { 0 }, all = { 0 };
    struct stage_params p;
    double sum[2] = { 0 };

    stage_defaults(&derm_stage_pores, &p);
    for (int i = 0; i < 2; i++)
        must(b, find_above(b, &v[i], z_min, &found[i]));
    must(b, derm_unite(&b->run, &found[0], &found[1], &v[0],
                       derm_segmenter_pores.merge_mm * v[0].grid.px_per_mm, &all));
    for (int i = 0; i < 2; i++) {
        double *const value = calloc((size_t)all.n + 1, sizeof(double));
        double *const area = calloc((size_t)all.n + 1, sizeof(double));
        if (!value || !area) exit(1);
        must(b, sample_all(&b->run, &derm_segmenter_pores, p.at, &v[i], &v[i].skin, &all, value,
                           area));
        for (int k = 0; k < all.n; k++)
            sum[i] += value[k];
        free(value);
        free(area);
    }
    return 100 * (sum[1] / sum[0] - 1);
}

static void test_changes(struct view_bed *b, double fade)
{
    static const double z_min[3] = { 3.5, 5, 7 };

    printf("\nphantoms, odd seeds, depth fade %.0f %%: reading minus truth, mean and sd\n",
           100 * fade);
    printf("%-18s %7s %16s %16s %16s\n", "", "truth", "z > 3.5", "z > 5", "z > 7");
    for (int i = 0; i < NUISANCES; i++) {
        double sum[3] = { 0 }, sum2[3] = { 0 }, truth_sum = 0;
        int n = 0;

        for (int seed = 1; seed < 2 * SEEDS; seed += 2, n++) {
            struct phantom_shot shot = pore_shot(seed);
            struct derm_view v[2];
            double truth;

            bed_clear(b);
            shoot(b, &shot, &v[0], NULL);
            shot.spec.fade[PHANTOM_PORE] = fade;
            disturb(&shot, &nuisances[i], seed % 4 == 1 ? 1 : -1);
            shoot(b, &shot, &v[1], &truth);
            truth_sum += truth;
            for (int k = 0; k < 3; k++) {
                const double d = read_change(b, v, z_min[k]) - truth;
                sum[k] += d;
                sum2[k] += d * d;
            }
        }
        printf("%-18s %7.1f", nuisances[i].name, truth_sum / n);
        for (int k = 0; k < 3; k++)
            printf("   %+6.1f +- %4.1f", sum[k] / n,
                   sqrt((sum2[k] - sum[k] * sum[k] / n) / (n - 1)));
        printf("\n");
        fflush(stdout);
    }
}

int main(void)
{
    struct view_bed bed;

    bed_open(&bed);
    test_photo(&bed);
    fflush(stdout);
    test_changes(&bed, 0);
    test_changes(&bed, 0.25);
    bed_close(&bed);
    return 0;
}
