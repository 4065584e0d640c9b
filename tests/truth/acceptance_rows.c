/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that are measured on phantoms. */
#include <math.h>
#include <string.h>

#include "acceptance.h"

static const struct pick everything = { PHANTOM_SPOT, 0, TONES - 1, any_ita, EVERY, EVERY };

/* ---- what limits a row, met or red */

/* Even seeds, the nuisances taken apart. */
static const char *const known_limit[KINDS] = {
    [PHANTOM_SPOT] = "gloss dilutes contrast: oil x1.8 alone takes 4 points on fair skin, 8 on V, "
                     "14 on VI",
    [PHANTOM_PORE] =
        "a lamp 4 deg higher or lower moves pores by 3 to 6 points, the S-curve of the "
        "follow-up by 1 to 3, oil x1.8 by 4 to 6",
    [PHANTOM_SCAR] = "few scars to a photo",
};

static void limit_judged(struct figure *f, int n, int asked)
{
    if (n < asked) figure_limit(f, "%d of %d pairs judged", n, asked);
}

/* The nuisance that disturbs most when it comes alone, on these tones. */
static void limit_nuisance(struct figure *f, const struct campaign *c, const struct pick *which)
{
    double error[MOST_PAIRS], most = 0, none = 0;
    int asked, worst = 0;

    for (int i = 0; i < NUISANCES; i++) {
        struct pick p = *which;
        double rms;
        int n;

        p.fade = EVERY;
        p.nuisance = i;
        n = collect(&c->single, &p, error, &asked);
        rms = n > 0 ? estimate_rms(error, NULL, n).value : 0;
        if (i == 0) none = rms;
        if (rms > most) worst = i;
        most = fmax(most, rms);
    }
    figure_limit(f, "alone %s reads %.1f RMS, pose and noise %.1f", nuisances[worst].name, most,
                 none);
}

/* What the error goes with when all nuisances come together. */
static void limit_circumstance(struct figure *f, const struct series *s, const struct pick *p,
                               int n)
{
    double r;
    const int which = strongest_circumstance(s, p, &r);

    figure_limit_correlated(f, which, r, n);
}

static void limit_tone(struct figure *f, const struct series *s, const struct pick *which)
{
    double error[MOST_PAIRS], most = 0;
    int asked, worst = EVERY;

    for (int tone = which->tone_from; tone <= which->tone_to; tone++) {
        struct pick p = *which;
        int n;

        p.tone_from = p.tone_to = tone;
        n = collect(s, &p, error, &asked);
        if (n < 1 || estimate_rms(error, NULL, n).value <= most) continue;
        most = estimate_rms(error, NULL, n).value;
        worst = tone;
    }
    if (worst != EVERY) figure_limit(f, "worst tone %s, RMSE %.1f", tone_name[worst], most);
}

static void limit_fading(struct figure *f, const struct series *s, const struct pick *which)
{
    static const double fading[4] = { 0, 0.1, 0.2, 0.4 };
    double error[MOST_PAIRS];
    int asked;

    for (int i = 0; i < 4; i++) {
        struct pick p = *which;
        int n;

        p.fade = fading[i];
        n = collect(s, &p, error, &asked);
        if (n > 0)
            figure_limit(f, "bias %+.1f at %.0f %%", estimate_mean(error, n).value,
                         100 * fading[i]);
    }
}

/* What is left of the error where only what was to be found is counted. */
static void limit_features(struct figure *f, const struct series *s, const struct pick *p)
{
    double error[MOST_PAIRS];
    const int n = collect_at_features(s, p, error);

    if (n > 1)
        figure_limit(f, "at true %s alone bias %+.1f, RMSE %.1f", kind_name[p->kind],
                     estimate_mean(error, n).value, estimate_rms(error, NULL, n).value);
}

static void explain(struct figure *f, const struct campaign *c, const struct pick *p, int n,
                    int asked)
{
    limit_judged(f, n, asked);
    if (p->fade < 0) limit_fading(f, &c->all, p);
    limit_features(f, &c->all, p);
    limit_tone(f, &c->all, p);
    limit_circumstance(f, &c->all, p, n);
    limit_nuisance(f, c, p);
    figure_limit(f, "%s", known_limit[p->kind]);
}

