/* SPDX-License-Identifier: Apache-2.0 */
/* Two photos of one small window, compared frequency by frequency: how they are shifted, and how
 * much more one is blurred than the other (algorithms.md section 3.1).
 *
 * Where both show the same, S_bb / S_aa = g^2 exp(-4 pi^2 v f^2): v is the variance that a Gaussian
 * blur of a needs to become b, negative when b is the sharper one. A shift leaves both power
 * spectra alone; the cross spectrum says at which frequencies they do show the same. */
#ifndef DERM_STAGES_CROSS_SPECTRUM_H
#define DERM_STAGES_CROSS_SPECTRUM_H

#include "base/arena.h"

enum { DERM_SPECTRUM_CYCLES = 24, DERM_SPECTRUM_SHIFTS = 64 };

struct derm_spectrum_rule {
    int side_px;            /* of the window */
    int lo, hi;             /* cycles per side that are looked at, 0 < lo < hi <= CYCLES */
    double noise_ratio;     /* of the noise's power in b to that in a, > 0 */
    double reach_px;        /* longest shift that is looked for */
    double least_coherence; /* of a ring of frequencies that counts */
    int least_rings;
};

struct derm_complex {
    double re, im;
};
/* Of frequencies kx = 0..hi, ky = -hi..hi: at (ky + hi) (hi + 1) + kx. */
struct derm_spectra {
    struct derm_spectrum_rule rule;
    const struct derm_complex *turn;  /* exp(-2 pi i j / side) */
    const struct derm_complex *turns; /* exp(-2 pi i x k / side), k = 0..hi of each x */
    struct derm_complex *rows;        /* room for one transform */
    struct derm_complex *a, *b;
    struct derm_complex *cross; /* room for conj(a) b */
    struct derm_complex *phase; /* room for the phases of the shifts */
    double step_px;             /* between shifts */
    int steps;                  /* of shifts to either side */
};
derm_err derm_spectra_new(struct derm_arena *arena, struct derm_spectra *s,
                          const struct derm_spectrum_rule *rule) DERM_MUST_CHECK;

/* out = the transform of a window of side x side samples that fade to 0 at its border. */
void derm_spectra_set(const struct derm_spectra *s, struct derm_complex *out, const double *window);

/* Divides a transform by what a filter did to it along x and along y: gain[k] at k cycles per side,
 * k = 0..hi. */
void derm_spectra_undo(const struct derm_spectra *s, struct derm_complex *of, const double *gain_x,
                       const double *gain_y);

/* How far what a shows lies in b, px. */
void derm_spectra_shift(const struct derm_spectra *s, double *dx, double *dy);

/* Sums over a window's rings, each by its weight, of products of y = ln of b's gain over a, x =
 * what a unit of variance of blur takes from it, and s = what sharpening adds to it (sharpening.h).
 */
struct derm_gain_sums {
    double xx, xs, ss, xy, sy;
};
struct derm_blur_vote {
    double variance_px2; /* of b relative to a */
    double weight;       /* 1 / variance of that, by how well the two agree */
    int rings;           /* too few: no vote */
    struct derm_gain_sums gain;
};
struct derm_blur_vote derm_spectra_blur(const struct derm_spectra *s, double dx, double dy);

#endif
