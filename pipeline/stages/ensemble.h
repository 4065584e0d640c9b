/* SPDX-License-Identifier: Apache-2.0 */
/* The perturbation ensemble: a pair is measured again under small errors of its photos, its scale
 * and the limits of the program. */
#ifndef DERM_STAGES_ENSEMBLE_H
#define DERM_STAGES_ENSEMBLE_H

#include "stages/frame.h"

enum { DERM_MEMBERS = 12 };

struct derm_errors {     /* of a pair, one sd each */
    double contrast;     /* of the follow-up's contrasts beside the baseline's, relative */
    double blur_px2;     /* difference of their blur, as a variance, grid px^2 */
    double scale, limit; /* relative: of px_per_mm, of what an object must exceed to be listed */
};
struct derm_member { /* the same as it is made in one member */
    double contrast, blur_px2, scale, limit;
};
struct derm_ensemble {
    struct derm_member member[DERM_MEMBERS];
    double blur_response; /* share of a pore's amplitude that blur takes, by its variance over that
                             of the pore's filter */
    double sure_bias;     /* warp_area_bias of an object from which its area is less sure */
};

/* sd of an error of which every size up to most is as likely. */
double derm_uniform_sd(double most);

/* sd of a contrast by an S curve between the photos that adds up to +- s (3 v^2 - 2 v^3 - v) to the
 * code v, every s up to tone_curve as likely; or by what stage conditions saw to have changed the
 * contrast of all the skin, and a veil of gloss (sd of what it takes, relative), where that is
 * more. */
double derm_contrast_error(const struct derm_pair *pair, double tone_curve, double veil);

/* Each error is at plus or minus one sd in each member, and for any two errors all four
 * combinations are equally frequent: the mean square over the members is the sum of what the errors
 * do one by one. */
struct derm_ensemble derm_ensemble_of(const struct derm_errors *sd, double blur_response);

/* What a member makes of an object's contrast in the follow-up, as a factor. */
double derm_member_gain(const struct derm_ensemble *e, int member, enum derm_kind kind,
                        const struct derm_object *o);

/* How often an object counts in a member: not when its limit is raised above it, and twice when the
 * limit is lowered by as much, for those that lie as far below it. margin: of the object, over its
 * limit (1 or more); 0: it has none. */
double derm_member_count(const struct derm_member *m, double margin);

/* How much a value moves, relative, as sd: in the members by what changes all objects alike
 * (contrast, blur), and by which objects are listed, and as what (scale, limit); and by what the
 * alignment does to areas. */
struct derm_moved {
    double alike, chosen, stretched;
};
/* Of the members. */
struct derm_moved derm_ensemble_sd(const double moved[DERM_MEMBERS]);

#endif
