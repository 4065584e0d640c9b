/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithms, section 10.1, draws 24 members by chance, which tells an sd to 15 % of itself. A
 * design of two levels tells it without chance in half as many: R. L. Plackett, J. P. Burman, The
 * design of optimum multifactorial experiments, Biometrika 33, 305 (1946), 12 runs.
 *
 * Members are measured on the lists of objects, not on pixels. What that leaves out of section 10.1
 * tests/truth/truth_perturbation.c makes on pictures: gain, white balance and gradient of light
 * move the load of spots and the amplitude of pores by 1.1 points at most, since contrast is taken
 * against the object's own surround, in the same places and by the same rules in both photos. What
 * they, blur, scale and jitter of the flow and of the JPEG grid do to which objects are found is in
 * the table of null figures, whose pairs were each lit, focussed, lined up and compressed anew.
 *
 * An S curve f turns contrast c around the code v into c g, g = (f' / f) / (1 / v) up to the part
 * that both photos share, since optical density goes as -ln v: 1 + s (3 v - 4 v^2) to first order
 * in s. Blur that adds b to the variance of a Gaussian blob takes its response at its own scale
 * sigma from 1 / (2 sigma^2)^2 to 1 / (2 sigma^2 + b)^2: 1 - b / sigma^2, on pictures rather
 * 1.2 b / sigma^2; how well b is known the gauge says, pair by pair. */
#include "stages/ensemble.h"

#include <math.h>

#include "color/transfer.h"

enum { CONTRAST, BLUR, SCALE, LIMIT };

static const double EULER = 2.718281828459045;

double derm_uniform_sd(double most)
{
    return most / sqrt(3);
}

double derm_contrast_error(const struct derm_pair *pair, double tone_curve, double veil)
{
    const double od = (pair->base->quality.skin_od + pair->follow->quality.skin_od) / 2;
    const double v = derm_srgb_encode(derm_power(EULER, -od));

    const double of_curve = derm_uniform_sd(tone_curve) * fabs(3 * v - 4 * v * v);

    return fmax(of_curve, hypot(pair->contrast_change, veil));
}

/* Each row is the one before, turned by one; the last has every error at its lower level. */
static double level(int member, int error)
{
    static const signed char first[DERM_MEMBERS - 1] = { 1, 1, -1, 1, 1, 1, -1, -1, -1, 1, -1 };

    if (member == DERM_MEMBERS - 1) return -1;
    return first[(error + DERM_MEMBERS - 1 - member) % (DERM_MEMBERS - 1)];
}

struct derm_ensemble derm_ensemble_of(const struct derm_errors *sd, double blur_response)
{
    struct derm_ensemble e = { .blur_response = blur_response };

    for (int m = 0; m < DERM_MEMBERS; m++)
        e.member[m] = (struct derm_member){ .contrast = level(m, CONTRAST) * sd->contrast,
                                            .blur_px2 = level(m, BLUR) * sd->blur_px2,
                                            .scale = level(m, SCALE) * sd->scale,
                                            .limit = level(m, LIMIT) * sd->limit };
    return e;
}

double derm_member_gain(const struct derm_ensemble *e, int member, enum derm_kind kind,
                        const struct derm_object *o)
{
    const struct derm_member *const m = &e->member[member];
    double sharp = 1;

    if (kind == DERM_KIND_PORE && o->scale_px > 0)
        sharp -= e->blur_response * m->blur_px2 / (o->scale_px * o->scale_px);
    return (1 + m->contrast) * fmax(sharp, 0);
}

double derm_member_count(const struct derm_member *m, double margin)
{
    if (margin <= 0 || margin >= 1 + fabs(m->limit)) return 1;
    return m->limit > 0 ? 0 : 2;
}

/* What one error does, to first order: the design tells errors apart. */
static double effect(const double moved[DERM_MEMBERS], int error)
{
    double sum = 0;

    for (int m = 0; m < DERM_MEMBERS; m++)
        sum += level(m, error) * moved[m];
    return sum / DERM_MEMBERS;
}

struct derm_moved derm_ensemble_sd(const double moved[DERM_MEMBERS])
{
    return (struct derm_moved){ .alike = hypot(effect(moved, CONTRAST), effect(moved, BLUR)),
                                .chosen = hypot(effect(moved, SCALE), effect(moved, LIMIT)) };
}
