/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbouring rows respond alike, and the window is many rows high: some rows tell as much about
 * the noise as all. */
#include "stages/pit_noise.h"

#include <math.h>

#include "base/num.h"

enum { CELLS = 4, ROWS = 4 }; /* in a sigma of the window: cells along it, rows looked at */
enum { CAP_ROUNDS = 4 };
static const double cap = 3;                /* times the mean magnitude: what counts as noise */
static const double sd_of_mean = 1.2533141; /* sd of a normal variable whose mean magnitude is 1 */
static const float far = 1e9f;              /* cells with no skin near: nothing is found there */

struct rows {
    struct derm_plane magnitude; /* of the response in every step-th row, 0 off the mask */
    const struct derm_mask *where;
    int step;
    double count; /* pixels on the mask */
};

static derm_err take_rows(struct derm_run *run, struct rows *r, const struct derm_plane *plane,
                          const struct derm_response *response, double window_px)
{
    const struct derm_filter f = derm_run_filter(run);

    r->step = imax((int)(window_px / ROWS), 1);
    r->count = 0;
    DERM_TRY(
        derm_plane_raw(run->scratch, &r->magnitude, plane->w, (plane->h + r->step - 1) / r->step));
    DERM_TRY(derm_response_rows(&f, &r->magnitude, plane, response, r->where, r->step));
    for (int i = 0; i < r->magnitude.h; i++) {
        const uint8_t *const counts = derm_mask_row(r->where, i * r->step);
        float *const row = derm_row(&r->magnitude, i);
        int count = 0;

        for (int x = 0; x < plane->w; x++) {
            row[x] = counts[x] ? fabsf(row[x]) : 0.0f;
            count += counts[x] != 0;
        }
        r->count += count;
    }
    return DERM_OK;
}

/* In 16 partial sums, which do not wait for each other. */
static double capped_sum(const float *v, float limit, int n)
{
    enum { PARTS = 16 };
    float part[PARTS] = { 0 };
    double sum = 0;
    int x = 0;

    for (; x + PARTS <= n; x += PARTS)
        for (int i = 0; i < PARTS; i++)
            part[i] += v[x + i] < limit ? v[x + i] : limit;
    for (; x < n; x++)
        part[x % PARTS] += v[x] < limit ? v[x] : limit;
    for (int i = 0; i < PARTS; i++)
        sum += (double)part[i];
    return sum;
}

/* Mean magnitude, what exceeds the cap counted as the cap: found by repetition, so that objects of
 * many times the noise do not raise it. */
static double capped_mean(const struct rows *r)
{
    double mean = 0;

    for (int round = 0; round < CAP_ROUNDS; round++) {
        const float limit = round > 0 ? (float)(cap * mean) : INFINITY;
        double sum = 0;

        for (int i = 0; i < r->magnitude.h; i++)
            sum += capped_sum(derm_row(&r->magnitude, i), limit, r->magnitude.w);
        mean = r->count > 0 ? sum / r->count : 0;
    }
    return mean;
}

/* Adds a row's capped magnitudes and its pixels on the mask to their cells. */
static void add_row(const struct rows *r, int i, float limit, double cell_px, float *sum,
                    float *count)
{
    const uint8_t *const counts = derm_mask_row(r->where, i * r->step);
    const float *const row = derm_row(&r->magnitude, i);

    for (int x = 0, cell = 0; x < r->magnitude.w; cell++) {
        const int end = imin((int)ceil((cell + 1) * cell_px), r->magnitude.w);
        float s = 0.0f;
        int c = 0;

        for (; x < end; x++) {
            s += row[x] < limit ? row[x] : limit;
            c += counts[x] != 0;
        }
        sum[cell] += s;
        count[cell] += (float)c;
    }
}

derm_err derm_pit_noise_measure(struct derm_run *run, struct derm_pit_noise *noise,
                                const struct derm_plane *plane, const struct derm_mask *where,
                                const struct derm_response *response, double window_px)
{
    const struct derm_filter f = derm_run_filter(run);
    struct rows r = { .where = where };
    struct derm_plane count;
    double sigma;
    size_t mark;
    float limit;
    int w, h;

    noise->cell_px = fmax(window_px / CELLS, 1);
    sigma = window_px / noise->cell_px;
    w = (int)ceil(plane->w / noise->cell_px);
    h = (int)ceil(plane->h / noise->cell_px);
    DERM_TRY(derm_plane_new(run->scratch, &noise->level, w, h));
    DERM_TRY(derm_plane_new(run->scratch, &count, w, h));
    mark = run->scratch->used;
    DERM_TRY(take_rows(run, &r, plane, response, window_px));
    limit = (float)(cap * capped_mean(&r));
    for (int i = 0; i < r.magnitude.h; i++) {
        const int cell = imin((int)(i * r.step / noise->cell_px), h - 1);
        add_row(&r, i, limit, noise->cell_px, derm_row(&noise->level, cell),
                derm_row(&count, cell));
    }
    derm_arena_reset(run->scratch, mark);
    DERM_TRY(derm_gaussian(&f, &noise->level, &noise->level, sigma));
    DERM_TRY(derm_gaussian(&f, &count, &count, sigma));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const float n = derm_row(&count, y)[x];
            float *const level = &derm_row(&noise->level, y)[x];
            *level = n > 1e-6f ? fmaxf((float)sd_of_mean * *level / n, 1e-9f) : far;
        }
    return DERM_OK;
}

/* The two cells between whose centres a place lies along one axis, and how far from the first. */
static double between(const struct derm_pit_noise *noise, double at, int cells, int pair[2])
{
    const double u = clampd((at + 0.5) / noise->cell_px - 0.5, 0, cells - 1);

    pair[0] = (int)u;
    pair[1] = imin(pair[0] + 1, cells - 1);
    return u - pair[0];
}

double derm_pit_noise_at(const struct derm_pit_noise *noise, double x, double y)
{
    int i[2], j[2];
    const double u = between(noise, x, noise->level.w, i);
    const double v = between(noise, y, noise->level.h, j);
    const float *const a = derm_row(&noise->level, j[0]), *const b = derm_row(&noise->level, j[1]);
    const double top = (double)a[i[0]] + u * (double)(a[i[1]] - a[i[0]]);
    const double below = (double)b[i[0]] + u * (double)(b[i[1]] - b[i[0]]);

    return top + v * (below - top);
}

void derm_pit_noise_floor(const struct derm_pit_noise *noise, double z, float *floor, int h)
{
    static const double slack = 1 - 1e-5; /* for rounding: z itself decides */
    float least[2] = { 0 };
    int known[2] = { -1, -1 };

    for (int y = 0; y < h; y++) {
        int j[2];

        between(noise, y, noise->level.h, j);
        for (int k = 0; k < 2; k++) {
            const float *const row = derm_row(&noise->level, j[k]);
            if (known[k] == j[k]) continue;
            known[k] = j[k];
            least[k] = row[0];
            for (int x = 1; x < noise->level.w; x++)
                least[k] = row[x] < least[k] ? row[x] : least[k];
        }
        floor[y] = (float)(slack * z * (double)fminf(least[0], least[1]));
    }
}
