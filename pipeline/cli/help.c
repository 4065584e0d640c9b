/* SPDX-License-Identifier: Apache-2.0 */
/* Help, the manual page and shell completion: all from the option and command tables. */
#include <ctype.h>
#include <string.h>

#include "cli.h"

static const char about[] = "measures how skin changes between photographs";

static const struct {
    int code;
    const char *meaning;
} exit_codes[] = {
    { 0, "done; also when the answer is a refusal, such as \"not comparable\"" },
    { 2, "the answer is a refusal and --strict was given" },
    { 3, "some of several photos or records failed, the others are done" },
    { 64, "wrong command line" },
    { 65, "unreadable or malformed input" },
    { 66, "missing input; merge: also a record that is missing, run the batch again" },
    { 70, "internal error, or a model is missing or damaged" },
    { 73, "an output cannot be created" },
    { 74, "reading or writing failed" },
    { 75, "interrupted, run it again to resume; status: the study is not complete" },
};

/* ---- --help */

static void print_wrapped(FILE *out, const char *text)
{
    enum { LEFT = 32, RIGHT = 100 };
    int column = LEFT;

    while (*text) {
        const int n = (int)strcspn(text, " ");

        if (column > LEFT && column + 1 + n > RIGHT) {
            fprintf(out, "\n%*s", LEFT, "");
            column = LEFT;
        } else if (column > LEFT) {
            putc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", n, text);
        column += n;
        text += n + (text[n] == ' ');
    }
    putc('\n', out);
}

static void print_item(FILE *out, const char *left, const char *text)
{
    fprintf(out, "%-32s", left);
    if (strlen(left) > 31) fprintf(out, "\n%32s", "");
    print_wrapped(out, text);
}

static void print_options(FILE *out, unsigned bit)
{
    fprintf(out, "\nOptions:\n");
    for (const struct cli_option *o = cli_options_table; o->name; o++) {
        char left[80];

        if (!(o->commands & bit)) continue;
        snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
                 o->argument ? " " : "", o->argument ? o->argument : "");
        print_item(out, left, o->help);
    }
}

void cli_print_help(FILE *out, const struct cli_command *command)
{
    if (command) {
        fprintf(out, "Usage: dermetry %s [OPTION...] %s\n\n%c%s.\n", command->name,
                command->arguments, toupper((unsigned char)command->help[0]), command->help + 1);
        print_options(out, command->bit);
        return;
    }
    fprintf(out, "dermetry %s\n\nUsage: dermetry COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
            about);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        char left[128];

        snprintf(left, sizeof(left), "  %s %s", c->name, c->arguments);
        print_item(out, left, c->help);
    }
    print_options(out, CLI_PROGRAM);
    fprintf(out, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof(exit_codes) / sizeof(*exit_codes); i++)
        fprintf(out, "  %-30d%s\n", exit_codes[i].code, exit_codes[i].meaning);
    fprintf(out, "\ndermetry COMMAND --help lists the options of a command.\n"
                 "dermetry measures appearance and makes no diagnosis.\n");
}

/* ---- Markdown */

void cli_print_options(FILE *out)
{
    fputs("| option | commands | meaning |\n|---|---|---|\n", out);
    for (const struct cli_option *o = cli_options_table; o->name; o++) {
        const char *separator = "";

        fputs("| ", out);
        if (o->letter) fprintf(out, "`-%c`, ", o->letter);
        fprintf(out, "`--%s%s", o->name, o->argument ? " " : "");
        for (const char *p = o->argument; p && *p; p++)
            fprintf(out, "%s%c", *p == '|' ? "\\" : "", *p);
        fputs("` | ", out);
        for (const struct cli_command *c = cli_commands; c->name; c++) {
            if (!(o->commands & c->bit)) continue;
            fprintf(out, "%s%s", separator, c->name);
            separator = ", ";
        }
        fprintf(out, " | %s |\n", o->help);
    }
}

/* ---- manual page */

/* Plain text as roff: hyphens stay hyphens, no line starts a request. */
static void print_roff(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '-') putc('\\', out);
        if (*p == '\\')
            fputs("\\e", out);
        else
            putc(*p, out);
    }
}

