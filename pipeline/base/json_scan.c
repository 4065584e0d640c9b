/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include <string.h>

/* The next character that is no white space; '\0' at the end or after a fault. */
static char peek(struct derm_scan *s)
{
    while (!s->fault && s->at < s->end) {
        if (*s->at != ' ' && *s->at != '\n' && *s->at != '\t' && *s->at != '\r') return *s->at;
        s->at++;
    }
    return '\0';
}

static bool fail(struct derm_scan *s)
{
    s->fault = true;
    return false;
}

bool derm_scan_enter(struct derm_scan *s, char bracket)
{
    if (peek(s) != bracket) return false;
    s->at++;
    return true;
}

/* From the opening quote to behind the closing one. */
static bool read_string(struct derm_scan *s, struct derm_span *text)
{
    const char *at = s->at + 1;

    text->at = at;
    while (at < s->end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    if (at >= s->end) return fail(s);
    text->n = (size_t)(at - text->at);
    s->at = at + 1;
    return true;
}

static bool ends_word(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
           c == '\0';
}

static bool read_word(struct derm_scan *s, struct derm_span *text)
{
    text->at = s->at;
    while (s->at < s->end && !ends_word(*s->at))
        s->at++;
    text->n = (size_t)(s->at - text->at);
    return text->n > 0 || fail(s);
}

static bool read_nested(struct derm_scan *s, struct derm_span *text)
{
    struct derm_span ignored;
    int depth = 0;

    text->at = s->at;
    while (s->at < s->end) {
        const char c = *s->at;

        if (c == '"') {
            if (!read_string(s, &ignored)) return false;
            continue;
        }
        s->at++;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth == 0) {
            text->n = (size_t)(s->at - text->at);
            return true;
        }
    }
    return fail(s);
}

bool derm_scan_value(struct derm_scan *s, struct derm_span *value)
{
    switch (peek(s)) {
    case '\0':
        return fail(s);
    case '"':
        return read_string(s, value);
    case '{':
    case '[':
        return read_nested(s, value);
    default:
        return read_word(s, value);
    }
}

bool derm_scan_skip(struct derm_scan *s)
{
    struct derm_span ignored;

    return derm_scan_value(s, &ignored);
}

/* To what follows a bracket or comma; false at the closing bracket or when nothing does. */
static bool advance(struct derm_scan *s, char closing)
{
    const char c = peek(s);

    if (c == '\0') return fail(s);
    if (c == ',' || c == closing) s->at++;
    return c != closing;
}

bool derm_scan_member(struct derm_scan *s, struct derm_span *key)
{
    if (!advance(s, '}')) return false;
    if (peek(s) != '"' || !read_string(s, key) || peek(s) != ':') return fail(s);
    s->at++;
    return true;
}

bool derm_scan_element(struct derm_scan *s)
{
    return advance(s, ']');
}

bool derm_span_is(struct derm_span span, const char *text)
{
    return strncmp(span.at, text, span.n) == 0 && text[span.n] == '\0';
}

/* ---- escapes */

static unsigned hex4(const char *at, const char *end)
{
    static const char digits[] = "0123456789abcdef";
    unsigned code = 0;

    for (int i = 0; i < 4; i++) {
        const char *const digit = at + i < end ? strchr(digits, at[i] | 0x20) : NULL;

        if (!digit || !*digit) return 0xfffd;
        code = code << 4 | (unsigned)(digit - digits);
    }
    return code;
}

static char *put_utf8(char *to, unsigned code)
{
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd; /* half of a pair */
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code >= 0x10000) *to++ = (char)(0xf0 | code >> 18);
    if (code >= 0x10000) *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    if (code < 0x10000 && code >= 0x800) *to++ = (char)(0xe0 | code >> 12);
    if (code >= 0x800)
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    else
        *to++ = (char)(0xc0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/* What stands behind \u; *at becomes where it ends. Needs no more room than it had. */
static char *put_code(char *to, const char **at, const char *end)
{
    unsigned code = hex4(*at, end);

    *at += 4;
    if (code >= 0xd800 && code < 0xdc00 && *at + 6 <= end && (*at)[0] == '\\' && (*at)[1] == 'u') {
        const unsigned low = hex4(*at + 2, end);

        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            *at += 6;
        }
    }
    return put_utf8(to, code);
}

size_t derm_span_text(struct derm_span span, char *to)
{
    static const char escape[] = "bfnrt", meaning[] = "\b\f\n\r\t";
    const char *const end = span.at + span.n, *const first = memchr(span.at, '\\', span.n);
    const char *at = first ? first : end; /* most have none */
    char *const start = to;

    if (to != span.at) memmove(to, span.at, (size_t)(at - span.at));
    to += at - span.at;
    while (at < end) {
        if (*at != '\\' || at + 1 == end) {
            *to++ = *at++;
            continue;
        }
        const char c = at[1];
        const char *const known = c ? strchr(escape, c) : NULL;

        at += 2;
        if (c == 'u' && at + 4 <= end)
            to = put_code(to, &at, end);
        else
            *to++ = known ? meaning[known - escape] : c;
    }
    *to = '\0';
    return (size_t)(to - start);
}
