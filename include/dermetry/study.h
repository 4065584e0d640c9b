/* SPDX-License-Identifier: Apache-2.0 */
/* Studies: many photos of many subjects, listed in a manifest (CSV), and the folder that holds what
 * was measured on them.
 *
 * Every function here but those of a series gives a text that the caller frees with derm_text_free:
 * its answer or, when the function fails, one sentence that says why. NULL only when memory ran
 * out. Structs start with their size, as in dermetry.h. Strings are UTF-8. */
#ifndef DERMETRY_STUDY_H
#define DERMETRY_STUDY_H

#include <dermetry/dermetry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- batch: batch, status, submit */

/* ---- series: all visits of one subject and view */

struct derm_series_request {
    size_t size;          /* sizeof(struct derm_series_request) */
    const char *manifest; /* CSV; "-" is standard input */
    const char *subject;  /* NULL: the only one of the manifest */
    const char *view;     /* NULL: the only one of the subject */
    double px_per_mm;     /* of photos whose row says nothing; 0: not known */
    enum derm_site site;
};

/* Compares every photo since the treatment began with every photo from before, and says how the
 * skin went on. A photo that cannot be read or compared is in the document with its reason. What
 * applies to documents of derm_compare applies to this one, but it has no overlays. */
DERM_API derm_err derm_series(derm_context *ctx, const struct derm_series_request *request,
                              derm_document **out);

/* How many photos of the series could not be read. */
DERM_API int derm_series_failed(const derm_document *doc);

/* ---- merge, cohort statistics */

/* ---- precision */

/* ---- report */

#ifdef __cplusplus
}
#endif
#endif
