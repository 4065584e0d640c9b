/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole costs, as multiples of D, the libjpeg-turbo decode of the same file to RGB into a
 * buffer that is there already, measured in turn with it; and the peak of memory, in bytes for
 * every pixel of a photo, of the whole and of every stage. CPU time on one thread unless --wall is
 * given.
 *
 *   bench_pipeline [--wall THREADS] [--rounds N] [--megapixels 12|24]
 *                  [BASELINE [FOLLOWUP [PX_PER_MM]]]
 *
 * Without photos it makes a pair of 12 or 24 megapixels beside itself (fixture.c). --rounds 0
 * measures memory only. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, fork */
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

enum { MAX_ROUNDS = 50, MAX_STEPS = 128 };

struct job {
    const char *base, *follow; /* follow NULL: only analyses */
    double px_per_mm;
    int threads, rounds, megapixels;
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
struct steps { /* of the latest round; a stage is a step for each photo it is run on */
    clockid_t clock;
    const char *stage[MAX_STEPS];
    double start[MAX_STEPS + 1];
    int n;
};

static int note_step(void *user, const struct derm_progress *at)
{
    struct steps *const s = user;

    if (at->steps > MAX_STEPS) {
        fprintf(stderr, "%d steps: raise MAX_STEPS\n", at->steps);
        exit(70);
    }
    s->stage[s->n] = at->stage;
    s->start[s->n++] = bench_seconds(s->clock);
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

typedef int note(void *user, const struct derm_progress *at);

static derm_context *open_context(const struct job *j, note *progress, void *user)
{
    const struct derm_settings settings = {
        .size = sizeof(settings),
        .threads = j->threads,
        .progress = progress,
        .user = user,
        .no_pictures = 1,
    };
    derm_context *ctx;

    if (derm_context_new(&ctx, &settings) != DERM_OK) {
        fprintf(stderr, "%s\n", derm_error_text(ctx));
        exit(1);
    }
    return ctx;
}

/* ---- time */
static void print_steps(const struct steps *s, double d)
{
    for (int i = 0; i < s->n; i++) {
        const double t = s->start[i + 1] - s->start[i];
        if (t >= 0.02 * d) printf("    %-14s %8.1f ms %7.2f D\n", s->stage[i], 1e3 * t, t / d);
    }
}

/* The ensemble, the bootstrap and the verdicts are in one stage: so much of a comparison's time, as
 * a multiple of what it takes without it, is their price at most. */
static double with_uncertainty(const struct steps *s)
{
    const double all = s->start[s->n] - s->start[0];
    double measure = 0;

    for (int i = 0; i < s->n; i++)
        if (strcmp(s->stage[i], "measure") == 0) measure += s->start[i + 1] - s->start[i];
    return all / (all - measure);
}

static void measure_time(const struct job *j, struct decoder *d, int pair)
{
    struct steps steps = { .clock = j->clock };
    derm_context *const ctx = open_context(j, note_step, &steps);
    double ratio[MAX_ROUNDS], ours[MAX_ROUNDS], theirs[MAX_ROUNDS], unsure[MAX_ROUNDS];
    int refused = 0;

    for (int r = -1; r < j->rounds; r++) { /* the first round warms up */
        const double t0 = bench_seconds(j->clock);
        derm_document *doc;
        decode(d, j->base);
        const double t1 = bench_seconds(j->clock);
        steps.n = 0;
        doc = run(ctx, j, pair);
        derm_document_json(doc);
        refused = derm_document_refused(doc);
        derm_document_free(doc);
        const double t2 = bench_seconds(j->clock);
        steps.start[steps.n] = t2;
        if (r < 0) continue;
        theirs[r] = t1 - t0;
        ours[r] = t2 - t1;
        ratio[r] = ours[r] / theirs[r];
        unsure[r] = with_uncertainty(&steps);
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
    print_steps(&steps, d_median);
    if (pair)
        printf("ensemble   %7.3f times the comparison without stage measure, at most\n",
               bench_quantile(unsure, j->rounds, 0.5));
}

/* ---- memory: in a process of its own, which asks the system for the peak of every stage */
struct peaks {
    const char *stage; /* at work; NULL: none yet */
    double pixels;
    long faults, faults_before;
    double most_kib;
};

/* The peak since it was last reset, and resets it; 0 where the system cannot say. */
static double take_peak_kib(void)
{
    FILE *const status = fopen("/proc/self/status", "r"), *reset;
    char line[128];
    double kib = 0;

    while (status && fgets(line, sizeof(line), status))
        if (strncmp(line, "VmHWM:", 6) == 0) kib = atof(line + 6);
    if (status) fclose(status);
    if ((reset = fopen("/proc/self/clear_refs", "w"))) {
        fputs("5", reset);
        fclose(reset);
    }
    return kib;
}

static int note_peak(void *user, const struct derm_progress *at)
{
    struct peaks *const p = user;
    const double kib = take_peak_kib();
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    if (p->stage)
        printf("    %-14s %8.1f MiB %7.1f B/px %8ld faults\n", p->stage, kib / 1024.0,
               1024.0 * kib / p->pixels, usage.ru_minflt - p->faults_before);
    p->faults_before = usage.ru_minflt;
    if (kib > p->most_kib) p->most_kib = kib;
    p->stage = at ? at->stage : NULL;
    return 0;
}

static void run_watched(const struct job *j, const struct decoder *d, int pair)
{
    struct peaks peaks = { .pixels = (double)d->w * d->h };
    derm_context *const ctx = open_context(j, note_peak, &peaks);
    derm_document *const doc = run(ctx, j, pair);

    derm_document_json(doc);
    note_peak(&peaks, NULL);
    derm_document_free(doc);
    derm_context_free(ctx);
    printf("%-10s peak RSS %7.1f MiB = %5.1f bytes per pixel of a photo, %ld page faults\n",
           pair ? "comparison" : "analysis", peaks.most_kib / 1024.0,
           1024.0 * peaks.most_kib / peaks.pixels, peaks.faults_before);
}

static void measure_memory(const struct job *j, const struct decoder *d, int pair)
{
    int status;
    const pid_t child = fork();

    if (child == 0) {
        run_watched(j, d, pair);
        fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "the process that was to be measured failed\n");
        exit(1);
    }
}

static void make_fixture(const char *path, int later, int megapixels)
{
    const int w = megapixels == 24 ? FIXTURE_24_W : FIXTURE_W;
    const int h = megapixels == 24 ? FIXTURE_24_H : FIXTURE_H;
    struct stat s;

    if (stat(path, &s) == 0) return;
    if (fixture_write(path, later, w, h) != 0) {
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
        } else if (strcmp(argv[i], "--rounds") == 0 && value >= 0 && value <= MAX_ROUNDS) {
            j->rounds = value;
        } else if (strcmp(argv[i], "--megapixels") == 0 && (value == 12 || value == 24)) {
            j->megapixels = value;
        } else {
            fprintf(stderr, "usage: bench_pipeline [--wall THREADS] [--rounds N] "
                            "[--megapixels 12|24] [BASELINE [FOLLOWUP [PX_PER_MM]]]\n");
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
    struct job j = {
        .threads = 1, .rounds = 5, .megapixels = 12, .clock = CLOCK_PROCESS_CPUTIME_ID
    };
    char base[4096], follow[4096];
    struct decoder d = { NULL };

    if (!read_options(&j, argc, argv)) return 64;
    if (!j.base) {
        snprintf(base, sizeof(base), "%s.%d.base.jpg", argv[0], j.megapixels);
        snprintf(follow, sizeof(follow), "%s.%d.follow.jpg", argv[0], j.megapixels);
        make_fixture(base, 0, j.megapixels);
        make_fixture(follow, 1, j.megapixels);
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
    if (j.rounds == 0) return 0;
    printf("%s, %d thread%s, median of %d pairs [p10 .. p90]\n",
           j.clock == CLOCK_MONOTONIC ? "wall clock" : "CPU time", j.threads,
           j.threads > 1 ? "s" : "", j.rounds);
    for (int pair = 0; pair <= (j.follow != NULL); pair++)
        measure_time(&j, &d, pair);
    free(d.rgb);
    return 0;
}
