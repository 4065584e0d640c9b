/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { FIRST_BYTES = 1 << 16, LONGEST_TEXT = 4096 };

derm_err derm_html_begin(struct derm_html *h, struct derm_arena *keep)
{
    *h = (struct derm_html){ .keep = keep };
    DERM_TRY(derm_arena_raw(keep, &h->text, FIRST_BYTES, 1));
    h->capacity = FIRST_BYTES;
    h->text[0] = '\0';
    return DERM_OK;
}

/* Room for n more bytes and the NUL; false: there is none. */
static bool reserve(struct derm_html *h, size_t n)
{
    const size_t capacity = 2 * h->capacity + n;
    char *grown;

    if (h->keep->err->code != DERM_OK) return false;
    if (n < h->capacity - h->used) return true;
    if (derm_arena_raw(h->keep, &grown, capacity, 1) != DERM_OK) return false;
    memcpy(grown, h->text, h->used + 1);
    derm_arena_give(h->keep, h->text, h->capacity);
    h->text = grown;
    h->capacity = capacity;
    return true;
}

static void add(struct derm_html *h, const char *bytes, size_t n)
{
    if (!reserve(h, n)) return;
    memcpy(h->text + h->used, bytes, n);
    h->used += n;
    h->text[h->used] = '\0';
}

/* Length of the character at s when it turns the direction of the text around it (Unicode 15,
 * bidirectional formatting: U+061C, U+200E-F, U+202A-E, U+2066-9): a file name with one could make
 * the page read otherwise than it is. */
static size_t turns_text(const char *text)
{
    const unsigned char *const s = (const unsigned char *)text;

    if (s[0] == 0xd8) return s[1] == 0x9c ? 2 : 0;
    if (s[0] != 0xe2) return 0;
    if (s[1] == 0x80) return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae) ? 3 : 0;
    return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_escaped(struct derm_html *h, const char *text)
{
    char clean[LONGEST_TEXT];

    derm_text_clean(clean, sizeof(clean), text);
    for (const char *s = clean; *s;) {
        const size_t turning = turns_text(s);
        const char *const instead = turning ? "\xef\xbf\xbd" : entity(*s); /* U+FFFD */

        add(h, instead ? instead : s, instead ? strlen(instead) : 1);
        s += turning ? turning : 1;
    }
}

/* By integers: printf would follow the locale of the program that uses the library. */
void derm_html_decimal(struct derm_html *h, double value, int decimals)
{
    long long scale = 1, whole, part;
    char text[48];
    int n;

    assert(decimals <= 9);
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    if (!(fabs(value) < derm_html_furthest))
        value = value > 0 ? derm_html_furthest : -derm_html_furthest;
    whole = llround(fabs(value) * (double)scale);
    part = whole % scale;
    n = snprintf(text, sizeof(text), "%s%lld", value < 0 && whole > 0 ? "-" : "", whole / scale);
    while (part > 0 && part % 10 == 0) {
        part /= 10;
        decimals--;
    }
    if (part > 0) n += snprintf(text + n, sizeof(text) - (size_t)n, ".%0*lld", decimals, part);
    add(h, text, (size_t)n);
}

static void add_int(struct derm_html *h, int value)
{
    char text[16];

    add(h, text, (size_t)snprintf(text, sizeof(text), "%d", value));
}

void derm_html(struct derm_html *h, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (const char *f = format; *f;) {
        const size_t literal = strcspn(f, "%");

        add(h, f, literal);
        f += literal;
        if (!*f) break;
        switch (*++f) {
        case 's':
            add_escaped(h, va_arg(args, const char *));
            break;
        case 'd':
            add_int(h, va_arg(args, int));
            break;
        case '.':
            derm_html_decimal(h, va_arg(args, double), f[1] - '0');
            f += 2;
            break;
        default:
            assert(*f == '%');
            add(h, "%", 1);
        }
        f++;
    }
    va_end(args);
}

void derm_html_own(struct derm_html *h, const char *text)
{
    add(h, text, strlen(text));
}

void derm_html_base64(struct derm_html *h, const void *bytes, size_t size)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *const b = bytes;

    if (!reserve(h, (size + 2) / 3 * 4)) return;
    for (size_t i = 0; i < size; i += 3) {
        const unsigned next = i + 1 < size ? b[i + 1] : 0, last = i + 2 < size ? b[i + 2] : 0;
        const unsigned three = (unsigned)b[i] << 16 | next << 8 | last;
        const char four[4] = { digit[three >> 18], digit[three >> 12 & 63],
                               i + 1 < size ? digit[three >> 6 & 63] : '=',
                               i + 2 < size ? digit[three & 63] : '=' };

        add(h, four, sizeof(four));
    }
}
