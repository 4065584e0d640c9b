/* SPDX-License-Identifier: Apache-2.0 */
/* A document as one HTML page that needs nothing else: no network, no other file. It is made from
 * the JSON text alone, so that a stored document gives the same page as a fresh one; what differs
 * between two runs (`run`) is not on it. Members that are missing are left out: a document may come
 * from another version. */
#ifndef DERM_REPORT_PAGE_H
#define DERM_REPORT_PAGE_H

#include <stdbool.h>

#include "base/json_read.h"
#include "report/html.h"
#include "report/pictures.h"

/* *page: the HTML of the document (n bytes of JSON; name is for messages), allocated in keep. Of a
 * record of a study it is that of its comparison.
 * pictures: of this document's photos; NULL: those of the folder, which may be NULL too.
 * DERM_EMALFORMED when it is none of ours. */
derm_err derm_page_build(const char *json, size_t n, const char *name,
                         const struct derm_pictures *pictures, const char *folder,
                         struct derm_arena *keep, const char **page) DERM_MUST_CHECK;

/* ---- its parts, one file each */
struct derm_page {
    struct derm_html html;
    const struct derm_json *doc;
    const struct derm_pictures *pictures; /* NULL: none */
    bool pair;                            /* its rows are changes: a comparison or a series */
    bool series;
};

void derm_page_banner(struct derm_page *p);    /* may the photos be compared; if not, what to do */
void derm_page_headlines(struct derm_page *p); /* one card per concern */
void derm_page_changes(struct derm_page *p);   /* the chart of a comparison */
void derm_page_levels(struct derm_page *p);    /* the chart of an analysis */
void derm_page_pictures(struct derm_page *p);
void derm_page_regions(struct derm_page *p);    /* main metrics by region, then all metrics */
void derm_page_gates(struct derm_page *p);      /* how alike the photos were taken */
void derm_page_photos(struct derm_page *p);     /* facts and quality of each photo */
void derm_page_lesions(struct derm_page *p);    /* what became of the single lesions */
void derm_page_control(struct derm_page *p);    /* untreated skin */
void derm_page_estimates(struct derm_page *p);  /* clinical scales, swelling */
void derm_page_provenance(struct derm_page *p); /* precision by tone, versions, hashes */

/* Of a series alone. */
void derm_page_subject(struct derm_page *p); /* for the header */
void derm_page_alerts(struct derm_page *p);
void derm_page_trends(struct derm_page *p);    /* one card per concern */
void derm_page_timelines(struct derm_page *p); /* a chart per concern */
void derm_page_recovery(struct derm_page *p);
void derm_page_visits(struct derm_page *p);
void derm_page_all_trends(struct derm_page *p);
/* Is row the first of summary[] with its metric? */
bool derm_page_new_concern(const struct derm_json *summary, const struct derm_json *row);

/* Days since 1970 of a text that begins YYYY-MM-DD; false: it does not. */
bool derm_day_of(const char *iso, long *day);

/* ---- reading: what is missing is an empty text, or false with 0; a number is cut to
 * +-derm_html_furthest */
const char *derm_page_text(const struct derm_json *node, const char *key);
bool derm_page_number(const struct derm_json *node, const char *key, double *out);
bool derm_page_interval(const struct derm_json *node, const char *key, double *lo, double *hi);
bool derm_page_is(const struct derm_json *node, const char *key, const char *text);

/* A row of metrics[], summary[] or control.concerns[]. */
struct derm_row {
    const char *metric, *concern, *region, *unit, *reason, *text, *verdict;
    bool measured, has_percent;
    double base, base_sd;     /* of an analysis: the value */
    double follow, follow_sd; /* of a comparison, as all below */
    double change, change_sd;
    double percent, lo, hi, mdc; /* has_percent: change, its interval, MDC95 */
};
struct derm_row derm_row_read(const struct derm_json *node);

/* ---- saying: ids and numbers in words, escaped. An id that is not known is said as it is, with
 * blanks for underscores. */
const char *derm_concern_noun(const char *id);  /* what its main metric measures, in plain words */
const char *derm_reason_advice(const char *id); /* what to do about it; "" for nothing */
int derm_concern_index(const char *id);         /* enum derm_concern, -1: none */
void derm_say_concern(struct derm_html *h, const char *id);
void derm_say_id(struct derm_html *h, const char *id);
void derm_say_region(struct derm_html *h, const char *id);
void derm_say_list(struct derm_html *h, const struct derm_json *list,
                   void (*say)(struct derm_html *h, const char *id)); /* "a, b, c" */
void derm_say_unit(struct derm_html *h,
                   const char *ucum); /* with a blank before it; "1": nothing */
/* digits: how many are significant. */
void derm_say_number(struct derm_html *h, double value, int digits);
void derm_say_size(struct derm_html *h, double percent);           /* "3.4 %" of either sign */
void derm_say_percent(struct derm_html *h, double percent);        /* "+3.4 %" */
void derm_say_change(struct derm_html *h, double percent);         /* "3.4 % higher" */
void derm_say_interval(struct derm_html *h, double lo, double hi); /* of percents */
void derm_say_date(struct derm_html *h, const char *iso);          /* to the minute */

/* The verdict as a mark that is told apart without colour, and in words. */
const char *derm_verdict_words(const char *verdict);
void derm_say_mark(struct derm_html *h, const char *verdict);

#endif
