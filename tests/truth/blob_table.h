/* SPDX-License-Identifier: Apache-2.0 */
/* Places whose class is known, with what the classifier is told of them: the rows that it is
 * trained on and judged by. */
#ifndef DERM_TRUTH_BLOB_TABLE_H
#define DERM_TRUTH_BLOB_TABLE_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "context.h"
#include "stages/blob_features.h"
#include "stages/identity.h"
#include "stages/place.h"
#include "stages/stages.h"
#include "stages/work.h"

enum blob_finder { BY_PORES, BY_PIGMENTATION, BY_SCARS, BY_REDNESS, BY_TRUTH, BLOB_FINDERS };
enum { BLOB_UNKNOWN = -1 };

struct blob { /* candidate */
    struct derm_blob_place place;
    enum blob_finder finder;
    int klass; /* enum derm_identity or BLOB_UNKNOWN */
    double feature[DERM_BLOB_FEATURES];
};
struct blobs_of { /* of one photo */
    struct blob *item;
    int n;
};

struct blob_lab {
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work; /* of the photo at hand */
    char path[256];        /* of a picture made for it */
};

static inline void blob_die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static inline void set_option(derm_context *ctx, const struct derm_stage *stage, const char *name,
                              double value)
{
    struct derm_error err = { 0 };

    for (int i = 0; derm_stages[i]; i++)
        if (derm_stages[i] == stage && derm_opt_set(stage->opts, ctx->engine.params[i], stage->name,
                                                    name, value, &err) != DERM_OK)
            blob_die(err.text);
}

/* The segmenters list what comes near to what they look for, too, and leave the rest to us; pores
 * are looked for in blurred photos, too. */
static inline void loosen(derm_context *ctx)
{
    set_option(ctx, &derm_stage_classify, "sure", 1.01);
    set_option(ctx, &derm_stage_clutter, "min_contrast", 0);
    set_option(ctx, &derm_stage_quality, "pores_blur_mm_fail", 10);
    set_option(ctx, &derm_stage_quality, "detail_fail", 0);
    set_option(ctx, &derm_stage_quality, "contrast_fail", 0);
    set_option(ctx, &derm_stage_pores, "z_min", 3.2);
    set_option(ctx, &derm_stage_pores, "min_ratio", 0);
    set_option(ctx, &derm_stage_pores, "max_amplitude", 0.6);
    set_option(ctx, &derm_stage_pores, "max_blue", 2.5);
    set_option(ctx, &derm_stage_pores, "min_red", 0);
    set_option(ctx, &derm_stage_pigmentation, "min_z", 2.3);
    set_option(ctx, &derm_stage_pigmentation, "min_tint", 0);
    set_option(ctx, &derm_stage_pigmentation, "red_from_mm2", 1000);
    set_option(ctx, &derm_stage_pigmentation, "min_contrast_spot", 0.08);
    set_option(ctx, &derm_stage_pigmentation, "pore_mm", 0);
    set_option(ctx, &derm_stage_scars, "z_min", 4);
    set_option(ctx, &derm_stage_scars, "max_colour", 3);
    set_option(ctx, &derm_stage_scars, "max_colour_faint", 3);
    set_option(ctx, &derm_stage_scars, "max_response", 1);
    set_option(ctx, &derm_stage_scars, "min_response", 0.03);
}

static inline void blob_lab_open(struct blob_lab *l)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .threads = 1 };
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

    *l = (struct blob_lab){ .ctx = NULL };
    if (derm_context_new(&l->ctx, &settings) != DERM_OK) blob_die(derm_error_text(l->ctx));
    if (derm_arena_init(&l->keep, (size_t)4 << 30, &l->ctx->err) != DERM_OK)
        blob_die(derm_error_text(l->ctx));
    snprintf(l->path, sizeof(l->path), "%s/truth_classify_%ld.jpg", folder, (long)getpid());
    loosen(l->ctx);
}

static inline void blob_lab_close(struct blob_lab *l)
{
    remove(l->path);
    derm_arena_free(&l->keep);
    derm_context_free(l->ctx);
}

static inline void blob_lab_run(struct blob_lab *l, const char *path, double px_per_mm,
                                enum derm_site site)
{
    struct derm_error err = { 0 };

