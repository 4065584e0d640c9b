/* SPDX-License-Identifier: Apache-2.0 */
/* The script that runs a batch on Slurm: one array job for the shards and one job behind it. */
#define _XOPEN_SOURCE 700 /* getcwd, readlink, open_memstream */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct job {
    const struct cli_options *o;
    const char *manifest;
    char program[PATH_MAX];
};

/* As one word of the shell: any byte stays itself between single quotes but the quote. */
static void print_word(FILE *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+=:,./-";

    if (*text && !text[strspn(text, plain)]) {
        fputs(text, out);
        return;
    }
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            putc(*text, out);
    }
    putc('\'', out);
}

static void print_choice(FILE *out, const struct cli_option *option, int index)
{
    const char *word = option->argument;

    while (index-- > 0)
        word = strchr(word, '|') + 1;
    fprintf(out, " --%s %.*s", option->name, (int)strcspn(word, "|"), word);
}

/* The option as it was given, if it was. */
static void pass_on(FILE *out, const struct cli_options *o, const struct cli_option *option)
{
    const unsigned char *const field = (const unsigned char *)o + option->offset;
    const char *text;
    double number;
    int count;

    switch (option->kind) {
    case CLI_FLAG:
        if (*field) fprintf(out, " --%s", option->name);
        break;
    case CLI_TEXT:
        memcpy(&text, field, sizeof(text));
        if (!text) break;
        fprintf(out, " --%s ", option->name);
        print_word(out, text);
        break;
    case CLI_POSITIVE:
        memcpy(&number, field, sizeof(number));
        if (number > 0) fprintf(out, " --%s %.17g", option->name, number);
        break;
    case CLI_COUNT:
        memcpy(&count, field, sizeof(count));
        if (count > 0) fprintf(out, " --%s %d", option->name, count);
        break;
    case CLI_CHOICE:
        memcpy(&count, field, sizeof(count));
        if (count > 0) print_choice(out, option, count);
        break;
    }
}

/* exec: the program is then the process that Slurm signals; it stops cleanly, and a task that is
 * started again goes on where it was. */
static void print_batch(FILE *out, const struct job *job)
{
    fputs("exec ", out);
    print_word(out, job->program);
    fputs(" batch", out);
    for (const struct cli_option *option = cli_options_table; option->name; option++)
        if ((option->commands & CLI_STUDY) == CLI_STUDY) pass_on(out, job->o, option);
    fputs(" --progress json -- ", out);
    print_word(out, job->manifest);
}

static void print_merge(FILE *out, const struct job *job)
{
    print_word(out, job->program);
    fputs(" status -- ", out);
    print_word(out, job->o->out);
    fputs(" || [ $? -eq 3 ] || exit 75 # 3: complete, with failed records\nexec ", out);
    print_word(out, job->program);
    fputs(job->o->cohort ? " merge --cohort -- " : " merge -- ", out);
    print_word(out, job->o->out);
}

/* As the text of a job. It is an argument, and no document behind <<, so that nothing in the name
 * of a file can end it. False: no memory. */
static bool print_wrapped(FILE *out, const struct job *job,
                          void (*print)(FILE *out, const struct job *job))
{
    char *text = NULL;
    size_t size;
    FILE *const memory = open_memstream(&text, &size);
    bool done;

    if (!memory) return false;
    print(memory, job);
    done = fclose(memory) == 0;
    fputs("--wrap=", out);
    if (done) print_word(out, text);
    free(text);
    return done;
}

/* The second job runs whatever became of the first: what counts is which records are there, not
 * what a scheduler says of its tasks. */
static bool print_script(FILE *out, const struct job *job)
{
    const struct cli_options *const o = job->o;
    const int processors = (o->jobs ? o->jobs : 1) * (o->threads ? o->threads : 1);
    char cwd[PATH_MAX] = ".";

    if (!getcwd(cwd, sizeof(cwd))) memcpy(cwd, ".", 2);
    fputs("#!/bin/sh\n"
          "# sh THIS_FILE [OPTION OF SBATCH]...   submits the study, or what is left of it.\n"
          "set -eu\ncd -- ",
          out);
    print_word(out, cwd);
    fprintf(out,
            "\ntasks=$(sbatch --parsable --job-name=dermetry --array=1-%d --cpus-per-task=%d "
            "--requeue --signal=B:TERM@60 \"$@\" \\\n    ",
            o->shards, processors);
    if (!print_wrapped(out, job, print_batch)) return false;
    fputs(")\nsbatch --job-name=dermetry-merge --dependency=\"afterany:${tasks%%;*}\" \"$@\" \\\n"
          "    ",
          out);
    if (!print_wrapped(out, job, print_merge)) return false;
    putc('\n', out);
    return true;
}

int cli_submit(const struct cli_options *o, int n, char **argument)
{
    struct job job = { .o = o, .program = "dermetry" };
    bool done = false;
    char *script = NULL;
    int exit_code;
    ssize_t length;
    size_t size;
    FILE *out;

    if (n != 2 || strcmp(argument[0], "slurm") != 0 || strcmp(argument[1], "-") == 0 || !o->out ||
        !o->shards) {
        cli_error("submit takes: slurm MANIFEST --out DIR --shards N; it prints the script to run");
        return cli_exit_code(DERM_EUSAGE);
    }
    job.manifest = argument[1];
    if (access(job.manifest, R_OK) != 0) {
        cli_error("cannot read %s: %s", job.manifest, strerror(errno));
        return cli_exit_code(DERM_EMISSING);
    }
    length = readlink("/proc/self/exe", job.program, sizeof(job.program) - 1);
    if (length > 0) job.program[length] = '\0';
    out = open_memstream(&script, &size);
    if (out) done = print_script(out, &job);
    if (out && fclose(out) == 0 && done) {
        exit_code = cli_print_stdout(script);
    } else {
        cli_error("not enough memory for the script");
        exit_code = cli_exit_code(DERM_ENOMEM);
    }
    free(script);
    return exit_code;
}
