/* SPDX-License-Identifier: Apache-2.0 */
/* The project's acceptance targets, measured: one command, one table.
 *
 *   acceptance              every row; phantoms and, where ../shared/data is, real photos
 *   acceptance quick        fewer phantoms, no photos: what CI runs
 *   acceptance bless        every row; writes tests/golden/acceptance.csv
 *   acceptance quick bless  the same for tests/golden/acceptance_quick.csv
 *   acceptance tune         phantoms of even seeds, whole or quick: what may be looked at while
 *                           working; compared with nothing recorded
 *
 * Fails when a figure is worse than the recorded one by more than its recorded sampling error. A
 * red row misses its target; it says what limits it, and fails nothing as long as it gets no worse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acceptance.h"

static const char golden[] = DERM_TEST_ROOT "/tests/golden/acceptance.csv";
static const char golden_quick[] = DERM_TEST_ROOT "/tests/golden/acceptance_quick.csv";

static bool asked(const char *word, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0) return true;
    return false;
}

/* A word that means nothing must not cost the quarter of an hour that every row takes. */
static void check_words(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "quick") == 0 || strcmp(argv[i], "bless") == 0 ||
            strcmp(argv[i], "tune") == 0)
            continue;
        fprintf(stderr, "usage: acceptance [quick] [bless | tune]\n");
        exit(64);
    }
}

int main(int argc, char **argv)
{
    const bool quick = asked("quick", argc, argv), bless = asked("bless", argc, argv);
    const bool tune = asked("tune", argc, argv);
    const enum half half = tune ? TUNING : REPORTING;
    const char *const path = quick ? golden_quick : golden;
    static struct campaign campaign;
    static struct table table;
    int worse = 0;

    check_words(argc, argv);
    run_campaign(&campaign, quick, half);
    rows_of_phantoms(&table, &campaign);
    rows_of_pores(&table, quick, half);
    if (!quick && !tune) rows_of_photos(&table);
    rows_of_refusals(&table, &campaign, quick);
    if (!tune) rows_of_concerns(&table, quick);
    print_groups(&campaign);
    print_detection(&campaign);
    print_nuisances(&campaign);
    if (bless && !tune)
        table_bless(&table, path);
    else if (!tune)
        worse = table_regressions(&table, path);
    table_print(&table, stdout);
    return worse > 0;
}
