/* SPDX-License-Identifier: Apache-2.0 */
/* The program: options, commands, and what they share. It uses the public API only. */
#ifndef DERM_CLI_CLI_H
#define DERM_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include <dermetry/study.h>

/* ---- commands */
enum {
    CLI_ANALYZE = 1,
    CLI_COMPARE = 2,
    CLI_SCHEMA = 4,
    CLI_DOCTOR = 8,
    CLI_PROGRAM = 16, /* no command: --version and the lists */
    CLI_BATCH = 32,
    CLI_STATUS = 64,
    CLI_MERGE = 128,
    CLI_SERIES = 256,
    CLI_PRECISION = 512,
    CLI_REPORT = 1024,
    CLI_SUBMIT = 2048,
    CLI_JOBS = CLI_ANALYZE | CLI_COMPARE,
    CLI_STUDY = CLI_BATCH | CLI_SUBMIT, /* what one takes the other passes on */
    CLI_MEASURE = CLI_JOBS | CLI_STUDY | CLI_SERIES | CLI_PRECISION,
};

/* Exit codes that are no error of the library's. */
enum { CLI_REFUSED = 2, CLI_PARTLY_FAILED = 3 };

enum cli_progress { CLI_PROGRESS_AUTO, CLI_PROGRESS_PLAIN, CLI_PROGRESS_JSON, CLI_PROGRESS_NONE };

struct cli_photo {
    const char *roi, *exclude, *control;
    const char *scar_line; /* never of the follow-up */
    double px_per_mm;      /* 0: not given */
};

struct cli_options {
    const char *output; /* NULL or "-": standard output */
    const char *overlay, *report, *config, *precision, *models, *cpu;
    const char *subject, *view;       /* NULL: the only one of the manifest */
    struct cli_photo photo, followup; /* photo: of an analysis, or the baseline */
    int site, progress;               /* index of the choice */
    int threads;                      /* 0: automatic */
    double max_megapixels, max_file_mib, max_memory_mib; /* 0: default */
    const char *out, *shard;                             /* of a study; shard: K/N */
    int jobs, shards;                                    /* 0: not given */
    double time_limit;                                   /* s; 0: default */
    const char *readings;                                /* of precision */
    bool cohort, partial;                                /* of merge */
    bool findings, eye_bar, strict, quiet, verbose;
    bool help, version, json, list_stages, list_metrics, list_options, man, completion;
};

struct cli_command {
    const char *name, *arguments, *help;
    unsigned bit;                                                 /* CLI_ANALYZE, ... */
    int (*run)(const struct cli_options *o, int n, char **photo); /* returns the exit code */
};

extern const struct cli_command cli_commands[];                /* ends with { 0 } */
const struct cli_command *cli_command_named(const char *name); /* NULL: there is none */

int cli_analyze(const struct cli_options *o, int n, char **photo);
int cli_compare(const struct cli_options *o, int n, char **photo);
int cli_series(const struct cli_options *o, int n, char **manifest);
int cli_schema(const struct cli_options *o, int n, char **name);
int cli_report(const struct cli_options *o, int n, char **document);
int cli_doctor(const struct cli_options *o, int n, char **none);
int cli_batch(const struct cli_options *o, int n, char **manifest);
int cli_status(const struct cli_options *o, int n, char **folder);
int cli_submit(const struct cli_options *o, int n, char **argument);
int cli_merge(const struct cli_options *o, int n, char **folder);
int cli_precision(const struct cli_options *o, int n, char **manifest);

/* ---- options.c: one table feeds the parser and everything in help.c */
enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_POSITIVE, CLI_COUNT, CLI_CHOICE };

struct cli_option {
    const char *name;
    char letter; /* 0: none */
    enum cli_kind kind;
    const char *argument; /* shown in help; for a CHOICE the words, separated by | */
    size_t offset;        /* in struct cli_options */
    unsigned commands;    /* which accept it */
    const char *help;
};
extern const struct cli_option cli_options_table[]; /* ends with { 0 } */

/* Reads the options of argv[1..]; the rest is moved to the end, argv[*rest] on. False: a sentence
 * was printed. */
bool cli_parse(struct cli_options *o, int argc, char **argv, int *rest);

/* ---- help.c */
void cli_print_help(FILE *out, const struct cli_command *command); /* NULL: of the program */
void cli_print_options(FILE *out);                                 /* Markdown table */
void cli_print_man(FILE *out);
void cli_print_completion(FILE *out);

/* ---- report.c: what is said to the user */
__attribute__((format(printf, 1, 2))) void cli_error(const char *fmt, ...);
int cli_exit_code(derm_err code);
const char *cli_error_id(derm_err code);
int cli_print_stdout(const char *text); /* exit code */

/* ---- progress.c */
struct cli_meter {
    enum cli_progress how; /* AUTO here means a bar */
    const char *file;
};
struct cli_meter cli_meter_new(const struct cli_options *o);
int cli_meter_step(void *meter, const struct derm_progress *at); /* derm_settings.progress */
void cli_meter_end(const struct cli_meter *meter);
void cli_meter_error(const struct cli_meter *meter, derm_err code, const char *text);

/* Of a batch: records in place of stages, and how long the rest will take. */
struct cli_batch_meter {
    enum cli_progress how;
    double started; /* s */
};
struct cli_batch_meter cli_batch_meter_new(const struct cli_options *o);
int cli_batch_meter_step(void *meter, const struct derm_batch_progress *at); /* for the request */
void cli_batch_meter_end(const struct cli_batch_meter *meter);

/* ---- job.c: what analyze and compare share */
struct cli_job {
    const struct cli_options *o;
    struct cli_meter meter;
    derm_context *ctx;
};
/* Is no output another one's, or an input's? False: a sentence was printed. */
bool cli_outputs_are_apart(const struct cli_options *o, int n, char **input);
struct derm_settings cli_settings(const struct cli_options *o);
int cli_job_open(struct cli_job *job, const struct cli_options *o); /* exit code */
void cli_job_close(struct cli_job *job);
/* A command over one manifest: opens the job, measures, closes it; exit code. */
int cli_job_of_manifest(const struct cli_options *o, const char *command, int n, char **manifest,
                        int (*measure)(struct cli_job *job, const char *manifest));
int cli_job_failed(const struct cli_job *job, derm_err code); /* says why; exit code */
struct derm_photo_request cli_job_photo(const struct cli_options *o, const struct cli_photo *p,
                                        const char *path);
/* Text to -o or standard output. */
int cli_job_write(struct cli_job *job, const char *text);
/* The page that derm_report makes, to a file or, with NULL or "-", to standard output. */
int cli_job_report(struct cli_job *job, const struct derm_report_request *report, const char *path);
/* Overlays and page, then the document as JSON, then the exit code for a refusal. */
int cli_job_deliver(struct cli_job *job, derm_document *doc);

void cli_guard_streams(void); /* before anything is opened or printed */
void cli_catch_signals(void);
bool cli_stopped(void); /* a signal asked to stop */

#endif
