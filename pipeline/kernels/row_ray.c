/* SPDX-License-Identifier: Apache-2.0 */
/* What lies along a ray, each step a loop that the compiler can vectorise. */
#include <math.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { GROUP = 4 }; /* places that are worked on side by side */
typedef double doubles DERM_VECTOR(8 * GROUP);
typedef float floats DERM_VECTOR(4 * GROUP);
typedef int32_t ints DERM_VECTOR(4 * GROUP);

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
/* Places from t on; the last one again where there is no other. */
#define AHEAD_OF(t, last)                                                                          \
    {                                                                                              \
        (t), (t) + 1 < (last) ? (t) + 1 : (last), (t) + 2 < (last) ? (t) + 2 : (last),             \
            (t) + 3 < (last) ? (t) + 3 : (last)                                                    \
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

/* The second derivative across at the places t of a ray. */
DERM_INLINE void respond(doubles *out, const struct derm_second *s, const struct derm_ray *r,
                         const struct derm_across *w, ints t)
{
    const doubles way = EACH(double, t), x = r->x + way * r->dx, y = r->y + way * r->dy;
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
    for (int i = 0; i < GROUP; i++)
        if (!s->where[nearest[i]]) (*out)[i] = 0.0;
}

static void across(double *restrict out, const struct derm_second *of, const struct derm_ray *ray,
                   const struct derm_across *weight, size_t n)
{
    const struct derm_across w = *weight;
    const struct derm_second s = *of;
    const struct derm_ray r = *ray;
    const int last = r.from + (int)n - 1;

    for (size_t first = 0; first < n; first += GROUP) {
        const ints t = AHEAD_OF(r.from + (int)first, last);
        doubles value;

        respond(&value, &s, &r, &w, t);
        for (size_t i = 0; i < GROUP && first + i < n; i++)
            out[first + i] = value[i];
    }
}

static double along(const struct derm_second *of, const struct derm_ray *ray,
                    const struct derm_across *weight, const struct derm_sum_limits *limits,
                    size_t n)
{
    const struct derm_across w = *weight;
    const struct derm_second s = *of;
    const struct derm_ray r = *ray;
    const double most = limits->most, least = limits->least;
    const int end = r.from + (int)n;
    double sum = 0.0;

    for (int t = r.from; t < end; t += GROUP) {
        const ints all = AHEAD_OF(t, end - 1);
        doubles value;

        respond(&value, &s, &r, &w, all);
        for (int i = 0; i < GROUP && t + i < end; i++)
            sum += value[i] < most ? value[i] : most;
        if (t + GROUP < end && sum + most * (end - GROUP - t) < least) break;
    }
    return sum;
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
    k->weave = weave;
    k->bends = bends;
}
