/* SPDX-License-Identifier: Apache-2.0 */
/* How well wrinkles and fine lines are found, and how truly the change of their contrast is read,
 * on phantoms.
 *
 *   truth_wrinkles          odd seeds: what is reported
 *   truth_wrinkles even     even seeds: what may be looked at while working on the stage
 *   truth_wrinkles odd 4 2  with 4 seeds for each tone, the second of five tables only
 *
 * Lengths agree within 0.5 mm (algorithms, section 4): the recall is the share of the length of the
 * phantom's wrinkles (fine lines) near which a wrinkle (fine line) was found, the precision that of
 * the length found near which there is one. "Either": of whichever sort. Only lines
 * count that show in the picture's own light (0.02 optical density, without noise), for light along
 * a groove leaves it without shade. The truth of a change is that of the same contrasts, by length:
 * 3 to 5 points less than in the light of phantom_true_change, which falls more steeply. What lies
 * on spots, scars and red marks is theirs: their stages run first. */
#include "truth/wrinkle_scenes.h"

static const double resolutions[] = { 4, 8, 12 };
enum { RESOLUTIONS = 3 };

static void print_score(const struct wrinkle_score s[SORTS])
{
    for (int k = 0; k < SORTS; k++)
        printf(" %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f", s[k].got / s[k].wanted,
               s[k].right / s[k].found, line_f1(s[k].got, s[k].wanted, s[k].right, s[k].found),
               s[k].got_either / s[k].wanted, s[k].right_either / s[k].found,
               line_f1(s[k].got_either, s[k].wanted, s[k].right_either, s[k].found));
    printf("\n");
    fflush(stdout);
}

static void test_finding(struct view_bed *b, int odd, int seeds)
{
    printf("\n%s seeds: lengths within %.1f mm\n", odd ? "odd" : "even", tolerance_mm);
    printf("%6s %6s %38s %38s\n", "", "", "wrinkles", "fine lines");
    printf("%6s %6s", "ITA", "px/mm");
    for (int k = 0; k < SORTS; k++)
        printf(" %6s %6s %6s %6s %6s %6s", "recall", "prec", "F1", "rec/e", "pre/e", "F1/e");
    printf("\n");
    for (int r = 0; r < RESOLUTIONS; r++) {
        struct wrinkle_score all[SORTS] = { { 0 } };

        for (int tone = 0; tone < LINE_TONES; tone++) {
            struct wrinkle_score own[SORTS] = { { 0 } };

            for (int i = 0; i < seeds; i++) {
                const struct phantom_shot shot =
                    wrinkle_shot(line_seed(seeds, tone, i, odd), tone, resolutions[r]);

                score_wrinkles(b, &shot, own);
            }
            for (int k = 0; k < SORTS; k++)
                add_wrinkle_score(&all[k], &own[k], 1);
            printf("%6.0f %6.0f", line_ita[tone], resolutions[r]);
            print_score(own);
        }
        printf("%6s %6.0f", "all", resolutions[r]);
        print_score(all);
    }
}

/* Rows of pores look like lines. */
static void test_none(struct view_bed *b, int odd, int seeds)
{
    const double inside_cm = 0.1 * (WRINKLE_SIDE_MM - 2 * edge_mm), cm2 = inside_cm * inside_cm;

    printf("\n%s seeds, no lines: found, mm per cm2, and in how many pictures\n",
           odd ? "odd" : "even");
    printf("%6s %6s %16s %16s\n", "ITA", "px/mm", "wrinkles", "fine lines");
    for (int r = 0; r < RESOLUTIONS; r++)
        for (int tone = 0; tone < LINE_TONES; tone++) {
            double mm[SORTS] = { 0 };
            int pictures[SORTS] = { 0 };

            for (int i = 0; i < seeds; i++) {
                struct phantom_shot shot =
                    wrinkle_shot(line_seed(seeds, tone, i, odd), tone, resolutions[r]);
                struct wrinkle_score found[SORTS] = { { 0 } };

                shot.spec.wrinkles_per_cm2 = shot.spec.fine_lines_per_cm2 = 0;
                score_wrinkles(b, &shot, found);
                for (int k = 0; k < SORTS; k++) {
                    mm[k] += step_mm * found[k].found;
                    pictures[k] += found[k].found > 0;
                }
            }
            printf("%6.0f %6.0f", line_ita[tone], resolutions[r]);
            for (int k = 0; k < SORTS; k++)
                printf("   %5.2f, %2d of %2d", mm[k] / (cm2 * seeds), pictures[k], seeds);
            printf("\n");
            fflush(stdout);
        }
}

static void test_nuisance(struct view_bed *b, int nuisance, int odd, int seeds, double fade)
{
    static const double px_per_mm = 8;
    struct tally error[SORTS] = { { 0 } }, truth[SORTS] = { { 0 } };

    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int i = 0; i < seeds; i++) {
            const struct difference d = { nuisance, (tone + i) % 2, fade };
            struct wrinkle_change c[SORTS];

            change_wrinkles(b, wrinkle_shot(line_seed(seeds, tone, i, odd), tone, px_per_mm), &d,
                            c);
            for (int k = 0; k < SORTS; k++) {
                if (!c[k].found) continue;
                add(&truth[k], c[k].truth);
                add(&error[k], c[k].read - c[k].truth);
            }
        }
    printf("%-20s", line_nuisances[nuisance].name);
    for (int k = 0; k < SORTS; k++)
        printf(" %+7.1f %+7.1f %6.1f %6d", mean_of(&truth[k]), mean_of(&error[k]),
               rms_of(&error[k]), error[k].n);
    printf("\n");
    fflush(stdout);
}

static void test_change(struct view_bed *b, int odd, int seeds, double fade)
{
    printf("\n%s seeds, fade of depth %.0f %%: reading minus truth, %%\n", odd ? "odd" : "even",
           100 * fade);
    printf("%-20s %28s %28s\n", "", "wrinkles", "fine lines");
    printf("%-20s %7s %7s %6s %6s %7s %7s %6s %6s\n", "", "truth", "bias", "RMSE", "pairs", "truth",
           "bias", "RMSE", "pairs");
    for (int i = 0; i < LINE_NUISANCES; i++)
        test_nuisance(b, i, odd, seeds, fade);
}

int main(int argc, char **argv)
{
    enum { FINDING, NONE, CHANGE, TABLES = CHANGE + 3 };
    static const double fade[] = { 0, 0.2, 0.4 };
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST_SEEDS) : 4;
    const int only = argc > 3 ? atoi(argv[3]) : 0;
    struct line_lab lab;

    line_lab_open(&lab);
    for (int i = 0; i < TABLES; i++) {
        if (only && only != i + 1) continue;
        if (i == FINDING)
            test_finding(&lab.bed, odd, seeds);
        else if (i == NONE)
            test_none(&lab.bed, odd, seeds);
        else
            test_change(&lab.bed, odd, seeds, fade[i - CHANGE]);
    }
    line_lab_close(&lab);
    return 0;
}
