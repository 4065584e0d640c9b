/* SPDX-License-Identifier: Apache-2.0 */
/* The perturbations of algorithms, section 10.1, that move a change: two of nine, and these have
 * closed forms, so that no pixel is measured again.
 *
 * Jitter of the flow is in the table of null figures, whose pairs were each lined up anew;
 * tests/truth/truth_perturbation.c makes the other eight on pictures. Gain, white balance,
 * gradient, scale, JPEG grid and thresholds move the sums over objects by no more than a point or
 * two: contrast is taken against the object's own surround, in the same places and by the same
 * rules in both photos. An S curve of 0.03 moves them by up to 1.8 points, 0.15 px of blur moves
 * pores by 7.
 *
 * An S curve f turns contrast c around the code v into c g, g = (f' / f) / (1 / v) up to the part
 * that both photos share, since optical density goes as -ln v: 1 + s (3 v - 4 v^2) to first order
 * in s. Blur that adds b to the variance of a Gaussian blob takes its response at its own scale
 * sigma from 1 / (2 sigma^2)^2 to 1 / (2 sigma^2 + b)^2: 1 - b / sigma^2, on pictures rather
 * 1.2 b / sigma^2; how well b is known the gauge says, pair by pair. */
#include "stages/sensitivity.h"

#include <math.h>

#include "color/transfer.h"

static const double EULER = 2.718281828459045;
static const double UNIFORM = 0.5773502691896258; /* sd of [-1, 1]: 1 / sqrt(3) */

static bool is_of_contrast(enum derm_metric_id metric)
{
    return metric == DERM_METRIC_PORES_AMPLITUDE || metric == DERM_METRIC_PIGMENTATION_LOAD ||
           metric == DERM_METRIC_PIGMENTATION_CONTRAST || metric == DERM_METRIC_REDNESS_LOAD ||
           metric == DERM_METRIC_SCARS_RELIEF || metric == DERM_METRIC_TEXTURE_ROUGHNESS;
}

static double by_tone_curve(const struct derm_pair *pair, double s)
{
    const double od = (pair->base->quality.skin_od + pair->follow->quality.skin_od) / 2;
    const double v = derm_srgb_encode(derm_power(EULER, -od));

    return s * fabs(3 * v - 4 * v * v);
}

static double by_blur(const struct derm_objects *pores, enum derm_region region,
                      const struct derm_errors *errors)
{
    double sum = 0, lost = 0;

    for (int i = 0; i < pores->n; i++) {
        const struct derm_object *const o = &pores->item[i];

        if (!o->strong || !((o->regions >> region) & 1) || o->scale_px <= 0) continue;
        sum += fabs(o->follow_value);
        lost += fabs(o->follow_value) / (o->scale_px * o->scale_px);
    }
    return sum > 0 ? errors->blur_response * errors->blur_sd_px2 * lost / sum : 0;
}

double derm_sensitivity(const struct derm_pair *pair, enum derm_metric_id metric,
                        enum derm_region region, const struct derm_errors *errors)
{
    double curve, blur = 0;

    if (!is_of_contrast(metric)) return 0;
    curve = fmax(UNIFORM * by_tone_curve(pair, errors->tone_curve), pair->contrast_sd);
    if (metric == DERM_METRIC_PORES_AMPLITUDE)
        blur = by_blur(&pair->objects[DERM_KIND_PORE], region, errors);
    return sqrt(curve * curve + blur * blur);
}
