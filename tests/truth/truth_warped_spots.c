/* SPDX-License-Identifier: Apache-2.0 */
/* As truth_spots, but what changes goes through the camera: spots are put into a neutral photo and
 * its copy, there faded by 0, 20 or 40 %; then both get other light, noise and JPEG, and the copy
 * is turned, brought nearer and shifted. Resampling, exposure and compression meet the change, and
 * nothing but the change and these differ: no smile.
 *
 *   truth_warped_spots [odd|even|all] [first-N-people]
 *
 * Nothing is tuned on it; report the odd people. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "inserted_spots.h"
#include "null_pairs.h"

static const double noise_at_white = 0.006; /* as the phantom's camera */

/* Where spots have room on one photo: on the skin that it shares with itself. */
static void choose_places(struct session *t, const struct person *who, struct picture *neutral,
                          struct spot spot[SPOTS])
{
    struct derm_random random = { (uint64_t)atoi(who->id) };
    struct spline *const same = malloc(sizeof(*same));
    char path[2][PATH_TEXT];

    if (!same) abort();
    for (int i = 0; i < 2; i++)
        path_of(who->id, false, path[i]);
    read_jpeg(path[0], neutral);
    if (!run_pair(t->ctx, path, &t->work, &t->keep)) die("the untouched photo failed");
    take_landmarks(&t->work.frame[0].face, neutral);
    fit_spline(neutral, neutral, same);
    place_spots(t, neutral, same, &random, spot);
    free(same);
}

static void put_spots(const struct picture *neutral, const struct person *who,
                      const struct spot spot[SPOTS], double fading, struct picture *out)
{
    static const struct light same = { { 0 }, 0, 0 };

    render(neutral, spot, false, fading, &same, px_per_mm(neutral), who->group, out);
}

static void test_copies(struct null_lab *lab, struct session *t, const struct person *who,
                        struct spot_reading r[FADINGS])
{
    struct picture neutral, out;
    struct spot spot[SPOTS];

    choose_places(t, who, &neutral, spot);
    out = neutral;
    out.rgb = malloc((size_t)neutral.w * (size_t)neutral.h * 3);
    if (!out.rgb) abort();
    lab->random = (struct derm_random){ (uint64_t)atoi(who->id) };
    for (int k = 0; k < FADINGS; k++) {
        r[k] = (struct spot_reading){ .compared = false };
        for (int photo = 0; photo < 2; photo++) {
            struct other other = draw_other(lab, photo == 1);

            other.noise = noise_at_white;
            put_spots(&neutral, who, spot, photo ? fadings[k] : 0, &out);
            write_other(lab, photo, &out, &other);
        }
        compare_files(lab, NULL_COPY, atoi(who->id), 0);
        read_whole(&lab->work, &r[k]);
        if (r[k].compared) {
            read_places(&lab->work, spot, px_per_mm(&neutral), &r[k]);
            read_known(t, &lab->work, spot, px_per_mm(&neutral), &r[k]);
        }
        printf("%s %-11s fading %2.0f %%: %s known %6.1f %%  found %6.1f %% (%2d of %d)  face "
               "%6.1f %% [%.1f, %.1f] ITA %.0f\n",
               who->id, who->group, 100 * fadings[k], r[k].compared ? "" : "NOT COMPARED",
               r[k].known, r[k].places, r[k].recalled, SPOTS, r[k].whole, r[k].lo, r[k].hi,
               r[k].ita_deg);
        fflush(stdout);
    }
    free(out.rgb);
    free(neutral.rgb);
}

static void summarise(struct spot_reading (*r)[FADINGS], int n)
{
    for (int k = 0; k < FADINGS; k++) {
        double known[PEOPLE], places[PEOPLE];
        int m = 0, recalled = 0, compared = 0;

        for (int i = 0; i < n; i++) {
            if (!r[i][k].compared) continue;
            known[compared++] = r[i][k].known;
            recalled += r[i][k].recalled;
            if (r[i][k].recalled > 0) places[m++] = r[i][k].places;
        }
        if (m > 1)
            printf("fading %2.0f %%, %d people: known %6.1f +- %4.1f   found %6.1f +- %4.1f of %d, "
                   "recall %.2f\n",
                   100 * fadings[k], compared, derm_mean(known, compared), derm_sd(known, compared),
                   derm_mean(places, m), derm_sd(places, m), m,
                   (double)recalled / compared / SPOTS);
    }
}

int main(int argc, char **argv)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    static struct person people[PEOPLE];
    static struct spot_reading r[PEOPLE][FADINGS];
    const int n =
        read_people(argc > 1 ? argv[1] : "odd", argc > 2 ? atoi(argv[2]) : PEOPLE, people);
    static struct session t = { .fadings = FADINGS };
    struct derm_error err = { 0 };
    struct null_lab lab;

    if (n < 0) {
        printf("skipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
        return 0;
    }
    if (derm_context_new(&t.ctx, &settings) != DERM_OK) die(derm_error_text(t.ctx));
    if (derm_arena_init(&t.keep, (size_t)4 << 30, &err) != DERM_OK) die(err.text);
    null_lab_open(&lab, NULL);
    for (int i = 0; i < n; i++) {
        const struct person who = people[i];

        test_copies(&lab, &t, &who, r[i]);
    }
    summarise(r, n);
    free(lab.row);
    null_lab_close(&lab);
    derm_arena_free(&t.keep);
    derm_context_free(t.ctx);
    return 0;
}
