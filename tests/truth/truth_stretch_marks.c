/* SPDX-License-Identifier: Apache-2.0 */
/* How well stretch marks are found, told apart and measured, how truly the change of their contrast
 * is read, and whether soft skin is lined up, on phantoms.
 *
 *   truth_stretch_marks          odd seeds: what is reported
 *   truth_stretch_marks even     even seeds: what may be looked at while working on the stage
 *   truth_stretch_marks odd 4 2  with 4 seeds for each tone, the second of four tables only
 *
 * A mark of the phantom counts when 15 mm of it lie in the picture. It is found when half of its
 * middle is covered by what was found; a mark found of which most pieces lie on none of the
 * phantom's is false. Area: pixels that show at least half of a mark, against the pieces' own
 * widths. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "truth/soft_skin.h"
#include "truth/stria_scenes.h"

static const double resolutions[] = { 3, 5, 10 };
enum { RESOLUTIONS = 3 };

static struct phantom_shot shot_with(int seed, int tone, double px_per_mm, int scars)
{
    struct phantom_shot shot = body_shot(seed, tone, px_per_mm);

    if (!scars) return shot;
    shot.spec.striae_per_cm2 = 0;
    shot.spec.linear_scars = scars;
    shot.spec.hairs_per_cm2 = 1;
    shot.spec.spots_per_cm2 = 0.5;
    shot.spec.wrinkles_per_cm2 = seed / 2 % 2 ? 0.3 : 0;
    return shot;
}

static void test_finding(struct view_bed *b, int odd, int seeds, int scars)
{
    printf("\n%s seeds, %s\n", odd ? "odd" : "even",
           scars ? "2 linear scars, no stretch marks, hairs, spots, wrinkles"
                 : "stretch marks, half of them pale");
    printf("%6s %6s %9s %9s %6s %16s %9s %9s %9s\n", "ITA", "px/mm", "found", "false", "IoU",
           "width, %", "kind", "as scars", "scars");
    for (int k = 0; k < RESOLUTIONS; k++)
        for (int tone = 0; tone < LINE_TONES; tone++) {
            struct stria_score s = { 0 };

            for (int i = 0; i < seeds; i++) {
                const struct phantom_shot shot =
                    shot_with(line_seed(seeds, tone, i, odd), tone, resolutions[k], scars);

                score_striae(b, &shot, &s);
            }
            printf("%6.0f %6.0f %4d/%-4d %4d/%-4d %6.2f %+8.1f +- %4.1f %4d/%-4d %4d/%-4d "
                   "%4d/%-4d\n",
                   line_ita[tone], resolutions[k], s.found, s.marks, s.wrong, s.lines,
                   s.either > 0 ? s.both / s.either : 0, mean_of(&s.width), sd_of(&s.width),
                   s.right_kind, s.kinds, s.as_scars, s.marks, s.scars_found, s.scars);
            fflush(stdout);
        }
}

/* ---- change */

static void print_change(const char *name, double fade, const struct tally *truths,
                         const struct tally t[4])
{
    printf("%-20s %5.1f %7.1f %+8.1f +- %4.1f (%4.1f)", name, fade, mean_of(truths), mean_of(&t[0]),
           sd_of(&t[0]), rms_of(&t[0]));
    for (int m = 1; m < 4; m++)
        printf(m < 3 ? " %+8.1f +- %4.1f" : " %+8.3f +- %.3f", mean_of(&t[m]), sd_of(&t[m]));
    printf(" %5d\n", t[0].n);
}

static void test_pairs(struct view_bed *b, int nuisance, int odd, int seeds, double fade)
{
    static const double px_per_mm = 5;
    struct tally t[4] = { { 0 } }, truths = { 0 };

    for (int tone = 0; tone < LINE_TONES; tone++)
        for (int n = 0; n < seeds; n++) {
            struct phantom_shot shot = body_shot(line_seed(seeds, tone, n, odd), tone, px_per_mm);
            struct stria_change c;

            shot.spec.striae_alba = n % 2;
            c = change_striae(b, shot, nuisance, (tone + n) % 2, fade);
            if (!c.found) continue;
            add(&truths, c.truth);
            add(&t[0], c.contrast - c.truth);
            add(&t[1], c.area);
            add(&t[2], c.width);
            add(&t[3], c.redness);
        }
    print_change(line_nuisances[nuisance].name, fade, &truths, t);
    fflush(stdout);
}

