/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the decode stage alone on one request. */
#ifndef DERM_TEST_DECODE_PHOTO_H
#define DERM_TEST_DECODE_PHOTO_H

#include <string.h>

#include "stages/stages.h"

struct decoded {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_limits limits;
    struct derm_frame *frame;
};

static inline derm_err decoded_open(struct decoded *d)
{
    memset(d, 0, sizeof(*d));
    d->limits = (struct derm_limits){ 200.0, (uint64_t)512 << 20, (size_t)8 << 30 };
    DERM_TRY(derm_arena_init(&d->keep, d->limits.max_memory, &d->err));
    return derm_arena_init(&d->scratch, d->limits.max_memory, &d->err);
}

/* Forgets the photo before and decodes this one; d->frame is valid on success. */
static inline derm_err decoded_run(struct decoded *d, const struct derm_photo_request *request)
{
    unsigned char params[DERM_MAX_PARAMS] = { 0 };
    struct derm_run run = { .err = &d->err,
                            .keep = &d->keep,
                            .scratch = &d->scratch,
                            .limits = &d->limits,
                            .request = request };
    derm_err code;

    memset(&d->err, 0, sizeof(d->err));
    derm_arena_reset(&d->keep, 0);
    derm_opt_defaults(derm_stage_decode.opts, params);
    DERM_TRY(derm_arena_new(&d->keep, &d->frame, 1, sizeof(*d->frame)));
    run.frame = d->frame;
    code = derm_stage_decode.run(&run, params);
    derm_arena_reset(&d->scratch, 0);
    return code;
}

static inline derm_err decoded_photo(struct decoded *d, const char *path)
{
    const struct derm_photo_request request = { .path = path };

    return decoded_run(d, &request);
}

static inline float decoded_green(const struct decoded *d, int x, int y)
{
    float light[3];

    derm_light_row(&d->frame->light, light, x, y, 1);
    return light[1];
}

/* The light as planes, as long as the photo. */
static inline derm_err decoded_planes(struct decoded *d, struct derm_plane out[3])
{
    const struct derm_light *const light = &d->frame->light;
    float *row;

    DERM_TRY(derm_arena_new(&d->scratch, &row, 3 * (size_t)light->w, sizeof(*row)));
    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_new(&d->keep, &out[c], light->w, light->h));
    for (int y = 0; y < light->h; y++) {
        derm_light_row(light, row, 0, y, light->w);
        for (int i = 0; i < 3 * light->w; i++)
            derm_row(&out[i % 3], y)[i / 3] = row[i];
    }
    derm_arena_reset(&d->scratch, 0);
    return DERM_OK;
}

static inline void decoded_close(struct decoded *d)
{
    derm_arena_free(&d->keep);
    derm_arena_free(&d->scratch);
}

#endif
