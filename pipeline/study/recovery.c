/* SPDX-License-Identifier: Apache-2.0 */
#include "study/recovery.h"

#include <math.h>

const struct derm_opt derm_recovery_opts[] = {
    DERM_OPT(struct derm_recovery_rules, residual_day, 7, 1, 60,
             "after a session; redness beyond is worth showing to a clinician (DESIGN, section 2)"),
    DERM_OPT(struct derm_recovery_rules, least_z, 1.96, 0, 10,
             "sd by which the peak exceeds the baseline: else there is nothing to fade"),
    DERM_OPT(struct derm_recovery_rules, least_photos, 3, 2, 100,
             "of one session: two make a straight line of any curve"),
    { 0 },
};

static const double T90_LEFT = 0.1;

int derm_recovery_length(const struct derm_recovery_point *p, int n, int acute)
{
    double peak = 0;

    for (int i = 0; i < n && acute > 0; i++) {
        if (i >= acute && p[i].excess <= T90_LEFT * peak) return i + 1;
        peak = fmax(peak, p[i].excess);
    }
    return acute > 0 ? n : 0;
}

/* The first day after the peak on which the excess is down to `level`; false: not within the
 * photos. */
static bool day_of_fall(const struct derm_recovery_point *p, int n, int peak, double level,
                        double *days)
{
    for (int i = peak + 1; i < n; i++) {
        const double before = p[i - 1].excess, fall = before - p[i].excess;

        if (p[i].excess > level) continue;
        *days = p[i - 1].days + (before - level) / fall * (p[i].days - p[i - 1].days);
        return true;
    }
    return false;
}

static bool excess_on_day(const struct derm_recovery_point *p, int n, double day, double *excess)
{
    for (int i = 0; i < n; i++) {
        if (p[i].days < day) continue;
        if (i == 0 && p[i].days > day) return false;
        *excess = p[i].excess;
        if (p[i].days > day)
            *excess +=
                (p[i].days - day) / (p[i].days - p[i - 1].days) * (p[i - 1].excess - p[i].excess);
        return true;
    }
    return false;
}

void derm_recovery_of(const struct derm_recovery_point *p, int n,
                      const struct derm_recovery_rules *rules, struct derm_recovery *out)
{
    int peak = 0;
    double left = 0;

    *out = (struct derm_recovery){ .reason = DERM_REASON_TOO_FEW_PHOTOS };
    if (n < rules->least_photos) return;
    for (int i = 1; i < n; i++)
        if (p[i].excess > p[peak].excess) peak = i;
    out->reason = DERM_REASON_NO_RISE;
    if (!(p[peak].excess > (double)rules->least_z * p[peak].sd)) return;
    out->reason = DERM_REASON_NONE;
    out->peak = p[peak].excess;
    out->peak_days = p[peak].days;
    out->has_t50 = day_of_fall(p, n, peak, 0.5 * out->peak, &out->t50_days);
    out->has_t90 = day_of_fall(p, n, peak, T90_LEFT * out->peak, &out->t90_days);
    out->has_residual = excess_on_day(p, n, (double)rules->residual_day, &left);
    if (out->has_residual) out->residual_percent = 100 * left / out->peak;
}