static void test_change(struct view_bed *b, int odd, int seeds)
{
    static const double fades[] = { 0, 0.2, 0.4 };

    printf("\n%s seeds, 5 px/mm: reading minus truth\n", odd ? "odd" : "even");
    printf("%-20s %5s %7s %22s %16s %16s %16s %5s\n", "", "fade", "truth", "contrast, % (rms)",
           "area, %", "width, %", "redness", "pairs");
    for (int i = 0; i < LINE_NUISANCES; i++)
        for (int k = 0; k < 3; k++)
            test_pairs(b, i, odd, seeds, fades[k]);
}

/* ---- registration of soft skin */

static void test_registration(struct files *l, int odd, int seeds)
{
    enum { ROOM = 4096 };
    static const double bends_mm[] = { 0, 0.5, 1, 2, 3, 5 };
    static double error[ROOM];

    printf("\n%s seeds, soft skin, 6 px/mm, 3 degrees, 2 mm\n", odd ? "odd" : "even");
    printf("%8s %9s %14s %14s %14s %10s %22s\n", "bend, mm", "accepted", "residual, mm",
           "median error", "p95 error", "coverage", "change of contrast, %");
    for (size_t i = 0; i < sizeof(bends_mm) / sizeof(*bends_mm); i++) {
        struct tally residual = { 0 }, median = { 0 }, p95 = { 0 }, coverage = { 0 },
                     change = { 0 };
        int pairs = 0;

        for (int tone = 0; tone < LINE_TONES; tone++)
            for (int k = 0; k < seeds; k++, pairs++) {
                struct phantom_shot shot[2];
                struct phantom_skin skin;
                struct stria_change c;
                int n;

                shot[0] = body_shot(line_seed(seeds, tone, k, odd), tone, 6);
                shot[0].spec.pores_per_cm2 = 10;
                shot[1] = shot[0];
                shot[1].camera.noise_seed++;
                shot[1].camera.turn_deg = k % 2 ? 3 : -3;
                shot[1].camera.shift_x_mm = 2;
                shot[1].camera.bend_mm = bends_mm[i];
                phantom_skin_init(&skin, &shot[0].spec);
                compare_files(l, shot, &skin);
                const struct derm_pair *const pair = &l->work.pair;
                const struct derm_registration *const r = &pair->registration;
                if (r->accepted && pair->comparability != DERM_INCOMPARABLE) {
                    n = map_errors(pair, shot, &skin, error, ROOM);
                    add(&residual, r->residual_mm);
                    add(&coverage, r->coverage);
                    if (n > 0) add(&median, derm_percentile(error, n, 0.5));
                    if (n > 0) add(&p95, derm_percentile(error, n, 0.95));
                    if (pair->objects[DERM_KIND_STRETCH_MARK].n > 0) {
                        read_striae(&pair->objects[DERM_KIND_STRETCH_MARK], &c);
                        add(&change, c.contrast);
                    }
                }
                phantom_skin_free(&skin);
            }
        printf("%8.1f %4d/%-4d %14.3f %14.3f %14.3f %10.2f %+8.1f +- %4.1f %4d\n", bends_mm[i],
               residual.n, pairs, mean_of(&residual), mean_of(&median), mean_of(&p95),
               mean_of(&coverage), mean_of(&change), sd_of(&change), change.n);
        fflush(stdout);
    }
}

static void test_soft_skin(derm_context *ctx, int odd, int seeds)
{
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    struct files l = { .ctx = ctx };

    if (derm_arena_init(&l.keep, (size_t)4 << 30, &ctx->err) != DERM_OK) exit(1);
    for (int i = 0; i < 2; i++)
        snprintf(l.path[i], sizeof(l.path[i]), "%s/striae_%ld_%d.jpg", folder, (long)getpid(), i);
    test_registration(&l, odd, seeds);
    for (int i = 0; i < 2; i++)
        remove(l.path[i]);
    derm_arena_free(&l.keep);
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int seeds = argc > 2 ? imin(atoi(argv[2]), MOST_SEEDS) : 4;
    const int only = argc > 3 ? atoi(argv[3]) : 0;
    struct line_lab lab;

    line_lab_open(&lab);
    if (!only || only == 1) test_finding(&lab.bed, odd, seeds, 0);
    if (!only || only == 2) test_finding(&lab.bed, odd, seeds, 2);
    if (!only || only == 3) test_change(&lab.bed, odd, seeds);
    if (!only || only == 4) test_soft_skin(lab.ctx, odd, imax(1, seeds / 2));
    line_lab_close(&lab);
    return 0;
}
