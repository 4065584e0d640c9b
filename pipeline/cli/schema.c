/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int cli_schema(const struct cli_options *o, int n, char **name)
{
    const char *const text = n == 1 ? derm_schema(name[0]) : NULL;

    (void)o;
    if (text) return cli_print_stdout(text);
    cli_error(
        "schema takes one name: analysis, comparison, series, study-row, cohort or precision");
    return cli_exit_code(DERM_EUSAGE);
}
