/* SPDX-License-Identifier: Apache-2.0 */
/* A pair of small photos, cut from the samples, on which pores, spots and scars are found: for
 * tests that run the whole pipeline often or slowly. */
#ifndef DERM_TEST_SMALL_PAIR_H
#define DERM_TEST_SMALL_PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/png_write.h"
#include "unit/decode_photo.h"

enum { SMALL_SIDE = 192 }; /* px */

struct small_pair {
    char folder[64];
    char path[2][96];
};

static inline derm_err small_cut(struct decoded *d, int side, const char *from, const char *to)
{
    struct derm_rgb8 part;

    DERM_TRY(decoded_photo(d, from));
    part = d->frame->rgb;
    part.px = derm_rgb8_row(&part, (part.h - side) / 2) + 3 * ((part.w - side) / 2);
    part.w = part.h = side;
    return derm_png_write_rgb(to, &part, &d->err);
}

/* side: px, SMALL_SIDE unless that is too small for the test. */
static inline bool small_pair_make(struct small_pair *p, int side)
{
    static const char *const sample[2] = { DERM_TEST_ROOT "/samples/closeup_before.jpg",
                                           DERM_TEST_ROOT "/samples/closeup_after.jpg" };
    struct decoded d;
    bool made = decoded_open(&d) == DERM_OK;

    snprintf(p->folder, sizeof(p->folder), "/tmp/derm_small_XXXXXX");
    made = made && mkdtemp(p->folder);
    for (int i = 0; i < 2; i++) {
        snprintf(p->path[i], sizeof(p->path[i]), "%s/%d.png", p->folder, i);
        made = made && small_cut(&d, side, sample[i], p->path[i]) == DERM_OK;
    }
    decoded_close(&d);
    return made;
}

static inline void small_pair_remove(const struct small_pair *p)
{
    for (int i = 0; i < 2; i++)
        unlink(p->path[i]);
    rmdir(p->folder);
}

/* px/mm as in samples/truth.json. */
static inline struct derm_photo_request small_request(const struct small_pair *p, int photo)
{
    return (struct derm_photo_request){ .size = sizeof(struct derm_photo_request),
                                        .path = p->path[photo],
                                        .px_per_mm = photo ? 10.4 : 10 };
}

/* A document without what differs from run to run, to be freed. NULL: not enough memory. */
static inline char *core_of(const derm_document *doc)
{
    const char *const line = derm_document_line(doc);
    const char *const run = strstr(line, ",\"run\":");
    const size_t n = run ? (size_t)(run - line) : 0;
    char *const core = run ? calloc(1, n + 1) : NULL;

    return core ? memcpy(core, line, n) : NULL;
}

/* cmocka's set-up and tear-down of a group that works on one pair. */
static inline int make_small_pair(void **state)
{
    struct small_pair *const pair = malloc(sizeof(*pair));

    *state = pair;
    return pair && small_pair_make(pair, SMALL_SIDE) ? 0 : -1;
}

static inline int remove_small_pair(void **state)
{
    small_pair_remove(*state);
    free(*state);
    return 0;
}

#endif
