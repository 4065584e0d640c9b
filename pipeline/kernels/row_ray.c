/* SPDX-License-Identifier: Apache-2.0 */
/* What lies along a ray, each step a loop that the compiler can vectorise. */
#include <math.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { GROUP = 4 }; /* places that are worked on side by side */
typedef double doubles DERM_VECTOR(8 * GROUP);
typedef float floats DERM_VECTOR(4 * GROUP);
typedef int32_t ints DERM_VECTOR(4 * GROUP);
typedef int64_t longs DERM_VECTOR(8 * GROUP); /* of flags: all bits or none */

/* Written out: the compiler makes one instruction of it. */
#define EACH(type, v)                                                                              \
    {                                                                                              \
        (type)(v)[0], (type)(v)[1], (type)(v)[2], (type)(v)[3]                                     \
    }
/* Of four vectors the element i each. */
#define OF_EACH(v, i)                                                                              \
    {                                                                                              \
        (v)[0][i], (v)[1][i], (v)[2][i], (v)[3][i]                                                 \
    }
/* Of a sample and of the one after it: the three derivatives, and one more that is not used. */
DERM_INLINE void between_two(doubles *out, const float *px, double right)
{
    floats a, b, d;

    memcpy(&a, px, sizeof(a));
    memcpy(&b, px + DERM_SECONDS, sizeof(b));
    d = b - a;
    const doubles first = EACH(double, a), step = EACH(double, d);

    *out = first + right * step;
}

DERM_INLINE void between_four(doubles *out, const float *px, ptrdiff_t stride, double right,
                              double down)
{
    doubles top, below;

    between_two(&top, px, right);
    between_two(&below, px + stride, right);
    *out = top + down * (below - top);
}

struct places {
    doubles x, y;
};

/* What the derivatives weigh at each of the places. */
struct weights {
    doubles xx, xy, yy, unit;
};

/* The second derivative across at places; 0 outside and where nothing is measured. */
DERM_INLINE void respond(doubles *out, const struct derm_second *s, const struct places *at,
                         const struct weights *w)
{
    doubles x = at->x, y = at->y;
    const longs is = (x >= 0.0) & (y >= 0.0) & (x < (double)(s->w - 1)) & (y < (double)(s->h - 1));

    x = (doubles)((longs)x & is);
    y = (doubles)((longs)y & is);
    const ints left = EACH(int32_t, x), top = EACH(int32_t, y);
    const doubles whole_x = EACH(double, left), whole_y = EACH(double, top);
    const doubles right = x - whole_x, down = y - whole_y, near_x = x + 0.5, near_y = y + 0.5;
    const ints near_left = EACH(int32_t, near_x), near_top = EACH(int32_t, near_y);
    const ints corner = top * (int32_t)s->stride + DERM_SECONDS * left;
    const ints nearest = near_top * (int32_t)s->where_stride + near_left;
    doubles v[GROUP];

    for (int i = 0; i < GROUP; i++)
        between_four(&v[i], s->px + corner[i], s->stride, right[i], down[i]);
    const doubles xx = OF_EACH(v, 0), xy = OF_EACH(v, 1), yy = OF_EACH(v, 2);

    *out = w->unit * (w->xx * xx - w->xy * xy + w->yy * yy);
    *out = (doubles)((longs)*out & is);
    for (int i = 0; i < GROUP; i++)
        if (!s->where[nearest[i]]) (*out)[i] = 0.0;
}

/* Of a ray, from its place t on; the last one again where there is no other. */
DERM_INLINE void respond_along(doubles *out, const struct derm_second *s, const struct derm_ray *r,
                               const struct weights *w, int t, int last)
{
    const doubles way = { t, t + 1 < last ? t + 1 : last, t + 2 < last ? t + 2 : last,
                          t + 3 < last ? t + 3 : last };

    respond(out, s, &(struct places){ r->x + way * r->dx, r->y + way * r->dy }, w);
}

