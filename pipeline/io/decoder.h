/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the codecs: what one of them provides. */
#ifndef DERM_IO_DECODER_H
#define DERM_IO_DECODER_H

#include "io/codec.h"

struct derm_codec {
    bool (*knows)(struct derm_bytes file);
    /* Reads the header into d->picture; on failure leaves nothing to close. */
    derm_err (*open)(struct derm_decoder *d);
    /* The size is within limits: get ready for rows. */
    derm_err (*start)(struct derm_decoder *d);
    derm_err (*row)(struct derm_decoder *d, void *rgb, uint8_t *opaque);
    /* After the last row: is the rest of the file as it should be? */
    derm_err (*finish)(struct derm_decoder *d);
    void (*close)(struct derm_decoder *d);
};
extern const struct derm_codec derm_codec_jpeg, derm_codec_png;

struct derm_decoder {
    const struct derm_codec *codec;
    struct derm_arena *arena;
    struct derm_error *err;
    struct derm_bytes file;
    const char *name;
    struct derm_picture picture;
    int rows_read;
    void *state; /* the codec's own */
};

#endif
