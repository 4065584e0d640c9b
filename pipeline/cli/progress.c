/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on standard error: a bar on a terminal, lines, or JSON lines for other programs. */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { BAR_WIDTH = 30 };

struct cli_meter cli_meter_new(const struct cli_options *o)
{
    struct cli_meter meter = { (enum cli_progress)o->progress, "" };

    if (o->progress != CLI_PROGRESS_AUTO) return meter;
    if (o->verbose)
        meter.how = CLI_PROGRESS_PLAIN;
    else if (o->quiet || !isatty(STDERR_FILENO))
        meter.how = CLI_PROGRESS_NONE;
    return meter;
}

static void print_json_text(const char *text)
{
    putc('"', stderr);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < 0x20)
            fprintf(stderr, "\\u%04x", *p);
        else if (*p == '"' || *p == '\\')
            fprintf(stderr, "\\%c", *p);
        else
            putc(*p, stderr);
    }
    putc('"', stderr);
}

int cli_meter_step(void *user, const struct derm_progress *at)
{
    const struct cli_meter *const meter = user;
    const int filled = BAR_WIDTH * at->step / at->steps;

    switch (meter->how) {
    case CLI_PROGRESS_AUTO:
        fprintf(stderr, "\r[%.*s%.*s] %-12s", filled, "##############################",
                BAR_WIDTH - filled, "..............................", at->stage);
        fflush(stderr);
        break;
    case CLI_PROGRESS_PLAIN:
        fprintf(stderr, "%2d/%d %s\n", at->step + 1, at->steps, at->stage);
        break;
    case CLI_PROGRESS_JSON:
        fprintf(stderr, "{\"event\":\"stage\",\"stage\":\"%s\",\"step\":%d,\"steps\":%d,\"file\":",
                at->stage, at->step, at->steps);
        print_json_text(meter->file);
        fputs("}\n", stderr);
        break;
    case CLI_PROGRESS_NONE:
        break;
    }
    return cli_stopped();
}

void cli_meter_end(const struct cli_meter *meter)
{
    if (meter->how == CLI_PROGRESS_AUTO) fprintf(stderr, "\r%*s\r", BAR_WIDTH + 16, "");
}

void cli_meter_error(const struct cli_meter *meter, derm_err code, const char *text)
{
    if (meter->how != CLI_PROGRESS_JSON) {
        cli_error("%s", text);
        return;
    }
    fprintf(stderr, "{\"event\":\"error\",\"code\":\"%s\",\"file\":", cli_error_id(code));
    print_json_text(meter->file);
    fputs(",\"text\":", stderr);
    print_json_text(text);
    fputs("}\n", stderr);
}
