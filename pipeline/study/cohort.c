/* SPDX-License-Identifier: Apache-2.0 */
/* A subject counts once in a row: rows are of one view and one visit, and the baseline of all
 * visits is the same. Improvement is change in the direction that is better for the metric. */
#define _POSIX_C_SOURCE 200809L /* strcasecmp */
#include "study/cohort.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/metrics.h"
#include "base/num.h"
#include "report/json.h"
#include "study/csv.h"
#include "study/paired.h"
#include "study/stream.h"

const char derm_cohort_table_name[] = "cohort.csv";

enum { STEPS = 4 }; /* of response: MDC, 25, 50 and 75 % */

static const double least_improvement[STEPS] = { 0, 25, 50, 75 }; /* percent; the first: MDC */

/* Records that are looked at together: one later visit of one view, in one arm. */
struct group {
    const char *view, *visit, *arm; /* arm: "" without such a column */
};

struct row {
    const struct group *group;
    const char *unit;
    enum derm_metric_id metric;
    enum derm_region region;
    struct derm_mean change, percent;
    struct derm_wilcoxon wilcoxon;
    int responders[STEPS]; /* of percent.n subjects */
    struct row *next;
};

struct reading { /* one subject's change of one metric and region */
    const struct group *group;
    bool scaled; /* in the metric's own unit, not in the one without a scale */
    struct derm_change change;
};

struct gathering {
    const struct derm_cohort *c;
    struct group *group;
    const struct group **group_of_line; /* by line of the manifest */
    struct reading *reading;            /* of one metric and region; room for all records */
    double *change, *percent;           /* of one row; the same */
    int readings;
    enum derm_metric_id metric;
    enum derm_region region;
    struct row **end; /* where the next row is hung */
};

/* ---- groups */

static int by_group(const void *a, const void *b)
{
    const struct group *const x = a, *const y = b;
    int order = strcmp(x->view, y->view);

    if (order == 0) order = strcmp(x->visit, y->visit);
    return order ? order : strcmp(x->arm, y->arm);
}

static int arm_column(const struct derm_manifest *m)
{
    int i = 0;

    while (i < m->columns && strcasecmp(m->column[i], "arm") != 0)
        i++;
    return i < m->columns ? i : -1;
}

static struct group group_of(const struct derm_row *row, int arm)
{
    return (struct group){ row->view, row->visit, arm < 0 ? "" : row->cell[arm] };
}

static derm_err find_groups(struct gathering *g)
{
    const struct derm_cohort *const c = g->c;
    const int arm = arm_column(c->manifest);
    int groups = 0, last_line = 0;

    DERM_TRY(derm_arena_raw(c->keep, &g->group, (size_t)c->records, sizeof(*g->group)));
    for (int i = 0; i < c->records; i++) {
        g->group[i] = group_of(c->record[i]->followup, arm);
        last_line = imax(last_line, c->record[i]->followup->line);
    }
    qsort(g->group, (size_t)c->records, sizeof(*g->group), by_group);
    for (int i = 0; i < c->records; i++)
        if (i == 0 || by_group(&g->group[i], &g->group[groups - 1]) != 0)
            g->group[groups++] = g->group[i];
    DERM_TRY(derm_arena_new(c->keep, &g->group_of_line, (size_t)last_line + 1, sizeof(void *)));
    for (int i = 0; i < c->records; i++) {
        const struct group own = group_of(c->record[i]->followup, arm);

        g->group_of_line[c->record[i]->followup->line] =
            bsearch(&own, g->group, (size_t)groups, sizeof(own), by_group);
    }
    return DERM_OK;
}

/* ---- statistics */

static void count_responders(struct row *row, const struct derm_change *c)
{
    const enum derm_better better = derm_metrics[row->metric].better;
    const double improvement = better == DERM_BETTER_LOWER ? -c->percent : c->percent;

    if (better == DERM_BETTER_NEITHER) return;
    row->responders[0] += improvement > c->mdc95_percent;
    for (int i = 1; i < STEPS; i++)
        row->responders[i] += improvement >= least_improvement[i];
}