/* ---- change */

struct error_goal {
    const char *row, *bias, *rmse;
    double most_bias, most_rmse;
};

static void add_bias_and_rmse(struct table *t, const struct campaign *c, const struct pick *p,
                              const struct error_goal *goal)
{
    struct figure *const bias =
        table_row(t, goal->row, goal->bias, AT_MOST, goal->most_bias, goal->most_bias);
    struct figure *const rmse =
        table_row(t, goal->row, goal->rmse, AT_MOST, goal->most_rmse, goal->most_rmse);
    double error[MOST_PAIRS];
    int asked;
    const int n = collect(&c->all, p, error, &asked);

    if (n > 1) {
        figure_set(bias, estimate_mean(error, n));
        figure_set(rmse, estimate_rms(error, NULL, n));
    }
    explain(bias, c, p, n, asked);
    explain(rmse, c, p, n, asked);
}

static void add_null_sd(struct table *t, const struct campaign *c, enum phantom_kind kind,
                        const char *row, const char *what, double most)
{
    struct figure *const f = table_row(t, row, what, AT_MOST, most, most);
    struct pick p = everything;
    double error[MOST_PAIRS];
    int n, asked;

    p.kind = kind;
    p.fade = 0;
    n = collect(&c->all, &p, error, &asked);
    if (n > 1) figure_set(f, estimate_sd(error, NULL, n));
    explain(f, c, &p, n, asked);
}

/* Both signs of one nuisance together; units are skins, each of which has both. */
static void add_single_rms(struct table *t, const struct campaign *c, enum phantom_kind kind,
                           const char *what, int nuisance, double most)
{
    struct figure *const f = table_row(t, "4", what, AT_MOST, most, most);
    struct pick p = everything;
    double error[2 * MOST_PAIRS];
    int skin[2 * MOST_PAIRS], n = 0, asked = 0, m;

    p.kind = kind;
    for (int i = 0; i < 2; i++) {
        p.nuisance = nuisance + i;
        collect_skins(&c->single, &p, skin + n);
        n += collect(&c->single, &p, error + n, &m);
        asked += m;
    }
    if (n > 1) figure_set(f, estimate_rms(error, skin, n));
    limit_judged(f, n, asked);
    limit_features(f, &c->single, &p);
    limit_tone(f, &c->single, &p);
    p.nuisance = 0;
    n = collect(&c->single, &p, error, &asked);
    if (n > 0) figure_limit(f, "pose and noise alone %.1f", estimate_rms(error, NULL, n).value);
    figure_limit(f, "%s", known_limit[kind]);
}

static void add_exposure_rows(struct table *t, const struct campaign *c)
{
    enum { EXPOSURE = 1, COLOUR = 3 };

    add_single_rms(t, c, PHANTOM_SPOT, "+-30 % exposure: RMS of spots", EXPOSURE, 3);
    add_single_rms(t, c, PHANTOM_PORE, "+-30 % exposure: RMS of pores", EXPOSURE, 4);
    add_single_rms(t, c, PHANTOM_SCAR, "+-30 % exposure: RMS of scars", EXPOSURE, 2);
    add_single_rms(t, c, PHANTOM_SPOT, "+-1000 K: RMS of spots", COLOUR, 3);
    add_single_rms(t, c, PHANTOM_PORE, "+-1000 K: RMS of pores", COLOUR, 4);
    add_single_rms(t, c, PHANTOM_SCAR, "+-1000 K: RMS of scars", COLOUR, 2);
}

static void add_defocus(struct table *t, const struct campaign *c)
{
    enum { DEFOCUS = 9 };
    struct figure *const f = table_row(t, "6", "defocus .7 px: bias of pores", AT_MOST, 3, 3);
    struct pick p = everything;
    double error[MOST_PAIRS];
    int n, asked;

    p.kind = PHANTOM_PORE;
    p.nuisance = DEFOCUS;
    n = collect(&c->single, &p, error, &asked);
    if (n > 1) figure_set(f, estimate_mean(error, n));
    limit_judged(f, n, asked);
    limit_features(f, &c->single, &p);
    limit_tone(f, &c->single, &p);
}

