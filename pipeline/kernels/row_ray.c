/* SPDX-License-Identifier: Apache-2.0 */
/* What lies along a ray, each step a loop that the compiler can vectorise. */
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

struct places { /* the upper left of the four samples around each, and how far it is from that */
    ints corner;
    doubles right, down;
};

/* t of each place. */
DERM_INLINE void find_places(struct places *p, const struct derm_ray *r, ints t, int32_t stride)
{
    const doubles way = EACH(double, t), x = r->x + way * r->dx, y = r->y + way * r->dy;
    const ints left = EACH(int32_t, x), top = EACH(int32_t, y);
    const doubles whole_x = EACH(double, left), whole_y = EACH(double, top);

    p->corner = top * stride + left;
    p->right = x - whole_x;
    p->down = y - whole_y;
}

DERM_INLINE void fetch(doubles *first, doubles *step, const float *src, ints at)
{
    const floats a = { src[at[0]], src[at[1]], src[at[2]], src[at[3]] };
    const floats b = { src[at[0] + 1], src[at[1] + 1], src[at[2] + 1], src[at[3] + 1] };
    const floats d = b - a;

    *first = (doubles)EACH(double, a);
    *step = (doubles)EACH(double, d);
}

DERM_INLINE void between(doubles *out, const float *src, ptrdiff_t stride, const struct places *p)
{
    doubles top, below, top_step, below_step;

    fetch(&top, &top_step, src, p->corner);
    fetch(&below, &below_step, src + stride, p->corner);
    top += p->right * top_step;
    below += p->right * below_step;
    *out = top + p->down * (below - top);
}

static void across(double *restrict out, const struct derm_second *of, const struct derm_ray *ray,
                   const struct derm_across *weight, size_t n)
{
    const struct derm_across w = *weight;
    const struct derm_second s = *of;
    const struct derm_ray r = *ray;
    const int32_t stride = (int32_t)s.stride, last = r.from + (int)n - 1;

    for (size_t first = 0; first < n; first += GROUP) {
        const int t = r.from + (int)first; /* the last place again where there is no other */
        const ints all = { t, t + 1 < last ? t + 1 : last, t + 2 < last ? t + 2 : last,
                           t + 3 < last ? t + 3 : last };
        struct places p;
        doubles xx, xy, yy, value;

        find_places(&p, &r, all, stride);
        between(&xx, s.xx, s.stride, &p);
        between(&xy, s.xy, s.stride, &p);
        between(&yy, s.yy, s.stride, &p);
        value = w.unit * (w.xx * xx - w.xy * xy + w.yy * yy);
        for (size_t i = 0; i < GROUP && first + i < n; i++) {
            const uint8_t *const nearest = s.where + p.corner[i] + (p.right[i] >= 0.5 ? 1 : 0) +
                                           (p.down[i] >= 0.5 ? stride : 0);

            out[first + i] = *nearest ? value[i] : 0.0;
        }
    }
}

static int sum_along(const uint8_t *px, ptrdiff_t stride, const struct derm_ray *ray, size_t n)
{
    const struct derm_ray r = *ray;
    const int32_t below = (int32_t)stride;
    const int end = r.from + (int)n;
    int t = r.from, sum = 0;

    for (ints all = { t, t + 1, t + 2, t + 3 }; t + GROUP <= end; t += GROUP, all += GROUP) {
        struct places p;

        find_places(&p, &r, all, below);
        sum += px[p.corner[0]] + px[p.corner[1]] + px[p.corner[2]] + px[p.corner[3]];
    }
    for (; t < end; t++)
        sum += px[(int)(r.y + t * r.dy) * below + (int)(r.x + t * r.dx)];
    return sum;
}

void ISA(derm_row_ray_init)(struct derm_kernels *k)
{
    k->across = across;
    k->sum_along = sum_along;
}
