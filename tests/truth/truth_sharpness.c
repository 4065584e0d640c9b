/* SPDX-License-Identifier: Apache-2.0 */
/* How truly the gauge reads the difference of two photos' blur, and what is left of its effect on
 * pores once the sharper photo has been blurred.
 *
 *   truth_sharpness [even] [PART...]   odd seeds and people report, even ones are for tuning
 *
 * Parts: hair, hair_faded, bare, bare_faded (phantoms), faces, defocused. None named: all.
 *
 * Phantoms: two photos of one skin in other poses and other light, with hair and without, one of
 * them more defocused by a known sigma; pores unchanged or 40 % less deep. The whole comparison
 * runs, with the stage equalise and without. Faces: a neutral and a smiling photo, one of them
 * blurred by a known sigma. Defocused: a neutral photo and its own blurred copy, with noise of its
 * own: every verdict of a change is false. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"
#include "base/num.h"
#include "io/png_write.h"
#include "stages/gauge.h"

#include "cut.h"
#include "phantom_samples.h"

static const double ita_deg[5] = { 50, 35, 18, -5, -30 }; /* tones II to VI */
static const char *const tone_name[5] = { "II", "III", "IV", "V", "VI" };
static const double px_per_mm = 10;
enum { TONES = 5, SIDE = 640 };

static derm_err leave_as_is(struct derm_run *run, const void *params)
{
    (void)run;
    (void)params;
    return DERM_OK;
}

static const struct derm_stage no_equalise = {
    .name = "equalise",
    .scope = DERM_PAIR,
    .writes = DERM_SLOT(equalised),
    .run = leave_as_is,
};

static void compare(struct bench *b, struct derm_work *work, char (*path)[PATH_TEXT],
                    enum derm_site site, bool equalise)
{
    const struct derm_stage *stages[DERM_MAX_STAGES] = { NULL };
    struct derm_engine *const e = &b->ctx->engine;

    derm_arena_reset(&b->keep, 0);
    *work = (struct derm_work){ .photos = 2 };
    for (int i = 0; i < 2; i++)
        work->request[i] =
            (struct derm_photo_request){ .size = sizeof(work->request[i]),
                                         .path = path[i],
                                         .px_per_mm = site == DERM_SITE_BODY ? px_per_mm : 0,
                                         .site = site };
    for (int i = 0; derm_stages[i]; i++)
        stages[i] =
            equalise || derm_stages[i] != &derm_stage_equalise ? derm_stages[i] : &no_equalise;
    e->stages = stages;
    must(b, derm_run(e, work, &b->keep, &b->err));
    e->stages = derm_stages;
}

static const struct derm_result *pores(const struct derm_work *work)
{
    for (int i = 0; i < work->results.n; i++) {
        const struct derm_result *const r = &work->results.item[i];
        if (r->metric == DERM_METRIC_PORES_AMPLITUDE && r->region == DERM_REGION_ROI) return r;
    }
    return NULL;
}

/* ---- phantoms */

struct trial {
    int tone, seed;
    double hairs, fade, extra_px; /* extra_px < 0: the baseline is the blurred one */
};

static struct phantom_shot shot_of(const struct trial *t)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = 5000 + (uint64_t)t->seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[t->tone], shot.spec.fb);
    shot.spec.hairs_per_cm2 = t->hairs;
    shot.spec.width_mm = shot.spec.height_mm = SIDE / px_per_mm;
    shot.camera.width = shot.camera.height = SIDE;
    shot.camera.px_per_mm = px_per_mm;
    shot.camera.noise_seed = (uint64_t)(2 * t->seed);
    return shot;
}

