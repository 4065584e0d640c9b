/* SPDX-License-Identifier: Apache-2.0 */
/* The option table and the parser over it. */
#define _GNU_SOURCE /* getopt_long */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define AT(field) offsetof(struct cli_options, field)

const struct cli_option cli_options_table[] = {
    { "output", 'o', CLI_TEXT, "FILE", AT(output),
      CLI_JOBS | CLI_SERIES | CLI_MERGE | CLI_PRECISION | CLI_REPORT,
      "write the document, or the page, to FILE, whole or not at all; - is standard output "
      "(default); merge: the folder for its tables (tables in that of the study)" },
    { "readings", 0, CLI_TEXT, "FILE.csv", AT(readings), CLI_PRECISION,
      "also write what every pair of shots said, as CSV" },
    { "cohort", 0, CLI_FLAG, 0, AT(cohort), CLI_MERGE | CLI_SUBMIT,
      "also write the statistics of the cohort: paired change with its interval, Wilcoxon's test "
      "and responders, per arm where the manifest has a column arm; submit: in the merging job" },
    { "partial", 0, CLI_FLAG, 0, AT(partial), CLI_MERGE,
      "write tables of what is there although records are missing; exit with 3" },
    { "site", 0, CLI_CHOICE, "face|body", AT(site), CLI_MEASURE,
      "body: measure the photo as a close-up, whether a face is in it or not" },
    { "roi", 0, CLI_TEXT, "MASK.png", AT(photo.roi), CLI_JOBS,
      "measure only where this mask of the photo's size is white (compare: of the baseline)" },
    { "exclude", 0, CLI_TEXT, "MASK.png", AT(photo.exclude), CLI_JOBS,
      "do not measure where this mask is white (compare: of the baseline)" },
    { "control-roi", 0, CLI_TEXT, "MASK.png", AT(photo.control), CLI_JOBS,
      "untreated skin, for regional metrics (compare: of the baseline)" },
    { "scar-line", 0, CLI_TEXT, "FILE", AT(photo.scar_line), CLI_JOBS,
      "measure the scar along the line of these points, one x,y in pixels a row, in place of those "
      "that are found (compare: of the baseline)" },
    { "px-per-mm", 0, CLI_POSITIVE, "X", AT(photo.px_per_mm), CLI_MEASURE,
      "pixels per millimetre on the skin (compare: of the baseline; of a manifest: where it does "
      "not "
      "say)" },
    { "followup-roi", 0, CLI_TEXT, "MASK.png", AT(followup.roi), CLI_COMPARE,
      "like --roi, for the follow-up" },
    { "followup-exclude", 0, CLI_TEXT, "MASK.png", AT(followup.exclude), CLI_COMPARE,
      "like --exclude, for the follow-up" },
    { "followup-control-roi", 0, CLI_TEXT, "MASK.png", AT(followup.control), CLI_COMPARE,
      "like --control-roi, for the follow-up" },
    { "followup-px-per-mm", 0, CLI_POSITIVE, "X", AT(followup.px_per_mm), CLI_COMPARE,
      "like --px-per-mm, for the follow-up" },
    { "subject", 0, CLI_TEXT, "S", AT(subject), CLI_SERIES,
      "whose photos (default: the only one's)" },
    { "view", 0, CLI_TEXT, "V", AT(view), CLI_SERIES,
      "which view of the subject (default: the only one)" },
    { "overlay", 0, CLI_TEXT, "DIR", AT(overlay), CLI_JOBS | CLI_REPORT | CLI_STUDY,
      "write pictures of what was found into DIR, which is created when it does not exist; batch: "
      "a folder for each record; report: show the pictures that are there" },
    { "report", 0, CLI_TEXT, "FILE.html", AT(report), CLI_JOBS | CLI_SERIES | CLI_STUDY,
      "write a page to look at with the patient: one file that needs no other and no network; "
      "batch: a folder that gets a page for each subject and view and for each record, and an "
      "index.html" },
    { "eye-bar", 0, CLI_FLAG, 0, AT(eye_bar), CLI_JOBS | CLI_STUDY,
      "cover the eyes of the face that is measured in all pictures" },
    { "findings", 0, CLI_FLAG, 0, AT(findings), CLI_JOBS,
      "list every pore, spot, scar, mark and line in the document" },
    { "strict", 0, CLI_FLAG, 0, AT(strict), CLI_JOBS | CLI_SERIES,
      "exit with 2 when the answer is a refusal" },
    { "config", 0, CLI_TEXT, "FILE", AT(config), CLI_MEASURE,
      "JSON file {\"stage\": {\"option\": value}}; see --list-options" },
    { "precision", 0, CLI_TEXT, "FILE", AT(precision), CLI_MEASURE & ~CLI_ANALYZE,
      "decide against these null figures, in the format of models/precision.json" },
    { "threads", 0, CLI_COUNT, "N", AT(threads), CLI_MEASURE,
      "number of threads; changes the time, never the result" },
    { "cpu", 0, CLI_TEXT, "auto|c|avx2|avx512|neon", AT(cpu), CLI_MEASURE,
      "code path; changes the time, never the result" },
    { "max-megapixels", 0, CLI_POSITIVE, "N", AT(max_megapixels), CLI_MEASURE,
      "refuse larger photos (200)" },
    { "max-file-mib", 0, CLI_POSITIVE, "N", AT(max_file_mib), CLI_MEASURE,
      "refuse larger files (512)" },
    { "max-memory-mib", 0, CLI_POSITIVE, "N", AT(max_memory_mib), CLI_MEASURE,
      "refuse to use more memory for a part of the work; batch: for a record (16384)" },
    { "models", 0, CLI_TEXT, "DIR", AT(models), CLI_MEASURE | CLI_REPORT | CLI_DOCTOR,
      "folder of the face models ($DERMETRY_MODELS, else the installed one)" },
    { "progress", 0, CLI_CHOICE, "auto|plain|json|none", AT(progress), CLI_MEASURE & ~CLI_SUBMIT,
      "progress on standard error; auto: a bar when it is a terminal" },
    { "quiet", 'q', CLI_FLAG, 0, AT(quiet), (CLI_MEASURE | CLI_REPORT) & ~CLI_SUBMIT,
      "say nothing but errors" },
    { "verbose", 'v', CLI_FLAG, 0, AT(verbose), CLI_MEASURE & ~CLI_SUBMIT,
      "name every stage as it starts" },
    { "out", 0, CLI_TEXT, "DIR", AT(out), CLI_STUDY,
      "folder of the study, which is created when it does not exist" },
    { "jobs", 'j', CLI_COUNT, "N", AT(jobs), CLI_STUDY,
      "comparisons at a time, each in a process of its own (as many as processors are allowed)" },
    { "shard", 0, CLI_TEXT, "K/N", AT(shard), CLI_BATCH,
      "do part K of N, from 1 (in an array job of Slurm, SGE or LSF: its task)" },
    { "shards", 0, CLI_COUNT, "N", AT(shards), CLI_STUDY,
      "number of array tasks, of which batch does its own (PBS does not tell them how many)" },
    { "time-limit", 0, CLI_POSITIVE, "S", AT(time_limit), CLI_STUDY,
      "give up a comparison after so many seconds (900)" },
    { "version", 0, CLI_FLAG, 0, AT(version), CLI_PROGRAM, "print the version" },
    { "json", 0, CLI_FLAG, 0, AT(json), CLI_PROGRAM | CLI_STATUS,
      "as JSON; with --version: with the versions of schemas and libraries" },
    { "list-stages", 0, CLI_FLAG, 0, AT(list_stages), CLI_PROGRAM, "print the pipeline" },
    { "list-metrics", 0, CLI_FLAG, 0, AT(list_metrics), CLI_PROGRAM, "print the metrics" },
    { "list-options", 0, CLI_FLAG, 0, AT(list_options), CLI_PROGRAM,
      "print these options, and those of the stages for --config" },
    { "man", 0, CLI_FLAG, 0, AT(man), CLI_PROGRAM, "print the manual page" },
    { "completion", 0, CLI_FLAG, 0, AT(completion), CLI_PROGRAM,
      "print the completion script for bash" },
    { "help", 'h', CLI_FLAG, 0, AT(help), ~0U, "print this help" },
    { 0 },
};

