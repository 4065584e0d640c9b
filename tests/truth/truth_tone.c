/* SPDX-License-Identifier: Apache-2.0 */
/* How truly the rough tone of skin is read that sets limits (stages/tone.c), and by what: the
 * colour of the photo alone, its brightness alone, or both as the program does.
 *
 *   truth_tone           odd seeds, people and photos: what is reported
 *   truth_tone even      even ones: what may be looked at while working on it
 *
 * Phantoms: optics of their own, four kinds of lamp at any colour temperature, white balance that
 * leaves 5 % of it, casts, exposure, uneven light, vignetting and gloss, as the acceptance suite
 * puts on. Automatic exposure takes most of the darkness of dark skin. Nobody measured the skin of
 * the people: their groups must come in order. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "color/optics.h"
#include "context.h"
#include "phantom_samples.h"
#include "stages/stages.h"
#include "stages/statistics.h"

enum { TONES = 6, LAMPS = 4, SEEDS_PER_CELL = 3, SIDE = 500, PATH_TEXT = 512, MOST = 128 };
static const char *const tone_name[TONES] = { "I", "II", "III", "IV", "V", "VI" };
static const double ita_from[TONES] = { 55, 41, 28, 10, -30, -50 };
static const double ita_to[TONES] = { 65, 55, 41, 28, 10, -30 };
static const char *const lamp_name[LAMPS] = { "black body", "daylight", "LED", "tube" };
static const double no_idea = 1e6;                       /* sd of what is to be left out */
static const char seen_head[] = " ln R/G ln B/G   OD G"; /* means of what the photos show */

enum way { BOTH, COLOUR, BRIGHTNESS, WAYS };
static const char *const way_name[WAYS] = { "both", "colour alone", "brightness alone" };

struct reading {
    double ita_deg[WAYS];
    double seen[3]; /* ln(R/G), ln(B/G), optical density of G: medians over the skin */
};

struct lab {
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work;
    struct derm_optics optics[WAYS];
    const struct derm_stage *stages[DERM_MAX_STAGES + 1]; /* up to tone */
    char path[PATH_TEXT];                                 /* of pictures made for it */
};

static void die(const char *what)
{
    fprintf(stderr, "truth_tone: %s\n", what);
    exit(1);
}

static void lab_open(struct lab *l)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    const struct derm_json *table;
    struct derm_error err = { 0 };
    int n = 0;

    memset(l, 0, sizeof(*l));
    if (derm_context_new(&l->ctx, &settings) != DERM_OK) die(derm_error_text(l->ctx));
    if (derm_arena_init(&l->keep, (size_t)4 << 30, &err) != DERM_OK ||
        derm_models_table(l->ctx->engine.models, "chromophores", &table, &err) != DERM_OK)
        die(err.text);
    for (int i = 0; i < WAYS; i++)
        if (derm_optics_read(&l->optics[i], table, &err) != DERM_OK) die(err.text);
    l->optics[COLOUR].exposure_sd = no_idea;
    l->optics[BRIGHTNESS].chromaticity_sd = no_idea;
    do
        l->stages[n] = derm_stages[n];
    while (derm_stages[n++] != &derm_stage_tone);
    l->ctx->engine.stages = l->stages;
    snprintf(l->path, PATH_TEXT, "%s/truth_tone_%ld.jpg", folder, (long)getpid());
}

static void lab_close(struct lab *l)
{
    remove(l->path);
    derm_arena_free(&l->keep);
    derm_context_free(l->ctx);
}

/* Median over the skin of the difference of two channels; minus < 0: of one. */
static double median_of(const struct derm_view *v, int plus, int minus)
{
    double *const d = malloc(sizeof(*d) * (size_t)v->skin.w * (size_t)v->skin.h);
    double median;
    int n = 0;

    if (!d) abort();
    for (int y = 0; y < v->skin.h; y++)
        for (int x = 0; x < v->skin.w; x++)
            if (derm_mask_row(&v->skin, y)[x])
                d[n++] = (double)derm_row(&v->od[plus], y)[x] -
                         (minus < 0 ? 0 : (double)derm_row(&v->od[minus], y)[x]);
    derm_sort(d, n);
    median = derm_percentile(d, n, 0.5);
    free(d);
    return median;
}

/* False when the photo shows too little skin. */
static bool read_tone(struct lab *l, const char *path, double px_per_mm, enum derm_site site,
                      struct reading *r)
{
    struct derm_error err = { 0 };

