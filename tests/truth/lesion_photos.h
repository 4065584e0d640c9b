/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions photographed by phone (PAD-UFES-20; six masks by dermatologists, Bean-Young/EM-Net):
 * which object covers the lesion, and how well. */
#ifndef DERM_TRUTH_LESION_PHOTOS_H
#define DERM_TRUTH_LESION_PHOTOS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "context.h"
#include "stages/statistics.h"

enum { MOST_LESIONS = 64, LESION_PATH = 512 };
static const char lesion_folder[] = DERM_TEST_DATA "/lesions/padufes";

struct drawing { /* grey, 1 byte a pixel */
    int w, h;
    uint8_t *px;
};

static inline bool read_mask(const char *name, struct drawing *d)
{
    png_image png = { .version = PNG_IMAGE_VERSION };
    char path[LESION_PATH];

    snprintf(path, sizeof(path), "%s/masks_dermatologist/%s.png", lesion_folder, name);
    if (!png_image_begin_read_from_file(&png, path)) return false;
    png.format = PNG_FORMAT_GRAY;
    *d = (struct drawing){ (int)png.width, (int)png.height, malloc(PNG_IMAGE_SIZE(png)) };
    return d->px && png_image_finish_read(&png, NULL, d->px, 0, NULL);
}

/* Whether a grid pixel lies in the lesion as drawn, or in the middle of the photo. */
static inline bool in_lesion(const struct derm_frame *f, const struct drawing *d, int x, int y)
{
    const struct derm_grid *const g = &f->view.grid;
    const int u = (int)(g->x0 + (x + 0.5) * g->step), v = (int)(g->y0 + (y + 0.5) * g->step);

    if (d->px) return u < d->w && v < d->h && d->px[(size_t)v * (size_t)d->w + (size_t)u] > 127;
    return fabs(u - f->source.width / 2.0) < f->source.width / 20.0 &&
           fabs(v - f->source.height / 2.0) < f->source.height / 20.0;
}

/* Of the object that fits best; 0 when none touches the lesion. */
static inline double best_overlap(const struct derm_frame *f, const struct drawing *d,
                                  const struct derm_objects *o)
{
    int *const own = calloc((size_t)o->n + 1, sizeof(*own));
    int *const both = calloc((size_t)o->n + 1, sizeof(*both));
    double lesion = 0, best = 0;

    if (!own || !both) abort();
    for (int y = 0; o->labels.px && y < f->view.grid.h; y++)
        for (int x = 0; x < f->view.grid.w; x++) {
            const int label = derm_label_at(o, x, y);
            const bool in = in_lesion(f, d, x, y);

            lesion += in;
            own[label]++;
            both[label] += in;
        }
    for (int i = 1; i <= o->n; i++)
        best = fmax(best, both[i] / (lesion + own[i] - both[i]));
    free(own);
    free(both);
    return best;
}

static inline double share_on_skin(const struct derm_frame *f, const struct drawing *d)
{
    int lesion = 0, skin = 0;

    for (int y = 0; f->view.skin.px && y < f->view.grid.h; y++)
        for (int x = 0; x < f->view.grid.w; x++) {
            const bool in = in_lesion(f, d, x, y);

            lesion += in;
            skin += in && derm_mask_row(&f->view.skin, y)[x];
        }
    return lesion > 0 ? (double)skin / lesion : 0;
}

struct lesion_look { /* what the program made of one photo */
    const char *name;
    bool searched, masked;
    double skin;           /* share of the lesion that the program searched as skin */
    double pigmented, red; /* overlap of the best object with the lesion, 0 to 1 */
};
typedef void (*use_lesion)(const struct lesion_look *look, void *arg);

static inline struct lesion_look look_at_lesion(derm_context *ctx, struct derm_arena *keep,
                                                const char *name)
{
    struct lesion_look look = { .name = name };
    struct derm_work work = { .photos = 1 };
    struct derm_error err = { 0 };
    struct drawing d = { 0 };
    char path[LESION_PATH];

    snprintf(path, sizeof(path), "%s/images/%s.png", lesion_folder, name);
    derm_arena_reset(keep, 0);
    work.request[0] = (struct derm_photo_request){ .size = sizeof(work.request[0]),
                                                   .path = path,
                                                   .site = DERM_SITE_BODY };
    if (derm_run(&ctx->engine, &work, keep, &err) != DERM_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    const struct derm_frame *const f = &work.frame[0];

    look.masked = read_mask(name, &d);
    look.searched = f->objects[DERM_KIND_SPOT].labels.px;
    look.skin = share_on_skin(f, &d);
    look.pigmented = best_overlap(f, &d, &f->objects[DERM_KIND_SPOT]);
    look.red = best_overlap(f, &d, &f->objects[DERM_KIND_RED_MARK]);
    free(d.px);
    return look;
}

/* Those of odd places in the list, or of even ones; false: there are none. */
static inline bool lesion_photos(bool odd, use_lesion use, void *arg)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    FILE *const f = fopen(DERM_TEST_DATA "/lesions/padufes/photos.csv", "r");
    struct derm_error err = { 0 };
    struct derm_arena keep;
    derm_context *ctx;
    char line[512], name[128];

    if (!f) return false;
    if (derm_context_new(&ctx, &settings) != DERM_OK ||
        derm_arena_init(&keep, (size_t)4 << 30, &err) != DERM_OK || !fgets(line, sizeof(line), f))
        exit(1);
    for (int place = 0; fgets(line, sizeof(line), f) && place < MOST_LESIONS; place++)
        if (sscanf(line, "%127[^,]", name) == 1 && place % 2 == odd) {
            const struct lesion_look look = look_at_lesion(ctx, &keep, name);

            use(&look, arg);
        }
    fclose(f);
    derm_arena_free(&keep);
    derm_context_free(ctx);
    return true;
}

#endif
