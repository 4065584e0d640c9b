/* SPDX-License-Identifier: Apache-2.0 */
/* The result of one concern in a title and a sentence, for pictures. ASCII. */
#ifndef DERM_REPORT_HEADLINE_H
#define DERM_REPORT_HEADLINE_H

#include <stddef.h>

#include "stages/frame.h"

void derm_headline_title(char *out, size_t size, enum derm_concern concern, bool pair);

/* The main metric over the whole face or close-up; NULL when there is none. */
const struct derm_result *derm_headline_result(const struct derm_results *results,
                                               enum derm_concern concern);

/* found: number of objects. */
void derm_headline_text(char *out, size_t size, enum derm_concern concern,
                        const struct derm_frame *frame, const struct derm_results *results,
                        int found, bool pair);

#endif
