/* SPDX-License-Identifier: Apache-2.0 */
/* A whole document: its parts in their order, `run` last. */
#include "report/document.h"

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/tracking.h"

const char *derm_photo_id(const struct derm_work *work, int photo)
{
    return work->photos == 1 ? "photo" : photo == 0 ? "baseline" : "followup";
}

bool derm_scale_known(const struct derm_work *work)
{
    return work->frame[0].scale.source != DERM_SCALE_UNKNOWN;
}

void derm_write_concerns(struct derm_emit *e, cJSON *parent, unsigned concerns)
{
    cJSON *const list = derm_emit_array(e, parent, "concerns");

    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        if (concerns >> c & 1) derm_emit_text(e, list, NULL, derm_concern_id((enum derm_concern)c));
}

bool derm_work_refused(const struct derm_work *work)
{
    if (work->photos == 2) return work->pair.comparability == DERM_INCOMPARABLE;
    for (int i = 0; i < work->results.n; i++)
        if (work->results.item[i].status == DERM_MEASURED) return false;
    return true;
}

derm_err derm_document_build(const struct derm_work *work, const struct derm_circumstances *about,
                             struct derm_arena *keep, const char **text, struct derm_error *err)
{
    struct derm_writer w = { .work = work, .about = about };
    derm_err done;

    DERM_TRY(derm_emit_begin(&w.emit, err));
    derm_emit_text(&w.emit, w.emit.root, "schema",
                   work->photos == 2 ? "dermetry/comparison/1" : "dermetry/analysis/1");
    derm_write_photos(&w);
    if (work->photos == 2) derm_write_pair(&w);
    derm_write_results(&w);
    derm_write_estimates(&w);
    if (work->photos == 2) derm_write_control(&w);
    if (work->photos == 2) derm_write_tracking(&w);
    if (about->findings) derm_write_findings(&w);
    done = derm_write_precision(&w.emit, about->models, work->tone.ita_deg,
                                work->frame[0].view.grid.px_per_mm);
    if (done == DERM_OK) done = derm_write_provenance(&w, keep);
    if (done == DERM_OK) derm_write_run(&w);
    return derm_emit_end(&w.emit, keep, text);
}
