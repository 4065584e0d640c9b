/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole costs, as multiples of D, the libjpeg-turbo decode of the same file to RGB into a
 * buffer that is there already, measured in turn with it; and the peak of memory, in bytes for
 * every pixel of a photo. CPU time on one thread unless --wall is given.
 *
 *   bench_pipeline [--wall THREADS] [--rounds N] [BASELINE [FOLLOWUP [PX_PER_MM]]]
 *
 * Without photos it makes a 12 megapixel pair beside itself (fixture.c). */
#define _GNU_SOURCE /* wait4 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dermetry/dermetry.h>
#include <jpeglib.h>

#include "bench.h"
#include "fixture.h"

enum { MAX_ROUNDS = 50, MAX_STAGES = 40 };

struct job {
    const char *base, *follow; /* follow NULL: only analyses */
    double px_per_mm;
    int threads, rounds;
    clockid_t clock;
};

/* ---- D */
struct decoder {
    uint8_t *rgb;
    int w, h;
    double bits_per_pixel;
};

static void decode(struct decoder *d, const char *path)
{
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct jpeg = { .err = jpeg_std_error(&errors) };
    FILE *const file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(66);
    }
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    if (!d->rgb) {
        struct stat s;
        d->w = (int)jpeg.output_width;
        d->h = (int)jpeg.output_height;
        d->rgb = malloc((size_t)d->w * (size_t)d->h * 3);
        d->bits_per_pixel = stat(path, &s) == 0 ? 8.0 * (double)s.st_size / d->w / d->h : 0.0;
    }
    while (d->rgb && jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row[1] = { d->rgb + 3 * (size_t)d->w * jpeg.output_scanline };
        jpeg_read_scanlines(&jpeg, row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    fclose(file);
}

/* ---- one run of ours */
struct stages { /* time of every step of the latest round */
    clockid_t clock;
    const char *name[MAX_STAGES];
    double start[MAX_STAGES + 1];
    int n;
};

static int note_stage(void *user, const struct derm_progress *at)
{
    struct stages *const s = user;

    if (s->n < MAX_STAGES) {
        s->name[s->n] = at->stage;
        s->start[s->n++] = bench_seconds(s->clock);
    }
    return 0;
}

static derm_document *run(derm_context *ctx, const struct job *j, int pair)
{
    const struct derm_photo_request base = { .size = sizeof(base),
                                             .path = j->base,
                                             .px_per_mm = j->px_per_mm };
    struct derm_photo_request follow = base;
    derm_document *doc = NULL;

    follow.path = j->follow;
    if ((pair ? derm_compare(ctx, &base, &follow, &doc) : derm_analyze(ctx, &base, &doc)) !=
        DERM_OK) {
        fprintf(stderr, "%s\n", derm_error_text(ctx));
        exit(1);
    }
    return doc;
}

static derm_context *open_context(const struct job *j, struct stages *stages)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .threads = j->threads,
                                            .progress = stages ? note_stage : NULL,
                                            .user = stages };
    derm_context *ctx;

    if (derm_context_new(&ctx, &settings) != DERM_OK) {
        fprintf(stderr, "%s\n", derm_error_text(ctx));
        exit(1);
    }
    return ctx;
}

/* ---- time */
static void print_stages(const struct stages *s, double d)
{
    for (int i = 0; i < s->n; i++) {
        const double t = s->start[i + 1] - s->start[i];
        if (t >= 0.02 * d) printf("    %-14s %8.1f ms %7.2f D\n", s->name[i], 1e3 * t, t / d);
    }
}

