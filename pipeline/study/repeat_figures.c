/* SPDX-License-Identifier: Apache-2.0 */
#include "study/repeat_figures.h"

#include <math.h>
#include <string.h>

#include "stages/statistics.h"

enum { LEAST_ROWS = 12, LEAST_SUBJECTS = 3 };

static bool is_selected(const struct derm_repeat *p, int region, const struct derm_selection *s)
{
    const struct derm_reading *r;

    if (!p->reading || !(s->regions >> region & 1) || (s->tone >= 0 && p->tone != s->tone))
        return false;
    r = &p->reading[s->metric][region];
    return r->unit && (!s->unit || strcmp(r->unit, s->unit) == 0);
}

/* ---- agreement */

/* One region of one sitting: the pairs of its shots 1 to `shots` - 1 have readings. */
struct target {
    const struct derm_repeat *pair; /* the first of them */
    int region, shots;
};

struct targets {
    struct target *item;
    int n;
};

/* How many shots in a row, the first one among them, have readings. */
static int shots_of(const struct derm_repeat *pair, int left, int region,
                    const struct derm_selection *s)
{
    int n = 0;

    while (n < left && pair[n].sitting == pair->sitting && is_selected(&pair[n], region, s))
        n++;
    return n > 0 ? n + 1 : 0;
}

static derm_err find_targets(struct targets *out, const struct derm_repeats *repeats,
                             const struct derm_selection *s, struct derm_arena *scratch)
{
    const size_t room = (size_t)repeats->sittings * DERM_REGION_COUNT;

    out->n = 0;
    DERM_TRY(derm_arena_raw(scratch, &out->item, room, sizeof(*out->item)));
    for (int i = 0; i < repeats->pairs; i++) {
        const struct derm_repeat *const pair = &repeats->pair[i];

        for (int region = 0; region < DERM_REGION_COUNT && pair->shot == 1; region++) {
            const int shots = shots_of(pair, repeats->pairs - i, region, s);

            if (shots > 0) out->item[out->n++] = (struct target){ pair, region, shots };
        }
    }
    return DERM_OK;
}

static int targets_with(const struct targets *t, int shots)
{
    int n = 0;

    for (int i = 0; i < t->n; i++)
        n += t->item[i].shots >= shots;
    return n;
}

/* The number of shots that uses the most in all; the smaller of two that use the same. */
static int best_shots(const struct targets *t)
{
    int best = 2;

    for (int k = 3; k <= DERM_MAX_SHOTS; k++)
        if (k * targets_with(t, k) > best * targets_with(t, best)) best = k;
    return best;
}

static void rate(double *value, const struct target *t, const struct derm_selection *s, int shots)
{
    value[0] = 0;
    for (int j = 1; j < shots; j++)
        value[0] += t->pair[j - 1].reading[s->metric][t->region].baseline / (shots - 1);
    for (int j = 1; j < shots; j++)
        value[j] = value[0] + t->pair[j - 1].reading[s->metric][t->region].change;
}

static derm_err agree(struct derm_agreement_figures *out, const struct targets *t,
                      const struct derm_selection *s, struct derm_arena *scratch)
{
    double *value;
    int subject = -1, n = 0;

    DERM_TRY(
        derm_arena_raw(scratch, &value, (size_t)out->targets * (size_t)out->shots, sizeof(*value)));
    for (int i = 0; i < t->n; i++) {
        if (t->item[i].shots < out->shots) continue;
        rate(value + (size_t)n++ * (size_t)out->shots, &t->item[i], s, out->shots);
        out->subjects += t->item[i].pair->subject != subject;
        subject = t->item[i].pair->subject;
    }
    const struct derm_ratings ratings = { value, out->targets, out->shots };

    out->agreement = derm_agreement_of(&ratings);
    out->limits = derm_bland_altman_of(&ratings);
    return DERM_OK;
}

derm_err derm_agreement_figures(struct derm_agreement_figures *out, bool *enough,
                                const struct derm_repeats *repeats,
                                const struct derm_selection *selection, struct derm_arena *scratch)
{
    const size_t mark = scratch->used;
    struct targets targets;

    *out = (struct derm_agreement_figures){ 0 };
    DERM_TRY(find_targets(&targets, repeats, selection, scratch));
    out->shots = best_shots(&targets);
    out->targets = targets_with(&targets, out->shots);
    *enough = out->targets >= 2;
    if (*enough) DERM_TRY(agree(out, &targets, selection, scratch));
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

/* ---- null figures */

/* sd at n objects against that at precision->objects. */
static double widening(const struct derm_precision *p, int n)
{
    return sqrt(p->shared + (1 - p->shared) * p->objects / (n > 1 ? n : 1));
}

/* *size: of the change, as the figure counts it. False: it has none. */
static bool size_of(const struct derm_reading *r, const struct derm_precision *p, double *size)
{
    *size = p->sd_absolute > 0 ? r->change : r->percent / widening(p, r->objects);
    return p->sd_absolute > 0 || r->has_percent;
}

derm_err derm_null_figure(struct derm_null_figure *out, bool *enough,
                          const struct derm_repeats *repeats,
                          const struct derm_selection *selection, int resolution,
                          const struct derm_json *table, const struct derm_precision *precision,
                          struct derm_arena *scratch)
{
    const size_t mark = scratch->used;
    int subject = -1, last = -1;
    double *x, *signs;

    *out = (struct derm_null_figure){ 0 };
    DERM_TRY(derm_arena_raw(scratch, &x, (size_t)repeats->pairs * DERM_REGION_COUNT, sizeof(*x)));
    DERM_TRY(
        derm_arena_raw(scratch, &signs, (size_t)repeats->pairs * DERM_REGION_COUNT, sizeof(*x)));
    for (int i = 0; i < repeats->pairs * DERM_REGION_COUNT; i++) {
        const int pair = i / DERM_REGION_COUNT, region = i % DERM_REGION_COUNT;
        const struct derm_repeat *const p = &repeats->pair[pair];
        double size;

        if (!is_selected(p, region, selection) ||
            derm_precision_resolution(table, p->px_per_mm) != resolution ||
            !size_of(&p->reading[selection->metric][region], precision, &size))
            continue;
        out->subjects += p->subject != subject;
        out->pairs += pair != last;
        subject = p->subject;
        last = pair;
        signs[out->rows] = size;
        x[out->rows++] = fabs(size);
    }
    *enough = out->rows >= LEAST_ROWS && out->subjects >= LEAST_SUBJECTS;
    if (*enough) {
        derm_sort(x, out->rows);
        out->sd = derm_percentile(x, out->rows, 0.95) / 1.96;
        out->bias = derm_median(signs, out->rows);
        *enough = out->sd > 0;
    }
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}
