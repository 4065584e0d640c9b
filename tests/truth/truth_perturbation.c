/* SPDX-License-Identifier: Apache-2.0 */
/* Which small errors of a photo or of a setting move a measured change at all: a pair of phantoms
 * is compared, then compared again with one thing about the follow-up or the program made a little
 * different (algorithms, section 10.1), both ways. Printed: the rms over skins of the difference
 * between the two readings, in percent points. Even seeds: this decides what the program models. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "null_pairs.h"

#include "stages/stages.h"

static const struct {
    double ita_deg, px_per_mm;
} skins[] = { { 60, 10 }, { 25, 10 }, { -15, 10 }, { 60, 6.5 }, { 25, 6.5 }, { -15, 6.5 } };
enum { SKINS = sizeof(skins) / sizeof(*skins) };

/* In each field: what is added, or the factor less 1, for one direction; the other is its negative.
 */
struct perturbation {
    const char *name;
    double gain, red, gradient, s_curve, defocus_px, shift_px, scale, thresholds;
};
static const struct perturbation perturbations[] = {
    { .name = "gain 10 %", .gain = 0.1 },
    { .name = "red 3 %", .red = 0.03 },
    { .name = "gradient 0.15", .gradient = 0.15 },
    { .name = "S curve 0.03", .s_curve = 0.03 },
    { .name = "blur 0.15 px", .defocus_px = 0.15 },
    { .name = "JPEG grid, 3 px", .shift_px = 3 },
    { .name = "scale 3 %", .scale = 0.03 },
    { .name = "thresholds 15 %", .thresholds = 0.15 },
};
enum { PERTURBATIONS = sizeof(perturbations) / sizeof(*perturbations) };

static const struct {
    const struct derm_stage *stage;
    const char *option;
} thresholds[] = {
    { &derm_stage_pores, "z_min" },
    { &derm_stage_pores, "strong_z" },
    { &derm_stage_pigmentation, "min_z" },
    { &derm_stage_pigmentation, "min_response" },
    { &derm_stage_pigmentation, "min_contrast_spot" },
    { &derm_stage_pigmentation, "min_mm2" },
    { &derm_stage_scars, "z_min" },
    { &derm_stage_scars, "min_response" },
    { &derm_stage_scars, "min_mm2" },
};

static void scale_thresholds(struct derm_engine *e, double factor)
{
    for (size_t t = 0; t < sizeof(thresholds) / sizeof(*thresholds); t++) {
        const struct derm_stage *const s = thresholds[t].stage;
        struct derm_error err = { 0 };
        const struct derm_opt *o = s->opts;
        int i = 0;

        while (derm_stages[i] != s)
            i++;
        while (strcmp(o->name, thresholds[t].option) != 0)
            o++;
        if (derm_opt_set(s->opts, e->params[i], s->name, o->name,
                         factor * derm_opt_get(o, e->params[i]), &err) != DERM_OK)
            die(err.text);
    }
}

static void shoot(struct null_lab *lab, const struct phantom_skin *skin,
                  const struct phantom_shot *shot, int photo)
{
    static const struct phantom_file how = { .jpeg_quality = 90 };
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    if (phantom_write(lab->path[photo], &picture, &how) != 0) exit(1);
    free(picture.px);
}

/* Percent change of every metric; NAN where there is none. */
static void read_change(struct null_lab *lab, double px_per_mm, double change[DERM_METRIC_COUNT])
{
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        change[m] = (double)NAN;
    lab->n = 0;
    compare_files(lab, NULL_PHANTOM, 0, px_per_mm);
    for (int i = 0; i < lab->n; i++)
        if (derm_metrics[lab->row[i].metric].klass == DERM_CLASS_LOCAL)
            change[lab->row[i].metric] = lab->row[i].percent;
}

static void read_perturbed(struct null_lab *lab, const struct phantom_skin *skin,
                           struct phantom_shot shot, const struct perturbation *p, double sign,
                           double change[DERM_METRIC_COUNT])
{
    const double px_per_mm = shot.camera.px_per_mm;

    shot.light.gain *= 1 + sign * p->gain;
    shot.light.cast[0] *= 1 + sign * p->red;
    shot.light.gradient_x += sign * p->gradient;
    shot.camera.s_curve += sign * p->s_curve;
    shot.camera.defocus_px += sign * p->defocus_px;
    shot.camera.shift_x_mm += sign * p->shift_px / px_per_mm;
    shoot(lab, skin, &shot, 1);
    scale_thresholds(&lab->ctx->engine, 1 + sign * p->thresholds);
    read_change(lab, px_per_mm * (1 + sign * p->scale), change);
    scale_thresholds(&lab->ctx->engine, 1 / (1 + sign * p->thresholds));
}

struct sums {
    double squares[PERTURBATIONS][DERM_METRIC_COUNT];
    int n[PERTURBATIONS][DERM_METRIC_COUNT];
};

static void perturb_skin(struct null_lab *lab, int i, struct sums *sums)
{
    struct phantom_shot shot = phantom_default_shot(), again;
    double plain[DERM_METRIC_COUNT], change[DERM_METRIC_COUNT];
    struct phantom_skin skin;

    lab->random = (struct derm_random){ (uint64_t)i };
    shot.spec.seed = 5000 + 2 * (uint64_t)i;
    shot.spec.fm = phantom_fm_of_ita(skins[i].ita_deg, shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = SIDE_MM + 4;
    shot.camera.width = shot.camera.height = (int)(SIDE_MM * skins[i].px_per_mm);
    shot.camera.px_per_mm = skins[i].px_per_mm;
    write_control(lab, shot.camera.width);
    phantom_skin_init(&skin, &shot.spec);
    shoot(lab, &skin, &shot, 0);
    again = other_shot(lab, &shot, 1);
    shoot(lab, &skin, &again, 1);
    read_change(lab, skins[i].px_per_mm, plain);
    for (int p = 0; p < 2 * PERTURBATIONS; p++) {
        read_perturbed(lab, &skin, again, &perturbations[p / 2], p % 2 ? -1 : 1, change);
        for (int m = 0; m < DERM_METRIC_COUNT; m++) {
            const double d = change[m] - plain[m];
            if (isnan(d)) continue;
            sums->squares[p / 2][m] += d * d;
            sums->n[p / 2][m]++;
        }
    }
    phantom_skin_free(&skin);
}

/* "-": never read. Red marks and lines are there by mistake alone. */
static void print_sums(const struct sums *sums)
{
    printf("rms difference of the change, percent points\n%-28s", "");
    for (int p = 0; p < PERTURBATIONS; p++)
        printf(" %16s", perturbations[p].name);
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        if (derm_metrics[m].klass != DERM_CLASS_LOCAL) continue;
        printf("\n%-28s", derm_metrics[m].id);
        for (int p = 0; p < PERTURBATIONS; p++)
            if (sums->n[p][m] > 0)
                printf(" %16.1f", sqrt(sums->squares[p][m] / sums->n[p][m]));
            else
                printf(" %16s", "-");
    }
    printf("\n");
}

int main(void)
{
    static struct sums sums;
    struct null_lab lab;

    null_lab_open(&lab, NULL);
    for (int i = 0; i < SKINS; i++)
        perturb_skin(&lab, i, &sums);
    print_sums(&sums);
    free(lab.row);
    null_lab_close(&lab);
    return 0;
}
