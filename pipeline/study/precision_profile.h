/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `precision`: statistics of agreement for the reader, and the table of null
 * figures that verdicts are decided against (the format of models/precision.json). */
#ifndef DERM_STUDY_PRECISION_PROFILE_H
#define DERM_STUDY_PRECISION_PROFILE_H

#include <dermetry/study.h>

#include "study/repeats.h"

struct derm_profile {
    const struct derm_repeats *repeats;
    const struct derm_json *table; /* what is not measured here comes from */
    const char *manifest;          /* hash of the file */
    struct derm_arena *keep, *scratch;
    struct derm_error *err;
    struct derm_precision_counts *counts; /* its figures are counted */
};

derm_err derm_profile_build(const struct derm_profile *p, const char **text) DERM_MUST_CHECK;

#endif
