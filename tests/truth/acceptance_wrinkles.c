/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of wrinkles and fine lines. */
#include "wrinkle_scenes.h"

#include "acceptance.h"

/* ---- row 18: their length */

enum { MOST_PHOTOS = 64 };
struct photos { /* units; of each sort of line */
    struct wrinkle_score of[MOST_PHOTOS][SORTS];
    int n;
    enum sort sort; /* which is asked for */
};

static struct wrinkle_score sum_of_photos(const int *times, const struct photos *p)
{
    struct wrinkle_score sum = { .wanted = 0 };

    for (int i = 0; i < p->n; i++)
        add_wrinkle_score(&sum, &p->of[i][p->sort], times[i]);
    return sum;
}

static double f1_drawn(const int *times, const void *of)
{
    const struct wrinkle_score s = sum_of_photos(times, of);

    return line_f1(s.got, s.wanted, s.right, s.found);
}

static void limit_length(struct figure *f, const struct wrinkle_score *s)
{
    figure_limit(f, "recall %.2f, precision %.2f", s->got / s->wanted,
                 s->found > 0 ? s->right / s->found : 0);
    if (s->got <= 0 || s->got >= s->wanted) return;
    figure_limit(f, "%.2f of the length is found as the other sort",
                 (s->got_either - s->got) / s->wanted);
    figure_limit(f, "what is missed adds %.3f OD, what is found %.3f, and pores scatter by %.3f",
                 (s->wanted_od - s->got_od) / (s->wanted - s->got), s->got_od / s->got,
                 s->pores_od / s->photos);
}

/* The same lines on skin that has fewer things to take for them. */
static void limit_by_pores(struct figure *f, const struct wrinkle_score *smooth)
{
    figure_limit(f, "without pores F1 %.2f, recall %.2f, precision %.2f",
                 line_f1(smooth->got, smooth->wanted, smooth->right, smooth->found),
                 smooth->got / smooth->wanted,
                 smooth->found > 0 ? smooth->right / smooth->found : 0);
}

static void add_length(struct table *t, struct view_bed *b, int seeds)
{
    static const double px_per_mm = 8;
    static const char *const what[SORTS] = {
        "length of wrinkles within .5 mm, phantoms, 8 px/mm: F1",
        "length of fine lines within .5 mm, phantoms, 8 px/mm: F1",
    };
    struct wrinkle_score all[SORTS] = { { 0 } }, smooth[SORTS] = { { 0 } };
    static struct photos p;

    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int i = 0; i < seeds; i++, p.n++) {
            struct phantom_shot shot = wrinkle_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm);

            score_wrinkles(b, &shot, p.of[p.n]);
            for (int k = 0; k < SORTS; k++)
                add_wrinkle_score(&all[k], &p.of[p.n][k], 1);
            shot.spec.pores_per_cm2 = 0;
            score_wrinkles(b, &shot, smooth);
        }
    for (int k = 0; k < SORTS; k++) {
        struct figure *const f = table_row(t, "18", what[k], AT_LEAST, 0.85, 0.85);

        p.sort = (enum sort)k;
        figure_set(f, estimate_by_units(p.n, (int)(all[k].wanted * step_mm / 4), f1_drawn, &p));
        limit_length(f, &all[k]);
        limit_by_pores(f, &smooth[k]);
    }
}

/* ---- row 19: their contrast */

static void add_contrast(struct table *t, struct view_bed *b, int seeds)
{
    static const double px_per_mm = 8, fades[] = { 0, 0.2, 0.4 };
    struct figure *const bias =
        table_row(t, "19", "wrinkle contrast change, phantoms, all nuisances: bias", AT_MOST, 3, 3);
    struct figure *const rmse =
        table_row(t, "19", "wrinkle contrast change, phantoms, all nuisances: RMSE", AT_MOST, 7, 7);
    static struct tally of_fade[3], of_tone[LINE_TONES];
    double error[MOST_PAIRS];
    int n = 0, asked = 0;

    for (int i = 0; i < seeds; i++)
        for (int tone = 0; tone < LINE_TONES; tone++, asked++) {
            const struct difference d = { ALL_NUISANCES, (tone + i / 2) % 2,
                                          fades[(tone + i) % 3] };
            struct wrinkle_change c[SORTS];

            change_wrinkles(b, wrinkle_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm), &d, c);
            if (!c[WRINKLE].found) continue;
            error[n++] = c[WRINKLE].read - c[WRINKLE].truth;
            add(&of_fade[(tone + i) % 3], error[n - 1]);
            add(&of_tone[tone], error[n - 1]);
        }
    if (n < asked) figure_limit(bias, "lines found in %d of %d pairs", n, asked);
    if (n < 2) return;
    figure_set(bias, estimate_mean(error, n));
    figure_set(rmse, estimate_rms(error, NULL, n));
    for (int k = 0; k < 3; k++)
        figure_limit(bias, "%+.1f at %.0f %%", mean_of(&of_fade[k]), 100 * fades[k]);
    for (int tone = 0; tone < LINE_TONES; tone++)
        figure_limit(rmse, "%s %.1f", tone_name[tone], rms_of(&of_tone[tone]));
}

void rows_of_wrinkles(struct table *t, const struct scope *scope)
{
    struct line_lab lab;

    line_lab_open(&lab);
    add_length(t, &lab.bed, scope->quick ? 1 : 4);
    add_contrast(t, &lab.bed, scope->quick ? 1 : 6);
    line_lab_close(&lab);
}
