/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output carries data only; sentences go to standard error. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

static const struct {
    const char *id;
    int exit_code;
} errors[DERM_ERROR_COUNT] = {
#define X(name, id, code, text) { id, code },
    DERM_ERROR_LIST(X)
#undef X
};

int cli_exit_code(derm_err code)
{
    return errors[code].exit_code;
}

const char *cli_error_id(derm_err code)
{
    return errors[code].id;
}

void cli_error(const char *fmt, ...)
{
    va_list args;

    fputs("dermetry: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

int cli_print_stdout(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0 && !ferror(stdout)) return 0;
    cli_error("cannot write standard output: %s", strerror(errno));
    return cli_exit_code(DERM_EIO);
}
