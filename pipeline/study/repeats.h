/* SPDX-License-Identifier: Apache-2.0 */
/* Repeat shots: photos of one subject, view and visit, taken in one sitting, which only the column
 * `repeat` tells apart. The first shot of a sitting is compared with each of the others; what the
 * comparisons say is error. */
#ifndef DERM_STUDY_REPEATS_H
#define DERM_STUDY_REPEATS_H

#include <dermetry/study.h>

#include "context.h"
#include "study/manifest.h"

struct derm_reading {        /* one metric in one region of one pair */
    const char *unit;        /* NULL: not measured, or not comparable */
    double baseline, change; /* in that unit */
    double percent;
    bool has_percent;
    int objects;
};

struct derm_repeat { /* a pair of shots */
    const struct derm_row *first, *other;
    int subject, sitting, shot; /* numbers; the first shot of a sitting is 0, the other's is this */
    const char *fault;          /* why there is no comparison; NULL: there is one */
    bool refused;               /* "not comparable" */
    int tone;                   /* which of the table's classes; -1: unknown */
    double px_per_mm;           /* of the analysis; 0: unknown */
    struct derm_reading (*reading)[DERM_REGION_COUNT]; /* by metric and region */
};

struct derm_repeats {
    struct derm_repeat *pair; /* by subject, view, visit and repeat */
    int pairs, sittings;
    int faults, refused;
    char configuration[DERM_SHA256_SIZE]; /* hash of what the comparisons were asked; "": none */
};

enum { DERM_MAX_SHOTS = 16 }; /* of a sitting; more are left out */

/* Compares the shots of the manifest's sittings, allocating in keep. A pair that fails is one with
 * a fault; an interruption ends it. tones: the classes that comparisons name. */
derm_err derm_repeats_measure(struct derm_repeats *out, derm_context *ctx, struct derm_arena *keep,
                              const struct derm_manifest *m,
                              const struct derm_precision_request *request,
                              const struct derm_json *tones) DERM_MUST_CHECK;

#endif