/* Another day: other pose, other light. */
static void move_on(struct phantom_shot *shot, const struct trial *t)
{
    const int up = (t->seed / 2) % 2;

    shot->camera.turn_deg += up ? 2 : -2;
    shot->camera.shift_x_mm += up ? 0.8 : -0.7;
    shot->camera.shift_y_mm += up ? -0.6 : 0.9;
    shot->camera.bend_mm = 0.1;
    shot->camera.noise_seed += 1;
    shot->light.gain *= up ? 0.9 : 1.1;
    shot->light.azimuth_deg += up ? 5 : -5;
    shot->light.gradient_x += up ? 0.1 : -0.1;
}

static void photograph(const struct phantom_skin *skin, const struct phantom_shot *shot,
                       const char *path)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    if (phantom_write(path, &picture, &shot->file)) exit(1);
    free(picture.px);
}

/* Writes the pair; returns the true change of pores in percent. */
static double make_pair(const struct trial *t, char (*path)[PATH_TEXT])
{
    struct phantom_shot shot[2] = { shot_of(t), shot_of(t) };
    struct phantom_skin skin;
    double truth, *blurred;

    move_on(&shot[1], t);
    blurred = &shot[t->extra_px < 0 ? 0 : 1].camera.defocus_px;
    *blurred = sqrt(*blurred * *blurred + t->extra_px * t->extra_px);
    phantom_skin_init(&skin, &shot[0].spec);
    photograph(&skin, &shot[0], path[0]);
    skin.spec.fade[PHANTOM_PORE] = t->fade;
    photograph(&skin, &shot[1], path[1]);
    truth = phantom_true_change(&skin, PHANTOM_PORE);
    phantom_skin_free(&skin);
    return truth;
}

struct sums {
    double sum, squares;
    int n;
};

static void add(struct sums *s, double v)
{
    s->sum += v;
    s->squares += v * v;
    s->n++;
}

static double mean_of(const struct sums *s)
{
    return s->n > 0 ? s->sum / s->n : (double)NAN;
}

static double sd_of(const struct sums *s)
{
    return s->n > 1 ? sqrt(fmax(s->squares - s->sum * s->sum / s->n, 0) / (s->n - 1)) : (double)NAN;
}

/* By quality's absolute blur of each photo. */
static bool edges_say(const struct derm_work *work, double *variance_px2)
{
    const double b = work->frame[0].quality.blur_mm, f = work->frame[1].quality.blur_mm;
    const double s = work->frame[0].view.grid.px_per_mm;

    *variance_px2 = (f * f - b * b) * s * s;
    return b > 0 && f > 0;
}

/* Sum of amplitude / sigma^2 of the pores, over that of amplitude. */
static double mean_slope(const struct derm_work *work)
{
    const struct derm_objects *const o = &work->pair.objects[DERM_KIND_PORE];
    double sum = 0, weight = 0;

    for (int i = 0; i < o->n; i++) {
        const double a = o->item[i].base_value + o->item[i].follow_value;
        if (!o->item[i].strong) continue;
        weight += a;
        sum += a / (o->item[i].scale_px * o->item[i].scale_px);
    }
    return sum / weight;
}

struct score {
    struct sums variance, stated_sd, windows, edges, slope, error[2], half;
    int used[3], covered;
};

static void merge_sums(struct sums *to, const struct sums *from)
{
    to->sum += from->sum;
    to->squares += from->squares;
    to->n += from->n;
}

static void merge(struct score *to, const struct score *from)
{
    merge_sums(&to->variance, &from->variance);
    merge_sums(&to->stated_sd, &from->stated_sd);
    merge_sums(&to->windows, &from->windows);
    merge_sums(&to->edges, &from->edges);
    merge_sums(&to->slope, &from->slope);
    merge_sums(&to->error[0], &from->error[0]);
    merge_sums(&to->error[1], &from->error[1]);
    merge_sums(&to->half, &from->half);
    for (int i = 0; i < 3; i++)
        to->used[i] += from->used[i];
    to->covered += from->covered;
}