/* The same for all places. */
#define ALIKE(w)                                                                                   \
    {                                                                                              \
        (w)->xx - (doubles){ 0 }, (w)->xy - (doubles){ 0 }, (w)->yy - (doubles){ 0 },              \
            (w)->unit - (doubles)                                                                  \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static void across(double *restrict out, const struct derm_second *of, const struct derm_ray *ray,
                   const struct derm_across *weight, size_t n)
{
    const struct weights w = ALIKE(weight);
    const struct derm_second s = *of;
    const struct derm_ray r = *ray;
    const int end = r.from + (int)n;

    for (int t = r.from; t < end; t += GROUP, out += GROUP) {
        doubles value;

        respond_along(&value, &s, &r, &w, t, end - 1);
        for (int i = 0; i < GROUP && t + i < end; i++)
            out[i] = value[i];
    }
}

static double along(const struct derm_second *of, const struct derm_ray *ray,
                    const struct derm_across *weight, const struct derm_sum_limits *limits,
                    size_t n)
{
    const struct weights w = ALIKE(weight);
    const struct derm_second s = *of;
    const struct derm_ray r = *ray;
    const double most = limits->most, least = limits->least;
    const int end = r.from + (int)n;
    double sum = 0.0;

    for (int t = r.from; t < end; t += GROUP) {
        doubles value;

        respond_along(&value, &s, &r, &w, t, end - 1);
        for (int i = 0; i < GROUP && t + i < end; i++)
            sum += value[i] < most ? value[i] : most;
        if (t + GROUP < end && sum + most * (end - GROUP - t) < least) break;
    }
    return sum;
}

/* Before and after two lines at a time. */
static void crests(uint8_t *restrict crest, const struct derm_second *of,
                   const struct derm_bends *line, const int *x, int y, double unit, size_t n)
{
    const struct derm_second s = *of;

    for (size_t i = 0; i < n; i += 2) {
        const size_t k[GROUP / 2] = { i, i + 1 < n ? i + 1 : i };
        const double ax = line->along_x[k[0]], ay = line->along_y[k[0]];
        const double bx = line->along_x[k[1]], by = line->along_y[k[1]];
        const double a = line->larger[k[0]] < 0 ? -unit : unit;
        const double b = line->larger[k[1]] < 0 ? -unit : unit;
        const doubles dx = { ay, -ay, by, -by }, dy = { -ax, ax, -bx, bx };
        const doubles at = { x[k[0]], x[k[0]], x[k[1]], x[k[1]] };
        const struct weights w = {
            dx * dx, { 2 * ax * ay, 2 * ax * ay, 2 * bx * by, 2 * bx * by }, dy * dy, { a, a, b, b }
        };
        doubles beside;

        respond(&beside, &s, &(struct places){ at + dx, y + dy }, &w);
        for (size_t j = 0; j < GROUP / 2 && i + j < n; j++) {
            const float *const px = s.px + y * s.stride + (ptrdiff_t)DERM_SECONDS * x[i + j];
            const double own =
                w.unit[2 * j] * (w.xx[2 * j] * (double)px[0] - w.xy[2 * j] * (double)px[1] +
                                 w.yy[2 * j] * (double)px[2]);
            const int inside = (x[i + j] < s.w - 1) & (y < s.h - 1);
            const double here = inside ? own : 0.0;

            crest[i + j] = here >= beside[2 * j] && here >= beside[2 * j + 1];
        }
    }
}

static void weave(float *restrict out, const float *restrict a, const float *restrict b,
                  const float *restrict c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[DERM_SECONDS * i] = a[i];
        out[DERM_SECONDS * i + 1] = b[i];
        out[DERM_SECONDS * i + 2] = c[i];
    }
}

static void bends(const struct derm_bends *out, const double *restrict xx,
                  const double *restrict xy, const double *restrict yy, double most_round, size_t n)
{
    double *const restrict larger = out->larger, *const restrict along_x = out->along_x;
    double *const restrict along_y = out->along_y, *const restrict turn = out->turn;

    for (size_t i = 0; i < n; i++) {
        const double mean = 0.5 * (xx[i] + yy[i]), half = 0.5 * (xx[i] - yy[i]), by = xy[i];
        const double root = sqrt(half * half + by * by);
        const double top = mean < 0 ? mean - root : mean + root;
        const double a = top - yy[i], b = top - xx[i]; /* of which one is far from 0 */
        const double across_x = fabs(a) > fabs(b) ? a : by, across_y = fabs(a) > fabs(b) ? by : b;
        const double length = sqrt(across_x * across_x + across_y * across_y);
        const double x = -across_y / length, y = across_x / length;
        const double p = fabs(y) / (fabs(x) + fabs(y));
        const int is = (length > 0) & (fabs(2 * mean - top) <= most_round * fabs(top));

        larger[i] = is ? top : 0.0;
        along_x[i] = x;
        along_y[i] = y;
        turn[i] = (x < 0) == (y < 0) ? p : 2 - p;
    }
}

void ISA(derm_row_ray_init)(struct derm_kernels *k)
{
    k->across = across;
    k->along = along;
    k->crests = crests;
    k->weave = weave;
    k->bends = bends;
}
