/* SPDX-License-Identifier: Apache-2.0 */
/* The script that runs a batch on Slurm: one array job for the shards and one job behind it. */
#define _XOPEN_SOURCE 700 /* getcwd, readlink, open_memstream */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* As one word of the shell. */
static void print_word(FILE *out, const char *text)
{
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

static void print_batch(FILE *out, const struct cli_options *o, const char *program,
                        const char *manifest)
{
    fputs("exec ", out);
    print_word(out, program);
    fputs(" batch ", out);
    print_word(out, manifest);
    for (const struct cli_option *option = cli_options_table; option->name; option++)
        if ((option->commands & CLI_STUDY) == CLI_STUDY) pass_on(out, o, option);
    fprintf(out, " --shard \"$SLURM_ARRAY_TASK_ID/%d\" --progress json\n", o->shards);
}

static void print_header(FILE *out, const char *cwd)
{
    fputs("#!/bin/sh\n#SBATCH --chdir=", out);
    print_word(out, cwd);
    fputc('\n', out);
}

/* exec: the program is then the process that Slurm signals; it stops cleanly, and a task that is
 * started again goes on where it was. The second job runs whatever became of the first: what counts
 * is which records are there, not what a scheduler says of its tasks. */
static void print_script(FILE *out, const struct cli_options *o, const char *manifest)
{
    const int processors = (o->jobs ? o->jobs : 1) * (o->threads ? o->threads : 1);
    char cwd[PATH_MAX] = ".", program[PATH_MAX] = "dermetry";
    const ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (n > 0) program[n] = '\0';
    if (!getcwd(cwd, sizeof(cwd))) memcpy(cwd, ".", 2);
    fputs("#!/bin/sh\n"
          "# sh THIS_FILE [OPTION OF SBATCH]...   submits the study, or what is left of it.\n"
          "set -eu\n"
          "tasks=$(sbatch --parsable \"$@\" <<'TASK'\n",
          out);
    print_header(out, cwd);
    fprintf(out,
            "#SBATCH --job-name=dermetry\n#SBATCH --array=1-%d\n#SBATCH --cpus-per-task=%d\n"
            "#SBATCH --requeue\n#SBATCH --signal=B:TERM@60\n",
            o->shards, processors);
    print_batch(out, o, program, manifest);
    fputs("TASK\n)\nsbatch \"$@\" --dependency=\"afterany:${tasks%%;*}\" <<'MERGE'\n", out);
    print_header(out, cwd);
    fputs("#SBATCH --job-name=dermetry-merge\n", out);
    print_word(out, program);
    fputs(" status ", out);
    print_word(out, o->out);
    fputs(" || [ $? -eq 3 ] || exit 75 # 3: complete, with failed records\nexec ", out);
    print_word(out, program);
    fputs(" merge ", out);
    print_word(out, o->out);
    fputs("\nMERGE\n", out);
}

int cli_submit(const struct cli_options *o, int n, char **argument)
{
    char *script = NULL;
    int exit_code;
    size_t size;
    FILE *out;

    if (n != 2 || strcmp(argument[0], "slurm") != 0 || strcmp(argument[1], "-") == 0 || !o->out ||
        !o->shards) {
        cli_error("submit takes: slurm MANIFEST --out DIR --shards N; it prints the script to run");
        return cli_exit_code(DERM_EUSAGE);
    }
    out = open_memstream(&script, &size);
    if (out) print_script(out, o, argument[1]);
    if (out && fclose(out) == 0) {
        exit_code = cli_print_stdout(script);
    } else {
        cli_error("not enough memory for the script");
        exit_code = cli_exit_code(DERM_ENOMEM);
    }
    free(script);
    return exit_code;
}