    l->work = (struct derm_work){ .photos = 1 };
    derm_arena_reset(&l->keep, 0);
    l->work.request[0] = (struct derm_photo_request){
        .size = sizeof(l->work.request[0]), .path = path, .px_per_mm = px_per_mm, .site = site
    };
    if (derm_run(&l->ctx->engine, &l->work, &l->keep, &err) != DERM_OK) die(err.text);
    if (l->work.tone.direction[0] <= 0) return false;
    const struct derm_view *const v = &l->work.frame[0].view;
    r->seen[0] = median_of(v, 1, 0);
    r->seen[1] = median_of(v, 1, 2);
    r->seen[2] = median_of(v, 1, -1);
    for (int i = 0; i < WAYS; i++) {
        struct derm_skin_optics skin;

        derm_optics_fit(&l->optics[i], r->seen, &skin);
        r->ita_deg[i] = skin.ita_deg;
    }
    r->ita_deg[BOTH] = l->work.tone.ita_deg;
    return true;
}

/* ---- phantoms */

static struct phantom_shot draw_shot(int seed, int tone, int lamp, double *ita_deg)
{
    static const double coldest[LAMPS] = { 4000, 7500, 7000, 6500 };
    struct phantom_shot s = phantom_default_shot();
    struct phantom_rng r;

    phantom_rng_init(&r, (uint64_t)seed, 7777);
    *ita_deg = phantom_uniform(&r, ita_from[tone], ita_to[tone]);
    s.spec.seed = (uint64_t)seed;
    s.spec.tissue = phantom_tissue_of(s.spec.seed);
    s.spec.fm = phantom_tissue_fm(&s.spec.tissue, *ita_deg, s.spec.fb);
    s.spec.radius_mm = 75;
    s.spec.hairs_per_cm2 = phantom_uniform(&r, 0.2, 0.6);
    s.light.illuminant = (enum phantom_illuminant)lamp;
    s.light.cct_k = phantom_uniform(&r, lamp == PHANTOM_DAYLIGHT ? 4500 : 2700, coldest[lamp]);
    s.light.azimuth_deg = phantom_uniform(&r, 50, 130);
    s.light.elevation_deg = phantom_uniform(&r, 45, 62);
    s.light.gain *= exp(phantom_uniform(&r, -0.25, 0.25));
    for (int c = 0; c < 3; c++)
        s.light.cast[c] *= exp(phantom_uniform(&r, -0.03, 0.03));
    s.light.gradient_x = phantom_uniform(&r, -0.25, 0.25);
    s.light.gradient_y = phantom_uniform(&r, -0.25, 0.25);
    s.light.ambient += phantom_uniform(&r, -0.05, 0.05);
    s.light.oil *= exp(phantom_uniform(&r, -0.35, 0.35));
    s.camera.noise *= exp(phantom_uniform(&r, -0.35, 0.35));
    s.camera.vignette = phantom_uniform(&r, 0, 0.15);
    s.camera.s_curve = phantom_uniform(&r, 0, 0.05);
    s.camera.px_per_mm = phantom_uniform(&r, 9, 11);
    s.camera.width = s.camera.height = SIDE;
    s.camera.distance_mm = phantom_uniform(&r, 250, 400);
    s.camera.noise_seed = s.spec.seed;
    s.spec.width_mm = s.spec.height_mm = SIDE / s.camera.px_per_mm;
    s.file.jpeg_quality = (int)phantom_uniform(&r, 88, 96);
    return s;
}

struct errors {
    double of[WAYS][MOST], seen[3][MOST];
    int n, asked;
};

static void note(struct errors *e, const struct reading *r, double truth)
{
    for (int i = 0; i < WAYS; i++)
        e->of[i][e->n] = r->ita_deg[i] - truth;
    for (int i = 0; i < 3; i++)
        e->seen[i][e->n] = r->seen[i];
    e->n++;
}

static void print_errors(const char *name, const struct errors *e)
{
    printf("%-12s %3d of %3d", name, e->n, e->asked);
    for (int i = 0; i < WAYS && e->n > 1; i++)
        printf("   %+6.1f +- %4.1f", derm_mean(e->of[i], e->n), derm_sd(e->of[i], e->n));
    for (int i = 0; i < 3 && e->n > 0; i++)
        printf(" %6.2f", derm_mean(e->seen[i], e->n));
    printf("\n");
}

