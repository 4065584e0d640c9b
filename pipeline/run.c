/* SPDX-License-Identifier: Apache-2.0 */
/* The runner. It holds the stages to their contract: what a stage reads an earlier one has written,
 * a failure has a message and a success has none, and scratch is empty after every stage. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "run.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "baseline.h"

derm_err derm_engine_defaults(struct derm_engine *e, struct derm_arena *keep)
{
    for (int i = 0; e->stages[i]; i++) {
        const struct derm_stage *const s = e->stages[i];

        assert(i < DERM_MAX_STAGES);
        if (!s->opts) continue;
        DERM_TRY(derm_arena_new(keep, &e->params[i], 1, s->params_size));
        derm_opt_defaults(s->opts, e->params[i]);
    }
    return DERM_OK;
}

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* How often a stage runs in this job. */
static int repeats(const struct derm_stage *s, int photos)
{
    switch (s->scope) {
    case DERM_EACH:
        return photos;
    case DERM_PAIR:
        return photos == 2;
    case DERM_ONCE:
        return 1;
    }
    return 0;
}

static derm_err check_contract(const struct derm_stage *s, derm_err returned,
                               struct derm_error *err)
{
    if (returned != DERM_OK && err->code == DERM_OK)
        return derm_fail(err, DERM_EINTERNAL, "stage %s failed without saying why", s->name);
    if (returned == DERM_OK && err->code != DERM_OK) {
        char text[DERM_ERROR_TEXT / 2];

        snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, err->text);
        *err = (struct derm_error){ 0 };
        return derm_fail(err, DERM_EINTERNAL, "stage %s went on after an error: %s", s->name, text);
    }
    return err->code;
}

static void name_photo(const char *path, struct derm_error *err)
{
    const char *const file = strcmp(path, "-") == 0 ? "standard input" : derm_text_basename(path);
    char name[DERM_ERROR_TEXT / 4], text[DERM_ERROR_TEXT];

    derm_text_clean(name, sizeof(name), file);
    if (strstr(err->text, name)) return;
    snprintf(text, sizeof(text), "%s: %.*s", name, (int)(sizeof(text) - sizeof(name) - 3),
             err->text);
    memcpy(err->text, text, sizeof(text));
}

/* Bytes of scratch that stay from stage to stage: the stages that take more are few, and what they
 * leave behind would lie beside what the others find. */
static size_t scratch_retained(const struct derm_work *work)
{
    const size_t page = (size_t)2 << 20, least = 10 * page, per_px = 2;
    size_t px = 0;

    for (int i = 0; i < work->photos; i++)
        px += (size_t)work->frame[i].source.width * (size_t)work->frame[i].source.height;
    return least + per_px * px / page * page;
}

/* photo is -1 for a stage that is not of one photo. What is known of a baseline is not found again.
 */
static derm_err run_stage(const struct derm_engine *e, struct derm_run *run, struct derm_work *work,
                          int i, int photo)
{
    const struct derm_stage *const s = e->stages[i];
    struct derm_baseline *const known = photo == 0 ? work->baseline : NULL;
    struct derm_arena *const keep = run->keep;
    const double start = seconds_now();
    derm_err code;

    if (derm_baseline_knows(known, s)) return DERM_OK;
    run->keep = derm_baseline_arena(known, s, keep);
    code = s->run(run, e->params[i]);
    code = check_contract(s, code, run->err);
    if (code != DERM_OK && photo >= 0) name_photo(run->request->path, run->err);
    run->scratch->retained = scratch_retained(work);
    derm_arena_reset(run->scratch, 0);
    run->keep = keep;
    if (code == DERM_OK && known) code = derm_baseline_learn(known, run->frame, s);
    work->timing[work->timings++] = (struct derm_timing){ s->name, photo, seconds_now() - start };
    return code;
}

static derm_err tell_progress(const struct derm_engine *e, const char *stage, int step, int steps,
                              struct derm_error *err)
{
    const struct derm_progress at = { .stage = stage, .step = step, .steps = steps };

    if (e->progress && e->progress(e->user, &at) != 0)
        return derm_fail(err, DERM_EINTERRUPTED, "stopped before stage %s", stage);
    return DERM_OK;
}

derm_err derm_run(struct derm_engine *e, struct derm_work *work, struct derm_arena *keep,
                  struct derm_error *err)
{
    struct derm_run run = {
        .err = err,
        .keep = keep,
        .scratch = &e->scratch,
        .k = &e->kernels,
        .pool = e->pool,
        .models = e->models,
        .limits = &e->limits,
        .no_pictures = e->no_pictures,
        .pair = work->photos == 2 ? &work->pair : NULL,
        .tone = &work->tone,
        .results = &work->results,
    };
    uint64_t written = 0;
    int step = 0, steps = 0;

    keep->err = e->scratch.err = err;
    if (work->baseline)
        DERM_TRY(derm_baseline_begin(work->baseline, &work->frame[0], e->limits.max_memory, err));
    work->pair.base = &work->frame[0];
    work->pair.follow = &work->frame[1];
    for (int i = 0; e->stages[i]; i++)
        steps += repeats(e->stages[i], work->photos);
    for (int i = 0; e->stages[i]; i++) {
        const struct derm_stage *const s = e->stages[i];
        const int n = repeats(s, work->photos);

        if (s->reads & ~written)
            return derm_fail(err, DERM_EINTERNAL, "stage %s comes before what it reads", s->name);
        for (int r = 0; r < n; r++) {
            const int photo = s->scope == DERM_EACH ? r : -1;
            const bool alone = s->scope == DERM_ONCE && work->photos == 1;

            run.frame = photo >= 0 ? &work->frame[photo] : alone ? &work->frame[0] : NULL;
            run.request = run.frame ? &work->request[photo >= 0 ? photo : 0] : NULL;
            DERM_TRY(tell_progress(e, s->name, step++, steps, err));
            DERM_TRY(run_stage(e, &run, work, i, photo));
        }
        /* A pair stage that an analysis skips leaves its slots zero: "no pair". */
        written |= s->writes;
    }
    return DERM_OK;
}