enum { MAX_OPTIONS = sizeof(cli_options_table) / sizeof(*cli_options_table) };

/* Position of word among "a|b|c", -1 when it is none of them. */
static int choice_index(const char *choices, const char *word)
{
    const size_t n = strlen(word);
    int index = 0;

    for (const char *c = choices; c; c = strchr(c, '|'), index++) {
        c += *c == '|';
        if (strncmp(c, word, n) == 0 && (c[n] == '|' || c[n] == '\0')) return index;
    }
    return -1;
}

static bool set_number(const struct cli_option *option, unsigned char *field, const char *text)
{
    char *end;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end || errno || !(value > 0) || value > 1e6) value = 0;
    if (option->kind == CLI_COUNT) {
        const int count = value <= 4096 ? (int)value : 0;

        memcpy(field, &count, sizeof(count));
        if (count >= 1 && (double)count == value) return true;
        cli_error("--%s needs a whole number from 1 to 4096, not \"%s\"", option->name, text);
        return false;
    }
    memcpy(field, &value, sizeof(value));
    if (value > 0) return true;
    cli_error("--%s needs a positive number up to 1e6, not \"%s\"", option->name, text);
    return false;
}

static bool set(struct cli_options *o, const struct cli_option *option, const char *text)
{
    unsigned char *const field = (unsigned char *)o + option->offset;
    const bool yes = true;
    int index;

    switch (option->kind) {
    case CLI_FLAG:
        memcpy(field, &yes, sizeof(yes));
        return true;
    case CLI_TEXT:
        if (!*text) {
            cli_error("--%s needs a value", option->name);
            return false;
        }
        memcpy(field, &text, sizeof(text));
        return true;
    case CLI_POSITIVE:
    case CLI_COUNT:
        return set_number(option, field, text);
    case CLI_CHOICE:
        index = choice_index(option->argument, text);
        if (index < 0) {
            cli_error("--%s must be one of %s, not \"%s\"", option->name, option->argument, text);
            return false;
        }
        memcpy(field, &index, sizeof(index));
        return true;
    }
    return false;
}

