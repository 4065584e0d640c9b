/* SPDX-License-Identifier: Apache-2.0 */
/* estimates.swelling: the widths of two faces, with what chance makes of them; no verdict. */
#include <math.h>

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/document.h"
#include "stages/swelling.h"

static void write_width(struct derm_emit *e, cJSON *list, enum derm_width i,
                        const struct derm_width_change *width)
{
    const double change = width->follow_mm - width->base_mm;
    cJSON *const row = derm_emit_object(e, list, NULL);

    derm_emit_text(e, row, "width", derm_width_id(i));
    derm_emit_text(e, row, "unit", "mm");
    derm_emit_number(e, row, "baseline", width->base_mm);
    derm_emit_number(e, row, "followup", width->follow_mm);
    derm_emit_number(e, row, "change", change);
    derm_emit_number(e, row, "mdc95", width->mdc95_mm);
    derm_emit_bool(e, row, "beyond_mdc95", fabs(change) > width->mdc95_mm);
}

void derm_write_swelling(struct derm_writer *w, cJSON *estimates)
{
    const struct derm_swelling *const s = &w->work->pair.swelling;
    struct derm_emit *const e = &w->emit;
    cJSON *const object = derm_emit_object(e, estimates, "swelling");

    derm_emit_text(e, object, "of",
                   "experimental: distances between landmarks of the face, which expression and "
                   "perspective change by millimetres");
    derm_emit_text(e, object, "status", s->reason ? "not_assessable" : "measured");
    if (s->reason) {
        derm_emit_text(e, object, "reason", derm_reason_id(s->reason));
        derm_emit_text(e, object, "text", derm_reason_text(s->reason));
        return;
    }
    cJSON *const list = derm_emit_array(e, object, "widths");
    for (int i = 0; i < DERM_WIDTH_COUNT; i++)
        write_width(e, list, (enum derm_width)i, &s->width[i]);
}
