/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON text in one pass, without a tree: for the large documents of large studies, of which
 * little is wanted. The reader asks for what comes next, in the order of the text:
 *
 *     if (derm_scan_enter(&s, '{'))
 *         while (derm_scan_member(&s, &key))
 *             if (derm_span_is(key, "value"))
 *                 derm_scan_value(&s, &value);
 *             else
 *                 derm_scan_skip(&s);
 *
 * Text that is no JSON sets fault, from which on every call returns false. What is skipped is only
 * looked at for strings and brackets. */
#ifndef DERM_BASE_JSON_SCAN_H
#define DERM_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct derm_span { /* a piece of the text; n 0: nothing is there */
    const char *at;
    size_t n;
};

struct derm_scan {
    const char *at, *end;
    bool fault;
};

/* Into the object ('{') or array ('[') that comes next. False when something else does, which stays
 * there to be read or skipped. */
bool derm_scan_enter(struct derm_scan *s, char bracket);

/* To the value of the object's next member, or to the array's next element. False at its end, which
 * is then behind. A key is taken as it stands between its quotes. */
bool derm_scan_member(struct derm_scan *s, struct derm_span *key);
bool derm_scan_element(struct derm_scan *s);

/* Over the next value. value: a number or word as it stands, a string without its quotes but with
 * its escapes; of an object or array the text with its brackets. */
bool derm_scan_value(struct derm_scan *s, struct derm_span *value);
bool derm_scan_skip(struct derm_scan *s);

bool derm_span_is(struct derm_span span, const char *text);

/* The text of a string without its escapes, with a NUL, to `to`, which has room for span.n + 1
 * bytes. Returns its length. */
size_t derm_span_text(struct derm_span span, char *to);

#endif