static void try_pair(struct bench *b, const struct trial *t, struct score *s)
{
    struct derm_work *const work = calloc(1, sizeof(*work));
    char path[2][PATH_TEXT];
    double truth, edges;

    if (!work) exit(1);
    temporary(path[0], "sharpness", 0);
    temporary(path[1], "sharpness", 1);
    truth = make_pair(t, path);
    for (int equalise = 0; equalise < 2; equalise++) {
        const struct derm_result *r;

        compare(b, work, path, DERM_SITE_BODY, equalise);
        r = pores(work);
        if (equalise) {
            const struct derm_gauge *const g = &work->pair.gauge;
            s->used[g->source]++;
            add(&s->variance, g->variance_px2);
            add(&s->stated_sd, g->sd_px2);
            add(&s->windows, g->windows);
            if (edges_say(work, &edges)) add(&s->edges, edges);
        }
        if (!r || r->status != DERM_MEASURED || !r->has_percent) continue;
        add(&s->error[equalise], r->percent - truth);
        if (!equalise) continue;
        add(&s->slope, mean_slope(work));
        add(&s->half, 0.5 * (r->percent_hi - r->percent_lo));
        s->covered += truth >= r->percent_lo && truth <= r->percent_hi;
    }
    free(work);
}

static void print_score(const char *tone, double extra_px, const struct score *s)
{
    printf("%5s %5.1f %8.3f | %8.3f %7.3f %7.3f %5.0f %4d/%d/%d %6.2f %5.2f | %5.2f | %+7.1f %6.1f "
           "| %+7.1f %6.1f %6.1f "
           "%3d/%d\n",
           tone, extra_px, extra_px * fabs(extra_px), mean_of(&s->variance), sd_of(&s->variance),
           mean_of(&s->stated_sd), mean_of(&s->windows), s->used[DERM_GAUGE_NONE],
           s->used[DERM_GAUGE_SKIN], s->used[DERM_GAUGE_HAIR], mean_of(&s->edges), sd_of(&s->edges),
           mean_of(&s->slope), mean_of(&s->error[0]), sd_of(&s->error[0]), mean_of(&s->error[1]),
           sd_of(&s->error[1]), mean_of(&s->half), s->covered, s->error[1].n);
    fflush(stdout);
}

static void test_phantoms(struct bench *b, int odd, double hairs, double fade)
{
    static const double extra_px[] = { 0, 0.3, 0.7, 1, -0.7 };
    enum { EXTRAS = sizeof(extra_px) / sizeof(*extra_px), SEEDS = 2 };

    printf("\n%s seeds, %.1f hairs per cm2, pores' depth fading %.0f %%\n", odd ? "odd" : "even",
           hairs, 100 * fade);
    printf("%5s %5s %8s | %8s %7s %7s %5s %8s %12s | %5s | %14s | %14s %6s %5s\n", "tone", "extra",
           "true v", "gauge v", "sd", "stated", "win", "no/s/h", "edges v", "slope", "error before",
           "error after", "half", "cover");
    for (int i = 0; i < EXTRAS; i++) {
        struct score all = { 0 };

        for (int tone = 0; tone < TONES; tone++) {
            struct score s = { 0 };

            for (int k = 0; k < SEEDS; k++)
                try_pair(b,
                         &(struct trial){ .tone = tone,
                                          .seed = 2 * (tone * SEEDS + k) + odd,
                                          .hairs = hairs,
                                          .fade = fade,
                                          .extra_px = extra_px[i] },
                         &s);
            print_score(tone_name[tone], extra_px[i], &s);
            merge(&all, &s);
        }
        print_score("all", extra_px[i], &all);
    }
}

/* ---- faces */

static uint8_t noisy_level(uint8_t level, double noise_levels, struct phantom_rng *random)
{
    if (noise_levels <= 0) return level;
    return (uint8_t)clampi((int)lrint(level + noise_levels * phantom_normal(random)), 0, 255);
}

