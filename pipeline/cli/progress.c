/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on standard error: a bar on a terminal, lines, or JSON lines for other programs. */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

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

/* Bytes at the start of text that JSON takes as they are. */
static size_t plain_bytes(const char *text)
{
    const char *p = text;

    while ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\') {
        const size_t n = mbrlen(p, MB_CUR_MAX, &(mbstate_t){ 0 });

        if (n > MB_CUR_MAX) break;
        p += n;
    }
    return (size_t)(p - text);
}

/* A file's name may hold any bytes, JSON holds UTF-8: what is none becomes U+FFFD. Standard error
 * has no buffer, so that what is plain goes out at once. */
static void print_json_text(const char *text)
{
    putc('"', stderr);
    for (;;) {
        const size_t n = plain_bytes(text);

        fwrite(text, 1, n, stderr);
        text += n;
        if (!*text) break;
        if (*text == '"' || *text == '\\')
            fprintf(stderr, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(stderr, "\\u%04x", (unsigned)*text);
        else
            fputs("\\ufffd", stderr);
        text++;
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

/* ---- batch */

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Other programs read what no terminal shows. */
struct cli_batch_meter cli_batch_meter_new(const struct cli_options *o)
{
    struct cli_batch_meter meter = { (enum cli_progress)o->progress, seconds_now() };

    if (o->progress != CLI_PROGRESS_AUTO) return meter;
    if (o->verbose)
        meter.how = CLI_PROGRESS_PLAIN;
    else if (o->quiet)
        meter.how = CLI_PROGRESS_NONE;
    else if (!isatty(STDERR_FILENO))
        meter.how = CLI_PROGRESS_JSON;
    return meter;
}

/* Seconds that the rest will take, -1 when nothing tells yet. Kept records took no time. */
static double seconds_left(const struct cli_batch_meter *meter, const struct derm_study_counts *c)
{
    const int ended = c->done + c->failed, computed = ended - c->kept;

    if (computed == 0) return ended == c->records ? 0 : -1;
    return (seconds_now() - meter->started) / computed * (c->records - ended);
}

static void draw_batch(const struct cli_batch_meter *meter, const struct derm_study_counts *c)
{
    const int ended = c->done + c->failed;
    const int filled = (int)((double)BAR_WIDTH * ended / c->records);
    const double left = seconds_left(meter, c);
    const long s = left > 0 ? (long)left : 0;

    fprintf(stderr, "\r[%.*s%.*s] %d/%d, %d failed, ", filled, "##############################",
            BAR_WIDTH - filled, "..............................", ended, c->records, c->failed);
    if (left < 0)
        fprintf(stderr, "%-16s", "...");
    else
        fprintf(stderr, "%ld:%02ld:%02ld left  ", s / 3600, s / 60 % 60, s % 60);
    fflush(stderr);
}

static void print_batch_json(const struct cli_batch_meter *meter,
                             const struct derm_batch_progress *at)
{
    const struct derm_study_counts *const c = &at->counts;
    const double left = seconds_left(meter, c);

    fprintf(stderr,
            "{\"event\":\"record\",\"row\":%d,\"status\":\"%s\",\"records\":%d,\"done\":%d,"
            "\"kept\":%d,\"failed\":%d",
            at->row, at->status, c->records, c->done, c->kept, c->failed);
    if (left >= 0) fprintf(stderr, ",\"seconds_left\":%.0f", left);
    if (*at->text) {
        fputs(",\"text\":", stderr);
        print_json_text(at->text);
    }
    fputs("}\n", stderr);
}

int cli_batch_meter_step(void *user, const struct derm_batch_progress *at)
{
    const struct cli_batch_meter *const meter = user;

    if (meter->how == CLI_PROGRESS_AUTO)
        draw_batch(meter, &at->counts);
    else if (meter->how == CLI_PROGRESS_JSON && at->row)
        print_batch_json(meter, at);
    else if (meter->how == CLI_PROGRESS_PLAIN && at->row)
        fprintf(stderr, "line %d %s%s%s\n", at->row, at->status, *at->text ? ": " : "", at->text);
    return cli_stopped();
}

void cli_batch_meter_end(const struct cli_batch_meter *meter)
{
    if (meter->how == CLI_PROGRESS_AUTO) fputc('\n', stderr);
}
