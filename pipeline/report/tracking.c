/* SPDX-License-Identifier: Apache-2.0 */
/* tracking[]: what became of the spots, counted; findings[] has each of them. */
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

void derm_write_tracking(struct derm_writer *w)
{
    const struct derm_objects *const spots = &w->work->pair.objects[DERM_KIND_SPOT];
    struct derm_emit *const e = &w->emit;
    cJSON *const list = derm_emit_array(e, e->root, "tracking");
    int count[DERM_FATE_COUNT] = { 0 };

    if (!(w->work->pair.spot_change_sd > 0)) return;
    for (int i = 0; i < spots->n; i++)
        count[spots->item[i].fate] += derm_in_regions(&spots->item[i]);
    cJSON *const row = derm_emit_object(e, list, NULL);
    derm_emit_text(e, row, "concern", derm_concern_id(DERM_CONCERN_PIGMENTATION));
    derm_emit_number(e, row, "contrast_change_sd", w->work->pair.spot_change_sd);
    for (int f = DERM_FATE_PERSISTENT; f < DERM_FATE_COUNT; f++)
        derm_emit_int(e, row, derm_fate_id((enum derm_fate)f), count[f]);
}
