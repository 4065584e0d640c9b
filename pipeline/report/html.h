/* SPDX-License-Identifier: Apache-2.0 */
/* Writing HTML. Markup is a format literal of the program's; whatever comes from a document goes in
 * by %s, which escapes it: there is no other way in, so nothing can be forgotten. */
#ifndef DERM_REPORT_HTML_H
#define DERM_REPORT_HTML_H

#include <stdint.h>

#include "base/arena.h"

struct derm_html {
    char *text; /* always ends with a NUL */
    size_t used, capacity;
    struct derm_arena *keep; /* where text lies; its err takes what goes wrong */
};

derm_err derm_html_begin(struct derm_html *h, struct derm_arena *keep) DERM_MUST_CHECK;

/* Adds format with these conversions, all independent of the locale:
 *   %s     text, escaped for element content and for quoted attributes alike
 *   %d     int
 *   %.Nf   finite double with N <= 9 decimals, without trailing zeros
 *   %%     a percent sign
 * A failure, of memory, sticks in the arena's err; what comes after it is dropped. */
void derm_html(struct derm_html *h, const char *format, ...) DERM_PRINTF(2, 3);

/* No coordinate or figure is as far from 0: %.Nf writes what is as this. */
static const double derm_html_furthest = 1e8;

/* What %.Nf adds. */
void derm_html_decimal(struct derm_html *h, double value, int decimals);

/* The program's own style sheet and script, as they are. */
void derm_html_own(struct derm_html *h, const char *text);

/* Bytes as base64, for a data: address or a hash of the content security policy. */
void derm_html_base64(struct derm_html *h, const void *bytes, size_t size);

#endif