static void test_phantoms(struct lab *l, int odd)
{
    static struct errors by_tone[TONES], by_lamp[LAMPS], all;

    for (int i = 0; i < TONES * LAMPS * SEEDS_PER_CELL; i++) {
        const int tone = i % TONES, lamp = i / TONES % LAMPS;
        double truth;
        const struct phantom_shot shot = draw_shot(2 * (7000 + i) + odd, tone, lamp, &truth);
        struct errors *const into[] = { &by_tone[tone], &by_lamp[lamp], &all };
        struct phantom_rgb8 picture;
        struct phantom_skin skin;
        struct reading r;

        phantom_skin_init(&skin, &shot.spec);
        phantom_shoot(&skin, &shot, &picture);
        phantom_skin_free(&skin);
        if (phantom_write(l->path, &picture, &shot.file) != 0) exit(1);
        free(picture.px);
        const bool seen = read_tone(l, l->path, shot.camera.px_per_mm, DERM_SITE_BODY, &r);
        for (int k = 0; k < 3; k++) {
            into[k]->asked++;
            if (seen) note(into[k], &r, truth);
        }
    }
    printf("phantoms, %s seeds: ITA read less true, degrees\n%-12s %10s", odd ? "odd" : "even", "",
           "seen");
    for (int i = 0; i < WAYS; i++)
        printf(" %16s", way_name[i]);
    printf("%s\n", seen_head);
    for (int i = 0; i < TONES; i++)
        print_errors(tone_name[i], &by_tone[i]);
    for (int i = 0; i < LAMPS; i++)
        print_errors(lamp_name[i], &by_lamp[i]);
    print_errors("all", &all);
}

/* ---- real skin */

static void print_group(const char *name, const struct reading *r, int n)
{
    double sorted[MOST];

    printf("%-12s %3d", name, n);
    for (int i = 0; i < WAYS && n > 0; i++) {
        for (int k = 0; k < n; k++)
            sorted[k] = r[k].ita_deg[i];
        derm_sort(sorted, n);
        printf("   %4.0f (%4.0f to %4.0f)", derm_percentile(sorted, n, 0.5), sorted[0],
               sorted[n - 1]);
    }
    for (int i = 0; i < 3 && n > 0; i++) {
        for (int k = 0; k < n; k++)
            sorted[k] = r[k].seen[i];
        printf(" %6.2f", derm_mean(sorted, n));
    }
    printf("\n");
}

static void print_head(const char *what, int odd)
{
    printf("\n%s, %s ones: ITA read, median (least to most)\n%-15s", what, odd ? "odd" : "even",
           "");
    for (int i = 0; i < WAYS; i++)
        printf(" %20s", way_name[i]);
    printf("%s\n", seen_head);
}

static void test_people(struct lab *l, int odd)
{
    static const char *const group[] = { "white", "east_asian", "west_asian", "black" };

    print_head("neutral portraits", odd);
    for (int g = 0; g < 4; g++) {
        FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
        static struct reading r[MOST];
        char line[256], id[8], of[16], path[PATH_TEXT];
        int n = 0;

        if (!f) {
            printf("skipped: no portraits\n");
            return;
        }
        while (fgets(line, sizeof(line), f) && n < MOST) {
            if (sscanf(line, "%7[0-9],%*[0-9],%*[a-z],%15[a-z_]", id, of) != 2 ||
                strcmp(of, group[g]) != 0 || atoi(id) % 2 != odd)
                continue;
            snprintf(path, sizeof(path), DERM_TEST_DATA "/faces/frll/neutral/%s_03.jpg", id);
            n += read_tone(l, path, 0, DERM_SITE_FACE, &r[n]);
        }
        fclose(f);
        print_group(group[g], r, n);
    }
}

/* Of a line of CSV without quotes. */
static const char *field(const char *line, int n)
{
    while (n-- > 0 && strchr(line, ','))
        line = strchr(line, ',') + 1;
    return line;
}

/* Close-ups by phones, by Fitzpatrick's type as the doctors wrote it down. */
static void test_close_ups(struct lab *l, int odd)
{
    FILE *const f = fopen(DERM_TEST_DATA "/lesions/padufes/photos.csv", "r");
    static struct reading r[TONES][MOST];
    int n[TONES] = { 0 };
    char line[512], name[128], path[PATH_TEXT];

    print_head("close-ups by phone", odd);
    if (!f) {
        printf("skipped: no close-ups\n");
        return;
    }
    for (int i = 0; fgets(line, sizeof(line), f); i++) {
        const double type = atof(field(line, 5)); /* 0: not known */

        if (i % 2 != odd || type < 1 || type > TONES) continue;
        sscanf(line, "%127[^,]", name);
        const int t = (int)type - 1;
        snprintf(path, sizeof(path), DERM_TEST_DATA "/lesions/padufes/images/%s.png", name);
        n[t] += read_tone(l, path, 0, DERM_SITE_BODY, &r[t][n[t]]);
    }
    fclose(f);
    for (int t = 0; t < TONES; t++)
        print_group(tone_name[t], r[t], n[t]);
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    static struct lab lab;

    lab_open(&lab);
    test_phantoms(&lab, odd);
    test_people(&lab, odd);
    test_close_ups(&lab, odd);
    lab_close(&lab);
    return 0;
}
