/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"

int cli_compare(const struct cli_options *o, int n, char **photo)
{
    struct derm_photo_request baseline, followup;
    struct cli_job job;
    derm_document *doc = NULL;
    int exit_code;

    if (n != 2) {
        cli_error("compare takes two photos, the baseline and the follow-up; %d given", n);
        return cli_exit_code(DERM_EUSAGE);
    }
    if (strcmp(photo[0], "-") == 0 && strcmp(photo[1], "-") == 0) {
        cli_error("only one photo can come from standard input");
        return cli_exit_code(DERM_EUSAGE);
    }
    exit_code = cli_job_open(&job, o);
    if (exit_code == 0) {
        derm_err code;

        job.meter.file = photo[1];
        baseline = cli_job_photo(o, &o->photo, photo[0]);
        followup = cli_job_photo(o, &o->followup, photo[1]);
        code = derm_compare(job.ctx, &baseline, &followup, &doc);
        exit_code = code == DERM_OK ? cli_job_deliver(&job, doc) : cli_job_failed(&job, code);
    }
    derm_document_free(doc);
    cli_job_close(&job);
    return exit_code;
}
