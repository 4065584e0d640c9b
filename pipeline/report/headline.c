/* SPDX-License-Identifier: Apache-2.0 */
#include "report/headline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "stages/tally.h"

void derm_headline_title(char *out, size_t size, enum derm_concern concern, bool pair)
{
    static const char *const name[DERM_CONCERN_COUNT] = {
        [DERM_CONCERN_PORES] = "Pores",
        [DERM_CONCERN_PIGMENTATION] = "Pigmentation",
        [DERM_CONCERN_SCARS] = "Scars",
        [DERM_CONCERN_WRINKLES] = "Wrinkles and fine lines",
        [DERM_CONCERN_STRETCH_MARKS] = "Stretch marks",
        [DERM_CONCERN_REDNESS] = "Redness",
        [DERM_CONCERN_TEXTURE] = "Texture",
        [DERM_CONCERN_TONE] = "Evenness of tone",
        [DERM_CONCERN_RADIANCE] = "Radiance",
    };

    snprintf(out, size, "%s%s", name[concern], pair ? ": change since the baseline" : "");
}

const struct derm_result *derm_headline_result(const struct derm_results *results,
                                               enum derm_concern concern)
{
    for (int i = 0; i < results->n; i++) {
        const struct derm_result *const r = &results->item[i];

        if (derm_metrics[r->metric].concern == concern && derm_metrics[r->metric].is_main &&
            (r->region == DERM_REGION_FACE || r->region == DERM_REGION_ROI))
            return r;
    }
    return NULL;
}

static const char *verdict_text(enum derm_verdict verdict)
{
    switch (verdict) {
    case DERM_IMPROVED:
        return "Improved";
    case DERM_WORSENED:
        return "Worsened";
    case DERM_NO_DETECTABLE_CHANGE:
        return "No detectable change";
    case DERM_NOT_COMPARABLE:
        break;
    }
    return "Not comparable";
}

/* Rounded, and never minus zero. */
static double whole(double x)
{
    return round(x) + 0.0;
}

static void change_text(char *out, size_t size, const struct derm_result *r, const char *id,
                        const char *unit)
{
    const char *const why = derm_reason_text(r->reason);
    const bool taken_back =
        r->verdict == DERM_NO_DETECTABLE_CHANGE && (r->percent_lo > 0 || r->percent_hi < 0);

    if (r->verdict == DERM_NOT_COMPARABLE)
        snprintf(out, size, "Not comparable%s%s.", *why ? ": " : "", why);
    else if (r->has_percent)
        snprintf(out, size, "%s: %s %.3g -> %.3g%s, %+.0f %% (95 %% interval %+.0f to %+.0f %%%s).",
                 verdict_text(r->verdict), id, r->base.value, r->follow.value, unit,
                 whole(r->percent), whole(r->percent_lo), whole(r->percent_hi),
                 taken_back ? "; chance, among so many figures" : "");
    else
        snprintf(out, size, "%s: %s %.3g -> %.3g%s.", verdict_text(r->verdict), id, r->base.value,
                 r->follow.value, unit);
}

/* As it follows a number: with a blank, and nothing for a bare number. */
static void unit_text(char *out, size_t size, const struct derm_metric_def *def,
                      const struct derm_frame *frame)
{
    const char *const unit =
        frame->scale.source == DERM_SCALE_UNKNOWN ? def->unit_no_scale : def->unit;
    const bool bare = strcmp(unit, "1") == 0;

    snprintf(out, size, "%s%s", bare ? "" : " ", bare ? "" : unit);
}

void derm_headline_text(char *out, size_t size, enum derm_concern concern,
                        const struct derm_frame *frame, const struct derm_results *results,
                        int found, bool pair)
{
    const struct derm_result *const r = derm_headline_result(results, concern);
    const struct derm_metric_def *const def = r ? &derm_metrics[r->metric] : NULL;
    char unit[24];

    if (!r) {
        snprintf(out, size, found ? "%d found." : "Nothing of this kind was found.", found);
        return;
    }
    /* on the neck, or linear scars */
    const bool counts_none =
        r->reason == DERM_REASON_NOTHING_FOUND ||
        (!pair && r->status == DERM_MEASURED &&
         derm_kinds[derm_tally_kind(r->metric)].shape != DERM_SHAPE_PATCH && r->base.value <= 0);

    unit_text(unit, sizeof(unit), def, frame);
    if (counts_none && found > 0)
        snprintf(out, size, "%d found, none of which %s counts.", found, def->id);
    else if (r->reason == DERM_REASON_NOTHING_FOUND)
        snprintf(out, size, "Nothing of this kind was found%s.", pair ? " in either photo" : "");
    else if (r->status != DERM_MEASURED)
        snprintf(out, size, "Not assessable: %s.", derm_reason_text(r->reason));
    else if (pair)
        change_text(out, size, r, def->id, unit);
    else if (derm_kinds[derm_tally_kind(r->metric)].shape == DERM_SHAPE_PATCH)
        snprintf(out, size, "%s = %.3g%s (sd %.2g).", def->id, r->base.value, unit, r->base.sd);
    else if (found == 0)
        snprintf(out, size, "Nothing of this kind was found.");
    else
        snprintf(out, size, "%d found; %s = %.3g%s (sd %.2g).", found, def->id, r->base.value, unit,
                 r->base.sd);
}
