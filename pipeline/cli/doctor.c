/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int cli_doctor(const struct cli_options *o, int n, char **none)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = o->models };
    char *report = NULL;
    derm_err code;
    int exit_code;

    if (n > 0) {
        cli_error("doctor takes no argument, not \"%s\"", none[0]);
        return cli_exit_code(DERM_EUSAGE);
    }
    code = derm_doctor(&settings, &report);
    exit_code = report ? cli_print_stdout(report) : 0;
    derm_text_free(report);
    return exit_code ? exit_code : cli_exit_code(code);
}
