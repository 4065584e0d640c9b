/* SPDX-License-Identifier: Apache-2.0 */
#include <dermetry/study.h>

#include "cli.h"

static int keep_going(void *user, int done, int records)
{
    (void)user;
    (void)done;
    (void)records;
    return cli_stopped();
}

static int exit_code_of(const struct derm_merge_counts *counts)
{
    if (!counts->written) return cli_exit_code(DERM_EMISSING);
    return counts->failed || counts->missing || counts->missing_shards ? CLI_PARTLY_FAILED : 0;
}

int cli_merge(const struct cli_options *o, int n, char **folder)
{
    struct derm_merge_request request = {
        .size = sizeof(request),
        .out = o->output,
        .cohort = o->cohort,
        .partial = o->partial,
        .progress = keep_going,
    };
    struct derm_merge_counts counts;
    char *answer;
    derm_err code;
    int exit_code;

    if (n != 1) {
        cli_error("merge takes the folder of a study; %d given", n);
        return cli_exit_code(DERM_EUSAGE);
    }
    request.store = folder[0];
    cli_catch_signals();
    code = derm_merge(&request, &counts, &answer);
    if (code != DERM_OK) {
        cli_error("%s", answer ? answer : "not enough memory");
        derm_text_free(answer);
        return cli_exit_code(code);
    }
    exit_code = cli_print_stdout(answer);
    derm_text_free(answer);
    return exit_code ? exit_code : exit_code_of(&counts);
}
