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

#include "base/pool.h"

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

/* ---- the work: rows that need nothing of each other, and chunks of pairs */

static const struct {
    void (*rows)(struct table *t, const struct scope *scope);
    bool quick, tune; /* belongs to these runs, too */
} parts[] = {
    { rows_of_pores, true, true },       { rows_of_photos, false, false },
    { rows_of_wrinkles, true, false },   { rows_of_cuts, true, false },
    { rows_of_striae, true, false },     { rows_of_redness, true, false },
    { rows_of_classifier, true, false }, { rows_of_lesions, false, false },
};
enum { PARTS = sizeof(parts) / sizeof(*parts), THREADS = 2 };

struct work {
    struct scope scope;
    struct plan plan;
    struct table part[PARTS];
};

static void do_task(void *arg, int i)
{
    struct work *const w = arg;

    if (i >= PARTS)
        run_chunk(&w->plan, i - PARTS);
    else if ((parts[i].quick || !w->scope.quick) && (parts[i].tune || w->scope.half == REPORTING))
        parts[i].rows(&w->part[i], &w->scope);
}

static void measure(struct work *w, struct campaign *c, struct table *t)
{
    struct derm_error err = { 0 };
    struct derm_pool *pool;

    plan_campaign(c, &w->scope, &w->plan);
    if (derm_pool_new(&pool, THREADS, &err) != DERM_OK) {
        fprintf(stderr, "acceptance: %s\n", err.text);
        exit(1);
    }
    derm_pool_run(pool, PARTS + plan_chunks(&w->plan), do_task, w);
    derm_pool_free(pool);
    fprintf(stderr, "\n");
    rows_of_phantoms(t, c);
    rows_of_refusals(t, c, &w->scope);
    for (int i = 0; i < PARTS; i++)
        table_append(t, &w->part[i]);
}

int main(int argc, char **argv)
{
    const bool quick = asked("quick", argc, argv), bless = asked("bless", argc, argv);
    const bool tune = asked("tune", argc, argv);
    const char *const path = quick ? golden_quick : golden;
    static struct campaign campaign;
    static struct table table;
    static struct work work;
    int worse = 0;

    check_words(argc, argv);
    work.scope = (struct scope){ quick, tune ? TUNING : REPORTING };
    measure(&work, &campaign, &table);
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
