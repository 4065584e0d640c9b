/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a document in a few lines of plain text, for a terminal. */
#ifndef DERM_REPORT_SUMMARY_H
#define DERM_REPORT_SUMMARY_H

#include "stages/work.h"

/* *text, allocated in keep: in a comparison one line on whether the photos are comparable, then one
 * line per concern. Every line ends with a line break. */
derm_err derm_summary_build(const struct derm_work *work, struct derm_arena *keep,
                            const char **text) DERM_MUST_CHECK;

#endif