static void print_man_option(FILE *out, const struct cli_option *o)
{
    fputs(".TP\n\\fB", out);
    if (o->letter) fprintf(out, "\\-%c\\fR, \\fB", o->letter);
    fputs("\\-\\-", out);
    print_roff(out, o->name);
    fputs("\\fR", out);
    if (o->argument) {
        fputs(" \\fI", out);
        print_roff(out, o->argument);
        fputs("\\fR", out);
    }
    putc('\n', out);
    print_roff(out, o->help);
    fputs(".\n", out);
}

void cli_print_man(FILE *out)
{
    fprintf(out, ".TH DERMETRY 1 \"\" \"dermetry %s\"\n.SH NAME\ndermetry \\- %s\n.SH SYNOPSIS\n",
            derm_version(), about);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(out, ".B dermetry %s\n[\\fIOPTION\\fR...] \\fI%s\\fR\n.br\n", c->name,
                c->arguments);
    fputs(".B dermetry \\-\\-version\n[\\fB\\-\\-json\\fR]\n.SH DESCRIPTION\n"
          "Reads photographs of skin and prints what was measured as JSON on standard output: "
          "pores,\n"
          "pigmentation and scars, per region, with units, uncertainty and the reasons where "
          "something\n"
          "could not be measured. It runs offline, measures appearance and makes no diagnosis.\n"
          ".SH COMMANDS\n",
          out);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(out, ".TP\n\\fB%s\\fR \\fI%s\\fR\n%s.\n", c->name, c->arguments, c->help);
    fputs(".SH OPTIONS\n", out);
    for (const struct cli_option *o = cli_options_table; o->name; o++)
        print_man_option(out, o);
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < sizeof(exit_codes) / sizeof(*exit_codes); i++) {
        fprintf(out, ".TP\n%d\n", exit_codes[i].code);
        print_roff(out, exit_codes[i].meaning);
        fputs(".\n", out);
    }
    fputs(".SH ENVIRONMENT\n.TP\nDERMETRY_MODELS\nfolder of the face models.\n", out);
}

/* ---- completion for bash */

/* "a|b|c" as "a b c"; nothing when the argument is not a list of words. */
static void print_words(FILE *out, const char *choices)
{
    for (const char *p = choices; *p; p++)
        putc(*p == '|' ? ' ' : *p, out);
}

void cli_print_completion(FILE *out)
{
    fputs(
        "# bash completion for dermetry, printed by dermetry --completion\n"
        "_dermetry()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local words=\"\"\n    COMPREPLY=()\n    case $prev in\n",
        out);
    for (const struct cli_option *o = cli_options_table; o->name; o++) {
        if (o->kind == CLI_FLAG) continue;
        fprintf(out, "    --%s)", o->name);
        if (strchr(o->argument, '|')) {
            fputs(" COMPREPLY=($(compgen -W \"", out);
            print_words(out, o->argument);
            fputs("\" -- \"$cur\"));", out);
        } else if (o->kind == CLI_TEXT) {
            fputs(" COMPREPLY=($(compgen -f -- \"$cur\"));", out);
        }
        fputs(" return ;;\n", out);
    }
    fputs("    esac\n    case ${COMP_WORDS[1]-} in\n", out);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        fprintf(out, "    %s) words=\"", c->name);
        if (strchr(c->arguments, '|')) print_words(out, c->arguments);
        for (const struct cli_option *o = cli_options_table; o->name; o++)
            if (o->commands & c->bit) fprintf(out, " --%s", o->name);
        fputs("\" ;;\n", out);
    }
    fputs("    *) words=\"", out);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(out, "%s ", c->name);
    for (const struct cli_option *o = cli_options_table; o->name; o++)
        if (o->commands & CLI_PROGRAM) fprintf(out, "--%s ", o->name);
    fputs("\" ;;\n    esac\n    if [[ $cur == -* || $COMP_CWORD -eq 1 || ${COMP_WORDS[1]} == "
          "schema ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n    else\n"
          "        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
          "complete -o filenames -F _dermetry dermetry\n",
          out);
}
