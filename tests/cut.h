/* SPDX-License-Identifier: Apache-2.0 */
/* New photos made from real ones, written as PNG to a temporary folder: cut-outs, and the same skin
 * as a camera would see it from the side in other light. */
#ifndef DERM_TESTS_CUT_H
#define DERM_TESTS_CUT_H

#include <math.h>
#include <sys/stat.h>

#include "color/transfer.h"
#include "io/png_write.h"
#include "photo_pairs.h"

static inline void temporary(char *path, const char *name, int number)
{
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

    snprintf(path, PATH_TEXT, "%s/derm_truth", folder);
    mkdir(path, 0700);
    snprintf(path, PATH_TEXT, "%s/derm_truth/%s_%d.png", folder, name, number);
}

static inline derm_err cut_square(struct bench *b, const char *from, int x0, int y0, int side,
                                  const char *to)
{
    const struct derm_rgb8 *const all = &bench_photo(b, from)->frame.rgb;
    struct derm_rgb8 part = *all;

    part.px = derm_rgb8_row(all, y0) + 3 * x0;
    part.w = side < all->w - x0 ? side : all->w - x0;
    part.h = side < all->h - y0 ? side : all->h - y0;
    return derm_png_write_rgb(to, &part, &b->err);
}

/* The cheek to the right of the picture, from the template's pupils (its first two points). */
static inline derm_err cut_cheek(struct bench *b, const char *from, const char *to)
{
    char path[PATH_TEXT];
    double left_x, left_y, right_x, right_y, ipd;
    FILE *f;
    int n;

    snprintf(path, sizeof(path), "%.*s.tem", (int)(strlen(from) - 4), from);
    f = fopen(path, "r");
    /* The smiling photos come without a template; the set is aligned on the eyes. */
    if (!f) {
        left_x = 572, right_x = 778, left_y = right_y = 620;
    } else {
        if (fscanf(f, "%d %lf %lf %lf %lf", &n, &left_x, &left_y, &right_x, &right_y) != 5)
            return derm_fail(&b->err, DERM_EMALFORMED, "%s is not a template", path);
        fclose(f);
    }
    ipd = right_x - left_x;
    return cut_square(b, from, (int)(right_x - 0.45 * ipd), (int)(right_y + 0.3 * ipd),
                      (int)(0.9 * ipd), to);
}

struct view_setting {
    double yaw_deg, roll_deg, gain, gradient;
    uint64_t seed;
};
struct view {
    double back[3][3]; /* homography: turned photo px -> original photo px */
};

static inline struct derm_point view_back(const struct view *v, double x, double y)
{
    const double(*const m)[3] = v->back;
    const double z = m[2][0] * x + m[2][1] * y + m[2][2];
    return (struct derm_point){ (m[0][0] * x + m[0][1] * y + m[0][2]) / z,
                                (m[1][0] * x + m[1][1] * y + m[1][2]) / z };
}

/* A flat patch turned about its upright middle line, seen from 3 widths away, rolled, and so near
 * that nothing beyond the original is in the picture. */
static inline void make_view(struct view *v, int w, int h, const struct view_setting *s)
{
    const double nearer = 1.75, away = 3.0 * w, yaw = s->yaw_deg * 0.017453292519943295;
    const double roll = s->roll_deg * 0.017453292519943295;
    const double cy = cos(yaw), sy = sin(yaw), cr = cos(roll) / nearer, sr = sin(roll) / nearer;
    const double cx = 0.5 * w, ch = 0.5 * h;
    /* Turned px (u, v) about the middle, unrolled: the ray hits the patch at
     * x = u away / (away cy - u sy), y = v (away + x sy) / away = v away cy / (away cy - u sy). */
    const double m[3][3] = { { away, 0, 0 }, { 0, away * cy, 0 }, { -sy, 0, away * cy } };
    const double r[3][3] = { { cr, sr, -cr * cx - sr * ch },
                             { -sr, cr, sr * cx - cr * ch },
                             { 0, 0, 1 } };

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            v->back[i][j] = m[i][0] * r[0][j] + m[i][1] * r[1][j] + m[i][2] * r[2][j];
    for (int j = 0; j < 3; j++) {
        v->back[0][j] += cx * v->back[2][j];
        v->back[1][j] += ch * v->back[2][j];
    }
}

static inline derm_err cut_view(struct bench *b, const char *from, const struct view_setting *s,
                                const char *to, struct view *view)
{
    const struct derm_frame *const f = &bench_photo(b, from)->frame;
    struct derm_engine *const e = &b->ctx->engine;
    const struct derm_filter filter = { &e->kernels, e->pool, &e->scratch };
    const int w = f->light.w, h = f->light.h;
    struct derm_srgb_encoder *encoder;
    struct derm_plane x, y, light, photo[3];
    struct derm_rgb8 out;
    uint64_t state = s->seed;

    make_view(view, w, h, s);
    must(b, derm_arena_new(&e->scratch, &encoder, 1, sizeof(*encoder)));
    must(b, derm_plane_new(&e->scratch, &x, w, h));
    must(b, derm_plane_new(&e->scratch, &y, w, h));
    must(b, derm_plane_new(&e->scratch, &light, w, h));
    for (int c = 0; c < 3; c++)
        must(b, derm_plane_new(&e->scratch, &photo[c], w, h));
    must(b, derm_light_area(&filter, photo, &f->light, 0.0, 0.0, 1.0, 0.0f));
    must(b, derm_rgb8_new(&e->scratch, &out, w, h));
    derm_srgb_encoder_init(encoder);
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++) {
            const struct derm_point at = view_back(view, i, j);
            derm_row(&x, j)[i] = (float)at.x;
            derm_row(&y, j)[i] = (float)at.y;
        }
    for (int c = 0; c < 3; c++) {
        must(b, derm_resample_map(&filter, &light, &photo[c], &x, &y));
        for (int j = 0; j < h; j++)
            for (int i = 0; i < w; i++) {
                const double px = (double)derm_row(&x, j)[i], py = (double)derm_row(&y, j)[i];
                const bool in = px >= 0 && py >= 0 && px <= w - 1 && py <= h - 1;
                const double shade = s->gain * (1.0 + s->gradient * ((double)i / w - 0.5));
                state = state * 6364136223846793005u + 1442695040888963407u;
                derm_rgb8_row(&out, j)[3 * i + c] = derm_srgb_encode8(
                    encoder, in ? (float)(shade * (double)derm_row(&light, j)[i] +
                                          0.004 * ((double)(state >> 40) / (1 << 24) - 0.5))
                                : 0.0f);
            }
    }
    must(b, derm_png_write_rgb(to, &out, &b->err));
    derm_arena_reset(&e->scratch, 0);
    return DERM_OK;
}

#endif