/* The photo, its light blurred, and noise of noise_levels in the file. */
static void blur_photo(struct bench *b, const char *from, double sigma_px, double noise_levels,
                       const char *to)
{
    const struct derm_frame *const f = &bench_photo(b, from)->frame;
    struct derm_engine *const e = &b->ctx->engine;
    const struct derm_filter filter = { &e->kernels, e->pool, &e->scratch };
    struct derm_srgb_encoder *encoder;
    struct derm_plane light[3];
    struct derm_rgb8 out;
    struct phantom_rng random;

    phantom_rng_init(&random, 1, 1);
    must(b, derm_arena_new(&e->scratch, &encoder, 1, sizeof(*encoder)));
    for (int c = 0; c < 3; c++)
        must(b, derm_plane_new(&e->scratch, &light[c], f->light.w, f->light.h));
    must(b, derm_rgb8_new(&e->scratch, &out, f->light.w, f->light.h));
    must(b, derm_light_area(&filter, light, &f->light, 0.0, 0.0, 1.0, 0.0f));
    derm_srgb_encoder_init(encoder);
    for (int c = 0; c < 3; c++) {
        if (sigma_px > 0) must(b, derm_gaussian(&filter, &light[c], &light[c], sigma_px));
        for (int y = 0; y < out.h; y++)
            for (int x = 0; x < out.w; x++)
                derm_rgb8_row(&out, y)[3 * x + c] = noisy_level(
                    derm_srgb_encode8(encoder, derm_row(&light[c], y)[x]), noise_levels, &random);
    }
    must(b, derm_png_write_rgb(to, &out, &b->err));
    derm_arena_reset(&e->scratch, 0);
}

static struct derm_gauge gauge_faces(struct bench *b, const char *base, const char *follow)
{
    struct derm_run run;

    bench_pair(b, base, follow);
    run = bench_run(b, &b->keep);
    run.pair = &b->pair;
    bench_stage(b, &run, &derm_stage_gauge);
    return b->pair.gauge;
}

/* How much more the gauge reads for a pair whose baseline was blurred, than for the pair as it is.
 */
static void test_faces(struct bench *b, int odd)
{
    static const double sigma_px[] = { 0.3, 0.7, 1 };
    static char smiling[64][PATH_TEXT];
    const int n = list_files(DERM_TEST_DATA "/faces/frll/smiling", ".jpg", smiling, 64);
    static int number;

    printf("\n%s people: neutral, blurred more, and smiling\n", odd ? "odd" : "even");
    printf("%4s %6s %8s %7s %4s |   read less that of the pair as it is, px^2\n", "", "gauge",
           "v as is", "stated", "win");
    for (int i = odd; i < n; i += 2) {
        const char *const name = strrchr(smiling[i], '/') + 1;
        char neutral[PATH_TEXT], blurred[PATH_TEXT];
        struct derm_gauge as_is;

        snprintf(neutral, sizeof(neutral), "%s/faces/frll/neutral/%.3s_03.jpg", DERM_TEST_DATA,
                 name);
        as_is = gauge_faces(b, neutral, smiling[i]);
        printf("%.3s %6s %8.3f %7.3f %4d |", name,
               as_is.source == DERM_GAUGE_HAIR   ? "hair"
               : as_is.source == DERM_GAUGE_SKIN ? "skin"
                                                 : "none",
               as_is.variance_px2, as_is.sd_px2, as_is.windows);
        for (int k = 0; k < 3; k++) {
            struct derm_gauge g;

            temporary(blurred, "blurred", number++);
            blur_photo(b, neutral, sigma_px[k], 0, blurred);
            g = gauge_faces(b, blurred, smiling[i]);
            printf("  %.2f: %6.3f (%.3f, %d)", -sigma_px[k] * sigma_px[k],
                   g.variance_px2 - as_is.variance_px2, g.sd_px2, g.windows);
            remove(blurred);
        }
        putchar('\n');
        fflush(stdout);
    }
}

/* ---- faces out of focus */

