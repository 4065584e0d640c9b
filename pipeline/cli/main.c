/* SPDX-License-Identifier: Apache-2.0 */
/* The program's entry: finds the command and runs it. */
#include <locale.h>
#include <string.h>

#include "cli.h"

const struct cli_command cli_commands[] = {
    { "analyze", "PHOTO...", "measure one photo; of several, print one document per line (NDJSON)",
      CLI_ANALYZE, cli_analyze },
    { "compare", "BASELINE FOLLOWUP", "measure what changed between two photos of the same skin",
      CLI_COMPARE, cli_compare },
    { "series", "MANIFEST", "measure how the skin of one subject and view went on, visit by visit",
      CLI_SERIES, cli_series },
    { "batch", "MANIFEST", "compare all photos of a study; run it again to resume", CLI_BATCH,
      cli_batch },
    { "status", "DIR", "say what of a study is done, failed or missing", CLI_STATUS, cli_status },
    { "submit", "slurm MANIFEST", "write the script that runs a batch as an array job", CLI_SUBMIT,
      cli_submit },
    { "report", "DOCUMENT", "make a page to look at, in one HTML file, of a stored document",
      CLI_REPORT, cli_report },
    { "schema", "analysis|comparison|series|study-row|study-status|cohort|precision",
      "print the JSON Schema of a document", CLI_SCHEMA, cli_schema },
    { "merge", "DIR", "check that the study in a folder is complete and make tables of it",
      CLI_MERGE, cli_merge },
    { "precision", "MANIFEST",
      "measure from repeat shots how much photos of unchanged skin differ; a figure of your own "
      "needs "
      "12 pairs of 3 subjects at one resolution, a figure for regions 12 regions of pairs",
      CLI_PRECISION, cli_precision },
    { "doctor", "", "examine the installation", CLI_DOCTOR, cli_doctor },
    { 0 },
};

const struct cli_command *cli_command_named(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}

static int print_about(enum derm_topic topic)
{
    char *const text = derm_about(topic);
    int code;

    if (!text) return cli_exit_code(DERM_ENOMEM);
    code = cli_print_stdout(text);
    derm_text_free(text);
    return code;
}

/* What the program does without a command. */
static int run_program(const struct cli_options *o)
{
    if (o->version && !o->json) {
        printf("dermetry %s\n", derm_version());
        return cli_print_stdout("");
    }
    if (o->version) return print_about(DERM_ABOUT_BUILD);
    if (o->list_stages) return print_about(DERM_ABOUT_STAGES);
    if (o->list_metrics) return print_about(DERM_ABOUT_METRICS);
    if (o->list_options) {
        cli_print_options(stdout);
        puts("\nOptions of the stages, for `--config`:\n");
        return print_about(DERM_ABOUT_OPTIONS);
    }
    if (o->man) {
        cli_print_man(stdout);
        return cli_print_stdout("");
    }
    if (o->completion) {
        cli_print_completion(stdout);
        return cli_print_stdout("");
    }
    cli_error("a command is needed, such as compare; see dermetry --help");
    return cli_exit_code(DERM_EUSAGE);
}

static int unknown_command(const char *name)
{
    cli_error("there is no command %s; see dermetry --help", name);
    return cli_exit_code(DERM_EUSAGE);
}

int main(int argc, char **argv)
{
    struct cli_options o = { 0 };
    const struct cli_command *command;
    int rest;

    cli_guard_streams();
    setlocale(LC_CTYPE, "C.UTF-8"); /* text is UTF-8 whatever the user's locale; numbers stay "C" */
    if (!cli_parse(&o, argc, argv, &rest)) return cli_exit_code(DERM_EUSAGE);
    command = rest < argc ? cli_command_named(argv[rest]) : NULL;
    if (rest < argc && !command) return unknown_command(argv[rest]);
    if (o.help) {
        cli_print_help(stdout, command);
        return cli_print_stdout("");
    }
    if (!command) return run_program(&o);
    if (!cli_outputs_are_apart(&o, argc - rest - 1, argv + rest + 1))
        return cli_exit_code(DERM_EUSAGE);
    return command->run(&o, argc - rest - 1, argv + rest + 1);
}
