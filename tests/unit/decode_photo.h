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

static inline void decoded_close(struct decoded *d)
{
    derm_arena_free(&d->keep);
    derm_arena_free(&d->scratch);
}

#endif