/* By group and unit; within as they came, so that sums are the same in every run. */
static int by_row(const void *a, const void *b)
{
    const struct reading *const x = a, *const y = b;

    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->scaled != y->scaled) return x->scaled ? -1 : 1;
    return (x->change.line > y->change.line) - (x->change.line < y->change.line);
}

static derm_err add_row(struct gathering *g, const struct reading *r, int n)
{
    const struct derm_metric_def *const m = &derm_metrics[g->metric];
    int percents = 0;
    struct row *row;

    DERM_TRY(derm_arena_new(g->c->keep, &row, 1, sizeof(*row)));
    row->group = r->group;
    row->unit = r->scaled ? m->unit : m->unit_no_scale;
    row->metric = g->metric;
    row->region = g->region;
    for (int i = 0; i < n; i++) {
        g->change[i] = r[i].change.change;
        if (!r[i].change.has_percent) continue;
        g->percent[percents++] = r[i].change.percent;
        count_responders(row, &r[i].change);
    }
    row->change = derm_mean_of(g->change, n);
    row->percent = derm_mean_of(g->percent, percents);
    row->wilcoxon = derm_wilcoxon_of(g->change, n); /* sorts them */
    *g->end = row;
    g->end = &row->next;
    return DERM_OK;
}

static derm_err gather(void *user, const struct derm_change *c)
{
    struct gathering *const g = user;
    struct reading *const r = &g->reading[g->readings++];

    r->group = g->group_of_line[c->line];
    r->scaled = strcmp(c->unit, derm_metrics[g->metric].unit) == 0;
    r->change = *c;
    r->change.unit = NULL; /* which lasts for the call */
    return DERM_OK;
}

static derm_err add_rows(struct gathering *g, struct derm_database *d)
{
    const struct reading *const r = g->reading;

    g->readings = 0;
    DERM_TRY(derm_database_each(d, g->metric, g->region, gather, g));
    qsort(g->reading, (size_t)g->readings, sizeof(*r), by_row);
    for (int i = 0, end; i < g->readings; i = end) {
        for (end = i + 1;
             end < g->readings && r[end].group == r[i].group && r[end].scaled == r[i].scaled;)
            end++;
        DERM_TRY(add_row(g, &r[i], end - i));
    }
    return DERM_OK;
}

static derm_err gather_all(const struct derm_cohort *c, struct derm_database *d, struct row **rows)
{
    const size_t n = (size_t)c->records;
    struct gathering g = { .c = c, .end = rows };

    *rows = NULL;
    DERM_TRY(find_groups(&g));
    DERM_TRY(derm_arena_raw(c->keep, &g.reading, n, sizeof(*g.reading)));
    DERM_TRY(derm_arena_raw(c->keep, &g.change, n, sizeof(*g.change)));
    DERM_TRY(derm_arena_raw(c->keep, &g.percent, n, sizeof(*g.percent)));
    for (int i = 0; i < DERM_METRIC_COUNT * DERM_REGION_COUNT; i++) {
        g.metric = (enum derm_metric_id)(i / DERM_REGION_COUNT);
        g.region = (enum derm_region)(i % DERM_REGION_COUNT);
        DERM_TRY(add_rows(&g, d));
    }
    return DERM_OK;
}

/* ---- cohort.csv */

#define MEAN(name, of)                                                                             \
    { name "_mean", "", "mean of " of, DERM_FIELD_REAL },                                          \
        { name "_sd", "", "standard deviation of " of " between subjects", DERM_FIELD_REAL },      \
        { name "_lo", "", "lower end of the mean's 95 % interval (t)", DERM_FIELD_REAL },          \
    {                                                                                              \
        name "_hi", "", "upper end of the mean's 95 % interval (t)", DERM_FIELD_REAL               \
    }
#define RESPONDERS(name, least)                                                                    \
    {                                                                                              \
        "responders_" name, "", "how many of n_percent improved by " least, DERM_FIELD_INTEGER     \
    }

