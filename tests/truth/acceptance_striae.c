/* SPDX-License-Identifier: Apache-2.0 */
/* Row 21: stretch marks. */
#include "stria_scenes.h"

#include "acceptance.h"

static const double px_per_mm = 5;

/* The error is that between the tones. */
static void add_area(struct table *t, struct view_bed *b, int seeds)
{
    struct figure *const area =
        table_row(t, "21", "area of stretch marks, phantoms, 5 px/mm: IoU", AT_LEAST, 0.6, 0.6);
    double iou[LINE_TONES], both = 0, either = 0;
    int n = 0, marks = 0, found = 0, lines = 0, wrong = 0;

    for (int tone = 0; tone < LINE_TONES; tone++) {
        struct stria_score s = { 0 };

        for (int i = 0; i < seeds; i++) {
            const struct phantom_shot shot =
                body_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm);

            score_striae(b, &shot, &s);
        }
        both += s.both;
        either += s.either;
        marks += s.marks;
        found += s.found;
        lines += s.lines;
        wrong += s.wrong;
        if (s.either <= 0) continue;
        iou[n++] = s.both / s.either;
        figure_limit(area, "%s %.2f", tone_name[tone], iou[n - 1]);
    }
    figure_limit(area, "%d of %d marks found; %d of %d lines are none", found, marks, wrong, lines);
    if (n < 2) return;
    figure_set(area, (struct estimate){ both / either, estimate_mean(iou, n).error, seeds * n });
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
    figure_set(rmse, estimate_rms(error, n));
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
