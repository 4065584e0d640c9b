/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static bool continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Length of the character at s, 0 when it is not well-formed UTF-8 (Unicode 15, table 3-7). */
static size_t character(const unsigned char *s)
{
    if (s[0] < 0x80) return s[0] >= 0x20 && s[0] != 0x7f;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) return continues(s[1]) ? 2 : 0;
    if ((s[0] & 0xf0) == 0xe0) {
        const bool overlong = s[0] == 0xe0 && s[1] < 0xa0;
        const bool surrogate = s[0] == 0xed && s[1] > 0x9f;
        return continues(s[1]) && continues(s[2]) && !overlong && !surrogate ? 3 : 0;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        const bool overlong = s[0] == 0xf0 && s[1] < 0x90;
        const bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
        return continues(s[1]) && continues(s[2]) && continues(s[3]) && !overlong && !beyond ? 4
                                                                                             : 0;
    }
    return 0;
}

void derm_text_clean(char *dst, size_t size, const char *src)
{
    size_t used = 0;

    while (*src) {
        const size_t n = character((const unsigned char *)src);
        const size_t out = n ? n : sizeof(replacement) - 1;

        if (used + out + 1 > size) break;
        memcpy(dst + used, n ? src : replacement, out);
        used += out;
        src += n ? n : 1;
    }
    dst[used] = '\0';
}

bool derm_text_is_clean(const char *text)
{
    while (*text) {
        const size_t n = character((const unsigned char *)text);

        if (n == 0) return false;
        text += n;
    }
    return true;
}

const char *derm_text_basename(const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}
