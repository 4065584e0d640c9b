/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions photographed by phone (PAD-UFES-20): is the lesion found as one object, pigmented or red,
 * and how well does its footprint cover what dermatologists drew (six masks, Bean-Young/EM-Net)?
 *
 *   truth_lesions [even|odd]
 *
 * Even: every other photo of the list, for tuning; odd: the others; else all.

 * Each photo is measured as a close-up of unknown scale. With a mask, the object of the largest
 * intersection over union (IoU) counts, and the lesion is found when that is above 0. The photos
 * are centred on their lesion: without a mask it is found when an object covers the middle, a
 * tenth of the photo wide. The rules for dark lesions (edge, holes, blue) were chosen on these
 * photos: the figures say what the program does on them, not how it generalises. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "context.h"
#include "stages/statistics.h"

enum { MOST = 64, PATH_TEXT = 512 };
static const char folder[] = DERM_TEST_DATA "/lesions/padufes";

struct drawing { /* grey, 1 byte a pixel */
    int w, h;
    uint8_t *px;
};

struct tally {
    int photos, refused, found, pigmented, red;
    double iou[MOST];
    int ious;
};

static bool read_mask(const char *name, struct drawing *d)
{
    png_image png = { .version = PNG_IMAGE_VERSION };
    char path[PATH_TEXT];

    snprintf(path, sizeof(path), "%s/masks_dermatologist/%s.png", folder, name);
    if (!png_image_begin_read_from_file(&png, path)) return false;
    png.format = PNG_FORMAT_GRAY;
    *d = (struct drawing){ (int)png.width, (int)png.height, malloc(PNG_IMAGE_SIZE(png)) };
    return d->px && png_image_finish_read(&png, NULL, d->px, 0, NULL);
}

/* Whether a grid pixel lies in the lesion as drawn, or in the middle of the photo. */
static bool in_lesion(const struct derm_frame *f, const struct drawing *d, int x, int y)
{
    const struct derm_grid *const g = &f->view.grid;
    const int u = (int)(g->x0 + (x + 0.5) * g->step), v = (int)(g->y0 + (y + 0.5) * g->step);

    if (d->px) return u < d->w && v < d->h && d->px[(size_t)v * (size_t)d->w + (size_t)u] > 127;
    return fabs(u - f->source.width / 2.0) < f->source.width / 20.0 &&
           fabs(v - f->source.height / 2.0) < f->source.height / 20.0;
}

/* Of the object that fits best; 0 when none touches the lesion. */
static double best_overlap(const struct derm_frame *f, const struct drawing *d,
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

static void test_photo(derm_context *ctx, struct derm_arena *keep, const char *name,
                       struct tally t[2])
{
    struct derm_work work = { .photos = 1 };
    struct derm_error err = { 0 };
    struct drawing d = { 0 };
    char path[PATH_TEXT];

    snprintf(path, sizeof(path), "%s/images/%s.png", folder, name);
    derm_arena_reset(keep, 0);
    work.request[0] = (struct derm_photo_request){ .size = sizeof(work.request[0]),
                                                   .path = path,
                                                   .site = DERM_SITE_BODY };
    if (derm_run(&ctx->engine, &work, keep, &err) != DERM_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    struct tally *const mine = &t[read_mask(name, &d)];
    const struct derm_frame *const f = &work.frame[0];
    const bool searched = f->objects[DERM_KIND_SPOT].labels.px;
    const double pigmented = best_overlap(f, &d, &f->objects[DERM_KIND_SPOT]);
    const double red = best_overlap(f, &d, &f->objects[DERM_KIND_RED_MARK]);
    const double iou = fmax(pigmented, red);

    mine->photos++;
    mine->refused += !searched;
    mine->found += iou > 0;
    mine->pigmented += pigmented > 0;
    mine->red += red > 0;
    if (searched) mine->iou[mine->ious++] = iou;
    if (d.px)
        printf("%-20s %s, IoU %.2f (pigmented), %.2f (red)\n", name,
               searched ? "searched" : "refused (quality)", pigmented, red);
    else
        printf("%-20s %s%s%s\n", name,
               !searched ? "refused (quality)"
               : iou > 0 ? ""
                         : "missed",
               pigmented > 0 ? "pigmented " : "", red > 0 ? "red" : "");
    free(d.px);
}

int main(int argc, char **argv)
{
    const int half = argc < 2 ? -1 : strcmp(argv[1], "odd") == 0;
    int place = 0;

    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    FILE *const f = fopen(DERM_TEST_DATA "/lesions/padufes/photos.csv", "r");
    struct tally t[2] = { 0 }; /* without, with a mask */
    struct derm_error err = { 0 };
    struct derm_arena keep;
    derm_context *ctx;
    char line[512], name[128];

    if (!f) {
        printf("skipped: no photos in %s\n", folder);
        return 0;
    }
    if (derm_context_new(&ctx, &settings) != DERM_OK ||
        derm_arena_init(&keep, (size_t)4 << 30, &err) != DERM_OK)
        return 1;
    if (!fgets(line, sizeof(line), f)) return 1;
    for (; fgets(line, sizeof(line), f) && place < MOST; place++)
        if (sscanf(line, "%127[^,]", name) == 1 && (half < 0 || place % 2 == half))
            test_photo(ctx, &keep, name, t);
    for (int i = 0; i < 2; i++)
        printf("%s a mask: %d photos, %d refused, lesion found in %d: pigmented %d, red %d\n",
               i ? "with" : "without", t[i].photos, t[i].refused, t[i].found, t[i].pigmented,
               t[i].red);
    printf("IoU with the masks, of those searched: median %.2f\n",
           derm_median(t[1].iou, t[1].ious));
    fclose(f);
    derm_arena_free(&keep);
    derm_context_free(ctx);
    return 0;
}
