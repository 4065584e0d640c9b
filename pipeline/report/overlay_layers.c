/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of a page: the photos, and what was found as layers that are transparent where
 * nothing is drawn.
 *
 * A layer is drawn twice, on black and on white: where the two differ the ground shows through, and
 * by as much as they differ. So layers need no drawing code of their own (triangulation matting,
 * A. R. Smith, J. F. Blinn, SIGGRAPH 1996). */
#include <string.h>

#include "base/num.h"
#include "io/jpeg_write.h"
#include "io/png_write.h"
#include "report/overlay.h"
#include "report/overlay_parts.h"

enum { PHOTO_QUALITY = 92 }; /* two photos of 1600 px stay below 1.5 MB */

/* ---- photos */

static derm_err encode_photo(const struct derm_overlay *j, const struct derm_rgb8 *photo,
                             const struct derm_frame *scale_of, const struct derm_grid *g,
                             struct derm_arena *keep, struct derm_bytes *out)
{
    const size_t mark = j->scratch->used;
    struct derm_canvas c;

    DERM_TRY(derm_canvas_new(&c, j->scratch, photo, g->w, g->h, j->err));
    DERM_TRY(derm_overlay_scale_bar(&c, scale_of));
    DERM_TRY(derm_jpeg_encode(&c.image, PHOTO_QUALITY, keep, out));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

static derm_err follow_photo(const struct derm_overlay *j, struct derm_pictures *out,
                             struct derm_arena *keep)
{
    const struct derm_frame *frame;
    const size_t mark = j->scratch->used;
    struct derm_rgb8 photo;

    DERM_TRY(derm_overlay_follow(j, &photo, &out->aligned, &out->relit));
    frame = out->aligned ? j->frame : j->pair->follow;
    DERM_TRY(encode_photo(j, &photo, frame, &frame->view.grid, keep,
                          &out->picture[DERM_PICTURE_FOLLOWUP]));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

/* ---- layers */

static void matte(uint8_t rgba[4], const uint8_t on_black[3], const uint8_t on_white[3])
{
    int through = 255;

    for (int i = 0; i < 3; i++)
        through = imin(through, imax(0, on_white[i] - on_black[i]));
    rgba[3] = (uint8_t)(255 - through);
    for (int i = 0; i < 3; i++)
        rgba[i] = rgba[3] ? (uint8_t)imin(255, (255 * on_black[i] + rgba[3] / 2) / rgba[3]) : 0;
}

static derm_err draw(const struct derm_overlay *j, enum derm_picture_id id, uint8_t ground,
                     struct derm_canvas *c)
{
    const struct derm_grid *const g = &j->frame->view.grid;
    uint8_t px[3] = { ground, ground, ground };
    const struct derm_rgb8 plain = { px, 1, 1, 3 };
    int found;

    DERM_TRY(derm_canvas_new(c, j->scratch, &plain, g->w, g->h, j->err));
    if (id == DERM_PICTURE_REGIONS) return derm_overlay_draw_regions(j, c);
    return derm_overlay_draw_concern(j, (enum derm_concern)(id - DERM_PICTURE_CONCERN), c, &found);
}

static derm_err make_layer(const struct derm_overlay *j, enum derm_picture_id id,
                           struct derm_arena *keep, struct derm_bytes *out)
{
    const size_t mark = j->scratch->used;
    struct derm_canvas black, white;
    uint8_t *rgba;
    int w, h;

    DERM_TRY(draw(j, id, 0, &black));
    DERM_TRY(draw(j, id, 255, &white));
    w = black.image.w;
    h = black.image.h;
    DERM_TRY(derm_arena_raw(j->scratch, &rgba, (size_t)w * (size_t)h, 4));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            matte(rgba + 4 * ((size_t)y * (size_t)w + (size_t)x),
                  derm_rgb8_row(&black.image, y) + 3 * x, derm_rgb8_row(&white.image, y) + 3 * x);
    DERM_TRY(derm_png_encode_rgba(rgba, w, h, keep, out));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

/* ---- all */

static derm_err make_all(struct derm_overlay *j, struct derm_pictures *out, struct derm_arena *keep)
{
    DERM_TRY(derm_overlay_prepare(j));
    DERM_TRY(encode_photo(j, &j->part, j->frame, &j->frame->view.grid, keep,
                          &out->picture[DERM_PICTURE_BASELINE]));
    if (j->pair) DERM_TRY(follow_photo(j, out, keep));
    if (j->pair && !out->aligned) return DERM_OK; /* nothing was measured that could be shown */
    for (int id = DERM_PICTURE_REGIONS; id < DERM_PICTURE_COUNT; id++) {
        const int concern = id - DERM_PICTURE_CONCERN;

        if (concern >= 0 && !derm_overlay_has(j, (enum derm_concern)concern)) continue;
        DERM_TRY(make_layer(j, (enum derm_picture_id)id, keep, &out->picture[id]));
    }
    return DERM_OK;
}

derm_err derm_overlay_pictures(const struct derm_overlay_job *job, struct derm_arena *keep,
                               struct derm_pictures *out)
{
    struct derm_overlay j = derm_overlay_of(job);
    const size_t mark = j.scratch->used;
    derm_err done;

    *out = (struct derm_pictures){ .photos = job->pair ? 2 : 1 };
    memcpy(out->pixels[0], j.frame->source.sha256_pixels, sizeof(out->pixels[0]));
    if (job->pair)
        memcpy(out->pixels[1], job->pair->follow->source.sha256_pixels, sizeof(out->pixels[1]));
    done = make_all(&j, out, keep);
    derm_arena_reset(j.scratch, mark);
    return done;
}
