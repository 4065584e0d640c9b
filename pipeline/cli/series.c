/* SPDX-License-Identifier: Apache-2.0 */
#include <dermetry/study.h>

#include "cli.h"

static int measure(struct cli_job *job, const char *manifest)
{
    const struct cli_options *const o = job->o;
    const struct derm_series_request request = {
        .size = sizeof(request),
        .manifest = manifest,
        .subject = o->subject,
        .view = o->view,
        .px_per_mm = o->photo.px_per_mm,
        .site = (enum derm_site)o->site,
    };
    derm_document *doc = NULL;
    const derm_err code = derm_series(job->ctx, &request, &doc);
    int exit_code;

    if (code != DERM_OK) return cli_job_failed(job, code);
    exit_code = cli_job_deliver(job, doc);
    if (exit_code == 0 && derm_series_failed(doc) > 0) exit_code = CLI_PARTLY_FAILED;
    derm_document_free(doc);
    return exit_code;
}

int cli_series(const struct cli_options *o, int n, char **manifest)
{
    return cli_job_of_manifest(o, "series", n, manifest, measure);
}
