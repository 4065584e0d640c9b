/* SPDX-License-Identifier: Apache-2.0 */
/* The encoded pictures of a page: photos as JPEG, what was found as transparent layers (PNG) of the
 * same size. They are made from a live document, kept in a folder, and read from there. */
#ifndef DERM_REPORT_PICTURES_H
#define DERM_REPORT_PICTURES_H

#include <dermetry/metrics.h>

#include <stdbool.h>

#include "base/arena.h"
#include "base/json_read.h"
#include "base/sha256.h"
#include "io/codec.h"

enum derm_picture_id {
    DERM_PICTURE_BASELINE, /* or the one photo of an analysis */
    DERM_PICTURE_FOLLOWUP,
    DERM_PICTURE_REGIONS,
    DERM_PICTURE_CONCERN, /* + enum derm_concern */
    DERM_PICTURE_COUNT = DERM_PICTURE_CONCERN + DERM_CONCERN_COUNT
};

struct derm_pictures {
    char pixels[2][DERM_SHA256_SIZE]; /* the photos' sha256_pixels, as in the document */
    int photos;
    bool aligned; /* the follow-up lies on the baseline */
    bool relit;   /* and was given the baseline's light, see aligned.h */
    struct derm_bytes picture[DERM_PICTURE_COUNT]; /* size 0: there is none */
};

/* "page_baseline.jpg", "layer_pores.png", ...: in a folder. */
void derm_picture_file(char *out, size_t size, enum derm_picture_id id);
const char *derm_picture_type(enum derm_picture_id id); /* "image/jpeg" */

/* Write the pictures and page_pictures.json into a folder that exists. */
derm_err derm_pictures_save(const struct derm_pictures *p, const char *folder,
                            struct derm_arena *keep, struct derm_error *err) DERM_MUST_CHECK;

/* Reads what derm_pictures_save wrote. DERM_EMISSING when the folder holds no such pictures,
 * DERM_EMALFORMED when they are of other photos than the document. */
derm_err derm_pictures_load(struct derm_pictures *p, const char *folder,
                            const struct derm_json *document, struct derm_arena *keep,
                            struct derm_error *err) DERM_MUST_CHECK;

#endif
