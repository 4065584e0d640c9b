/* SPDX-License-Identifier: Apache-2.0 */
#include <dermetry/study.h>

#include "cli.h"

static int measure(struct cli_job *job, const char *manifest)
{
    const struct cli_options *const o = job->o;
    const struct derm_precision_request request = {
        .size = sizeof(request),
        .manifest = manifest,
        .readings = o->readings,
        .px_per_mm = o->photo.px_per_mm,
        .site = (enum derm_site)o->site,
    };
    struct derm_precision_counts n;
    char *profile = NULL;
    const derm_err code = derm_measure_precision(job->ctx, &request, &n, &profile);
    int exit_code;

    if (code != DERM_OK) return cli_job_failed(job, code);
    cli_meter_end(&job->meter);
    exit_code = cli_job_write(job, profile);
    derm_text_free(profile);
    if (exit_code) return exit_code;
    if (!o->quiet) {
        cli_error("%d sittings, %d pairs of shots: %d failed, %d not comparable", n.sittings,
                  n.pairs, n.failed, n.refused);
        cli_error("%d of %d figures are your own; the others are the built-in ones (a figure needs "
                  "12 rows, a pair of shots and region each, of 3 subjects at its resolution)",
                  n.own, n.figures);
    }
    return n.failed > 0 ? CLI_PARTLY_FAILED : 0;
}

int cli_precision(const struct cli_options *o, int n, char **manifest)
{
    return cli_job_of_manifest(o, "precision", n, manifest, measure);
}
