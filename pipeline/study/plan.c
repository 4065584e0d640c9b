/* SPDX-License-Identifier: Apache-2.0 */
#include "study/plan.h"

#include <stdlib.h>
#include <string.h>

enum { HASH_DIGITS = 8 };

struct planner {
    struct derm_plan_record *record;
    struct derm_plan_group *group;
    int records, groups;
};

static bool same_group(const struct derm_row *a, const struct derm_row *b)
{
    return strcmp(a->subject, b->subject) == 0 && strcmp(a->view, b->view) == 0;
}

static int by_line(const void *a, const void *b)
{
    const struct derm_row *const *const x = a, *const *const y = b;

    return (*x)->line - (*y)->line;
}

static int by_day(const void *a, const void *b)
{
    const struct derm_row *const x = *(const struct derm_row *const *)a;
    const struct derm_row *const y = *(const struct derm_row *const *)b;

    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : x->line - y->line;
}

/* SHA-256 over the texts, each with its ending zero byte but for the last. */
static void hash_texts(const char *const *text, int n, char hex[DERM_SHA256_SIZE])
{
    struct derm_sha256 s;

    derm_sha256_begin(&s);
    for (int i = 0; i < n; i++)
        derm_sha256_add(&s, text[i], strlen(text[i]) + (i < n - 1));
    derm_sha256_end(&s, hex);
}

static void make_key(const char *const *text, int n, char key[DERM_KEY_SIZE])
{
    char hex[DERM_SHA256_SIZE];

    hash_texts(text, n, hex);
    memcpy(key, hex, DERM_KEY_SIZE - 1);
    key[DERM_KEY_SIZE - 1] = '\0';
}

static void name_record(struct derm_plan_record *r)
{
    const struct derm_row *const b = r->baseline, *const f = r->followup;
    const char *const text[] = { b->subject, b->view, b->visit, b->repeat, f->visit, f->repeat };

    make_key(text, (int)(sizeof(text) / sizeof(*text)), r->key);
}

void derm_plan_group_key(const struct derm_row *row, char key[DERM_KEY_SIZE])
{
    const char *const text[] = { row->subject, row->view };

    make_key(text, 2, key);
}

static unsigned hash_group(const struct derm_row *row)
{
    const char *const text[] = { row->subject, row->view };
    char hex[DERM_SHA256_SIZE];

    hash_texts(text, 2, hex);
    hex[HASH_DIGITS] = '\0';
    return (unsigned)strtoul(hex, NULL, 16);
}

/* The rows of one group, sorted by visit: keeps the first of each visit and orders them. */
static int order_visits(const struct derm_row **row, int n)
{
    bool dated = true;
    int visits = 0;

    for (int i = 0, end; i < n; i = end) {
        const struct derm_row *first = row[i];

        for (end = i + 1; end < n && strcmp(row[end]->visit, first->visit) == 0; end++)
            if (row[end]->line < first->line) first = row[end];
        dated = dated && first->day != DERM_NO_DAY;
        row[visits++] = first;
    }
    qsort(row, (size_t)visits, sizeof(void *), dated ? by_day : by_line);
    return visits;
}

static void plan_group(struct planner *p, const struct derm_row **row, int n)
{
    const int visits = order_visits(row, n);

    if (visits < 2) return;
    p->group[p->groups++] = (struct derm_plan_group){ p->records, visits - 1, hash_group(row[0]) };
    for (int i = 1; i < visits; i++) {
        struct derm_plan_record *const r = &p->record[p->records++];

        r->baseline = row[0];
        r->followup = row[i];
        name_record(r);
    }
}

derm_err derm_plan_make(struct derm_plan *plan, struct derm_arena *keep,
                        const struct derm_manifest *m)
{
    const size_t n = (size_t)m->rows;
    const struct derm_row **row;
    struct planner p = { 0 };

    DERM_TRY(derm_arena_raw(keep, &row, n, sizeof(void *)));
    DERM_TRY(derm_arena_raw(keep, &p.record, n, sizeof(*p.record)));
    DERM_TRY(derm_arena_raw(keep, &p.group, n, sizeof(*p.group)));
    for (int i = 0; i < m->rows; i++)
        row[i] = &m->row[i];
    qsort(row, n, sizeof(void *), derm_row_order);
    for (int i = 0, end; i < m->rows; i = end) {
        for (end = i + 1; end < m->rows && same_group(row[i], row[end]);)
            end++;
        plan_group(&p, row + i, end - i);
    }
    *plan = (struct derm_plan){ p.record, p.group, p.records, p.groups };
    return DERM_OK;
}

int derm_plan_shard(const struct derm_plan_group *group, int shards)
{
    return (int)(group->hash % (unsigned)shards) + 1;
}
