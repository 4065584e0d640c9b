/* SPDX-License-Identifier: Apache-2.0 */
/* tracking[]: what became of spots, scars and red marks, counted; findings[] has each of them. */
#include "report/tracking.h"

#include <cjson/cJSON.h>

#include "base/metrics.h"

const char *derm_fate_id(enum derm_fate fate)
{
    static const char *const id[DERM_FATE_COUNT] = {
        [DERM_FATE_UNKNOWN] = "unknown", [DERM_FATE_PERSISTENT] = "persistent",
        [DERM_FATE_FADED] = "faded",     [DERM_FATE_DARKENED] = "darkened",
        [DERM_FATE_GONE] = "gone",       [DERM_FATE_NEW] = "new",
        [DERM_FATE_UNSURE] = "unsure",
    };

    return id[fate];
}

static void write_kind(struct derm_emit *e, cJSON *list, enum derm_kind kind,
                       const struct derm_objects *objects)
{
    int count[DERM_FATE_COUNT] = { 0 }, judged = 0;
    double sd = 0;

    for (int i = 0; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];

        if (o->fate == DERM_FATE_UNKNOWN) continue;
        count[o->fate] += derm_in_regions(o);
        sd += o->change_sd;
        judged++;
    }
    if (judged == 0) return;
    cJSON *const row = derm_emit_object(e, list, NULL);
    derm_emit_text(e, row, "concern", derm_concern_id(derm_kinds[kind].concern));
    derm_emit_number(e, row, "contrast_change_sd", sd / judged);
    for (int f = DERM_FATE_PERSISTENT; f < DERM_FATE_COUNT; f++)
        derm_emit_int(e, row, derm_fate_id((enum derm_fate)f), count[f]);
}

/* No two kinds of a concern have fates. */
void derm_write_tracking(struct derm_writer *w)
{
    cJSON *const list = derm_emit_array(&w->emit, w->emit.root, "tracking");

    for (int k = 0; k < DERM_KIND_COUNT; k++)
        write_kind(&w->emit, list, (enum derm_kind)k, &w->work->pair.objects[k]);
}
