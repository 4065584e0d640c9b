/* SPDX-License-Identifier: Apache-2.0 */
/* The record of one comparison as the store of a study keeps it (schema study-row), taken apart
 * into what goes into tables. One list gives a field's column, its place in the record, its type
 * and its meaning: every table that a merge writes is made of these two lists. */
#ifndef DERM_STUDY_ENTRY_H
#define DERM_STUDY_ENTRY_H

#include <dermetry/metrics.h>

#include "base/arena.h"
#include "base/json_scan.h"

/* X(enum, column, path in the record, type, meaning): of the record as a whole. About in the order
 * of the text, in which they are found fastest. */
#define DERM_ENTRY_FIELD_LIST(X)                                                                   \
    X(LINE, "row", "row", INTEGER, "line of the manifest that the follow-up's row begins on")      \
    X(KEY, "key", "key", TEXT, "name of the comparison within the study")                          \
    X(SUBJECT, "subject", "subject", TEXT, "as in the manifest")                                   \
    X(VIEW, "view", "view", TEXT, "as in the manifest")                                            \
    X(BASE_VISIT, "baseline_visit", "baseline.visit", TEXT, "the visit that is compared with")     \
    X(BASE_DATE, "baseline_datetime", "baseline.date", TEXT, "its date (ISO 8601)")                \
    X(BASE_PATH, "baseline_path", "baseline.path", TEXT, "its photo")                              \
    X(VISIT, "visit", "followup.visit", TEXT, "the later visit")                                   \
    X(DATE, "session_datetime", "followup.date", TEXT, "date of the later visit (ISO 8601)")       \
    X(PATH, "path", "followup.path", TEXT, "photo of the later visit")                             \
    X(DAYS, "days", "days", INTEGER, "days from the baseline to the later visit")                  \
    X(STATUS, "record_status", "status", TEXT, "done, or failed with an error")                    \
    X(ERROR, "error", "error.code", TEXT, "of a failed comparison: what kind of error")            \
    X(ERROR_TEXT, "error_text", "error.text", TEXT, "of a failed comparison: why")                 \
    X(BASE_SHA256, "baseline_sha256", "inputs.baseline", TEXT, "SHA-256 of the baseline's file")   \
    X(SHA256, "sha256", "inputs.followup", TEXT, "SHA-256 of the later visit's file")              \
    X(CONFIGURATION, "configuration_sha256", "configuration", TEXT, "SHA-256 of the settings")     \
    X(VERSION, "program_version", "version", TEXT, "of dermetry")                                  \
    X(COMPARABILITY, "comparability", "comparison.comparability.verdict", TEXT,                    \
      "comparable, limited or not_comparable: whether the two photos allow a verdict at all")

/* The same of one metric in one region: a row of the comparison's metrics. */
#define DERM_METRIC_FIELD_LIST(X)                                                                  \
    X(METRIC, "metric", "metric", TEXT, "what was measured")                                       \
    X(CONCERN, "concern", "concern", TEXT, "what the metric is about")                             \
    X(REGION, "region", "region", TEXT, "where; left and right are the subject's")                 \
    X(CLASS, "class", "class", TEXT,                                                               \
      "local: against the skin around; regional: against a "                                       \
      "control region; absolute: needs a colour card")                                             \
    X(UNIT, "unit", "unit", TEXT, "of values and changes (UCUM); 1: a plain number")               \
    X(BETTER, "better", "better", TEXT, "which direction is good: lower, higher, neither")         \
    X(STATUS, "status", "status", TEXT, "measured, not_assessable or out_of_range")                \
    X(REASON, "reason", "reason", TEXT, "why it is not assessable or not comparable")              \
    X(BASE_VALUE, "baseline_value", "baseline.value", REAL, "at the baseline")                     \
    X(BASE_SD, "baseline_sd", "baseline.sd", REAL, "standard deviation of baseline_value")         \
    X(VALUE, "value", "followup.value", REAL, "at the later visit, on the same skin")              \
    X(SD, "sd", "followup.sd", REAL, "standard deviation of value")                                \
    X(CHANGE, "change", "change.value", REAL, "value less baseline_value")                         \
    X(CHANGE_SD, "change_sd", "change.sd", REAL, "standard deviation of change")                   \
    X(DOMINATED_BY, "dominated_by", "change.dominated_by", TEXT,                                   \
      "what most of the uncertainty comes from")                                                   \
    X(PERCENT, "change_percent", "change.percent", REAL,                                           \
      "change in percent of baseline_value; empty where that is too small to divide by")           \
    X(LO, "ci_lo", "change.ci95_percent.0", REAL, "lower end of its 95 % interval")                \
    X(HI, "ci_hi", "change.ci95_percent.1", REAL, "upper end of its 95 % interval")                \
    X(MDC, "mdc95_percent", "mdc95_percent", REAL,                                                 \
      "smallest change in percent that is more than two photos of unchanged skin show")            \
    X(OBJECTS, "objects", "objects", INTEGER, "pores, spots, pieces of line ... it rests on")      \
    X(VERDICT, "verdict", "verdict", TEXT,                                                         \
      "improved, worsened, no_detectable_change or not_comparable")

enum derm_entry_field {
#define X(name, ...) DERM_ENTRY_##name,
    DERM_ENTRY_FIELD_LIST(X)
#undef X
        DERM_ENTRY_FIELDS
};
enum derm_metric_field {
#define X(name, ...) DERM_CELL_##name,
    DERM_METRIC_FIELD_LIST(X)
#undef X
        DERM_METRIC_FIELDS
};

enum derm_field_type { DERM_FIELD_TEXT, DERM_FIELD_INTEGER, DERM_FIELD_REAL };

struct derm_field {
    const char *column, *path, *help;
    enum derm_field_type type;
};
extern const struct derm_field derm_entry_fields[DERM_ENTRY_FIELDS];
extern const struct derm_field derm_metric_fields[DERM_METRIC_FIELDS];

enum { DERM_ENTRY_ROWS = DERM_METRIC_COUNT * DERM_REGION_COUNT };

/* Every span is a C string of n bytes, "" where the record says nothing. */
struct derm_entry {
    struct derm_span field[DERM_ENTRY_FIELDS];
    struct derm_span (*row)[DERM_METRIC_FIELDS]; /* room for DERM_ENTRY_ROWS */
    int rows;
};

derm_err derm_entry_new(struct derm_entry *r, struct derm_arena *keep) DERM_MUST_CHECK;

/* Takes a record's text (n bytes, and a byte behind them that may be written) apart. The strings
 * are made in it, so it must stay, and is no JSON any more. DERM_EMALFORMED with a sentence that
 * starts with name. */
derm_err derm_entry_read(struct derm_entry *r, char *text, size_t n, const char *name,
                         struct derm_error *err) DERM_MUST_CHECK;

#endif
