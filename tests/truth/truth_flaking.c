/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the skin under white scales texture.flaking finds, and how much it sees where there
 * are none.
 *
 *   truth_flaking even|odd
 *
 * phantoms  10 px/mm, whole pipeline: true and found area without and with scales, by tone
 * (Fitzpatrick I to VI), on skin with pores, hair, stubble and much oil; then the change between
 * two photos in which nothing, or 40 % of the scales, came off photos    of real skin, none of
 * which shows scales: a close-up, and faces taken to be nearer than they are, so that they are
 * searched at all
 *
 * Even people and seeds are for tuning. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "null_pairs.h"

enum { SKINS = 4, SIDE = 45, PX_PER_MM = 10 }; /* per tone */
static const double no_scales = 0, some_scales = 8;

struct sums {
    int n, refused, changed;
    double truth, found, change_truth, error, error2; /* the last two: of the change, percent */
};

/* The metric in the region of the whole, after a run; NULL where it is not measured. */
static const struct derm_result *flaking_of(const struct null_lab *lab)
{
    for (int i = 0; i < lab->work.results.n; i++) {
        const struct derm_result *const r = &lab->work.results.item[i];

        if (r->metric == DERM_METRIC_TEXTURE_FLAKING && r->status == DERM_MEASURED &&
            (r->region == DERM_REGION_FACE || r->region == DERM_REGION_ROI))
            return r;
    }
    return NULL;
}

static struct phantom_shot scene_of(struct null_lab *lab, int seed, double ita_deg, double flakes)
{
    struct phantom_shot shot = phantom_default_shot();

    lab->random = (struct derm_random){ 300000 + (uint64_t)seed };
    shot.spec.seed = 9000 + (uint64_t)seed;
    shot.spec.tissue = phantom_tissue_of(shot.spec.seed);
    shot.spec.fm = phantom_tissue_fm(&shot.spec.tissue, ita_deg, shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = SIDE + 8;
    shot.spec.flakes_per_cm2 = flakes * between(lab, 0.3, 2);
    shot.spec.pores_per_cm2 = between(lab, 20, 60);
    shot.spec.hairs_per_cm2 = 2;
    shot.spec.stubble_per_cm2 = seed % 4 < 2 ? 10 : 0;
    shot.spec.radius_mm = 75;
    shot.light.oil = between(lab, 0.5, 2);
    shot.light.elevation_deg = between(lab, 50, 75);
    shot.camera.px_per_mm = PX_PER_MM;
    shot.camera.width = shot.camera.height = SIDE * PX_PER_MM;
    return shot;
}

static double shoot(struct null_lab *lab, const struct phantom_skin *skin,
                    const struct phantom_shot *scene, int photo)
{
    const struct phantom_shot shot = other_shot(lab, scene, photo);
    struct phantom_rgb8 picture;

    phantom_shoot(skin, &shot, &picture);
    write_photo(lab, photo, &picture);
    free(picture.px);
    return 100 * phantom_labelled_share(skin, &shot.camera, PHANTOM_FLAKE);
}

/* Two photos; in the second, this share of the scales has come off. */
static void read_pair(struct null_lab *lab, int seed, double ita_deg, double flakes, double off,
                      struct sums *to)
{
    const struct phantom_shot scene = scene_of(lab, seed, ita_deg, flakes);
    struct phantom_skin skin;
    const struct derm_result *r;
    double before, after;

