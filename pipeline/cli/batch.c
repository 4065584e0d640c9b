/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* "K/N", or what an array job's environment says, which --shards completes. False: a sentence was
 * printed. */
static bool choose_shard(const struct cli_options *o, struct derm_batch_request *request)
{
    char *middle, *end;

    if (!o->shard) {
        request->shards = o->shards;
        request->shard = derm_shard_from_environment(&request->shards);
        if (request->shard > 0 || (request->shard == 0 && !o->shards)) return true;
        if (request->shard == 0)
            cli_error("--shards is for tasks of an array job, and this is none: give --shard K/N");
        else if (o->shards)
            cli_error("this task is none of %d: number them from 1", o->shards);
        else
            cli_error("the tasks of this array job are not numbered from 1 or 0 without a gap, or "
                      "it does not say how many it has: give --shards N");
        return false;
    }
    if (o->shards) {
        cli_error("give --shard K/N or --shards N, not both");
        return false;
    }
    request->shard = (int)strtol(o->shard, &middle, 10);
    request->shards = *middle == '/' ? (int)strtol(middle + 1, &end, 10) : 0;
    if (request->shards > 0 && !*end && request->shard >= 1 && request->shard <= request->shards)
        return true;
    cli_error("--shard needs K/N with K from 1 to N, such as 2/8, not \"%s\"", o->shard);
    return false;
}

static int report_end(const struct cli_options *o, const char *manifest,
                      const struct cli_batch_meter *meter, derm_err code,
                      const struct derm_study_counts *counts, const char *answer)
{
    const struct cli_meter plain = { meter->how, manifest };

    cli_batch_meter_end(meter);
    if (code != DERM_OK) {
        cli_meter_error(&plain, code, answer ? answer : "not enough memory");
        return cli_exit_code(code);
    }
    if (!o->quiet && meter->how != CLI_PROGRESS_JSON) fputs(answer, stderr);
    return counts->failed ? CLI_PARTLY_FAILED : 0;
}

int cli_batch(const struct cli_options *o, int n, char **manifest)
{
    const struct derm_settings settings = cli_settings(o);
    struct cli_batch_meter meter = cli_batch_meter_new(o);
    struct derm_batch_request request = {
        .size = sizeof(request),
        .folder = o->out,
        .overlays = o->overlay,
        .reports = o->report,
        .jobs = o->jobs,
        .time_limit_s = o->time_limit,
        .px_per_mm = o->photo.px_per_mm,
        .site = (enum derm_site)o->site,
        .progress = cli_batch_meter_step,
        .user = &meter,
    };
    struct derm_study_counts counts;
    char *answer = NULL;
    derm_err code;
    int exit_code;

    if (n != 1 || !o->out) {
        cli_error(n != 1 ? "batch takes one manifest" : "batch needs --out DIR");
        return cli_exit_code(DERM_EUSAGE);
    }
    if (!choose_shard(o, &request)) return cli_exit_code(DERM_EUSAGE);
    request.manifest = manifest[0];
    cli_catch_signals();
    code = derm_batch(&settings, &request, &counts, &answer);
    exit_code = report_end(o, manifest[0], &meter, code, &counts, answer);
    derm_text_free(answer);
    return exit_code;
}
