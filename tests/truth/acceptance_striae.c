/* SPDX-License-Identifier: Apache-2.0 */
/* Row 21: stretch marks. */
#include "stria_scenes.h"

#include "acceptance.h"

static const double px_per_mm = 5;

enum { MOST_PHOTOS = 64 };
struct photos { /* units */
    struct stria_score of[MOST_PHOTOS];
    int n;
};

static struct stria_score sum_of_photos(const int *times, const struct photos *p)
{
    struct stria_score sum = { .marks = 0 };

    for (int i = 0; i < p->n; i++)
        add_stria_score(&sum, &p->of[i], times[i]);
    return sum;
}

static double overlap(const struct stria_score *s)
{
    return s->either > 0 ? s->both / s->either : 0;
}

static double overlap_drawn(const int *times, const void *of)
{
    const struct stria_score sum = sum_of_photos(times, of);

    return overlap(&sum);
}

/* Whether marks are missed, or drawn too broad or too narrow; and how faint those are. */
static void limit_area(struct figure *f, const char *skin, const struct stria_score *s)
{
    const int missed = s->marks - s->found;

    figure_limit(f,
                 "%s: %d of %d marks found, %.0f %% of the marks' area missed, %.0f %% of what "
                 "is drawn beside them",
                 skin, s->found, s->marks, 100 * (1 - s->both / s->area),
                 100 * (1 - s->both / (s->either + s->both - s->area)));
    if (missed > 0 && s->found > 0)
        figure_limit(f, "%s: marks missed differ from the skin by %.3f OD, those found by %.3f",
                     skin, s->od_missed / missed, s->od_found / s->found);
}

static void add_area(struct table *t, struct view_bed *b, int seeds)
{
    struct figure *const area =
        table_row(t, "21", "area of stretch marks, phantoms, 5 px/mm: IoU", AT_LEAST, 0.6, 0.6);
    enum { DARK = 3 }; /* the first tone that is less well measured */
    static struct photos p;
    struct stria_score of_skin[2] = { { .marks = 0 } };

    for (int tone = 0; tone < LINE_TONES; tone++) {
        struct stria_score s = { .marks = 0 };

        for (int i = 0; i < seeds; i++, p.n++) {
            const struct phantom_shot shot =
                body_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm);

            score_striae(b, &shot, &p.of[p.n]);
            add_stria_score(&s, &p.of[p.n], 1);
        }
        figure_limit(area, "%s %.2f", tone_name[tone], overlap(&s));
        add_stria_score(&of_skin[tone >= DARK], &s, 1);
    }
    figure_set(area, estimate_by_units(p.n, p.n, overlap_drawn, &p));
    limit_area(area, "I to III", &of_skin[0]);
    limit_area(area, "IV to VI", &of_skin[1]);
    figure_limit(area, "%d of %d lines are none", of_skin[0].wrong + of_skin[1].wrong,
                 of_skin[0].lines + of_skin[1].lines);
}

static void add_contrast(struct table *t, struct view_bed *b, int seeds)
{
    static const double fades[] = { 0, 0.2, 0.4 };
    struct figure *const rmse = table_row(
        t, "21", "stretch mark contrast change, phantoms, all nuisances: RMSE", AT_MOST, 8, 8);
    double error[MOST_PAIRS];
    int n = 0, asked = 0;

    for (int i = 0; i < seeds; i++)
        for (int tone = 0; tone < LINE_TONES; tone++, asked++) {
            struct phantom_shot shot = body_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm);
            const struct difference d = { ALL_NUISANCES, (tone + i / 2) % 2,
                                          fades[(tone + i) % 3] };
            struct stria_change c;

            shot.spec.striae_alba = (tone + i) % 2; /* all pale, or all red */
            c = change_striae(b, shot, &d);
            if (c.found) error[n++] = c.contrast - c.truth;
        }
    if (n < asked) figure_limit(rmse, "marks found in %d of %d pairs", n, asked);
    if (n < 2) return;
    figure_set(rmse, estimate_rms(error, NULL, n));
    figure_limit(rmse, "bias %+.1f", estimate_mean(error, n).value);
}

void rows_of_striae(struct table *t, const struct scope *scope)
{
    struct line_lab lab;

    line_lab_open(&lab);
    add_area(t, &lab.bed, scope->quick ? 1 : 4);
    add_contrast(t, &lab.bed, scope->quick ? 1 : 6);
    line_lab_close(&lab);
}
