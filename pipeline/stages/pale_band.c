/* SPDX-License-Identifier: Apache-2.0 */
/* Length and width of a patch of the mask are those of the ellipse with its second moments. */
#include "stages/pale_band.h"

#include <math.h>

#include "stages/mask_ops.h"

struct moments {
    double n, x, y, xx, xy, yy; /* sums */
};

static void add_up(struct moments *m, const struct derm_labels *labels,
                   const struct derm_mask *shine)
{
    for (int y = 0; y < labels->h; y++)
        for (int x = -1; (x = derm_mask_next(shine, y, x + 1)) < labels->w;) {
            struct moments *const o = &m[derm_labels_row(labels, y)[x]];

            o->n++;
            o->x += x;
            o->y += y;
            o->xx += (double)x * x;
            o->xy += (double)x * y;
            o->yy += (double)y * y;
        }
}

static bool is_band(const struct moments *m, double px_per_mm,
                    const struct derm_band_limits *limits)
{
    const double pixel = 1.0 / 12; /* the variance of one */
    const double xx = m->xx / m->n - m->x / m->n * (m->x / m->n) + pixel;
    const double yy = m->yy / m->n - m->y / m->n * (m->y / m->n) + pixel;
    const double xy = m->xy / m->n - m->x / m->n * (m->y / m->n);
    const double mean = 0.5 * (xx + yy), root = sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy);
    const double length_mm = 4 * sqrt(mean + root) / px_per_mm;
    const double width_mm = 4 * sqrt(fmax(mean - root, 0)) / px_per_mm;

    return length_mm >= limits->min_length_mm && width_mm >= limits->min_width_mm &&
           length_mm >= limits->min_slender * width_mm;
}

derm_err derm_spare_bands(const struct derm_run *run, struct derm_mask *shine,
                          const struct derm_grid *grid, const struct derm_band_limits *limits)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_labels labels;
    struct moments *m;
    uint8_t *keep; /* of a label */
    int n;

    DERM_TRY(derm_labels_raw(run->scratch, &labels, shine->w, shine->h));
    DERM_TRY(derm_label(&f, &labels, shine, &n));
    DERM_TRY(derm_arena_new(run->scratch, &m, (size_t)n + 1, sizeof(*m)));
    DERM_TRY(derm_arena_new(run->scratch, &keep, (size_t)n + 1, 1));
    add_up(m, &labels, shine);
    for (int i = 1; i <= n; i++)
        keep[i] = is_band(&m[i], grid->px_per_mm, limits) ? 0 : 0xff;
    for (int y = 0; y < shine->h; y++)
        for (int x = -1; (x = derm_mask_next(shine, y, x + 1)) < shine->w;)
            derm_mask_row(shine, y)[x] = keep[derm_labels_row(&labels, y)[x]];
    return DERM_OK;
}
