/* SPDX-License-Identifier: Apache-2.0 */
/* Accuracy of the change in pigmentation on real skin: spots of known fading in real photos.
 *
 *   truth_spots [odd|even|all] [registration|landmarks] [first-N-people] [config.json]
 *
 * Neutral and smiling photos of the same person, minutes apart (Face Research Lab London Set),
 * carry no change of pigment. Spots are put into both, before anything else, as pigment would
 * darken them: linear light times exp(-contrast x melanin direction), logistic edges, at
 * corresponding places of cheeks and forehead. The correspondence is a thin-plate spline through
 * the set's own landmarks, which the program does not see. In the smiling photo the spots have
 * faded by 0, 20 or 40 %, and the light has changed: gain, white balance, gradient. Both are
 * written as JPEG of quality 85 and go through the whole pipeline as files.
 *
 * Skin is not even, and a smile moves its folds and gloss: that error belongs to the places, and
 * the three fadings share it. So each person has three sets of places, drawn independently; each is
 * a pair of its own.
 *
 * People with even numbers were used to choose settings; report the odd ones. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "inserted_spots.h"

static void print_person(const struct session *t, const struct person *who,
                         const struct spot_reading r[FADINGS])
{
    printf("landmarks against registration: median %.2f mm, most %.2f mm\n", t->off_median_mm,
           t->off_most_mm);
    for (int k = 0; k < FADINGS; k++)
        printf("%s %-11s fading %2.0f %%: %s known %6.1f %%  found %6.1f %% (%2d of %d)  face "
               "%6.1f %% [%.1f, %.1f] ITA %.0f\n",
               who->id, who->group, 100 * fadings[k], r[k].compared ? "" : "NOT COMPARED",
               r[k].known, r[k].places, r[k].recalled, SPOTS, r[k].whole, r[k].lo, r[k].hi,
               r[k].ita_deg);
    fflush(stdout);
}

static void summarise(const char *name, struct spot_reading (*r)[FADINGS], int n, double ita_lo,
                      double ita_hi)
{
    for (int k = 0; k < FADINGS; k++) {
        double known[SETS * PEOPLE], places[SETS * PEOPLE], whole[SETS * PEOPLE];
        int m = 0, readings = 0, recall = 0, others = 0;

        for (int i = 0; i < n; i++) {
            if (!r[i][k].compared || r[i][0].ita_deg <= ita_lo || r[i][0].ita_deg > ita_hi)
                continue;
            known[m] = r[i][k].known;
            if (r[i][k].recalled > 0) places[readings++] = r[i][k].places;
            whole[m++] = r[i][k].whole;
            recall += r[i][k].recalled;
            others += r[i][k].others;
        }
        if (m == 0) continue;
        printf("%-12s fading %2.0f %%, %2d pairs: known %6.1f +- %4.1f   found %6.1f +- %4.1f of "
               "%d   face %6.1f +- %4.1f   recall %.2f   others %.0f\n",
               name, 100 * fadings[k], m, derm_mean(known, m), derm_sd(known, m),
               derm_mean(places, readings), derm_sd(places, readings), readings,
               derm_mean(whole, m), derm_sd(whole, m), (double)recall / m / SPOTS,
               (double)others / m);
    }
}

/* Each person once: the mean of the sets, which is one pair with three times as many spots. */
static void summarise_people(struct spot_reading (*r)[FADINGS], int n)
{
    for (int k = 0; k < FADINGS; k++) {
        double known[PEOPLE];
        int m = 0;

        for (int i = 0; i < n; i++) {
            double sum = 0;
            int sets = 0;

            for (int set = 0; set < SETS; set++) {
                const struct spot_reading *const each = &r[set * n + i][k];
                sum += each->known;
                sets += each->compared;
            }
            if (sets == SETS) known[m++] = sum / SETS;
        }
        printf("%d spots each fading %2.0f %%, %2d people: known %6.1f +- %4.1f\n", SETS * SPOTS,
               100 * fadings[k], m, derm_mean(known, m), derm_sd(known, m));
    }
}

int main(int argc, char **argv)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .config = argc > 4 ? argv[4] : NULL };
    static struct person people[PEOPLE];
    static struct spot_reading r[SETS * PEOPLE][FADINGS];
    const char *const which = argc > 1 ? argv[1] : "odd";
    const int n = read_people(which, argc > 3 ? atoi(argv[3]) : PEOPLE, people);
    static struct session t = { .fadings = FADINGS };
    struct derm_error err = { 0 };

    if (n < 0) {
        printf("skipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
        return 0;
    }
    t.by_landmarks = argc > 2 && strcmp(argv[2], "landmarks") == 0;
    if (derm_context_new(&t.ctx, &settings) != DERM_OK) die(derm_error_text(t.ctx));
    if (derm_arena_init(&t.keep, (size_t)4 << 30, &err) != DERM_OK) die(err.text);
    for (int i = 0; i < SETS * n; i++) {
        test_person(&t, &people[i % n], i / n, r[i]);
        print_person(&t, &people[i % n], r[i]);
    }
    summarise("first places", r, n, -1000, 1000);
    summarise_people(r, n);
    summarise("all tones", r, SETS * n, -1000, 1000);
    summarise("ITA > 41", r, SETS * n, 41, 1000);
    summarise("ITA 10..41", r, SETS * n, 10, 41);
    summarise("ITA <= 10", r, SETS * n, -1000, 10);
    derm_arena_free(&t.keep);
    derm_context_free(t.ctx);
    return 0;
}
