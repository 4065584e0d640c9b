/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/cross_spectrum.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stages/sharpening.h"

static const double tau = 6.283185307179586;

static size_t count_of(const struct derm_spectrum_rule *r)
{
    return (size_t)(2 * r->hi + 1) * (size_t)(r->hi + 1);
}

static struct derm_complex unit(double angle)
{
    return (struct derm_complex){ cos(angle), sin(angle) };
}

static struct derm_complex times(struct derm_complex a, struct derm_complex b)
{
    return (struct derm_complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static struct derm_complex conjugate(struct derm_complex a)
{
    return (struct derm_complex){ a.re, -a.im };
}

static void add(struct derm_complex *sum, struct derm_complex a)
{
    sum->re += a.re;
    sum->im += a.im;
}

derm_err derm_spectra_new(struct derm_arena *arena, struct derm_spectra *s,
                          const struct derm_spectrum_rule *rule)
{
    const int n = rule->side_px, columns = rule->hi + 1;
    struct derm_complex *turn, *turns;

    *s = (struct derm_spectra){ .rule = *rule };
    s->step_px = n / (4.0 * rule->hi); /* a quarter of the shortest wave */
    s->steps = clampi((int)ceil(rule->reach_px / s->step_px), 1, DERM_SPECTRUM_SHIFTS);
    DERM_TRY(derm_arena_raw(arena, &turn, (size_t)n, sizeof(*turn)));
    DERM_TRY(derm_arena_raw(arena, &turns, (size_t)n * (size_t)columns, sizeof(*turns)));
    DERM_TRY(derm_arena_raw(arena, &s->rows, (size_t)n * (size_t)columns, sizeof(*s->rows)));
    DERM_TRY(derm_arena_raw(arena, &s->a, count_of(rule), sizeof(*s->a)));
    DERM_TRY(derm_arena_raw(arena, &s->b, count_of(rule), sizeof(*s->b)));
    DERM_TRY(derm_arena_raw(arena, &s->cross, count_of(rule), sizeof(*s->cross)));
    DERM_TRY(derm_arena_raw(arena, &s->phase, (size_t)(2 * s->steps + 1) * (size_t)columns,
                            sizeof(*s->phase)));
    for (int j = 0; j < n; j++)
        turn[j] = unit(-tau * j / n);
    for (int x = 0; x < n; x++)
        for (int k = 0; k < columns; k++)
            turns[x * columns + k] = turn[x * k % n];
    s->turn = turn;
    s->turns = turns;
    return DERM_OK;
}

/* out[k] = the row's part at k cycles per side. All k at once: a sum alone would wait for each of
 * its additions. */
static void transform_row(const struct derm_spectra *s, struct derm_complex *restrict out,
                          const double *restrict row)
{
    const int n = s->rule.side_px, columns = s->rule.hi + 1;

    memset(out, 0, sizeof(*out) * (size_t)columns);
    for (int x = 0; x < n; x++) {
        const struct derm_complex *const restrict turn = s->turns + (ptrdiff_t)x * columns;

        for (int k = 0; k < columns; k++) {
            out[k].re += row[x] * turn[k].re;
            out[k].im += row[x] * turn[k].im;
        }
    }
}

void derm_spectra_set(const struct derm_spectra *s, struct derm_complex *out, const double *window)
{
    const int n = s->rule.side_px, hi = s->rule.hi, columns = hi + 1;

    for (int y = 0; y < n; y++)
        transform_row(s, s->rows + (ptrdiff_t)y * columns, window + (ptrdiff_t)y * n);
    memset(out, 0, sizeof(*out) * count_of(&s->rule));
    for (int ky = -hi; ky <= hi; ky++) {
        struct derm_complex *const restrict sum = out + (ptrdiff_t)(ky + hi) * columns;

        for (int y = 0, at = 0; y < n; y++) {
            const struct derm_complex *const restrict row = s->rows + (ptrdiff_t)y * columns;
            const struct derm_complex turn = s->turn[at];

            for (int k = 0; k < columns; k++)
                add(&sum[k], times(row[k], turn));
            at += ky < 0 ? ky + n : ky;
            if (at >= n) at -= n;
        }
    }
}

void derm_spectra_undo(const struct derm_spectra *s, struct derm_complex *of, const double *gain_x,
                       const double *gain_y)
{
    const int hi = s->rule.hi;

    for (int ky = -hi; ky <= hi; ky++)
        for (int kx = 0; kx <= hi; kx++) {
            struct derm_complex *const at = &of[(ptrdiff_t)(ky + hi) * (hi + 1) + kx];
            const double both = gain_x[kx] * gain_y[abs(ky)];

            *at = (struct derm_complex){ at->re / both, at->im / both };
        }
}

/* The ring of a frequency; 0 for those that are not looked at. The half plane kx = 0, ky < 0
 * repeats kx = 0, ky > 0. */
static int ring_of(const struct derm_spectrum_rule *r, int kx, int ky)
{
    const int ring = (int)(sqrt((double)(kx * kx + ky * ky)) + 0.5);

    return ring < r->lo || ring > r->hi || (kx == 0 && ky < 0) ? 0 : ring;
}

/* phase[k] = exp(2 pi i k shift / side), k = 0..hi */
static void set_phases(const struct derm_spectra *s, struct derm_complex *phase, double shift_px)
{
    for (int k = 0; k <= s->rule.hi; k++)
        phase[k] = unit(tau * k * shift_px / s->rule.side_px);
}

/* The same for all shifts; 0 where it is not looked at. */
static void set_cross(const struct derm_spectra *s)
{
    static const struct derm_complex none = { 0, 0 };
    const int hi = s->rule.hi;

    for (int ky = -hi; ky <= hi; ky++)
        for (int kx = 0; kx <= hi; kx++) {
            const ptrdiff_t at = (ptrdiff_t)(ky + hi) * (hi + 1) + kx;

            s->cross[at] = ring_of(&s->rule, kx, ky) ? times(conjugate(s->a[at]), s->b[at]) : none;
        }
}

/* column[ky + hi] = the part of each ky in the correlation of a with b moved back along x. */
static void column_at(const struct derm_spectra *s, const struct derm_complex *phase_x,
                      struct derm_complex *column)
{
    const int columns = s->rule.hi + 1, rows = 2 * s->rule.hi + 1;

    for (int j = 0; j < rows; j++) {
        const struct derm_complex *const cross = s->cross + (ptrdiff_t)j * columns;

        column[j] = (struct derm_complex){ 0, 0 };
        for (int kx = 0; kx < columns; kx++)
            add(&column[j], times(cross[kx], phase_x[kx]));
    }
}

static double correlation(const struct derm_spectra *s, const struct derm_complex *column,
                          const struct derm_complex *phase_y)
{
    const int hi = s->rule.hi;
    double sum = 0;

    for (int ky = -hi; ky <= hi; ky++) {
        const struct derm_complex p = ky < 0 ? conjugate(phase_y[-ky]) : phase_y[ky];
        sum += column[ky + hi].re * p.re - column[ky + hi].im * p.im;
    }
    return sum;
}

struct peak {
    double x, y, value;
};

/* The best of the places (i, j) steps from (x, y), |i|, |j| <= steps. */
static struct peak search(const struct derm_spectra *s, double x, double y, double step_px,
                          int steps)
{
    struct derm_complex column[2 * DERM_SPECTRUM_CYCLES + 1], phase_x[DERM_SPECTRUM_CYCLES + 1];
    struct peak best = { x, y, -HUGE_VAL };

    for (int j = -steps; j <= steps; j++)
        set_phases(s, s->phase + (ptrdiff_t)(j + steps) * (s->rule.hi + 1), y + j * step_px);
    for (int i = -steps; i <= steps; i++) {
        set_phases(s, phase_x, x + i * step_px);
        column_at(s, phase_x, column);
        for (int j = -steps; j <= steps; j++) {
            const double c =
                correlation(s, column, s->phase + (ptrdiff_t)(j + steps) * (s->rule.hi + 1));
            if (c > best.value) best = (struct peak){ x + i * step_px, y + j * step_px, c };
        }
    }
    return best;
}

void derm_spectra_shift(const struct derm_spectra *s, double *dx, double *dy)
{
    enum { HALVINGS = 5 }; /* to about 0.03 px */
    double step_px = s->step_px;
    struct peak at;

    set_cross(s);
    at = search(s, 0, 0, step_px, s->steps);
    for (int i = 0; i < HALVINGS; i++) {
        step_px /= 2;
        at = search(s, at.x, at.y, step_px, 1);
    }
    *dx = at.x;
    *dy = at.y;
}

struct ring {
    double aa, bb;
    struct derm_complex ab;
    int n;
};

static void sum_rings(const struct derm_spectra *s, double dx, double dy, struct ring *ring)
{
    const int hi = s->rule.hi;

    for (int ky = -hi; ky <= hi; ky++)
        for (int kx = 0; kx <= hi; kx++) {
            const ptrdiff_t at = (ptrdiff_t)(ky + hi) * (hi + 1) + kx;
            const struct derm_complex a = s->a[at], b = s->b[at];
            struct ring *const r = &ring[ring_of(&s->rule, kx, ky)];

            r->aa += a.re * a.re + a.im * a.im;
            r->bb += b.re * b.re + b.im * b.im;
            add(&r->ab,
                times(times(conjugate(a), b), unit(tau * (kx * dx + ky * dy) / s->rule.side_px)));
            r->n++;
        }
}

/* S_aa / S_bb without the noise: where all that is not coherent is noise, N in a and r N in b,
 * (S_aa - N) (S_bb - r N) = |S_ab|^2. Of equally sharp and equally noisy photos N drops out, so
 * that a slight difference of what they show does no harm. */
static double quiet_ratio(const struct ring *ring, double cross, double r)
{
    const double sum = r * ring->aa + ring->bb, incoherent = fmax(ring->aa * ring->bb - cross, 0);
    const double noise = (sum - sqrt(fmax(sum * sum - 4 * r * incoherent, 0))) / (2 * r);

    return (ring->aa - noise) / (ring->bb - r * noise);
}

static void add_gain(struct derm_gain_sums *sum, double weight, double x, double s, double y)
{
    sum->xx += weight * x * x;
    sum->xs += weight * x * s;
    sum->ss += weight * s * s;
    sum->xy += weight * x * y;
    sum->sy += weight * s * y;
}

/* Weighted regression of ln(S_aa / S_bb) / 2 on 2 pi^2 f^2, f in cycles per px; the variance of
 * that logarithm over n frequencies is (1 - coherence) / (2 n). */
struct derm_blur_vote derm_spectra_blur(const struct derm_spectra *s, double dx, double dy)
{
    const struct derm_spectrum_rule *const rule = &s->rule;
    struct ring ring[DERM_SPECTRUM_CYCLES + 1] = { { 0 } };
    double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
    struct derm_blur_vote vote = { 0 };

    sum_rings(s, dx, dy, ring);
    for (int k = rule->lo; k <= rule->hi; k++) {
        const struct ring *const r = &ring[k];
        const double cross = r->ab.re * r->ab.re + r->ab.im * r->ab.im, auto2 = r->aa * r->bb;
        const double coherence = auto2 > 0 && r->ab.re > 0 ? cross / auto2 : 0;
        const double f = (double)k / rule->side_px, x = 0.5 * tau * tau * f * f;
        double weight, y;

        if (coherence < rule->least_coherence) continue;
        weight = 2 * r->n / fmax(1 - coherence, 0.01); /* a hundredth is never known better */
        y = 0.5 * log(quiet_ratio(r, cross, rule->noise_ratio));
        w += weight;
        wx += weight * x;
        wy += weight * y;
        wxx += weight * x * x;
        wxy += weight * x * y;
        add_gain(&vote.gain, weight, -x, derm_sharpening_shape(f), -y);
        vote.rings++;
    }
    if (vote.rings < rule->least_rings) return (struct derm_blur_vote){ 0 };
    vote.weight = wxx - wx * wx / w;
    vote.variance_px2 = (wxy - wx * wy / w) / vote.weight;
    return vote;
}
