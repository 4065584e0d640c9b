/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each lesion, and what is said of it.
 *
 *   truth_fates [odd|even] [phantoms|people] [how many] [from]
 *
 * Phantoms: two photos with all nuisances of the acceptance suite. Of the spots, scars and red
 * marks of a skin seven in ten stay as they are, the others fade by 20, 40 or 60 %, go, or come.
 * Said: in % of the lesions that are listed and whose chance is known, one row for each true fate.
 * People: neutral and smiling photo, each in its own light (Face Research Lab London Set): nothing
 * on them has changed, but folds and shade have, and some of what is listed is none of the three.
 *
 * Targets: of unchanged lesions of any kind at most 2.5 % are called gone or new.
 *
 * People and seeds with even numbers are for tuning, those with odd ones for reporting. */
#include "fate_scenes.h"

static const enum derm_fate columns[] = { DERM_FATE_PERSISTENT, DERM_FATE_FADED, DERM_FATE_DARKENED,
                                          DERM_FATE_GONE,       DERM_FATE_NEW,   DERM_FATE_UNSURE };
static const char *const column_names[] = { "persistent", "faded", "darkened",
                                            "gone",       "new",   "unsure" };
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static int judged_of(const int said[SAID])
{
    int n = 0;

    for (int c = 0; c < COLUMNS; c++)
        n += said[columns[c]];
    return n;
}

static void print_row(const char *name, const int said[SAID])
{
    const int judged = judged_of(said);

    printf("  %-14s %4d, %4d listed, %4d judged:", name,
           judged + said[DERM_FATE_UNKNOWN] + said[NOT_LISTED], judged + said[DERM_FATE_UNKNOWN],
           judged);
    for (int c = 0; c < COLUMNS; c++)
        printf(" %s %5.1f", column_names[c], 100.0 * said[columns[c]] / fmax(judged, 1));
    printf("\n");
}

static void print_kind(const struct fate_score *score, int kind)
{
    const int *const same = score->said[kind][UNCHANGED], judged = judged_of(same);

    printf("%s\n", tracked[kind].name);
    for (int f = 0; f < TRUE_FATES; f++)
        print_row(true_fates[f].name, score->said[kind][f]);
    printf(
        "  of %d unchanged, called gone or new: %d (%.1f %%; target <= 2.5); rms change in their "
        "sd: %.2f\n",
        judged, same[DERM_FATE_GONE] + same[DERM_FATE_NEW],
        100.0 * (same[DERM_FATE_GONE] + same[DERM_FATE_NEW]) / fmax(judged, 1),
        sqrt(score->squares[kind] / fmax(judged, 1)));
}

/* ---- people */

static void note_person(const struct derm_pair *pair, struct fate_score *score)
{
    for (int k = 0; k < TRACKED; k++) {
        const struct derm_objects *const all = &pair->objects[tracked[k].kind];

        for (int i = 0; i < all->n; i++)
            if (!all->item[i].field && derm_in_regions(&all->item[i]))
                note_fate(&all->item[i], k, UNCHANGED, score);
    }
}

static void test_person(struct null_lab *lab, const char *id, struct fate_score *score)
{
    lab->random = (struct derm_random){ (uint64_t)atoi(id) };
    for (int photo = 0; photo < 2; photo++) {
        const struct other light = draw_other(lab, false);
        struct picture picture;
        char path[PATH_TEXT];

        path_of(id, photo == 1, path);
        read_jpeg(path, &picture);
        write_other(lab, photo, &picture, &light);
        free(picture.rgb);
    }
    compare_files(lab, FADED, atoi(id), 0);
    score->pairs++;
    if (lab->work.pair.comparability == DERM_INCOMPARABLE)
        score->refused++;
    else
        note_person(&lab->work.pair, score);
}

static bool test_people(struct null_lab *lab, int odd, int most, struct fate_score *score)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256], id[8];

    if (!f) return false;
    while (score->pairs < most && fgets(line, sizeof(line), f))
        if (sscanf(line, "%7[0-9]", id) == 1 && atoi(id) % 2 == odd && strstr(line, "smiling/"))
            test_person(lab, id, score);
    fclose(f);
    return true;
}

int main(int argc, char **argv)
{
    const int odd = argc < 2 || strcmp(argv[1], "even") != 0;
    const bool people = argc > 2 && strcmp(argv[2], "people") == 0;
    const int most = argc > 3 ? atoi(argv[3]) : PHANTOM_CELLS * SEEDS;
    const int from = argc > 4 ? atoi(argv[4]) : 0;
    static struct fate_score score;
    static struct null_lab lab;

    null_lab_open(&lab, NULL);
    for (int i = from; i < from + most && !people; i++)
        score_fates_of(&lab, i, odd, &score);
    if (people && !test_people(&lab, odd, most, &score))
        printf("skipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
    printf("%d pairs, %d refused; %% of what is judged\n", score.pairs, score.refused);
    for (int k = 0; k < TRACKED; k++)
        if (people)
            print_row(tracked[k].name, score.said[k][UNCHANGED]);
        else
            print_kind(&score, k);
    null_lab_close(&lab);
    return 0;
}
