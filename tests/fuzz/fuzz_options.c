/* SPDX-License-Identifier: Apache-2.0 */
/* The command line or, by the first byte, the configuration file or a table of null figures, from
 * any bytes. (Masks are PNG files: the decoders have their own targets.) */
#include <stdarg.h>
#include <stdlib.h>

#include "base/metrics.h"
#include "cli/options.c"
#include "report/config.h"
#include "stages/decide.h"
#include "stages/stages.h"
#include "study/rules.h"

void cli_error(const char *fmt, ...)
{
    char text[4096];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
}

const struct cli_command *cli_command_named(const char *name)
{
    static const struct cli_command analyze = { .name = "analyze", .bit = CLI_ANALYZE };

    return strcmp(name, "analyze") == 0 ? &analyze : NULL;
}

enum { MAX_WORDS = 32, MAX_TEXT = 4096 };

static void parse_words(const uint8_t *data, size_t size)
{
    char text[MAX_TEXT + 1], *words[MAX_WORDS + 1];
    struct cli_options o = { 0 };
    int n = 0, rest;

    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size && n < MAX_WORDS; at += strlen(text + at) + 1)
        words[n++] = text + at;
    if (n == 0) return;
    words[n] = NULL;
    if (cli_parse(&o, n, words, &rest) && (rest < 1 || rest > n)) abort();
}

static void apply_config(const uint8_t *data, size_t size)
{
    static unsigned char params[DERM_MAX_STAGES][DERM_MAX_PARAMS];
    struct derm_opt_group groups[DERM_MAX_OPT_GROUPS];
    struct derm_study_rules rules;
    void *at[DERM_MAX_STAGES];
    struct derm_error err = { 0 };
    struct derm_arena scratch;
    derm_err done;

    for (int i = 0; i < DERM_MAX_STAGES; i++)
        at[i] = params[i];
    if (derm_arena_init(&scratch, 1 << 20, &err) != DERM_OK) return;
    derm_opt_groups(groups, derm_stages, at, &rules);
    done = derm_config_apply(groups, (const char *)data, size, "fuzz", &scratch, &err);
    if ((done == DERM_OK) != (err.code == DERM_OK) || (done != DERM_OK && !*err.text)) abort();
    derm_arena_free(&scratch);
}

/* What passes the check can be read for every metric, and is positive. */
static void check_precision(const uint8_t *data, size_t size)
{
    struct derm_error err = { 0 };
    struct derm_json *table;
    derm_err done;

    if (derm_json_parse(&table, (const char *)data, size, "fuzz", &err) != DERM_OK) return;
    done = derm_precision_check(table, "fuzz", &err);
    if ((done == DERM_OK) != (err.code == DERM_OK) || (done != DERM_OK && !*err.text)) abort();
    for (int i = 0; i < DERM_METRIC_COUNT && done == DERM_OK; i++) {
        const struct derm_precision_key key = { derm_metrics[i].id, i % 2, 20, 8 };
        struct derm_precision p;

        if (derm_metrics[i].klass == DERM_CLASS_ABSOLUTE) continue;
        if (derm_precision_read(table, &key, &p, &err) != DERM_OK ||
            !(p.sd_percent + p.sd_absolute > 0))
            abort();
    }
    derm_json_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > MAX_TEXT) return 0;
    if (data[0] & 1)
        parse_words(data + 1, size - 1);
    else if (data[0] & 2)
        check_precision(data + 1, size - 1);
    else
        apply_config(data + 1, size - 1);
    return 0;
}
