/* SPDX-License-Identifier: Apache-2.0 */
#include "study/mean_change.h"

#include <assert.h>
#include <math.h>

#include "base/metrics.h"
#include "base/num.h"
#include "stages/statistics.h"

static const double Z95 = 1.96;

double derm_mean_change_sd(const double *change, const double *sd, int n)
{
    const double mean = derm_mean(sd, n), spread = n > 1 ? derm_sd(change, n) : 0;
    const double shared = 0.5 * mean * mean;

    return sqrt(shared + fmax(shared, spread * spread) / n);
}

double derm_followup_sd(double sd, int n)
{
    return sd * sqrt(n / (n + 1.0));
}

double derm_baseline_sd(double sd, int n)
{
    return sd * sqrt(1 / (n + 1.0));
}

/* What is averaged of the pairs. */
struct columns {
    double base[DERM_MEAN_MOST], base_sd[DERM_MEAN_MOST];
    double follow[DERM_MEAN_MOST], follow_sd[DERM_MEAN_MOST];
    double change[DERM_MEAN_MOST], change_sd[DERM_MEAN_MOST];
    double percent[DERM_MEAN_MOST], lower[DERM_MEAN_MOST], upper[DERM_MEAN_MOST];
    double mdc[DERM_MEAN_MOST];
    int n;
};

static void take(struct columns *c, const struct derm_result *r)
{
    const int i = c->n++;

    assert(c->n <= DERM_MEAN_MOST);
    c->base[i] = r->base.value;
    c->base_sd[i] = r->base.sd;
    c->follow[i] = r->follow.value;
    c->follow_sd[i] = r->follow.sd;
    c->change[i] = r->change;
    c->change_sd[i] = r->change_sd;
    c->percent[i] = r->percent;
    c->lower[i] = (r->percent - r->percent_lo) / Z95;
    c->upper[i] = (r->percent_hi - r->percent) / Z95;
    c->mdc[i] = r->mdc95_percent / Z95;
}

static void average(const struct columns *c, struct derm_result *out)
{
    const int n = c->n;

    out->base = (struct derm_value){ derm_mean(c->base, n), derm_mean(c->base_sd, n) };
    out->follow = (struct derm_value){ derm_mean(c->follow, n), derm_mean(c->follow_sd, n) };
    out->change = derm_mean(c->change, n);
    out->change_sd = derm_mean_change_sd(c->change, c->change_sd, n);
    out->mdc95_percent = Z95 * derm_mean_change_sd(c->percent, c->mdc, n);
    out->percent = out->percent_lo = out->percent_hi = 0;
    if (!out->has_percent) return;
    out->percent = derm_mean(c->percent, n);
    out->percent_lo = out->percent - Z95 * derm_mean_change_sd(c->percent, c->lower, n);
    out->percent_hi = out->percent + Z95 * derm_mean_change_sd(c->percent, c->upper, n);
}

/* As derm_decide does it: by the side of the interval that looks towards no change. */
static void judge(struct derm_result *r)
{
    const double towards = r->percent < 0 ? r->percent_hi - r->percent : r->percent - r->percent_lo;
    const double sd = r->has_percent ? towards / Z95 : r->change_sd;
    const double far = fabs(r->has_percent ? r->percent : r->change);
    const bool lower_is_better = derm_metrics[r->metric].better == DERM_BETTER_LOWER;

    r->p = sd > 0 ? erfc(far / sd / sqrt(2)) : 1;
    if (r->verdict == DERM_NOT_COMPARABLE) return;
    if (far <= Z95 * sd)
        r->verdict = DERM_NO_DETECTABLE_CHANGE;
    else
        r->verdict = (r->change < 0) == lower_is_better ? DERM_IMPROVED : DERM_WORSENED;
}

/* 2: measured and judged, 1: measured, 0: neither. */
static int worth(const struct derm_result *r)
{
    if (r->status != DERM_MEASURED) return 0;
    return r->verdict == DERM_NOT_COMPARABLE ? 1 : 2;
}

void derm_mean_change(const struct derm_result *const *pair, int n, struct derm_result *out,
                      int *used)
{
    struct columns c = { .n = 0 };
    int best = 0;

    assert(n > 0);
    *used = 0;
    *out = *pair[0];
    for (int i = 0; i < n; i++)
        best = imax(best, worth(pair[i]));
    for (int i = 0; i < n; i++) {
        const struct derm_result *const r = pair[i];

        if (worth(r) < best) continue;
        /* The first reason in their list, so that it is the same in any order. */
        if (best == 0 && r->reason < out->reason) *out = *r;
        if (best == 0) continue;
        if (c.n == 0) *out = *r;
        out->has_percent = out->has_percent && r->has_percent;
        out->objects = imin(out->objects, r->objects);
        if (r->change_sd > out->change_sd) {
            out->change_sd = r->change_sd;
            out->dominated_by = r->dominated_by;
        }
        if (r->reason < out->reason) out->reason = r->reason;
        take(&c, r);
    }
    *used = c.n;
    if (c.n < 2) return;
    average(&c, out);
    judge(out);
}
