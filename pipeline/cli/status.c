/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* 0: all done; CLI_PARTLY_FAILED; or what batch says when it is to be run again. */
static int exit_code_of(const struct derm_study_counts *c)
{
    if (c->done + c->failed < c->records) return cli_exit_code(DERM_EINTERRUPTED);
    return c->failed ? CLI_PARTLY_FAILED : 0;
}

int cli_status(const struct cli_options *o, int n, char **folder)
{
    struct derm_study_counts counts;
    char *answer = NULL;
    derm_err code;
    int exit_code;

    if (n != 1) {
        cli_error("status takes one folder, the --out of a batch");
        return cli_exit_code(DERM_EUSAGE);
    }
    code = derm_status(folder[0], o->json, &counts, &answer);
    if (code == DERM_OK) {
        exit_code = cli_print_stdout(answer);
        if (exit_code == 0) exit_code = exit_code_of(&counts);
    } else {
        cli_error("%s", answer ? answer : "not enough memory");
        exit_code = cli_exit_code(code);
    }
    derm_text_free(answer);
    return exit_code;
}