static void measure_time(const struct job *j, struct decoder *d, int pair)
{
    struct stages stages = { .clock = j->clock };
    derm_context *const ctx = open_context(j, &stages);
    double ratio[MAX_ROUNDS], ours[MAX_ROUNDS], theirs[MAX_ROUNDS];
    int refused = 0;

    for (int r = -1; r < j->rounds; r++) { /* the first round warms up */
        const double t0 = bench_seconds(j->clock);
        derm_document *doc;
        decode(d, j->base);
        const double t1 = bench_seconds(j->clock);
        stages.n = 0;
        doc = run(ctx, j, pair);
        derm_document_json(doc);
        refused = derm_document_refused(doc);
        derm_document_free(doc);
        const double t2 = bench_seconds(j->clock);
        stages.start[stages.n] = t2;
        if (r < 0) continue;
        theirs[r] = t1 - t0;
        ours[r] = t2 - t1;
        ratio[r] = ours[r] / theirs[r];
    }
    derm_context_free(ctx);
    const double median = bench_quantile(ratio, j->rounds, 0.5);
    const double low = bench_quantile(ratio, j->rounds, 0.1);
    const double high = bench_quantile(ratio, j->rounds, 0.9);
    const double d_median = bench_quantile(theirs, j->rounds, 0.5);
    printf("%-10s %7.2f D  [%6.2f .. %6.2f]  %8.1f ms  (D %.1f ms)%s\n",
           pair ? "comparison" : "analysis", median, low, high,
           1e3 * bench_quantile(ours, j->rounds, 0.5), 1e3 * d_median,
           refused ? "  REFUSED: not a full run" : "");
    print_stages(&stages, d_median);
}

/* ---- memory: in a process of its own */
static void measure_memory(const struct job *j, const struct decoder *d, int pair)
{
    struct rusage usage;
    int status;
    const pid_t child = fork();

    if (child == 0) {
        derm_context *const ctx = open_context(j, NULL);
        derm_document *const doc = run(ctx, j, pair);
        derm_document_json(doc);
        derm_document_free(doc);
        derm_context_free(ctx);
        _exit(0);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "the process that was to be measured failed\n");
        exit(1);
    }
    printf("%-10s peak RSS %7.1f MiB = %5.1f bytes per pixel of a photo\n",
           pair ? "comparison" : "analysis", (double)usage.ru_maxrss / 1024.0,
           1024.0 * (double)usage.ru_maxrss / d->w / d->h);
}

static void make_fixture(const char *path, int later)
{
    struct stat s;

    if (stat(path, &s) == 0) return;
    if (fixture_write(path, later, FIXTURE_W, FIXTURE_H) != 0) {
        perror(path);
        exit(73);
    }
}

static int read_options(struct job *j, int argc, char **argv)
{
    int i = 1;

    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        const int value = atoi(argv[i + 1]);
        if (strcmp(argv[i], "--wall") == 0 && value > 0) {
            j->threads = value;
            j->clock = CLOCK_MONOTONIC;
        } else if (strcmp(argv[i], "--rounds") == 0 && value > 0 && value <= MAX_ROUNDS) {
            j->rounds = value;
        } else {
            fprintf(stderr, "usage: bench_pipeline [--wall THREADS] [--rounds N] "
                            "[BASELINE [FOLLOWUP [PX_PER_MM]]]\n");
            return 0;
        }
    }
    j->base = i < argc ? argv[i] : NULL;
    j->follow = i + 1 < argc ? argv[i + 1] : NULL;
    j->px_per_mm = i + 2 < argc ? atof(argv[i + 2]) : 0.0;
    return 1;
}

int main(int argc, char **argv)
{
    struct job j = { .threads = 1, .rounds = 5, .clock = CLOCK_PROCESS_CPUTIME_ID };
    char base[4096], follow[4096];
    struct decoder d = { NULL };

    if (!read_options(&j, argc, argv)) return 64;
    if (!j.base) {
        snprintf(base, sizeof(base), "%s.base.jpg", argv[0]);
        snprintf(follow, sizeof(follow), "%s.follow.jpg", argv[0]);
        make_fixture(base, 0);
        make_fixture(follow, 1);
        j.base = base;
        j.follow = follow;
        j.px_per_mm = fixture_px_per_mm;
    }
    decode(&d, j.base);
    free(d.rgb); /* so that the measured processes do not inherit it */
    d.rgb = NULL;
    printf("%s: %d x %d, %.2f bits per pixel\n", j.base, d.w, d.h, d.bits_per_pixel);
    for (int pair = 0; pair <= (j.follow != NULL); pair++)
        measure_memory(&j, &d, pair);
    printf("%s, %d thread%s, median of %d pairs [p10 .. p90]\n",
           j.clock == CLOCK_MONOTONIC ? "wall clock" : "CPU time", j.threads,
           j.threads > 1 ? "s" : "", j.rounds);
    for (int pair = 0; pair <= (j.follow != NULL); pair++)
        measure_time(&j, &d, pair);
    free(d.rgb);
    return 0;
}