/* The concerns with a row that says something changed. */
static unsigned changed(const struct derm_results *results)
{
    unsigned set = 0;

    for (int i = 0; i < results->n; i++)
        if (results->item[i].verdict == DERM_IMPROVED || results->item[i].verdict == DERM_WORSENED)
            set |= 1u << derm_metrics[results->item[i].metric].concern;
    return set;
}

static void test_defocused(struct bench *b, int odd)
{
    static const double sigma_px[] = { 0, 1, 1.5, 2, 2.5, 3, 4 };
    static char neutral[64][PATH_TEXT];
    const int n = list_files(DERM_TEST_DATA "/faces/frll/neutral", ".jpg", neutral, 64);
    struct derm_work *const work = calloc(1, sizeof(*work));
    char path[2][PATH_TEXT];

    if (!work) exit(1);
    printf("\n%s people against their own blurred copy: pairs, gauge none / skin / hair, not "
           "comparable, false verdicts\n",
           odd ? "odd" : "even");
    for (int k = 0; k < (int)(sizeof(sigma_px) / sizeof(*sigma_px)); k++) {
        int pairs = 0, gauge[3] = { 0 }, refused = 0, wrong = 0, by[DERM_CONCERN_COUNT] = { 0 };

        for (int i = 0; i < n; i++) {
            unsigned set;

            if (atoi(strrchr(neutral[i], '/') + 1) % 2 != odd) continue;
            memcpy(path[0], neutral[i], PATH_TEXT);
            temporary(path[1], "defocused", i);
            blur_photo(b, path[0], sigma_px[k], 1.5, path[1]);
            compare(b, work, path, DERM_SITE_FACE, true);
            remove(path[1]);
            set = changed(&work->results);
            pairs++;
            gauge[work->pair.gauge.source]++;
            refused += work->pair.comparability == DERM_INCOMPARABLE;
            wrong += set != 0;
            for (int c = 0; c < DERM_CONCERN_COUNT; c++)
                by[c] += (set >> c & 1u) != 0;
        }
        printf("sigma %.1f px  %2d pairs  %2d/%2d/%2d  %2d  %2d false", sigma_px[k], pairs,
               gauge[DERM_GAUGE_NONE], gauge[DERM_GAUGE_SKIN], gauge[DERM_GAUGE_HAIR], refused,
               wrong);
        for (int c = 0; c < DERM_CONCERN_COUNT; c++)
            if (by[c]) printf("  %s %d", derm_concern_id((enum derm_concern)c), by[c]);
        putchar('\n');
        fflush(stdout);
    }
    free(work);
}

/* ---- */

static void test_hair(struct bench *b, int odd)
{
    test_phantoms(b, odd, 0.5, 0);
}

static void test_hair_faded(struct bench *b, int odd)
{
    test_phantoms(b, odd, 0.5, 0.4);
}

static void test_bare(struct bench *b, int odd)
{
    test_phantoms(b, odd, 0, 0);
}

static void test_bare_faded(struct bench *b, int odd)
{
    test_phantoms(b, odd, 0, 0.4);
}

static const struct {
    const char *name;
    void (*test)(struct bench *b, int odd);
} parts[] = {
    { "hair", test_hair },   { "hair_faded", test_hair_faded },
    { "bare", test_bare },   { "bare_faded", test_bare_faded },
    { "faces", test_faces }, { "defocused", test_defocused },
};
enum { PARTS = sizeof(parts) / sizeof(*parts) };

int main(int argc, char **argv)
{
    struct bench *const b = bench_new(1);
    bool wanted[PARTS] = { false }, any = false;
    int odd = 1;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "even") == 0) odd = 0;
        for (int k = 0; k < PARTS; k++) {
            wanted[k] |= strcmp(argv[i], parts[k].name) == 0;
            any |= wanted[k];
        }
    }
    for (int k = 0; k < PARTS; k++)
        if (wanted[k] || !any) parts[k].test(b, odd);
    bench_free(b);
    return 0;
}