const struct derm_field derm_cohort_fields[DERM_COHORT_FIELDS] = {
    { "view", "", "as in the manifest", DERM_FIELD_TEXT },
    { "visit", "", "the later visit, compared with the first", DERM_FIELD_TEXT },
    { "arm", "", "as in the manifest; empty where it has no such column", DERM_FIELD_TEXT },
    { "metric", "", "what was measured", DERM_FIELD_TEXT },
    { "concern", "", "what the metric is about", DERM_FIELD_TEXT },
    { "region", "", "where; left and right are the subject's", DERM_FIELD_TEXT },
    { "unit", "", "of changes (UCUM); 1: a plain number", DERM_FIELD_TEXT },
    { "better", "", "which direction is good: lower, higher, neither", DERM_FIELD_TEXT },
    { "n", "", "subjects with a change that was measured and is comparable", DERM_FIELD_INTEGER },
    MEAN("change", "the change"),
    { "n_percent", "", "those of them whose change has a percentage", DERM_FIELD_INTEGER },
    MEAN("percent", "the change in percent of the baseline"),
    { "wilcoxon_n", "", "changes other than 0", DERM_FIELD_INTEGER },
    { "wilcoxon_v", "", "Wilcoxon's signed-rank statistic: sum of the ranks of increases",
      DERM_FIELD_REAL },
    { "wilcoxon_p", "", "its two-sided p", DERM_FIELD_REAL },
    { "wilcoxon_how", "", "exact, or normal with correction for continuity", DERM_FIELD_TEXT },
    RESPONDERS("mdc", "more than the smallest change that can be detected (mdc95_percent)"),
    RESPONDERS("25", "25 % or more"),
    RESPONDERS("50", "50 % or more"),
    RESPONDERS("75", "75 % or more"),
};
_Static_assert((int)DERM_COHORT_FIELDS <= (int)DERM_CSV_LINE, "a line holds all columns");

static void write_header(FILE *out)
{
    struct derm_csv_line l = { .n = 0 };

    for (int i = 0; i < DERM_COHORT_FIELDS; i++)
        derm_csv_add(&l, derm_cohort_fields[i].column);
    derm_csv_write(out, l.field, l.n);
}

static void add_mean(struct derm_csv_line *l, const struct derm_mean *m)
{
    derm_csv_add_number(l, m->n, true);
    derm_csv_add_number(l, m->mean, m->n > 0);
    derm_csv_add_number(l, m->sd, m->has_interval);
    derm_csv_add_number(l, m->lo, m->has_interval);
    derm_csv_add_number(l, m->hi, m->has_interval);
}

static const char *how(const struct derm_wilcoxon *w)
{
    return w->exact ? "exact" : "normal";
}

static bool can_respond(const struct row *row)
{
    return row->percent.n > 0 && derm_metrics[row->metric].better != DERM_BETTER_NEITHER;
}

static void write_line(FILE *out, const struct row *row)
{
    const struct derm_metric_def *const m = &derm_metrics[row->metric];
    struct derm_csv_line l = { .n = 0 };

    derm_csv_add(&l, row->group->view);
    derm_csv_add(&l, row->group->visit);
    derm_csv_add(&l, row->group->arm);
    derm_csv_add(&l, m->id);
    derm_csv_add(&l, derm_concern_id(m->concern));
    derm_csv_add(&l, derm_region_id(row->region));
    derm_csv_add(&l, row->unit);
    derm_csv_add(&l, derm_better_id(m->better));
    add_mean(&l, &row->change);
    add_mean(&l, &row->percent);
    derm_csv_add_number(&l, row->wilcoxon.n, true);
    derm_csv_add_number(&l, row->wilcoxon.rank_sum, true);
    derm_csv_add_number(&l, row->wilcoxon.p, true);
    derm_csv_add(&l, how(&row->wilcoxon));
    for (int i = 0; i < STEPS; i++)
        derm_csv_add_number(&l, row->responders[i], can_respond(row));
    derm_csv_write(out, l.field, l.n);
}

