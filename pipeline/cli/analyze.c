/* SPDX-License-Identifier: Apache-2.0 */
/* One photo gives one indented document, several give one line each. A photo that fails says so on
 * standard error and the others go on. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Lines for -o FILE, which appears whole or not at all; standard output gets each at once. */
struct lines {
    char *text;
    size_t size;
};

static bool keep_line(struct lines *lines, const char *line)
{
    const size_t n = strlen(line);
    char *const text = realloc(lines->text, lines->size + n + 2);

    if (!text) return false;
    memcpy(text + lines->size, line, n + 1);
    text[lines->size + n] = '\n';
    text[lines->size + n + 1] = '\0';
    lines->text = text;
    lines->size += n + 1;
    return true;
}

static int deliver_line(struct cli_job *job, struct lines *lines, const char *line)
{
    const bool file = job->o->output && strcmp(job->o->output, "-") != 0;

    cli_meter_end(&job->meter);
    if (!keep_line(lines, line)) {
        cli_error("not enough memory for the documents");
        return cli_exit_code(DERM_ENOMEM);
    }
    if (file) return 0;
    lines->size = 0;
    return cli_print_stdout(lines->text);
}

static derm_err analyze(struct cli_job *job, const char *path, derm_document **doc)
{
    const struct derm_photo_request photo = cli_job_photo(job->o, &job->o->photo, path);

    job->meter.file = path;
    return derm_analyze(job->ctx, &photo, doc);
}

static int analyze_one(struct cli_job *job, const char *path)
{
    derm_document *doc = NULL;
    const derm_err code = analyze(job, path, &doc);
    const int exit_code = code == DERM_OK ? cli_job_deliver(job, doc) : cli_job_failed(job, code);

    derm_document_free(doc);
    return exit_code;
}

static int analyze_all(struct cli_job *job, int n, char **photo, struct lines *lines)
{
    int failed = 0, refused = 0, exit_code;

    for (int i = 0; i < n; i++) {
        derm_document *doc = NULL;
        const derm_err code = analyze(job, photo[i], &doc);

        if (code != DERM_OK) {
            exit_code = cli_job_failed(job, code);
            if (code == DERM_EINTERRUPTED) return exit_code;
            failed++;
            continue;
        }
        refused += derm_document_refused(doc) != 0;
        exit_code = deliver_line(job, lines, derm_document_line(doc));
        derm_document_free(doc);
        if (exit_code) return exit_code;
    }
    exit_code = lines->size ? cli_job_write(job, lines->text) : 0;
    if (exit_code) return exit_code;
    if (failed) return CLI_PARTLY_FAILED;
    return refused && job->o->strict ? CLI_REFUSED : 0;
}

/* What makes sense for one photo only. */
static const char *single_photo_option(const struct cli_options *o)
{
    if (o->photo.roi) return "--roi";
    if (o->photo.exclude) return "--exclude";
    if (o->photo.control) return "--control-roi";
    if (o->photo.scar_line) return "--scar-line";
    if (o->report) return "--report";
    return o->overlay ? "--overlay" : NULL;
}

static bool arguments_are_right(const struct cli_options *o, int n, char **photo)
{
    int from_stdin = 0;

    for (int i = 0; i < n; i++)
        from_stdin += strcmp(photo[i], "-") == 0;
    if (n == 0)
        cli_error("analyze needs a photo");
    else if (from_stdin > 1)
        cli_error("only one photo can come from standard input");
    else if (n > 1 && single_photo_option(o))
        cli_error("%s belongs to one photo, but %d photos were given", single_photo_option(o), n);
    else
        return true;
    return false;
}

int cli_analyze(const struct cli_options *o, int n, char **photo)
{
    struct lines lines = { 0 };
    struct cli_job job;
    int exit_code;

    if (!arguments_are_right(o, n, photo)) return cli_exit_code(DERM_EUSAGE);
    exit_code = cli_job_open(&job, o);
    if (exit_code == 0)
        exit_code = n == 1 ? analyze_one(&job, photo[0]) : analyze_all(&job, n, photo, &lines);
    free(lines.text);
    cli_job_close(&job);
    return exit_code;
}