    l->work = (struct derm_work){ .photos = 1 };
    derm_arena_reset(&l->keep, 0);
    l->work.request[0] = (struct derm_photo_request){
        .size = sizeof(l->work.request[0]), .path = path, .px_per_mm = px_per_mm, .site = site
    };
    if (derm_run(&l->ctx->engine, &l->work, &l->keep, &err) != DERM_OK) blob_die(err.text);
}

/* What the segmenters found in the photo at hand; room for `more` places is left behind them. */
static inline struct blobs_of blobs_found(const struct blob_lab *l, int more)
{
    static const enum derm_kind kind[] = { DERM_KIND_PORE, DERM_KIND_SPOT, DERM_KIND_SCAR,
                                           DERM_KIND_RED_MARK };
    const struct derm_frame *const f = &l->work.frame[0];
    struct blobs_of b = { NULL, 0 };
    int room = more;

    for (int k = 0; k < BY_TRUTH; k++)
        room += f->objects[kind[k]].n;
    b.item = calloc((size_t)room + 1, sizeof(*b.item));
    if (!b.item) blob_die("out of memory");
    for (int k = 0; k < BY_TRUTH; k++)
        for (int i = 0; i < f->objects[kind[k]].n; i++) {
            const struct derm_object *const o = &f->objects[kind[k]].item[i];

            if (o->field) continue;
            b.item[b.n++] = (struct blob){ .place = derm_blob_place_of(kind[k], o),
                                           .finder = (enum blob_finder)k,
                                           .klass = BLOB_UNKNOWN };
        }
    return b;
}

/* For what is asked about the photo at hand, until the next one. */
static inline struct derm_run blob_run(struct blob_lab *l)
{
    const struct derm_engine *const e = &l->ctx->engine;

    return (struct derm_run){ .err = &l->ctx->err,
                              .keep = &l->keep,
                              .scratch = &l->keep,
                              .k = &e->kernels,
                              .pool = e->pool,
                              .models = e->models,
                              .frame = &l->work.frame[0],
                              .tone = &l->work.tone };
}

static inline void tell_features(struct blob_lab *l, struct blobs_of *b)
{
    struct derm_run run = blob_run(l);
    struct derm_blob_place *const place = calloc((size_t)b->n + 1, sizeof(*place));
    double(*const feature)[DERM_BLOB_FEATURES] = calloc((size_t)b->n + 1, sizeof(*feature));

    if (!place || !feature) blob_die("out of memory");
    for (int i = 0; i < b->n; i++)
        place[i] = b->item[i].place;
    if (derm_blob_features(&run, &l->work.frame[0].view, place, b->n, feature) != DERM_OK)
        blob_die(run.err->text);
    for (int i = 0; i < b->n; i++)
        memcpy(b->item[i].feature, feature[i], sizeof(feature[i]));
    free(place);
    free(feature);
}

/* ---- the table as text */

static inline const char *class_name(int klass)
{
    static const char *const name[DERM_IDENTITIES] = {
#define X(name, meaning) #name,
        DERM_IDENTITY_LIST(X)
#undef X
    };
    return name[klass];
}

static inline const char *finder_name(enum blob_finder finder)
{
    static const char *const name[BLOB_FINDERS] = { "pores", "pigmentation", "scars", "redness",
                                                    "truth" };
    return name[finder];
}

static inline void print_head(FILE *out)
{
    fprintf(out, "class,from,group,finder");
    for (int k = 0; k < DERM_BLOB_FEATURES; k++)
        fprintf(out, ",%s", derm_blob_feature_name(k));
    fputc('\n', out);
}

/* group: what must not be in two folds of a cross-validation: a seed or a person. */
static inline void print_rows(FILE *out, const char *from, int group, const struct blobs_of *b)
{
    for (int i = 0; i < b->n; i++) {
        if (b->item[i].klass == BLOB_UNKNOWN) continue;
        fprintf(out, "%s,%s,%d,%s", class_name(b->item[i].klass), from, group,
                finder_name(b->item[i].finder));
        for (int k = 0; k < DERM_BLOB_FEATURES; k++)
            fprintf(out, ",%.5g", b->item[i].feature[k]);
        fputc('\n', out);
    }
}

#endif