static derm_err write_table(const struct derm_cohort *c, const struct row *rows)
{
    struct derm_stream s = { .file = NULL };

    DERM_TRY(derm_stream_open(&s, c->folder, derm_cohort_table_name, c->err));
    write_header(s.file);
    for (const struct row *row = rows; row; row = row->next)
        write_line(s.file, row);
    return derm_stream_finish(&s, c->err);
}

/* ---- cohort.json */

static void emit_mean(struct derm_emit *e, struct cJSON *parent, const char *key,
                      const struct derm_mean *m)
{
    struct cJSON *const o = derm_emit_object(e, parent, key), *interval;

    derm_emit_int(e, o, "n", m->n);
    if (m->n == 0) return;
    derm_emit_number(e, o, "mean", m->mean);
    if (!m->has_interval) return;
    derm_emit_number(e, o, "sd", m->sd);
    interval = derm_emit_array(e, o, "ci95");
    derm_emit_number(e, interval, NULL, m->lo);
    derm_emit_number(e, interval, NULL, m->hi);
}

static void emit_responders(struct derm_emit *e, struct cJSON *parent, const struct row *row)
{
    static const char *const key[STEPS] = { "mdc95", "25", "50", "75" };
    struct cJSON *o;

    if (!can_respond(row)) return;
    o = derm_emit_object(e, parent, "responders");
    derm_emit_int(e, o, "of", row->percent.n);
    for (int i = 0; i < STEPS; i++)
        derm_emit_int(e, o, key[i], row->responders[i]);
}

static void emit_row(struct derm_emit *e, struct cJSON *list, const struct row *row)
{
    const struct derm_metric_def *const m = &derm_metrics[row->metric];
    struct cJSON *const o = derm_emit_object(e, list, NULL), *test;

    derm_emit_text(e, o, "view", row->group->view);
    derm_emit_text(e, o, "visit", row->group->visit);
    if (*row->group->arm) derm_emit_text(e, o, "arm", row->group->arm);
    derm_emit_text(e, o, "metric", m->id);
    derm_emit_text(e, o, "concern", derm_concern_id(m->concern));
    derm_emit_text(e, o, "region", derm_region_id(row->region));
    derm_emit_text(e, o, "unit", row->unit);
    derm_emit_text(e, o, "better", derm_better_id(m->better));
    emit_mean(e, o, "change", &row->change);
    emit_mean(e, o, "percent", &row->percent);
    test = derm_emit_object(e, o, "wilcoxon");
    derm_emit_int(e, test, "n", row->wilcoxon.n);
    derm_emit_number(e, test, "v", row->wilcoxon.rank_sum);
    derm_emit_number(e, test, "p", row->wilcoxon.p);
    derm_emit_text(e, test, "how", how(&row->wilcoxon));
    emit_responders(e, o, row);
}

static derm_err write_document(const struct derm_cohort *c, const struct row *rows)
{
    char path[DERM_PATH_SIZE];
    const char *text;
    struct derm_emit e;
    struct cJSON *list;

    if (snprintf(path, sizeof(path), "%s/cohort.json", c->folder) >= (int)sizeof(path))
        return derm_fail(c->err, DERM_ECREATE, "the name of %s is too long", c->folder);
    DERM_TRY(derm_emit_begin(&e, c->err));
    derm_emit_text(&e, e.root, "schema", "dermetry/cohort/1");
    derm_emit_text(&e, e.root, "version", c->version);
    derm_emit_text(&e, e.root, "configuration", c->configuration);
    derm_emit_int(&e, e.root, "records", c->records);
    list = derm_emit_array(&e, e.root, "rows");
    for (const struct row *row = rows; row; row = row->next)
        emit_row(&e, list, row);
    DERM_TRY(derm_emit_end(&e, c->keep, &text));
    return derm_file_write(path, text, strlen(text), c->err);
}

derm_err derm_cohort_write(const struct derm_cohort *c, struct derm_database *d)
{
    struct row *rows;

    DERM_TRY(gather_all(c, d, &rows));
    DERM_TRY(write_table(c, rows));
    return write_document(c, rows);
}
