/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *id, *help;
    int exit_code;
} table[DERM_ERROR_COUNT] = {
#define X(name, id, code, text) { id, text, code },
    DERM_ERROR_LIST(X)
#undef X
};

derm_err derm_fail(struct derm_error *e, derm_err code, const char *fmt, ...)
{
    assert(code != DERM_OK);
    if (e->code == DERM_OK) {
        va_list args;

        e->code = code;
        va_start(args, fmt);
        vsnprintf(e->text, sizeof(e->text), fmt, args);
        va_end(args);
    }
    return code;
}

const char *derm_err_id(derm_err code)
{
    return table[code].id;
}

const char *derm_err_help(derm_err code)
{
    return table[code].help;
}

int derm_err_exit(derm_err code)
{
    return table[code].exit_code;
}