static void add_relief(struct table *t, const struct campaign *c)
{
    struct figure *const f =
        table_row(t, "8", "scar relief change at true 40 %: bias", AT_MOST, 3, 3);
    struct pick p = everything;
    double error[MOST_PAIRS];
    int n, asked;

    p.kind = PHANTOM_SCAR;
    p.fade = 0.4;
    n = collect(&c->all, &p, error, &asked);
    if (n > 1) figure_set(f, estimate_mean(error, n));
    explain(f, c, &p, n, asked);
    add_null_sd(t, c, PHANTOM_SCAR, "8", "scar relief: null SD", 5);
}

/* ---- detection */

static void add_detection(struct table *t, const struct campaign *c, const char *precision,
                          const char *recall, int tone_from, int tone_to, double least)
{
    struct figure *const p = table_row(t, "9", precision, AT_LEAST, least, least);
    struct figure *const r = table_row(t, "9", recall, AT_LEAST, least, least);
    struct shares found = { .n = 0 }, right = { .n = 0 };
    int mistaken[MISTAKEN] = { 0 }, missed[MISTAKEN] = { 0 };
    double strength = 0, strength_missed = 0;

    for (int i = 0; i < c->all.n; i++) {
        const struct pair_result *const one = &c->all.pair[i];
        if (one->tone < tone_from || one->tone > tone_to) continue;
        shares_add(&found, i, one->spots_found, one->spots);
        shares_add(&right, i, one->objects_right, one->objects);
        strength += one->strength;
        strength_missed += one->strength_missed;
        for (int m = 0; m < MISTAKEN; m++) {
            mistaken[m] += one->mistaken[m];
            missed[m] += one->missed[m];
        }
    }
    figure_set(p, estimate_share(&right));
    figure_set(r, estimate_share(&found));
    for (int m = 0; m < MISTAKEN; m++) {
        if (mistaken[m] > 0) figure_limit(p, "%d false are %s", mistaken[m], mistaken_name[m]);
        if (missed[m] > 0) figure_limit(r, "%d missed on %s", missed[m], mistaken_name[m]);
    }
    if (found.hits > 0 && found.hits < found.n) /* of the same melanin dark skin shows less */
        figure_limit(r, "those missed are %.1f times as strong as those found",
                     strength_missed / (found.n - found.hits) /
                         ((strength - strength_missed) / found.hits));
}

/* ---- registration */

static void add_registration(struct table *t, const struct campaign *c)
{
    struct figure *const median =
        table_row(t, "14", "registration error on phantoms, mm: median", AT_MOST, 0.05, 0.05);
    struct figure *const p95 =
        table_row(t, "14", "registration error on phantoms, mm: p95", AT_MOST, 0.15, 0.15);
    struct figure *const success = table_row(t, "14", "close-ups lined up", AT_LEAST, 0.98, 0.98);
    double middle[MOST_PAIRS], tail[MOST_PAIRS], r;
    const int which = strongest_on_registration(&c->all, &r);
    struct shares good = { .n = 0 };
    int n = 0;

    for (int i = 0; i < c->all.n; i++) {
        const struct pair_result *const one = &c->all.pair[i];
        shares_add(&good, i, one->registered, 1);
        if (!one->registered) continue;
        middle[n] = one->tre_median_mm;
        tail[n++] = one->tre_p95_mm;
    }
    if (n > 0) {
        figure_set(median, estimate_quantile(middle, n, 0.5));
        figure_set(p95, estimate_quantile(tail, n, 0.5));
    }
    figure_set(success, estimate_share(&good));
    figure_limit(median, "the worst pair %.3f", n > 0 ? middle[n - 1] : 0);
    figure_limit_correlated(median, which, r, n);
    figure_limit(p95, "median over the pairs; the worst pair %.3f", n > 0 ? tail[n - 1] : 0);
    figure_limit_sample(success, "pairs");
}

