/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline up to the common skin, on pairs of real photos. A photo is decoded, its face found
 * and its scale set once; then it can be paired with many others. */
#ifndef DERM_TESTS_PHOTO_PAIRS_H
#define DERM_TESTS_PHOTO_PAIRS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "stages/stages.h"

enum { MOST_PHOTOS = 512, PATH_TEXT = 512 };

struct photo {
    char path[PATH_TEXT];
    struct derm_frame frame; /* decoded, face and scale */
    struct derm_arena keep;
};

struct bench {
    derm_context *ctx;
    struct derm_error err;
    struct derm_arena keep; /* of the pair at hand */
    struct photo photo[MOST_PHOTOS];
    int photos;
    struct derm_frame base, follow; /* of the pair at hand */
    struct derm_pair pair;
    struct derm_tone tone;
    double seconds; /* processor time of match and register */
};

static inline void must(const struct bench *b, derm_err e)
{
    if (e == DERM_OK) return;
    fprintf(stderr, "%s\n", b->err.text);
    exit(1);
}

static inline struct bench *bench_new(int threads)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .threads = threads };
    struct bench *const b = calloc(1, sizeof(*b));

    if (!b) abort();
    if (derm_context_new(&b->ctx, &settings) != DERM_OK) {
        fprintf(stderr, "%s\n", derm_error_text(b->ctx));
        exit(1);
    }
    must(b, derm_arena_init(&b->keep, (size_t)8 << 30, &b->err));
    b->ctx->engine.scratch.err = &b->err;
    return b;
}

static inline void bench_free(struct bench *b)
{
    for (int i = 0; i < b->photos; i++)
        derm_arena_free(&b->photo[i].keep);
    derm_arena_free(&b->keep);
    derm_context_free(b->ctx);
    free(b);
}

static inline void bench_stage(struct bench *b, struct derm_run *run,
                               const struct derm_stage *stage)
{
    int i = 0;

    while (derm_stages[i] != stage)
        i++;
    must(b, stage->run(run, b->ctx->engine.params[i]));
    derm_arena_reset(run->scratch, 0);
}

static inline struct derm_run bench_run(struct bench *b, struct derm_arena *keep)
{
    struct derm_engine *const e = &b->ctx->engine;
    return (struct derm_run){ .err = &b->err,
                              .keep = keep,
                              .scratch = &e->scratch,
                              .k = &e->kernels,
                              .pool = e->pool,
                              .models = e->models,
                              .limits = &e->limits,
                              .tone = &b->tone };
}

/* Loaded on first use. */
static inline struct photo *bench_photo(struct bench *b, const char *path)
{
    struct derm_photo_request request = { .size = sizeof(request), .site = DERM_SITE_FACE };
    struct derm_run run;
    struct photo *p;

    for (int i = 0; i < b->photos; i++)
        if (strcmp(b->photo[i].path, path) == 0) return &b->photo[i];
    if (b->photos == MOST_PHOTOS) {
        fprintf(stderr, "more than %d photos\n", MOST_PHOTOS);
        exit(1);
    }
    p = &b->photo[b->photos++];
    snprintf(p->path, sizeof(p->path), "%s", path);
    must(b, derm_arena_init(&p->keep, (size_t)2 << 30, &b->err));
    run = bench_run(b, &p->keep);
    request.path = p->path;
    run.request = &request;
    run.frame = &p->frame;
    bench_stage(b, &run, &derm_stage_decode);
    bench_stage(b, &run, &derm_stage_face);
    bench_stage(b, &run, &derm_stage_scale);
    return p;
}

/* Processor time: the machine may be busy with other things. */
static inline double bench_clock(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Everything up to warp; the result is in b->pair. */
static inline void bench_pair(struct bench *b, const char *base, const char *follow)
{
    static const struct derm_stage *const each[] = { &derm_stage_grid, &derm_stage_skin,
                                                     &derm_stage_regions, &derm_stage_quality };
    struct derm_photo_request request = { .size = sizeof(request) };
    struct derm_frame *const frame[2] = { &b->base, &b->follow };
    struct derm_run run;
    double start;

    derm_arena_reset(&b->keep, 0);
    *frame[0] = bench_photo(b, base)->frame;
    *frame[1] = bench_photo(b, follow)->frame;
    b->tone = (struct derm_tone){ 0 };
    b->pair = (struct derm_pair){ .base = frame[0], .follow = frame[1] };
    run = bench_run(b, &b->keep);
    run.pair = &b->pair;
    run.request = &request;
    start = bench_clock();
    bench_stage(b, &run, &derm_stage_match);
    b->seconds = bench_clock() - start;
    for (size_t s = 0; s < sizeof(each) / sizeof(each[0]); s++)
        for (int i = 0; i < 2; i++) {
            run.frame = frame[i];
            bench_stage(b, &run, each[s]);
        }
    run.frame = NULL;
    bench_stage(b, &run, &derm_stage_tone);
    start = bench_clock();
    bench_stage(b, &run, &derm_stage_register);
    b->seconds += bench_clock() - start;
    bench_stage(b, &run, &derm_stage_warp);
}

static inline int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Sorted paths of the files in a folder that end like `ending`; 0 when there is no such folder. */
static inline int list_files(const char *folder, const char *ending, char (*out)[PATH_TEXT],
                             int most)
{
    DIR *const d = opendir(folder);
    const struct dirent *e;
    int n = 0;

    if (!d) return 0;
    while ((e = readdir(d)) && n < most) {
        const size_t length = strlen(e->d_name), tail = strlen(ending);
        if (length < tail || strcmp(e->d_name + length - tail, ending) != 0) continue;
        if (snprintf(out[n], PATH_TEXT, "%s/%s", folder, e->d_name) < PATH_TEXT) n++;
    }
    closedir(d);
    qsort(out, (size_t)n, PATH_TEXT, by_name);
    return n;
}

#endif
