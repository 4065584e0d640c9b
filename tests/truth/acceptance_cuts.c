/* SPDX-License-Identifier: Apache-2.0 */
/* Row 20: scars of cuts. */
#include "scar_scenes.h"

#include "acceptance.h"

void rows_of_cuts(struct table *t, const struct scope *scope)
{
    static const double px_per_mm = 8;
    struct figure *const width = table_row(
        t, "20", "width of linear scars, phantoms, 8 px/mm: RMS error, %", AT_MOST, 10, 10);
    const int seeds = scope->quick ? 1 : 6;
    struct scar_score s = { 0 };
    struct line_lab lab;

    line_lab_open(&lab);
    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int i = 0; i < seeds; i++) {
            const struct phantom_shot shot =
                scar_shot(line_seed(seeds, tone, i, 1), tone, px_per_mm, 2);

            lab.bed.tone.ita_deg = line_ita[tone];
            score_scars(&lab.bed, &shot, &s);
        }
    line_lab_close(&lab);
    if (s.width.n > 1) /* the error of an RMS of normal variables */
        figure_set(width, (struct estimate){ rms_of(&s.width),
                                             rms_of(&s.width) / sqrt(2 * s.width.n), s.width.n });
    figure_limit(width, "bias %+.1f; %d of %d scars found, %d false", mean_of(&s.width), s.found,
                 s.scars, s.wrong);
}