    write_control(lab, scene.camera.width);
    phantom_skin_init(&skin, &scene.spec);
    before = shoot(lab, &skin, &scene, 0);
    skin.spec.fade[PHANTOM_FLAKE] = off;
    after = shoot(lab, &skin, &scene, 1);
    phantom_skin_free(&skin);
    lab->n = 0;
    compare_files(lab, NULL_PHANTOM, seed, PX_PER_MM);
    r = flaking_of(lab);
    to->refused += !r;
    if (!r) return;
    to->n++;
    to->truth += before;
    to->found += r->base.value;
    to->changed += r->verdict == DERM_IMPROVED || r->verdict == DERM_WORSENED;
    if (before <= 0 || r->base.value <= 0) return;
    const double truth = 100 * (after / before - 1);
    const double error = 100 * (r->follow.value / r->base.value - 1) - truth;
    to->change_truth += truth;
    to->error += error;
    to->error2 += error * error;
}

static void print_sums(const char *what, const struct sums *s)
{
    const double n = s->n > 0 ? s->n : 1, bias = s->error / n;

    printf("  %-16s n %d (refused %d)  area true %5.2f %%, found %5.2f %%;  change true %+6.1f %%, "
           "bias %+6.1f, sd %5.1f points; judged changed %d\n",
           what, s->n, s->refused, s->truth / n, s->found / n, s->change_truth / n, bias,
           sqrt(fmax(s->error2 / n - bias * bias, 0)), s->changed);
}

static void read_tone(struct null_lab *lab, int tone, int odd)
{
    struct sums none = { 0 }, same = { 0 }, fewer = { 0 };

    for (int i = 0; i < SKINS; i++) {
        const int seed = 2 * (tone * SKINS + i) + odd;

        read_pair(lab, seed, phantom_itas[tone], no_scales, 0, &none);
        read_pair(lab, seed, phantom_itas[tone], some_scales, 0, &same);
        read_pair(lab, seed, phantom_itas[tone], some_scales, 0.4, &fewer);
    }
    printf("ITA %g\n", phantom_itas[tone]);
    print_sums("no scales", &none);
    print_sums("scales, the same", &same);
    print_sums("40 % came off", &fewer);
    fflush(stdout);
}

/* ---- photos without scales */

static void read_photo(struct null_lab *lab, const char *path, enum derm_site site,
                       double px_per_mm)
{
    struct derm_error err = { 0 };
    const struct derm_result *r;

    lab->work = (struct derm_work){ .photos = 1 };
    derm_arena_reset(&lab->keep, 0);
    lab->work.request[0] = (struct derm_photo_request){
        .size = sizeof(lab->work.request[0]), .path = path, .px_per_mm = px_per_mm, .site = site
    };
    if (derm_run(&lab->ctx->engine, &lab->work, &lab->keep, &err) != DERM_OK) die(err.text);
    r = flaking_of(lab);
    if (r)
        printf("  %-32s %.3f %%\n", strrchr(path, '/') + 1, r->base.value);
    else
        printf("  %-32s not assessable\n", strrchr(path, '/') + 1);
    fflush(stdout);
}

static void read_people(struct null_lab *lab, int odd)
{
    const double as_if_px_per_mm = 9;
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256], id[8], path[PATH_TEXT];

    if (!f) printf("SKIPPED: no photos of faces in " DERM_TEST_DATA "\n");
    while (f && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%7[0-9]", id) != 1 || atoi(id) % 2 != odd) continue;
        path_of(id, false, path);
        read_photo(lab, path, DERM_SITE_FACE, as_if_px_per_mm);
    }
    if (f) fclose(f);
}

static void read_close_up(struct null_lab *lab)
{
    static const char *const path =
        DERM_TEST_DATA "/lesions/porenet/input_cropped/20190315_144533_white.png";
    FILE *const f = fopen(path, "rb");

    if (!f) printf("SKIPPED: no close-up in " DERM_TEST_DATA "\n");
    if (!f) return;
    fclose(f);
    read_photo(lab, path, DERM_SITE_BODY, 13.7);
}

int main(int argc, char **argv)
{
    const int odd = argc > 1 && strcmp(argv[1], "odd") == 0;
    struct null_lab lab;

    null_lab_open(&lab, NULL);
    for (int tone = 0; tone < PHANTOM_TONES; tone++)
        read_tone(&lab, tone, odd);
    printf("real skin without scales\n");
    read_close_up(&lab);
    read_people(&lab, odd);
    free(lab.row);
    null_lab_close(&lab);
    return 0;
}
