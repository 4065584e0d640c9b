/* SPDX-License-Identifier: Apache-2.0 */
/* The change of one metric since a baseline that is several photos. Pure functions of numbers.
 *
 * Each photo of the baseline is compared with the later one, and the changes are averaged. (A mean
 * of the baseline's values would not do: a value is measured on the tissue that both photos of a
 * pair show, so each pair has a baseline of its own.) All photos weigh the same, so nothing depends
 * on which of them comes first.
 *
 * The n changes are not independent: the later photo is in all of them. Taking the photos of a pair
 * to err alike and apart, half of a change's variance v comes from the later photo and stays, half
 * comes from the photo of the baseline and is averaged out:
 *
 *     var = v / 2 + v / 2n      (two changes with one photo in common are correlated by 1/2)
 *
 * where v is taken from the mean of the changes' sds. If the changes differ among each other by
 * more than their sds say, the photos of the baseline do, and what they show counts in place of the
 * second term: the variance of the changes over n. What is wrong in every pair alike (an effect
 * that is always read too small) is in v and counted as if it were of the photos: where it
 * dominates, n photos narrow the interval by up to 1 - sqrt(1/2 + 1/2n) more than they should. */
#ifndef DERM_STUDY_MEAN_CHANGE_H
#define DERM_STUDY_MEAN_CHANGE_H

#include "stages/frame.h"

enum { DERM_MEAN_MOST = 64 }; /* photos of a baseline */

/* The sd of the mean of n changes with the sds given, 0 < n <= DERM_MEAN_MOST. */
double derm_mean_change_sd(const double *change, const double *sd, int n);

/* That part of it which the later photo alone brings in; the rest is the baseline's. */
double derm_followup_sd(double sd, int n);
double derm_baseline_sd(double sd, int n);

/* pair[i]: the same metric in the same region against photo i of the baseline. Of several, those
 * count that can be judged; else those that are measured. *used says how many that is; 0: none, and
 * out has the status and the reason of one of them. One alone is taken as it is. The verdict is
 * that of the row alone, see derm_decide. */
void derm_mean_change(const struct derm_result *const *pair, int n, struct derm_result *out,
                      int *used);

#endif
