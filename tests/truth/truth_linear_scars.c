/* SPDX-License-Identifier: Apache-2.0 */
/* How well scars of cuts are found and measured, and how truly the change of their contrast is
 * read, on phantoms.
 *
 *   truth_linear_scars          odd seeds: what is reported
 *   truth_linear_scars even     even seeds: what may be looked at while working on the stage
 *   truth_linear_scars odd 4 2  with 4 seeds for each tone, the second of five tables only
 *
 * A scar of the phantom counts when it is what the stage looks for: 15 mm long and 5 times longer
 * than wide. It is found when most pieces of one of the scars found lie on it; a scar found of
 * which most pieces lie on no scar of the phantom is false. */
#include "truth/scar_scenes.h"

static const double resolutions[] = { 4, 8, 12 };
enum { RESOLUTIONS = 3 };

static struct phantom_shot shot_with(int seed, int tone, double px_per_mm, int scars)
{
    struct phantom_shot shot = scar_shot(seed, tone, px_per_mm, scars);

    if (scars) return shot;
    shot.spec.hairs_per_cm2 = 2;
    shot.spec.stubble_per_cm2 = 4;
    shot.spec.spots_per_cm2 = 1;
    return shot;
}

static void test_finding(struct view_bed *b, int odd, int seeds, int scars)
{
    printf("\n%s seeds, %s\n", odd ? "odd" : "even",
           scars ? "up to 2 scars a picture" : "no scars, many hairs, stubble and spots");
    printf("%6s %6s %9s %6s %16s %16s\n", "ITA", "px/mm", "found", "false", "width, %",
           "length, mm");
    for (int k = 0; k < RESOLUTIONS; k++)
        for (int tone = 0; tone < LINE_TONES; tone++) {
            struct scar_score s = { 0 };

            for (int i = 0; i < seeds; i++) {
                const struct phantom_shot shot =
                    shot_with(line_seed(seeds, tone, i, odd), tone, resolutions[k], scars);

                b->tone.ita_deg = line_ita[tone];
                score_scars(b, &shot, &s);
            }
            printf("%6.0f %6.0f %4d/%-4d %6d %+8.1f +- %4.1f %+8.1f +- %4.1f\n", line_ita[tone],
                   resolutions[k], s.found, s.scars, s.wrong, mean_of(&s.width), sd_of(&s.width),
                   mean_of(&s.length), sd_of(&s.length));
            fflush(stdout);
        }
}

static void test_nuisance(struct view_bed *b, int nuisance, int odd, int seeds, double fade)
{
    static const double px_per_mm = 8;
    struct tally t[3] = { { 0 } }, truth = { 0 };

    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int k = 0; k < seeds; k++) {
            b->tone.ita_deg = line_ita[tone];
            const struct scar_change c =
                change_scars(b, scar_shot(line_seed(seeds, tone, k, odd), tone, px_per_mm, 2),
                             nuisance, (tone + k) % 2, fade);

            if (!c.found) continue;
            add(&truth, c.truth);
            add(&t[0], c.contrast - c.truth);
            add(&t[1], c.width);
            add(&t[2], c.length);
        }
    printf("%-20s %7.1f", line_nuisances[nuisance].name, mean_of(&truth));
    for (int m = 0; m < 3; m++)
        printf(" %+8.1f +- %4.1f", mean_of(&t[m]), sd_of(&t[m]));
    printf(" %5d\n", t[0].n);
    fflush(stdout);
}

static void test_change(struct view_bed *b, int odd, int seeds, double fade)
{
    printf("\n%s seeds, fade %.0f %%: reading minus truth\n", odd ? "odd" : "even", 100 * fade);
    printf("%-20s %7s %16s %16s %16s %5s\n", "", "truth", "contrast, %", "width, %", "length, mm",
           "pairs");
    for (int i = 0; i < LINE_NUISANCES; i++)
        test_nuisance(b, i, odd, seeds, fade);
}

int main(int argc, char **argv)
{
    static const double fade[5] = { 0, 0, 0, 0.2, 0.4 };
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST_SEEDS) : 4;
    const int only = argc > 3 ? atoi(argv[3]) : 0;
    struct line_lab lab;

    line_lab_open(&lab);
    for (int i = 0; i < 5; i++) {
        if (only && only != i + 1) continue;
        if (i < 2)
            test_finding(&lab.bed, odd, seeds, i == 0 ? 2 : 0);
        else
            test_change(&lab.bed, odd, seeds, fade[i]);
    }
    line_lab_close(&lab);
    return 0;
}
