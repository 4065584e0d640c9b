/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what is accepted, what is refused and with which sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/options.c"

static char said[512];

void cli_error(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(said, sizeof(said), fmt, args);
    va_end(args);
}

const struct cli_command *cli_command_named(const char *name)
{
    static const struct cli_command commands[] = {
        { .name = "analyze", .bit = CLI_ANALYZE },
        { .name = "compare", .bit = CLI_COMPARE },
        { .name = "doctor", .bit = CLI_DOCTOR },
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

enum { MAX_WORDS = 16 };

/* Splits line at blanks; words point into a buffer that the next call reuses. */
static bool parse(struct cli_options *o, const char *line, int *rest)
{
    static char buffer[512];
    static char *words[MAX_WORDS];
    int n = 0;

    *o = (struct cli_options){ 0 };
    said[0] = '\0';
    snprintf(buffer, sizeof(buffer), "dermetry %s", line);
    for (char *w = strtok(buffer, " "); w && n + 1 < MAX_WORDS; w = strtok(NULL, " "))
        words[n++] = w;
    words[n] = NULL;
    return cli_parse(o, n, words, rest);
}

static void options_are_read(void **state)
{
    struct cli_options o;
    int rest;

    (void)state;
    assert_true(parse(&o, "compare a.jpg -o out.json b.jpg --px-per-mm 8.5 --threads=2", &rest));
    assert_int_equal(rest, 6); /* the words that are no options come last */
    assert_string_equal(o.output, "out.json");
    assert_true(o.photo.px_per_mm > 8.4 && o.photo.px_per_mm < 8.6);
    assert_int_equal(o.threads, 2);
    assert_true(parse(&o, "analyze a.jpg --site body --followup 2", &rest) == false);
    assert_true(parse(&o, "analyze --site body --progress none --findings --strict -q a", &rest));
    assert_int_equal(o.site, DERM_SITE_BODY);
    assert_int_equal(o.progress, CLI_PROGRESS_NONE);
    assert_true(o.findings && o.strict && o.quiet);
    assert_true(parse(&o, "analyze -- --strange.jpg", &rest));
    assert_true(parse(&o, "analyze -", &rest));
    assert_true(parse(&o, "--version --json", &rest));
    assert_true(parse(&o, "", &rest));
}

static void mistakes_get_a_sentence(void **state)
{
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        { "analyze --nonsense a", "--nonsense is not an option" },
        { "analyze -x a", "no option -x" },
        { "analyze a --output", "--output needs a value" },
        { "analyze a -o", "-o needs a value" },
        { "analyze a --output=", "--output needs a value" },
        { "analyze a --px-per-mm 0", "positive number" },
        { "analyze a --px-per-mm -3", "positive number" },
        { "analyze a --px-per-mm nan", "positive number" },
        { "analyze a --px-per-mm inf", "positive number" },
        { "analyze a --px-per-mm 8,5", "positive number" },
        { "analyze a --px-per-mm 1e999", "positive number" },
        { "analyze a --max-file-mib 1e7", "up to 1e6" },
        { "analyze a --threads 1.5", "whole number" },
        { "analyze a --threads 100000", "whole number" },
        { "analyze a --site knee", "one of face|body" },
        { "analyze a --site fac", "one of face|body" },
        { "analyze a --progress", "needs a value" },
        { "analyze a --followup-roi m.png", "--followup-roi is not an option of analyze" },
        { "doctor --findings", "--findings is not an option of doctor" },
        { "--findings", "--findings needs a command" },
        { "compare a b --version", "--version is not an option of compare" },
        { "analyze a -q -v", "contradict" },
        { "--json", "--json belongs to --version" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct cli_options o;
        int rest;
        const bool accepted = parse(&o, cases[i].line, &rest);

        if (accepted || !strstr(said, cases[i].sentence))
            print_error("%s: \"%s\"\n", cases[i].line, said);
        assert_false(accepted);
        assert_non_null(strstr(said, cases[i].sentence));
    }
}

static void the_table_is_sound(void **state)
{
    (void)state;
    for (int i = 0; cli_options_table[i].name; i++) {
        const struct cli_option *const o = &cli_options_table[i];

        assert_true(o->commands != 0 && strlen(o->help) > 0);
        assert_true((o->argument == NULL) == (o->kind == CLI_FLAG));
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(o->name, cli_options_table[j].name);
            assert_true(!o->letter || o->letter != cli_options_table[j].letter);
            assert_true(o->offset != cli_options_table[j].offset);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(mistakes_get_a_sentence),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
