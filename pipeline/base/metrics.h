/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of <dermetry/metrics.h> as tables: what stages and reports look names up in. */
#ifndef DERM_BASE_METRICS_H
#define DERM_BASE_METRICS_H

#include <dermetry/metrics.h>

extern const struct derm_metric_def derm_metrics[DERM_METRIC_COUNT]; /* by enum derm_metric_id */
extern const struct derm_kind_def derm_kinds[DERM_KIND_COUNT];       /* by enum derm_kind */

/* The number of a metric's or region's id, looked for from hint on; -1: there is none. */
int derm_metric_named(const char *id, int hint);
int derm_region_named(const char *id, int hint);

const char *derm_concern_id(enum derm_concern concern);
const char *derm_region_id(enum derm_region region);
const char *derm_reason_id(enum derm_reason reason);
const char *derm_reason_text(enum derm_reason reason); /* a sentence for the user, "" for NONE */
const char *derm_class_id(enum derm_metric_class klass);
const char *derm_better_id(enum derm_better better);

#endif
