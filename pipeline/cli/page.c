/* SPDX-License-Identifier: Apache-2.0 */
/* dermetry report: a stored document as a page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MOST_BYTES = 256 << 20 }; /* a series of years stays far below */

/* The rest of a file as text, which the caller frees; NULL, after a sentence, when there is none.
 * NUL bytes end the text early: JSON has none. */
static derm_err read_text(FILE *file, const char *name, char **out)
{
    size_t used = 0, room = 1 << 16, n;
    char *text = malloc(room), *grown;

    *out = NULL;
    while (text && (n = fread(text + used, 1, room - used - 1, file)) > 0) {
        used += n;
        if (used + 1 < room) continue;
        room *= 2;
        grown = room <= MOST_BYTES ? realloc(text, room) : NULL;
        if (!grown) free(text);
        text = grown;
    }
    if (!text) {
        cli_error("%s is too large for a document", name);
        return DERM_ELIMIT;
    }
    if (ferror(file)) {
        const derm_err code = errno == EISDIR ? DERM_EMISSING : DERM_EIO;

        cli_error("cannot read %s: %s", name, strerror(errno));
        free(text);
        return code;
    }
    text[used] = '\0';
    *out = text;
    return DERM_OK;
}

static int make_page(const struct cli_options *o, const char *json, const char *name)
{
    const struct derm_report_request report = {
        .size = sizeof(report), .json = json, .pictures = o->overlay, .name = name
    };
    struct cli_job job;
    int exit_code = cli_job_open(&job, o);

    if (exit_code == 0) exit_code = cli_job_report(&job, &report, o->output);
    cli_job_close(&job);
    return exit_code;
}

int cli_report(const struct cli_options *o, int n, char **document)
{
    const bool from_stdin = n == 1 && strcmp(document[0], "-") == 0;
    const char *name;
    derm_err code;
    int exit_code;
    FILE *file;
    char *json;

    if (n != 1) {
        cli_error("report takes one document, as analyze and compare write it; %d given", n);
        return cli_exit_code(DERM_EUSAGE);
    }
    name = from_stdin ? "standard input" : document[0];
    file = from_stdin ? stdin : fopen(document[0], "rb");
    if (!file) {
        cli_error("cannot open %s: %s", name, strerror(errno));
        return cli_exit_code(DERM_EMISSING);
    }
    code = read_text(file, name, &json);
    if (!from_stdin) fclose(file);
    exit_code = code == DERM_OK ? make_page(o, json, name) : cli_exit_code(code);
    free(json);
    return exit_code;
}
