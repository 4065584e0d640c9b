/* SPDX-License-Identifier: Apache-2.0 */
/* The page that leads to all pages of a batch: they are named by keys, so that no file name tells
 * who a subject is. */
#ifndef DERM_STUDY_INDEX_H
#define DERM_STUDY_INDEX_H

#include "study/plan.h"

/* Writes folder/index.html. The same plan gives the same bytes, whichever shard writes it; a page
 * that is not made yet is named, too. Allocates in keep, whose err takes what goes wrong. */
derm_err derm_index_write(const struct derm_plan *plan, const char *folder,
                          struct derm_arena *keep) DERM_MUST_CHECK;

#endif
