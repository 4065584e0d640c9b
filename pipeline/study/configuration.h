/* SPDX-License-Identifier: Apache-2.0 */
/* What all records of a study have in common, as a hash: options of the stages, models and tables,
 * and what is asked of every photo. Nothing that changes the time alone. */
#ifndef DERM_STUDY_CONFIGURATION_H
#define DERM_STUDY_CONFIGURATION_H

#include <dermetry/study.h>

#include "base/sha256.h"

derm_err derm_configuration_hash(const derm_context *ctx, const struct derm_batch_request *request,
                                 char hex[DERM_SHA256_SIZE],
                                 struct derm_error *err) DERM_MUST_CHECK;

#endif
