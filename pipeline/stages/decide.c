/* SPDX-License-Identifier: Apache-2.0 */
/* The decision rule of a comparison, and the table of null figures that it rests on.
 *
 * MDC95 = 1.96 SD_diff = 2.77 SEM (Weir, J Strength Cond Res 19, 231, 2005), with the SD of this
 * comparison. Over the rows of a report: Benjamini and Hochberg, J R Statist Soc B 57, 289, 1995.
 */
#include "stages/decide.h"

#include <math.h>
#include <string.h>

#include "base/metrics.h"

static const double Z95 = 1.96;

/* ---- the table */

static const char *id_at(const struct derm_json *list, int i)
{
    return derm_json_as_text(derm_json_get(derm_json_at(list, i), "id"));
}

/* The first class whose limit the value exceeds (above) or stays below; else the last one. */
static int class_of(const struct derm_json *list, const char *limit_key, bool above, double value)
{
    const int n = derm_json_count(list);

    for (int i = 0; i < n; i++) {
        double limit = 0;

        if (derm_json_as_number(derm_json_get(derm_json_at(list, i), limit_key), &limit) &&
            (above ? value > limit : value < limit))
            return i;
    }
    return n - 1;
}

static bool named(const struct derm_json *cell, const char *key, const char *id)
{
    const char *const text = derm_json_as_text(derm_json_get(cell, key));

    return text && id && strcmp(text, id) == 0;
}

static const char *const extents[] = { "region", "whole" };

static const struct derm_json *cell_of(const struct derm_json *table, const struct derm_json *part,
                                       int tone, int resolution)
{
    const char *const tone_id = id_at(derm_json_get(table, "tones"), tone);
    const char *const resolution_id = id_at(derm_json_get(table, "resolutions"), resolution);
    const struct derm_json *cell = derm_json_first(derm_json_get(part, "cells"));

    while (cell && !(named(cell, "tone", tone_id) && named(cell, "resolution", resolution_id)))
        cell = derm_json_next(cell);
    return cell;
}

static bool positive(const struct derm_json *node, const char *key, double *out)
{
    return derm_json_as_number(derm_json_get(node, key), out) && *out > 0;
}

static bool read_cell(const struct derm_json *part, const struct derm_json *cell,
                      struct derm_precision *out)
{
    out->from = derm_json_as_text(derm_json_get(cell, "from"));
    if (positive(cell, "sd_absolute", &out->sd_absolute)) return true;
    return positive(cell, "sd_percent", &out->sd_percent) &&
           positive(part, "objects", &out->objects) &&
           derm_json_as_number(derm_json_get(part, "shared"), &out->shared) && out->shared >= 0 &&
           out->shared <= 1;
}

/* A metric without it has none. */
static bool read_response(const struct derm_json *row, const char *key, double *out)
{
    const struct derm_json *const node = derm_json_get(row, key);

    return !node || (derm_json_as_number(node, out) && *out >= 0);
}

derm_err derm_precision_cell(const struct derm_json *table, const struct derm_precision_key *key,
                             int tone, int resolution, struct derm_precision *out,
                             struct derm_error *err)
{
    const struct derm_json *const row = derm_json_get(derm_json_get(table, "metrics"), key->metric);
    const struct derm_json *const part = derm_json_get(row, extents[key->whole]);
    const struct derm_json *const cell = cell_of(table, part, tone, resolution);

    *out = (struct derm_precision){ .objects = 1, .shared = 1 };
    if (!part)
        return derm_fail(err, DERM_EMALFORMED, "there is nothing about %s, %s", key->metric,
                         extents[key->whole]);
    if (!cell)
        return derm_fail(err, DERM_EMALFORMED, "%s, %s, lacks tone %d at resolution %d",
                         key->metric, extents[key->whole], tone + 1, resolution + 1);
    if (read_cell(part, cell, out) && read_response(row, "with_change", &out->with_change) &&
        read_response(row, "with_compression", &out->with_compression))
        return DERM_OK;
    return derm_fail(err, DERM_EMALFORMED,
                     "%s needs objects and sd_percent above 0, shared from 0 to 1, with_change and "
                     "with_compression from 0",
                     key->metric);
}

static derm_err check_metric(const struct derm_json *table, const struct derm_precision_key *key,
                             struct derm_error *err)
{
    struct derm_precision p;

