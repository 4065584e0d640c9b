/* SPDX-License-Identifier: Apache-2.0 */
#include "nn/crop.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum { BANDS = 8 };

int derm_thumb_factor(double step)
{
    return step <= 2.0 ? 1 : (int)ceil(step / 2.0);
}

struct shrink {
    const struct derm_thumb *thumb;
    const struct derm_rgb8 *rgb;
    uint32_t *sum[BANDS]; /* of the columns of the window */
};

/* One row: sums of columns, then means of squares. Squares at the right and lower edge may be cut.
 */
static void shrink_row(const struct shrink *s, uint32_t *sum, int row)
{
    const struct derm_thumb *const t = s->thumb;
    const struct derm_window w = t->window;
    const int f = t->factor, y0 = w.y0 + row * f, y1 = imin(y0 + f, w.y1);
    const int columns = w.x1 - w.x0, n = 3 * columns;
    float *const out = t->px + (size_t)row * (size_t)t->w * 3;

    memset(sum, 0, (size_t)n * sizeof(*sum));
    for (int y = y0; y < y1; y++) {
        const uint8_t *const in = derm_rgb8_row(s->rgb, y) + 3 * w.x0;
        for (int i = 0; i < n; i++)
            sum[i] += in[i];
    }
    for (int x = 0; x < t->w; x++) {
        const int x0 = x * f, x1 = imin(x0 + f, columns);
        const float scale = 1.0f / (float)((x1 - x0) * (y1 - y0));

        for (int c = 0; c < 3; c++) {
            uint32_t total = 0;
            for (int i = x0; i < x1; i++)
                total += sum[3 * i + c];
            out[3 * x + c] = (float)total * scale;
        }
    }
}

static void shrink_band(void *arg, int band)
{
    const struct shrink *const s = arg;
    const int h = s->thumb->h;

    for (int y = h * band / BANDS; y < h * (band + 1) / BANDS; y++)
        shrink_row(s, s->sum[band], y);
}

derm_err derm_thumb_new(const struct derm_nn *nn, struct derm_arena *a, struct derm_thumb *thumb,
                        const struct derm_rgb8 *rgb, const struct derm_window *window, int factor)
{
    const struct derm_window w = window ? *window : (struct derm_window){ 0, 0, rgb->w, rgb->h };
    struct shrink s = { .thumb = thumb, .rgb = rgb };
    size_t mark;

    *thumb = (struct derm_thumb){ .w = (w.x1 - w.x0 + factor - 1) / factor,
                                  .h = (w.y1 - w.y0 + factor - 1) / factor,
                                  .factor = factor,
                                  .window = w };
    DERM_TRY(derm_arena_new(a, &thumb->px, (size_t)thumb->w * (size_t)thumb->h, 3 * sizeof(float)));
    mark = nn->scratch->used;
    for (int i = 0; i < BANDS; i++)
        DERM_TRY(
            derm_arena_new(nn->scratch, &s.sum[i], (size_t)(w.x1 - w.x0), 3 * sizeof(uint32_t)));
    derm_pool_run(nn->pool, BANDS, shrink_band, &s);
    derm_arena_reset(nn->scratch, mark);
    return DERM_OK;
}

void derm_crop_matrix(double m[2][3], const struct derm_crop *crop, int size)
{
    const double step = crop->side / size, c = crop->cosine * step, s = crop->sine * step;

    m[0][0] = m[1][1] = c;
    m[0][1] = -s;
    m[1][0] = s;
    m[0][2] = crop->x - 0.5 * size * (c - s);
    m[1][2] = crop->y - 0.5 * size * (s + c);
}

static const float *pixel(const struct derm_thumb *t, int x, int y, enum derm_border border)
{
    static const float black[3] = { 0.0f, 0.0f, 0.0f };

    if (border == DERM_BORDER_ZERO && (x < 0 || y < 0 || x >= t->w || y >= t->h)) return black;
    return t->px +
           3 * ((size_t)clampi(y, 0, t->h - 1) * (size_t)t->w + (size_t)clampi(x, 0, t->w - 1));
}

void derm_thumb_sample(const struct derm_thumb *thumb, float *out, int w, int h, double m[2][3],
                       enum derm_border border, const float gain_offset[2])
{
    const double f = thumb->factor, x0 = thumb->window.x0, y0 = thumb->window.y0;

    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u++, out += 3) {
            const double x = (m[0][0] * (u + 0.5) + m[0][1] * (v + 0.5) + m[0][2] - x0) / f - 0.5;
            const double y = (m[1][0] * (u + 0.5) + m[1][1] * (v + 0.5) + m[1][2] - y0) / f - 0.5;
            const double left = floor(clampd(x, -2.0, thumb->w + 1.0));
            const double top = floor(clampd(y, -2.0, thumb->h + 1.0));
            const float fx = (float)clampd(x - left, 0.0, 1.0);
            const float fy = (float)clampd(y - top, 0.0, 1.0);
            const int i = (int)left, j = (int)top;
            const float *const a = pixel(thumb, i, j, border);
            const float *const b = pixel(thumb, i + 1, j, border);
            const float *const c = pixel(thumb, i, j + 1, border);
            const float *const d = pixel(thumb, i + 1, j + 1, border);

            for (int k = 0; k < 3; k++) {
                const float upper = a[k] + fx * (b[k] - a[k]), lower = c[k] + fx * (d[k] - c[k]);
                out[k] = gain_offset[0] * (upper + fy * (lower - upper)) + gain_offset[1];
            }
        }
}
