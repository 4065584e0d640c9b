/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes a photo and runs the face and scale stages on it. */
#ifndef DERM_TEST_FACE_PHOTO_H
#define DERM_TEST_FACE_PHOTO_H

#include "base/cpu.h"
#include "unit/decode_photo.h"

struct face_photo {
    struct decoded photo;
    struct derm_models *models;
    struct derm_pool *pool;
    struct derm_kernels k;
};

static inline derm_err face_photo_open(struct face_photo *f, unsigned cpu, int threads)
{
    DERM_TRY(decoded_open(&f->photo));
    DERM_TRY(derm_models_open(&f->models, DERM_TEST_MODELS, &f->photo.err));
    derm_kernels_init(&f->k, cpu);
    return derm_pool_new(&f->pool, threads, &f->photo.err);
}

static inline derm_err face_photo_stage(struct face_photo *f, const struct derm_stage *stage,
                                        const struct derm_photo_request *request)
{
    struct derm_run run = { .err = &f->photo.err,
                            .keep = &f->photo.keep,
                            .scratch = &f->photo.scratch,
                            .k = &f->k,
                            .pool = f->pool,
                            .models = f->models,
                            .limits = &f->photo.limits,
                            .request = request,
                            .frame = f->photo.frame };
    unsigned char params[DERM_MAX_PARAMS] = { 0 };
    derm_err e;

    derm_opt_defaults(stage->opts, params);
    e = stage->run(&run, params);
    derm_arena_reset(&f->photo.scratch, 0);
    return e;
}

/* Afterwards f->photo.frame holds face and scale. */
static inline derm_err face_photo_run(struct face_photo *f,
                                      const struct derm_photo_request *request)
{
    DERM_TRY(decoded_run(&f->photo, request));
    DERM_TRY(face_photo_stage(f, &derm_stage_face, request));
    return face_photo_stage(f, &derm_stage_scale, request);
}

static inline void face_photo_close(struct face_photo *f)
{
    derm_pool_free(f->pool);
    derm_models_close(f->models);
    decoded_close(&f->photo);
}

#endif
