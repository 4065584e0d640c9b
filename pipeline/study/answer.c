/* SPDX-License-Identifier: Apache-2.0 */
#include "study/answer.h"

#include <stdlib.h>
#include <string.h>

derm_err derm_answer(char **out, const char *text, const struct derm_error *err)
{
    const char *const from = err->code == DERM_OK ? text : err->text;
    const size_t n = strlen(from) + 1;

    *out = malloc(n);
    if (!*out) return DERM_ENOMEM;
    memcpy(*out, from, n);
    return err->code;
}
