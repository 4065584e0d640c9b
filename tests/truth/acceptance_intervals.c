/* SPDX-License-Identifier: Apache-2.0 */
/* Rows 5, 11 and 13, on phantoms: what the intervals cover, what the verdicts see. */
#include "acceptance.h"

/* ---- row 5: what disturbs is told */

/* Whether the nuisance is told of this feature: what is told of others warns nobody who reads it.
 */
static bool is_flagged(const struct series *s, int i, int kind)
{
    return (s->pair[i].flags[kind] & ~s->pair[undisturbed(s, i)].flags[kind]) != 0;
}

/* A reading whose interval leaves out the truth. */
static void limit_uncovered(struct figure *f, const struct pair_result *r, int kind)
{
    const struct reading *const v = &r->of[kind];

    figure_limit(f, "%s, tone %s, read %+.1f %%, the interval ends at %+.1f", kind_name[kind],
                 tone_name[r->tone], v->percent, v->percent > v->truth ? v->lo : v->hi);
}

/* A feature counts when it was measured; a withheld verdict claims nothing to be covered. */
static void add_flagged(struct table *t, const struct campaign *c, const char *what, int nuisance)
{
    struct figure *const f = table_row(t, "5", what, AT_LEAST, 0.95, 0.95);
    struct shares good = { .n = 0 }; /* units: skins */
    int silent[KINDS] = { 0 }, flagged = 0, judged = 0, covered = 0;

    for (int i = 0; i < c->single.n; i++) {
        const struct pair_result *const r = &c->single.pair[i];

        for (int k = 0; k < KINDS && r->nuisance == nuisance; k++) {
            const struct reading *const v = &r->of[k];
            const bool covers = !v->judged || (v->lo <= v->truth && v->truth <= v->hi);
            const bool flag = is_flagged(&c->single, i, k);

            if (!v->measured) continue;
            flagged += flag;
            judged += v->judged;
            covered += v->judged && covers;
            shares_add(&good, i, flag && covers, 1);
            silent[k] += !flag;
            if (!covers) limit_uncovered(f, r, k);
        }
    }
    figure_set(f, estimate_share(&good));
    for (int k = 0; k < KINDS; k++)
        if (silent[k] > 0)
            figure_limit(f, "nothing told of %s in %d pairs", kind_name[k], silent[k]);
    figure_limit(f, "flagged %d of %d; covered %d of %d judged", flagged, good.n, covered, judged);
}

void rows_of_flags(struct table *t, const struct campaign *c)
{
    add_flagged(t, c, "gains: flagged, and the interval covers", 5);
    add_flagged(t, c, "S-curve .2: flagged, and the interval covers", 6);
    add_flagged(t, c, "oil x1.8: flagged, and the interval covers", 7);
}

/* ---- rows 11 and 13 */

/* What the widths of the intervals are made of, in the words of the documents. */
static void limit_components(struct figure *f, const struct series *s, int tone)
{
    static const char *const made_of[] = {
        [DERM_OBJECTS] = "the scatter of this pair's objects",
        [DERM_MEASUREMENT] = "what small errors of these photos do",
        [DERM_REPEATABILITY] = "the precision table",
        [DERM_CONTROL] = "untreated skin",
    };
    enum { COMPONENTS = sizeof(made_of) / sizeof(*made_of) };
    int most[COMPONENTS] = { 0 }, n = 0;

    for (int i = 0; i < s->n; i++)
        for (int kind = 0; kind < KINDS && s->pair[i].tone == tone; kind++) {
            if (!s->pair[i].of[kind].judged) continue;
            most[s->pair[i].of[kind].dominated_by]++;
            n++;
        }
    for (int k = 0; k < COMPONENTS; k++)
        if (most[k] > 0) figure_limit(f, "%d of %d widths mostly %s", most[k], n, made_of[k]);
}

static void add_coverage(struct table *t, const struct campaign *c)
{
    static const char *const what[TONES] = {
        "coverage of 95 % intervals, tone I",   "coverage of 95 % intervals, tone II",
        "coverage of 95 % intervals, tone III", "coverage of 95 % intervals, tone IV",
        "coverage of 95 % intervals, tone V",   "coverage of 95 % intervals, tone VI",
    };

    for (int tone = 0; tone < TONES; tone++) {
        struct figure *const f = table_row(t, "11", what[tone], WITHIN, 0.92, 0.98);
        struct shares all = { .n = 0 };

        for (int kind = 0; kind < KINDS; kind++) {
            const struct pick p = { (enum phantom_kind)kind, tone, tone, any_ita, EVERY, EVERY };
            struct shares of_kind = { .n = 0 };

            count_covered(&c->all, &p, &all);
            count_covered(&c->all, &p, &of_kind);
            if (of_kind.n > 0)
                figure_limit(f, "%s %.2f of %d, half width %.1f RMS errors", kind_name[kind],
                             estimate_share(&of_kind).value, of_kind.n,
                             relative_width(&c->all, &p));
        }
        figure_set(f, estimate_share(&all));
        if (f->measured && !figure_met(f))
            figure_limit(f, "intervals too %s", f->is.value > f->target_hi ? "wide" : "narrow");
        limit_components(f, &c->all, tone);
        figure_limit_sample(f, "intervals");
    }
}

static void add_power(struct table *t, const struct campaign *c)
{
    struct figure *const f = table_row(
        t, "13", "power: 20 % fading of spots of >= .2 OD called improved", AT_LEAST, 0.8, 0.8);
    struct shares called = { .n = 0 }, of_tone[TONES] = { { .n = 0 } };

    for (int i = 0; i < c->power.n; i++) {
        const struct pair_result *const r = &c->power.pair[i];
        const struct reading *const v = &r->of[PHANTOM_SPOT];
        const bool improved = v->judged && v->verdict == DERM_IMPROVED;

        shares_add(&called, i, improved, 1);
        shares_add(&of_tone[r->tone], i, improved, 1);
    }
    figure_set(f, estimate_share(&called));
    for (int tone = 0; tone < TONES; tone++)
        figure_limit(f, "%s %d of %d", tone_name[tone], of_tone[tone].hits, of_tone[tone].n);
}

void rows_of_intervals(struct table *t, const struct campaign *c)
{
    add_coverage(t, c);
    add_power(t, c);
}
