/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gates.h"

#include <math.h>
#include <string.h>

#include "base/metrics.h"
#include "stages/comparable.h"

static const char *concern_id(int i)
{
    return i < DERM_CONCERN_COUNT ? derm_concern_id((enum derm_concern)i) : "all";
}

static const char *region_id(int i)
{
    return derm_region_id((enum derm_region)i);
}

static const char *reason_id(int i)
{
    return derm_reason_id((enum derm_reason)i);
}

static derm_err index_of(const char *id, const char *(*name)(int), int n, int *index,
                         struct derm_error *err)
{
    for (*index = 0; *index < n; ++*index)
        if (strcmp(id, name(*index)) == 0) return DERM_OK;
    return derm_fail(err, DERM_EMODEL, "gates.json: there is nothing called %s", id);
}

/* A list of ids as a set of bits; 0 when the gate has no such list. */
static derm_err read_set(const struct derm_json *list, const char *(*name)(int), int n,
                         unsigned *set, struct derm_error *err)
{
    *set = 0;
    for (const struct derm_json *e = derm_json_first(list); e; e = derm_json_next(e)) {
        const char *const id = derm_json_as_text(e);
        int i;

        DERM_TRY(index_of(id ? id : "", name, n, &i, err));
        *set |= 1u << i;
    }
    return DERM_OK;
}

static derm_err read_gate(const struct derm_json *gate, struct derm_check *c,
                          enum derm_reason *reason, struct derm_error *err)
{
    const char *id;
    int r;

    DERM_TRY(derm_json_text(gate, "quantity", &c->quantity, err));
    DERM_TRY(derm_json_text(gate, "unit", &c->unit, err));
    DERM_TRY(derm_json_number(gate, "warn", &c->warn, err));
    derm_json_as_number(derm_json_get(gate, "fail"), &c->fail);
    DERM_TRY(derm_json_text(gate, "reason", &id, err));
    DERM_TRY(index_of(id, reason_id, DERM_REASON_COUNT, &r, err));
    *reason = (enum derm_reason)r;
    DERM_TRY(read_set(derm_json_get(gate, "concerns"), concern_id, DERM_CONCERN_COUNT + 1,
                      &c->concerns, err));
    if (c->concerns >> DERM_CONCERN_COUNT) c->concerns = (1u << DERM_CONCERN_COUNT) - 1;
    return read_set(derm_json_get(gate, "regions"), region_id, DERM_REGION_COUNT, &c->regions, err);
}

static derm_err apply(struct derm_run *run, const struct derm_json *gate, double measured)
{
    struct derm_pair *const pair = run->pair;
    struct derm_check c = { .measured = measured, .fail = HUGE_VAL };
    enum derm_reason reason;

    DERM_TRY(read_gate(gate, &c, &reason, run->err));
    if (pair->checks < DERM_MAX_CHECKS) pair->check[pair->checks++] = c;
    if (!(measured > c.warn) && !(measured > c.fail)) return DERM_OK;
    derm_pair_add(pair, &(struct derm_finding){ .reason = reason,
                                                .severity = measured > c.fail ? DERM_SEVERITY_FAIL
                                                                              : DERM_SEVERITY_WARN,
                                                .quantity = c.quantity,
                                                .measured = measured,
                                                .limit = measured > c.fail ? c.fail : c.warn,
                                                .concerns = c.concerns,
                                                .regions = c.regions });
    return DERM_OK;
}

derm_err derm_gate_check(struct derm_run *run, const char *quantity, double measured)
{
    const struct derm_json *table;
    bool known = false;

    DERM_TRY(derm_models_table(run->models, "gates", &table, run->err));
    for (const struct derm_json *g = derm_json_first(derm_json_get(table, "gates")); g;
         g = derm_json_next(g)) {
        const char *name;

        DERM_TRY(derm_json_text(g, "quantity", &name, run->err));
        if (strcmp(name, quantity) != 0) continue;
        known = true;
        DERM_TRY(apply(run, g, measured));
    }
    if (known) return DERM_OK;
    return derm_fail(run->err, DERM_EMODEL, "gates.json: there is no gate on %s", quantity);
}
