/* SPDX-License-Identifier: Apache-2.0 */
/* Row 20: scars of cuts. */
#include "scar_scenes.h"

#include "acceptance.h"

enum { MOST_PHOTOS = 64 };
struct photos { /* units */
    struct scar_score of[MOST_PHOTOS];
    int n;
};

static double width_error_drawn(const int *times, const void *of)
{
    const struct photos *const p = of;
    struct tally sum = { .n = 0 };

    for (int i = 0; i < p->n; i++) {
        sum.squares += times[i] * p->of[i].width.squares;
        sum.n += times[i] * p->of[i].width.n;
    }
    return rms_of(&sum);
}

void rows_of_cuts(struct table *t, const struct scope *scope)
{
    static const double px_per_mm = 8;
    struct figure *const width = table_row(
        t, "20", "width of linear scars, phantoms, 8 px/mm: RMS error, %", AT_MOST, 10, 10);
    const int seeds = scope->quick ? 1 : 6;
    static struct photos p;
    struct tally width_error = { .n = 0 };
    int scars = 0, found = 0, wrong = 0;
    struct line_lab lab;

    line_lab_open(&lab);
    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int i = 0; i < seeds; i++) {
            const struct phantom_shot shot =
                scar_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm, 2);

            lab.bed.tone.ita_deg = line_ita[tone];
            score_scars(&lab.bed, &shot, &p.of[p.n++]);
        }
    line_lab_close(&lab);
    for (int i = 0; i < p.n; i++) {
        width_error.sum += p.of[i].width.sum;
        width_error.n += p.of[i].width.n;
        scars += p.of[i].scars;
        found += p.of[i].found;
        wrong += p.of[i].wrong;
    }
    figure_set(width, estimate_by_units(p.n, width_error.n, width_error_drawn, &p));
    figure_limit(width, "bias %+.1f; %d of %d scars found, %d false", mean_of(&width_error), found,
                 scars, wrong);
}
