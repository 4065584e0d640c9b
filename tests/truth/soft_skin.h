/* SPDX-License-Identifier: Apache-2.0 */
/* Two pictures of a phantom as files of a body site through the whole pipeline, and how far its map
 * is from the truth. */
#ifndef DERM_TRUTH_SOFT_SKIN_H
#define DERM_TRUTH_SOFT_SKIN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "context.h"
#include "stages/field.h"
#include "stages/statistics.h"

#include "phantom_samples.h"

struct files {
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work;
    char path[2][64];
};

static inline void compare_files(struct files *l, const struct phantom_shot shot[2],
                                 const struct phantom_skin *skin)
{
    struct derm_error err = { 0 };

    l->work = (struct derm_work){ .photos = 2 };
    derm_arena_reset(&l->keep, 0);
    for (int i = 0; i < 2; i++) {
        const struct phantom_file how = { .jpeg_quality = 92 };
        struct phantom_rgb8 picture;

        phantom_shoot(skin, &shot[i], &picture);
        if (phantom_write(l->path[i], &picture, &how) != 0) exit(1);
        free(picture.px);
        l->work.request[i] = (struct derm_photo_request){ .size = sizeof(l->work.request[i]),
                                                          .path = l->path[i],
                                                          .px_per_mm = shot[i].camera.px_per_mm,
                                                          .site = DERM_SITE_BODY };
    }
    if (derm_run(&l->ctx->engine, &l->work, &l->keep, &err) == DERM_OK) return;
    fprintf(stderr, "%s\n", err.text);
    exit(1);
}

/* How far from a place of the common skin the map leads, mm on the skin, sorted; how many places.
 * (Back from the picture to the skin is exact; the other way is not where it is bent strongly.) */
static inline int map_errors(const struct derm_pair *pair, const struct phantom_shot shot[2],
                             const struct phantom_skin *skin, double *error, int room)
{
    const struct derm_grid *const g = &pair->base->view.grid, *const fg = &pair->follow->view.grid;
    const int step = (int)(3 * g->px_per_mm);
    int n = 0;

    for (int y = step / 2; y < g->h; y += step)
        for (int x = step / 2; x < g->w && n < room; x += step) {
            double u, v, to_u, to_v;
            struct derm_point to;

            if (!derm_mask_row(&pair->common, y)[x]) continue;
            to = derm_field_at(&pair->registration.map, x, y);
            phantom_to_skin(skin, &shot[0].camera, g->x0 + (x + 0.5) * g->step - 0.5,
                            g->y0 + (y + 0.5) * g->step - 0.5, &u, &v);
            phantom_to_skin(skin, &shot[1].camera, fg->x0 + (to.x + 0.5) * fg->step - 0.5,
                            fg->y0 + (to.y + 0.5) * fg->step - 0.5, &to_u, &to_v);
            error[n++] = hypot(to_u - u, to_v - v);
        }
    derm_sort(error, n);
    return n;
}

#endif