    for (int t = 0; t < derm_json_count(derm_json_get(table, "tones")); t++)
        for (int r = 0; r < derm_json_count(derm_json_get(table, "resolutions")); r++)
            DERM_TRY(derm_precision_cell(table, key, t, r, &p, err));
    return DERM_OK;
}

/* The last class takes what is left and needs no limit. */
static bool are_classes(const struct derm_json *list, const char *limit_key)
{
    const int n = derm_json_count(list);
    double limit;

    for (int i = 0; i + 1 < n; i++)
        if (!derm_json_as_number(derm_json_get(derm_json_at(list, i), limit_key), &limit))
            return false;
    return n > 0;
}

static derm_err check_table(const struct derm_json *table, struct derm_error *err)
{
    if (!are_classes(derm_json_get(table, "tones"), "ita_above_deg") ||
        !are_classes(derm_json_get(table, "resolutions"), "px_per_mm_below"))
        return derm_fail(err, DERM_EMALFORMED,
                         "\"tones\" and \"resolutions\" must list classes, with their limits");
    for (int i = 0; i < 2 * DERM_METRIC_COUNT; i++) {
        const struct derm_precision_key key = { .metric = derm_metrics[i / 2].id, .whole = i % 2 };

        if (derm_metrics[i / 2].klass != DERM_CLASS_ABSOLUTE)
            DERM_TRY(check_metric(table, &key, err));
    }
    return DERM_OK;
}

derm_err derm_precision_check(const struct derm_json *table, const char *name,
                              struct derm_error *err)
{
    struct derm_error found = { 0 };

    if (check_table(table, &found) == DERM_OK) return DERM_OK;
    return derm_fail(err, found.code, "%s is no table of null figures: %s", name, found.text);
}

int derm_precision_tone(const struct derm_json *table, double ita_deg)
{
    return class_of(derm_json_get(table, "tones"), "ita_above_deg", true, ita_deg);
}

int derm_precision_resolution(const struct derm_json *table, double px_per_mm)
{
    return class_of(derm_json_get(table, "resolutions"), "px_per_mm_below", false, px_per_mm);
}

derm_err derm_precision_read(const struct derm_json *table, const struct derm_precision_key *key,
                             struct derm_precision *out, struct derm_error *err)
{
    return derm_precision_cell(table, key, derm_precision_tone(table, key->ita_deg),
                               derm_precision_resolution(table, key->px_per_mm), out, err);
}

derm_err derm_precision_of_tone(const struct derm_json *table, const struct derm_precision_key *key,
                                int i, const char **tone, struct derm_precision *out,
                                struct derm_error *err)
{
    *tone = id_at(derm_json_get(table, "tones"), i);
    return *tone ? derm_precision_cell(table, key, i,
                                       derm_precision_resolution(table, key->px_per_mm), out, err)
                 : DERM_OK;
}

/* ---- one row */

static double root2(double a, double b)
{
    return sqrt(a * a + b * b);
}

/* sd in percent of the reference. own differs from object to object, shared does not. */
struct parts {
    double null_own, null_shared; /* of the table */
    double bootstrap;             /* of this pair */
    double photo, chosen;         /* of its ensemble: alike for all objects, and not */
    double stretched;             /* of its alignment */
    double with_change;           /* of the table, for the change that this pair shows */
    double compressed;            /* of the table, for how differently its files are */
    double control;               /* what untreated skin of this pair did */
};

static struct parts parts_of(const struct derm_result *r, const struct derm_precision *p,
                             const struct derm_spread *spread, double reference)
{
    const double n = r->objects > 1 ? r->objects : 1;
    struct parts s = { 0 };

    if (reference <= 0) return s;
    s.photo = 100 * spread->moved.alike * fabs(r->follow.value) / reference;
    s.chosen = 100 * spread->moved.chosen * fabs(r->follow.value) / reference;
    s.control = fabs(spread->control_percent);
    s.stretched = 100 * spread->moved.stretched * fabs(r->follow.value) / reference;
    s.with_change = p->with_change * fabs(spread->main_percent);
    s.compressed = p->with_compression * spread->compression;
    s.null_own = p->sd_percent * sqrt((1 - p->shared) * p->objects / n);
    s.null_shared =
        p->sd_absolute > 0 ? 100 * p->sd_absolute / reference : p->sd_percent * sqrt(p->shared);
    return s;
}

