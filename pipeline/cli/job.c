/* SPDX-License-Identifier: Apache-2.0 */
/* A job: options into settings, a document into outputs, signals into a clean stop. */
#define _XOPEN_SOURCE 700 /* sigaction, access, open */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

/* The first signal stops between two stages; a second one ends the program at once. */
void cli_catch_signals(void)
{
    struct sigaction action = { .sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* A reader that has gone away and a file that may not grow are errors to be told, not a silent end.
 * A stream that the caller has closed must not become the next file that is opened: its place is
 * taken by one that fails. */
void cli_guard_streams(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

bool cli_stopped(void)
{
    return stop_asked != 0;
}

/* Before minutes of work rather than after. */
static bool folder_is_writable(const char *path)
{
    char copy[PATH_MAX];

    if (strlen(path) >= sizeof(copy)) return false;
    memcpy(copy, path, strlen(path) + 1);
    return access(dirname(copy), W_OK) == 0;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Not standard output. */
static bool is_file(const char *output)
{
    return output && strcmp(output, "-") != 0;
}

/* Two names of one file, or one name of what is not there yet. Writing twice to a device does no
 * harm. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;

    if (stat(a, &x) == 0 && stat(b, &y) == 0)
        return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    return strcmp(a, b) == 0;
}

bool cli_outputs_are_apart(const struct cli_options *o, int n, char **input)
{
    const char *const output[] = { o->output ? o->output : "-", o->report, o->readings };
    const int outputs = sizeof(output) / sizeof(*output);

    for (int i = 0; i < outputs; i++) {
        if (!output[i]) continue;
        for (int j = 0; j < i; j++) {
            if (!output[j] || !same_file(output[i], output[j])) continue;
            cli_error("two outputs go to %s: give each a place of its own",
                      is_file(output[i]) ? output[i] : "standard output");
            return false;
        }
        for (int j = 0; j < n; j++) {
            if (!is_file(output[i]) || !same_file(output[i], input[j])) continue;
            cli_error("the output %s would take the place of the input", output[i]);
            return false;
        }
    }
    return true;
}

/* Can the file, or with folder set the folder, be there in the end? errno says why not. */
static bool can_create(const char *path, bool folder)
{
    if (access(path, W_OK) != 0) return errno == ENOENT && folder_is_writable(path);
    if (is_folder(path) == folder) return true;
    errno = folder ? ENOTDIR : EISDIR;
    return false;
}

static int check_outputs(const struct cli_options *o)
{
    const char *wrong = NULL;

    if (is_file(o->output) && !can_create(o->output, false))
        wrong = o->output;
    else if (is_file(o->report) && !can_create(o->report, false))
        wrong = o->report;
    else if (o->readings && !can_create(o->readings, false))
        wrong = o->readings;
    else if (o->overlay && !can_create(o->overlay, true))
        wrong = o->overlay;
    if (!wrong) return 0;
    cli_error("cannot create %s: %s", wrong, strerror(errno));
    return cli_exit_code(DERM_ECREATE);
}

/* 0 stays 0, the default; less than a byte does not become it. */
static uint64_t bytes_of_mib(double mib)
{
    return mib > 0 ? (uint64_t)(mib * 1048576) + 1 : 0;
}

struct derm_settings cli_settings(const struct cli_options *o)
{
    return (struct derm_settings){
        .size = sizeof(struct derm_settings),
        .models = o->models,
        .config = o->config,
        .cpu = o->cpu,
        .threads = o->threads,
        .max_megapixels = o->max_megapixels,
        .max_file_bytes = bytes_of_mib(o->max_file_mib),
        .max_memory_bytes = bytes_of_mib(o->max_memory_mib),
        .findings = o->findings,
        .precision = o->precision,
        .eye_bar = o->eye_bar,
        .no_pictures = !o->overlay && !o->report,
    };
}

int cli_job_open(struct cli_job *job, const struct cli_options *o)
{
    struct derm_settings settings = cli_settings(o);
    derm_err code;
    int exit_code = check_outputs(o);

    *job = (struct cli_job){ .o = o, .meter = cli_meter_new(o) };
    if (exit_code) return exit_code;
    settings.progress = cli_meter_step;
    settings.user = &job->meter;
    cli_catch_signals();
    code = derm_context_new(&job->ctx, &settings);
    return code == DERM_OK ? 0 : cli_job_failed(job, code);
}

void cli_job_close(struct cli_job *job)
{
    derm_context_free(job->ctx);
}

int cli_job_of_manifest(const struct cli_options *o, const char *command, int n, char **manifest,
                        int (*measure)(struct cli_job *job, const char *manifest))
{
    struct cli_job job;
    int exit_code;

    if (n != 1) {
        cli_error("%s takes one manifest; %d given", command, n);
        return cli_exit_code(DERM_EUSAGE);
    }
    exit_code = cli_job_open(&job, o);
    job.meter.file = manifest[0];
    if (exit_code == 0) exit_code = measure(&job, manifest[0]);
    cli_job_close(&job);
    return exit_code;
}

int cli_job_failed(const struct cli_job *job, derm_err code)
{
    cli_meter_end(&job->meter);
    cli_meter_error(&job->meter, code, derm_error_text(job->ctx));
    return cli_exit_code(code);
}

struct derm_photo_request cli_job_photo(const struct cli_options *o, const struct cli_photo *p,
                                        const char *path)
{
    return (struct derm_photo_request){
        .size = sizeof(struct derm_photo_request),
        .path = path,
        .roi_path = p->roi,
        .exclude_path = p->exclude,
        .control_path = p->control,
        .px_per_mm = p->px_per_mm,
        .site = (enum derm_site)o->site,
        .scar_line_path = p->scar_line,
    };
}

static int write_text(struct cli_job *job, const char *text, const char *path)
{
    derm_err code;

    if (!is_file(path)) return cli_print_stdout(text);
    code = derm_text_write(job->ctx, text, path);
    return code == DERM_OK ? 0 : cli_job_failed(job, code);
}

int cli_job_write(struct cli_job *job, const char *text)
{
    return write_text(job, text, job->o->output);
}

int cli_job_report(struct cli_job *job, const struct derm_report_request *report, const char *path)
{
    char *html;
    const derm_err code = derm_report(job->ctx, report, &html);
    const int exit_code = code == DERM_OK ? write_text(job, html, path) : cli_job_failed(job, code);

    derm_text_free(html);
    return exit_code;
}

int cli_job_deliver(struct cli_job *job, derm_document *doc)
{
    int exit_code;

    cli_meter_end(&job->meter);
    if (job->o->overlay) {
        const derm_err code = derm_document_overlays(doc, job->o->overlay);

        if (code != DERM_OK) return cli_job_failed(job, code);
    }
    if (job->o->report) {
        const struct derm_report_request report = { .size = sizeof(report), .document = doc };

        exit_code = cli_job_report(job, &report, job->o->report);
        if (exit_code) return exit_code;
    }
    exit_code = cli_job_write(job, derm_document_json(doc));
    if (exit_code == 0 && !job->o->quiet && is_file(job->o->output))
        fputs(derm_document_summary(doc), stderr);
    if (exit_code || !derm_document_refused(doc)) return exit_code;
    if (!job->o->quiet) cli_error("the answer is a refusal; the document says why");
    return job->o->strict ? CLI_REFUSED : 0;
}
