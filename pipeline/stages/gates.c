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

static derm_err apply(struct derm_run *run, const struct derm_json *gate, const char *quantity,
                      double measured)
{
    struct derm_finding f = { .quantity = quantity, .measured = measured };
    double warn, fail = HUGE_VAL;
    const char *reason;
    int r;

    DERM_TRY(derm_json_number(gate, "warn", &warn, run->err));
    derm_json_as_number(derm_json_get(gate, "fail"), &fail);
    if (!(measured > warn) && !(measured > fail)) return DERM_OK;
    DERM_TRY(derm_json_text(gate, "reason", &reason, run->err));
    DERM_TRY(index_of(reason, reason_id, DERM_REASON_COUNT, &r, run->err));
    DERM_TRY(read_set(derm_json_get(gate, "concerns"), concern_id, DERM_CONCERN_COUNT + 1,
                      &f.concerns, run->err));
    DERM_TRY(read_set(derm_json_get(gate, "regions"), region_id, DERM_REGION_COUNT, &f.regions,
                      run->err));
    if (f.concerns >> DERM_CONCERN_COUNT) f.concerns = (1u << DERM_CONCERN_COUNT) - 1;
    f.reason = (enum derm_reason)r;
    f.severity = measured > fail ? DERM_SEVERITY_FAIL : DERM_SEVERITY_WARN;
    f.limit = measured > fail ? fail : warn;
    derm_pair_add(run->pair, &f);
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
        DERM_TRY(apply(run, g, quantity, measured));
    }
    if (known) return DERM_OK;
    return derm_fail(run->err, DERM_EMODEL, "gates.json: there is no gate on %s", quantity);
}