static void add_shrinkage(struct table *t, const struct campaign *c, enum phantom_kind kind,
                          const char *what)
{
    struct figure *const f = table_row(t, "15", what, AT_MOST, 0.05, 0.05);
    double share[MOST_PAIRS], most = 0;
    int n = 0, worst = 0;

    for (int i = 0; i < c->shrunk.n; i++) {
        const struct pair_result *const r = &c->shrunk.pair[i];
        if (r->area_lost_mm2[kind] <= 0) continue;
        share[n++] = r->area_hidden_mm2[kind] / r->area_lost_mm2[kind];
        if (share[n - 1] <= most) continue;
        most = share[n - 1];
        worst = r->tone;
    }
    if (n > 1) figure_set(f, estimate_mean(share, n));
    limit_judged(f, n, c->shrunk.n);
    figure_limit(f, "the worst pair %.3f, tone %s", most, tone_name[worst]);
}

static void add_sd_ratio(struct table *t, const struct campaign *c)
{
    struct figure *const f =
        table_row(t, "17", "null SD of spots, worst over best tone group", AT_MOST, 2, 2);
    const struct pick dark = { PHANTOM_SPOT, 4, 5, any_ita, 0, EVERY }; /* the worst: V and VI */
    double error[MOST_PAIRS];
    int group[MOST_PAIRS], n = 0, asked;

    for (int tone = 0; tone < TONES; tone++) {
        const struct pick p = { PHANTOM_SPOT, tone, tone, any_ita, 0, EVERY };
        const int m = collect(&c->all, &p, error + n, &asked);

        for (int i = 0; i < m; i++)
            group[n + i] = tone;
        if (m > 2)
            figure_limit(f, "%s %.1f", tone_name[tone], estimate_sd(error + n, NULL, m).value);
        n += m;
    }
    if (n > 2) figure_set(f, estimate_sd_ratio(error, group, n, TONES));
    f->otherwise = "printed per group";
    f->otherwise_met = figure_met(row_of_printed_tones(t, c));
    figure_limit(f, "%sprinted per group in every document", f->otherwise_met ? "" : "not ");
    limit_circumstance(f, &c->all, &dark, collect(&c->all, &dark, error, &asked));
}

void rows_of_phantoms(struct table *t, const struct campaign *c)
{
    struct pick light = everything, dark = everything, pores = everything;
    static const struct error_goal spots = {
        "1", "spot-load change, phantoms, all nuisances, ITA > -10: bias",
        "spot-load change, phantoms, all nuisances, ITA > -10: RMSE", 2, 4
    };
    static const struct error_goal dark_spots = { "2", "same, tones V and VI: bias",
                                                  "same, tones V and VI: RMSE", 4, 6 };
    static const struct error_goal pore = {
        "7", "pore amplitude change, tones II-VI, all nuisances: bias",
        "pore amplitude change, tones II-VI, all nuisances: RMSE", 2, 6
    };

    light.ita_above = -10;
    dark.tone_from = 4;
    pores.tone_from = 1;
    pores.kind = PHANTOM_PORE;
    add_bias_and_rmse(t, c, &light, &spots);
    add_bias_and_rmse(t, c, &dark, &dark_spots);
    add_null_sd(t, c, PHANTOM_SPOT, "3", "null SD of spots, phantoms", 3.5);
    add_exposure_rows(t, c);
    rows_of_flags(t, c);
    add_defocus(t, c);
    add_bias_and_rmse(t, c, &pores, &pore);
    add_relief(t, c);
    add_detection(t, c, "spots, tones I-IV: precision", "spots, tones I-IV: recall", 0, 3, 0.95);
    add_detection(t, c, "spots, tone V: precision", "spots, tone V: recall", 4, 4, 0.9);
    add_detection(t, c, "spots, tone VI: precision", "spots, tone VI: recall", 5, 5, 0.7);
    rows_of_intervals(t, c);
    add_registration(t, c);
    add_shrinkage(t, c, PHANTOM_SPOT, "share of a true loss of area that the warp hides: spots");
    add_shrinkage(t, c, PHANTOM_PORE, "share of a true loss of area that the warp hides: pores");
    add_shrinkage(t, c, PHANTOM_SCAR, "share of a true loss of area that the warp hides: scars");
    add_sd_ratio(t, c);
}
