/* SPDX-License-Identifier: Apache-2.0 */
/* The decision rule of a comparison, and the table of null figures that it rests on.
 *
 * SEM = SD_diff / sqrt(2), MDC95 = 1.96 SD_diff = 2.77 SEM (Weir, J Strength Cond Res 19, 231,
 * 2005). */
#include "stages/decide.h"

#include <math.h>

static const double Z95 = 1.96;

static int tone_group(const struct derm_json *groups, double ita_deg)
{
    const int n = derm_json_count(groups);

    for (int i = 0; i < n; i++) {
        double above = 0;
        if (derm_json_as_number(derm_json_get(derm_json_at(groups, i), "ita_above_deg"), &above) &&
            ita_deg > above)
            return i;
    }
    return n - 1;
}

derm_err derm_precision_read(const struct derm_json *table, const char *metric, double ita_deg,
                             struct derm_precision *out, struct derm_error *err)
{
    const struct derm_json *const row = derm_json_get(derm_json_get(table, "metrics"), metric);
    const struct derm_json *const by_tone = derm_json_get(row, "sd_percent");
    double min_objects;

    *out = (struct derm_precision){ .objects = 1 };
    if (!row) return derm_fail(err, DERM_EMODEL, "precision.json: nothing about %s", metric);
    DERM_TRY(derm_json_number(row, "min_objects", &min_objects, err));
    out->min_objects = (int)min_objects;
    if (!by_tone) return derm_json_number(row, "sd_absolute", &out->sd_absolute, err);
    DERM_TRY(derm_json_number(row, "objects", &out->objects, err));
    if (!derm_json_as_number(
            derm_json_at(by_tone, tone_group(derm_json_get(table, "tone_groups"), ita_deg)),
            &out->sd_percent))
        return derm_fail(err, DERM_EMODEL, "precision.json: %s lacks a tone group", metric);
    return DERM_OK;
}

static double null_sd_percent(const struct derm_precision *p, int objects, double reference)
{
    const double fewer = objects > 0 ? p->objects / objects : p->objects;

    if (p->sd_absolute > 0) return reference > 0 ? 100 * p->sd_absolute / reference : 0;
    return p->sd_percent * (fewer > 1 ? sqrt(fewer) : 1);
}

static double root2(double a, double b)
{
    return sqrt(a * a + b * b);
}

/* Where there is no percentage the change has to exceed the same share of the larger value. */
static bool beyond_chance(const struct derm_result *r, double larger)
{
    if (r->has_percent)
        return fabs(r->percent) > r->mdc95_percent && (r->percent_lo > 0 || r->percent_hi < 0);
    return fabs(r->change) > Z95 * r->change_sd &&
           fabs(r->change) > r->mdc95_percent / 100 * larger;
}

void derm_decide(struct derm_result *r, enum derm_better better,
                 const struct derm_precision *precision, const struct derm_spread *spread,
                 double floor)
{
    const double larger = fmax(fabs(r->base.value), fabs(r->follow.value));

    r->has_percent = r->base.value > 0 && r->base.value >= floor;
    const double reference = r->has_percent ? r->base.value : larger;
    const double null = null_sd_percent(precision, r->objects, reference);
    r->base.sd = spread->base_sd;
    r->follow.sd = spread->follow_sd;
    r->change = r->follow.value - r->base.value;
    r->change_sd = root2(spread->change_sd, null / 100 * reference);
    r->mdc95_percent = Z95 * null;
    if (r->has_percent) {
        r->percent = 100 * r->change / r->base.value;
        r->percent_lo = r->percent - root2(r->percent - spread->percent_lo, Z95 * null);
        r->percent_hi = r->percent + root2(spread->percent_hi - r->percent, Z95 * null);
    }
    r->verdict = DERM_NO_DETECTABLE_CHANGE;
    if (!beyond_chance(r, larger)) return;
    r->verdict = (r->change < 0) == (better == DERM_BETTER_LOWER) ? DERM_IMPROVED : DERM_WORSENED;
}