static void describe_for_getopt(struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing argument is told apart from an unknown option */
    for (int i = 0; cli_options_table[i].name; i++) {
        const struct cli_option *const o = &cli_options_table[i];

        longs[i] = (struct option){ o->name, o->kind == CLI_FLAG ? no_argument : required_argument,
                                    0, CHAR_MAX + 1 + i };
        if (!o->letter) continue;
        *shorts++ = o->letter;
        if (o->kind != CLI_FLAG) *shorts++ = ':';
    }
    *shorts = '\0';
}

static const struct cli_option *option_of(int got)
{
    if (got > CHAR_MAX) return &cli_options_table[got - CHAR_MAX - 1];
    for (int i = 0; cli_options_table[i].name; i++)
        if (cli_options_table[i].letter == got) return &cli_options_table[i];
    return NULL;
}

static bool contradicts(const struct cli_options *o)
{
    if (o->quiet && o->verbose)
        cli_error("--quiet and --verbose contradict each other");
    else if (o->report && strcmp(o->report, "-") == 0)
        cli_error("--report needs a file: standard output carries the document");
    else
        return false;
    return true;
}

bool cli_parse(struct cli_options *o, int argc, char **argv, int *rest)
{
    struct option longs[MAX_OPTIONS] = { { 0 } };
    char shorts[2 * MAX_OPTIONS + 2];
    bool given[MAX_OPTIONS] = { 0 };
    const struct cli_command *command;
    int got;

    describe_for_getopt(longs, shorts);
    opterr = 0;
    optind = 0;
    while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct cli_option *const option = option_of(got);

        if (got == ':') {
            cli_error("%s needs a value", argv[optind - 1]);
            return false;
        }
        if (!option && optopt > 0 && optopt <= CHAR_MAX) {
            cli_error("there is no option -%c; see dermetry --help", optopt);
            return false;
        }
        if (!option) {
            cli_error("%s is not an option or not a complete one; see dermetry --help",
                      argv[optind - 1]);
            return false;
        }
        given[option - cli_options_table] = true;
        if (!set(o, option, optarg)) return false;
    }
    *rest = optind;
    command = optind < argc ? cli_command_named(argv[optind]) : NULL;
    if (o->json && !command && !o->version) {
        cli_error("--json belongs to --version");
        return false;
    }
    if (optind < argc && !command) return !contradicts(o); /* the command is the worse mistake */
    for (int i = 0; cli_options_table[i].name; i++) {
        const unsigned bit = command ? command->bit : CLI_PROGRAM;

        if (!given[i] || (cli_options_table[i].commands & bit)) continue;
        if (command)
            cli_error("--%s is not an option of %s", cli_options_table[i].name, command->name);
        else
            cli_error("--%s needs a command; see dermetry --help", cli_options_table[i].name);
        return false;
    }
    return !contradicts(o);
}