static enum derm_component largest(const struct parts *s)
{
    const double table = fmax(fmax(s->null_own, s->null_shared), s->with_change);
    const double ensemble = fmax(fmax(s->photo, s->chosen), fmax(s->stretched, s->compressed));

    if (s->control > fmax(fmax(table, ensemble), s->bootstrap)) return DERM_CONTROL;
    if (s->bootstrap > table && s->bootstrap > ensemble) return DERM_OBJECTS;
    return ensemble > table ? DERM_MEASUREMENT : DERM_REPEATABILITY;
}

/* Half width of the interval, where that of the bootstrap is half, if nothing has changed. */
static double null_half(double half, const struct parts *s)
{
    const double files = root2(fmax(s->null_shared, s->photo), s->compressed);
    const double shared = root2(files, root2(s->stretched, s->control));

    return root2(Z95 * shared, fmax(half, Z95 * fmax(s->null_own, s->chosen)));
}

static double widened(double half, const struct parts *s)
{
    return root2(null_half(half, s), Z95 * s->with_change);
}

/* A main metric's own change widens its interval; another metric has that of its main one to bear
 * whether it changes itself or not. */
static double least_seen(const struct derm_result *r, double half, const struct parts *s,
                         const struct derm_precision *p)
{
    const double share = derm_metrics[r->metric].is_main ? Z95 * p->with_change : 1;

    return share < 1 ? null_half(half, s) / sqrt(1 - share * share) : widened(half, s);
}

void derm_decide(struct derm_result *r, enum derm_better better,
                 const struct derm_precision *precision, const struct derm_spread *spread,
                 double floor)
{
    const double larger = fmax(fabs(r->base.value), fabs(r->follow.value));
    const bool divides = r->base.value > 0 && r->base.value >= floor;
    const double reference = divides ? r->base.value : larger;
    struct parts parts = parts_of(r, precision, spread, reference);
    const double change = r->follow.value - r->base.value;
    const double percent = reference > 0 ? 100 * change / reference : 0;
    const double even = reference > 0 ? Z95 * 100 * spread->change_sd / reference : 0;
    const double lower = divides ? percent - spread->percent_lo : even;
    const double upper = divides ? spread->percent_hi - percent : even;
    const double least = percent < 0 ? upper : lower; /* towards no change */
    const double half = widened(least, &parts);
    const double bootstrap = (lower + upper) / 2;

    r->base.sd = spread->base_sd;
    r->follow.sd = spread->follow_sd;
    r->change = change;
    r->change_sd = reference / 100 * widened(bootstrap, &parts) / Z95;
    parts.bootstrap = bootstrap / Z95;
    r->dominated_by = largest(&parts);
    r->has_percent = divides;
    r->percent = divides ? percent : 0;
    r->percent_lo = divides ? percent - widened(lower, &parts) : 0;
    r->percent_hi = divides ? percent + widened(upper, &parts) : 0;
    r->mdc95_percent = least_seen(r, least, &parts, precision);
    r->p = half > 0 ? erfc(Z95 * fabs(percent) / half / sqrt(2)) : 1;
    r->verdict = DERM_NO_DETECTABLE_CHANGE;
    if (fabs(percent) <= half) return;
    r->verdict = (r->change < 0) == (better == DERM_BETTER_LOWER) ? DERM_IMPROVED : DERM_WORSENED;
}

/* ---- all rows */

static bool is_judged(const struct derm_result *r)
{
    return r->status == DERM_MEASURED && r->verdict != DERM_NOT_COMPARABLE;
}

/* The largest p that is at most q k / m, where k of the m judged rows have no larger p. */
static double largest_p(const struct derm_result *r, int n, double q)
{
    double cut = -1;
    int m = 0;

    for (int i = 0; i < n; i++)
        m += is_judged(&r[i]);
    for (int i = 0; i < n; i++) {
        int k = 0;

        if (!is_judged(&r[i]) || r[i].p <= cut) continue;
        for (int j = 0; j < n; j++)
            k += is_judged(&r[j]) && r[j].p <= r[i].p;
        if (r[i].p <= q * k / m) cut = r[i].p;
    }
    return cut;
}

void derm_decide_together(struct derm_result *r, int n, double q)
{
    const double cut = largest_p(r, n, q);

    for (int i = 0; i < n; i++)
        if (is_judged(&r[i]) && r[i].p > cut) r[i].verdict = DERM_NO_DETECTABLE_CHANGE;
}
