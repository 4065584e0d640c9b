/* SPDX-License-Identifier: Apache-2.0 */
/* A page from any document: it is whole, and holds one script, the program's. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(const char *text, const char *what)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct derm_error err = { 0 };
    struct derm_arena keep;
    const char *page;
    derm_err done;

    if (derm_arena_init(&keep, (size_t)64 << 20, &err) != DERM_OK) return 0;
    done = derm_page_build((const char *)data, size, "fuzz", NULL, NULL, &keep, &page);
    if ((done == DERM_OK) != (err.code == DERM_OK) || (done != DERM_OK && !*err.text)) abort();
    if (done == DERM_OK && (count(page, "<script") != 1 || count(page, "</html>\n") != 1)) abort();
    derm_arena_free(&keep);
    return 0;
}
