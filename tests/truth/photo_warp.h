/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing JPEG, and a thin-plate spline between the landmarks of two photos. */
#ifndef DERM_TESTS_PHOTO_WARP_H
#define DERM_TESTS_PHOTO_WARP_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "stages/frame.h"

enum { LANDMARKS = 468, QUALITY = 85, PATH_TEXT = 512 };

struct picture {
    int w, h;
    uint8_t *rgb;
    struct derm_point pupil[2], at[LANDMARKS];
};
static inline void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void read_jpeg(const char *path, struct picture *p)
{
    struct jpeg_decompress_struct c;
    struct jpeg_error_mgr e;
    FILE *const f = fopen(path, "rb");

    if (!f) die(path);
    c.err = jpeg_std_error(&e);
    jpeg_create_decompress(&c);
    jpeg_stdio_src(&c, f);
    jpeg_read_header(&c, TRUE);
    c.out_color_space = JCS_RGB;
    jpeg_start_decompress(&c);
    p->w = (int)c.output_width;
    p->h = (int)c.output_height;
    p->rgb = malloc((size_t)p->w * (size_t)p->h * 3);
    while (c.output_scanline < c.output_height) {
        JSAMPROW row = p->rgb + (size_t)c.output_scanline * (size_t)p->w * 3;
        jpeg_read_scanlines(&c, &row, 1);
    }
    jpeg_finish_decompress(&c);
    jpeg_destroy_decompress(&c);
    fclose(f);
}

static inline void write_jpeg(const char *path, const struct picture *p)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr e;
    FILE *const f = fopen(path, "wb");

    if (!f) die(path);
    c.err = jpeg_std_error(&e);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, f);
    c.image_width = (JDIMENSION)p->w;
    c.image_height = (JDIMENSION)p->h;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, QUALITY, TRUE);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = p->rgb + (size_t)c.next_scanline * (size_t)p->w * 3;
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    fclose(f);
}

static inline void path_of(const char *id, bool smiling, char path[PATH_TEXT])
{
    snprintf(path, PATH_TEXT, DERM_TEST_DATA "/faces/frll/%s/%s_%s.jpg",
             smiling ? "smiling" : "neutral", id, smiling ? "08" : "03");
}

/* ---- the untouched pair: landmarks, and where the pipeline sees the same skin ---- */

static inline void take_landmarks(const struct derm_face *face, struct picture *p)
{
    /* irises: 468 and 473 are the centres; the subject's right eye is left in the photo */
    p->pupil[0] = face->at[468];
    p->pupil[1] = face->at[473];
    memcpy(p->at, face->at, sizeof(p->at));
}

/* ---- thin-plate spline (Bookstein 1989): neutral -> smiling ---- */

struct spline {
    struct derm_point at[LANDMARKS];
    double cx[LANDMARKS + 3], cy[LANDMARKS + 3];
};

static inline double kernel(double r2)
{
    return r2 > 0 ? r2 * log(r2) : 0;
}

/* Gaussian elimination with two right sides. */
static inline void solve(double (*a)[LANDMARKS + 5], int n)
{
    for (int i = 0; i < n; i++) {
        int pivot = i;

        for (int k = i + 1; k < n; k++)
            if (fabs(a[k][i]) > fabs(a[pivot][i])) pivot = k;
        for (int j = 0; j < n + 2; j++) {
            const double t = a[i][j];
            a[i][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        for (int k = 0; k < n; k++) {
            const double t = a[k][i] / a[i][i];
            for (int j = i; k != i && j < n + 2; j++)
                a[k][j] -= t * a[i][j];
        }
    }
}

static inline void fit_spline(const struct picture *from, const struct picture *to,
                              struct spline *s)
{
    static double a[LANDMARKS + 3][LANDMARKS + 5];
    const int n = LANDMARKS + 3;

    memset(a, 0, sizeof(a));
    memcpy(s->at, from->at, sizeof(s->at));
    for (int i = 0; i < LANDMARKS; i++) {
        const double x = from->at[i].x, y = from->at[i].y;

        for (int j = 0; j < LANDMARKS; j++) {
            const double dx = x - from->at[j].x, dy = y - from->at[j].y;
            a[i][j] = kernel(dx * dx + dy * dy);
        }
        a[i][i] += 1000; /* a little smoothing: landmarks are set by hand */
        a[i][LANDMARKS] = a[LANDMARKS][i] = 1;
        a[i][LANDMARKS + 1] = a[LANDMARKS + 1][i] = x;
        a[i][LANDMARKS + 2] = a[LANDMARKS + 2][i] = y;
        a[i][n] = to->at[i].x;
        a[i][n + 1] = to->at[i].y;
    }
    solve(a, n);
    for (int i = 0; i < n; i++) {
        s->cx[i] = a[i][n] / a[i][i];
        s->cy[i] = a[i][n + 1] / a[i][i];
    }
}

static inline struct derm_point through(const struct spline *s, struct derm_point p)
{
    struct derm_point q = {
        s->cx[LANDMARKS] + s->cx[LANDMARKS + 1] * p.x + s->cx[LANDMARKS + 2] * p.y,
        s->cy[LANDMARKS] + s->cy[LANDMARKS + 1] * p.x + s->cy[LANDMARKS + 2] * p.y,
    };

    for (int i = 0; i < LANDMARKS; i++) {
        const double dx = p.x - s->at[i].x, dy = p.y - s->at[i].y, k = kernel(dx * dx + dy * dy);
        q.x += s->cx[i] * k;
        q.y += s->cy[i] * k;
    }
    return q;
}

#endif
