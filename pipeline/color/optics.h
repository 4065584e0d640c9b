/* SPDX-License-Identifier: Apache-2.0 */
/* Skin optics as a table: the colour of skin with a given share of melanosomes (fm) and of blood
 * (fb), and the direction in which its optical density moves when either changes. The table is
 * models/chromophores.json; models/chromophores.py computes it and names the sources. */
#ifndef DERM_COLOR_OPTICS_H
#define DERM_COLOR_OPTICS_H

#include <stdbool.h>

#include "base/json_read.h"

enum { DERM_OPTICS_MAX_FM = 32, DERM_OPTICS_MAX_FB = 16, DERM_OPTICS_COLUMNS = 10 };

struct derm_optics {
    int fms, fbs;
    double fm[DERM_OPTICS_MAX_FM], fb[DERM_OPTICS_MAX_FB]; /* rising, in equal ratios */
    double row[DERM_OPTICS_MAX_FM][DERM_OPTICS_MAX_FB][DERM_OPTICS_COLUMNS];
    double ln_fb_mean, ln_fb_sd;         /* prior of blood */
    double chromaticity_sd, exposure_sd; /* error of a photo's colour and of its brightness */
};

struct derm_skin_optics { /* one kind of skin */
    double fm, fb, ita_deg;
    double melanin[3], blood[3]; /* d(optical density R, G, B) / d(fm), / d(fb) */
};

derm_err derm_optics_read(struct derm_optics *o, const struct derm_json *table,
                          struct derm_error *err) DERM_MUST_CHECK;

/* The skin that looks most like what a photo shows: ln(R/G), ln(B/G) and the optical density of G,
 * each as far as it can be trusted. */
void derm_optics_fit(const struct derm_optics *o, const double seen[3],
                     struct derm_skin_optics *skin);

/* Generalised least squares weights on optical density, given its covariance where no pigment
 * changes: w_m'melanin = 1 with the least variance; w_b'blood = 1 likewise and, if blind, also
 * w_b'melanin = 0. False when the covariance has no inverse. */
bool derm_optics_weights(const struct derm_skin_optics *skin, const double covariance[3][3],
                         bool blind, double w_m[3], double w_b[3]);

#endif
