/* SPDX-License-Identifier: Apache-2.0 */
/* Planes for tests of plane filters; they live in `keep` until the test's teardown, clear. Included
 * after <cmocka.h>, once a program. */
#ifndef DERM_TEST_FILTER_PLANES_H
#define DERM_TEST_FILTER_PLANES_H

#include "base/num.h"
#include "unit/filter_lab.h"

static inline int clear(void **state)
{
    (void)state;
    derm_arena_reset(&keep, 0);
    return scratch.used != 0; /* every filter gives its scratch back */
}

static inline struct derm_plane plane(int w, int h)
{
    struct derm_plane p;
    OK(derm_plane_new(&keep, &p, w, h));
    return p;
}

static inline struct derm_mask mask(int w, int h)
{
    struct derm_mask m;
    OK(derm_mask_new(&keep, &m, w, h));
    return m;
}

static inline double at(const struct derm_plane *p, int x, int y) /* borders replicate */
{
    return (double)derm_row(p, clampi(y, 0, p->h - 1))[clampi(x, 0, p->w - 1)];
}

static uint32_t seed = 1;
static inline double noise(void) /* [0, 1) */
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (double)(1 << 24);
}

static inline void fill_noise(struct derm_plane *p)
{
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(p, y)[x] = (float)noise();
}

#endif
