/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_REPORT_TRACKING_H
#define DERM_REPORT_TRACKING_H

#include "report/document.h"

const char *derm_fate_id(enum derm_fate fate);
void derm_write_tracking(struct derm_writer *w); /* tracking[] */

#endif
