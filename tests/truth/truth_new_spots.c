/* SPDX-License-Identifier: Apache-2.0 */
/* The alert for new pigmentation: how often it comes on unchanged skin, and on skin with new spots.
 *
 *   truth_new_spots [odd|even] [phantoms|people] [how many] [most new spots] [optical density]
 *
 * Phantoms: two photos of a rendered skin, the second a second frame ("still") or with all
 * nuisances of the acceptance suite. People: neutral and smiling photo, each in its own light (Face
 * Research Lab London Set). New spots of 2 mm and 0.3 OD, or as dense as said, are put into the
 * second photo as pigment would darken it, some 6 mm apart, wherever that is: on natural spots,
 * too.
 *
 * People and seeds with even numbers are for tuning, those with odd ones for reporting. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "null_pairs.h"

#include "study/new_spots.h"

enum { MOST_ADDED = 12 };
static const int added[] = { 0, 1, 2, 4, MOST_ADDED };
enum { ADDED = sizeof(added) / sizeof(*added) };

static int most_added = MOST_ADDED; /* of those */
static double contrast_od = 0.3;

struct tally {
    int pairs, refused, unknown, alerts, fresh;
};

struct canvas {
    uint8_t *rgb;
    int w, h;
    double px_per_mm;
};

/* ---- new spots */

static void darken(const struct canvas *c, const struct derm_srgb_encoder *encoder, int x, int y,
                   double density)
{
    static const double melanin[3] = { 0.34, 0.50, 0.80 }; /* as in inserted_spots.h */
    uint8_t *const px = &c->rgb[3 * ((size_t)y * (size_t)c->w + (size_t)x)];

    for (int i = 0; i < 3; i++)
        px[i] = derm_srgb_encode8(
            encoder, (float)(derm_srgb_decode(px[i] / 255.0) * exp(-density * melanin[i])));
}

static void put_spots(const struct canvas *c, const struct derm_point *at, int n)
{
    static const double RADIUS_MM = 1, EDGE_MM = 0.15, REACH_MM = 2;
    const double reach = REACH_MM * c->px_per_mm;
    struct derm_srgb_encoder encoder;

    derm_srgb_encoder_init(&encoder);
    for (int i = 0; i < n; i++)
        for (int y = (int)(at[i].y - reach); y <= at[i].y + reach; y++)
            for (int x = (int)(at[i].x - reach); x <= at[i].x + reach; x++) {
                const double r_mm = hypot(x - at[i].x, y - at[i].y) / c->px_per_mm;

                if (x >= 0 && y >= 0 && x < c->w && y < c->h)
                    darken(c, &encoder, x, y,
                           contrast_od / (1 + exp((r_mm - RADIUS_MM) / EDGE_MM)));
            }
}

/* Compares the two files. */
static void note(struct null_lab *lab, int subject, double px_per_mm, struct tally *t)
{
    const struct derm_pair *const pair = &lab->work.pair;
    struct derm_study_rules rules;
    struct derm_new_spots n;

    compare_files(lab, FADED, subject, px_per_mm);
    t->pairs++;
    if (pair->comparability == DERM_INCOMPARABLE) {
        t->refused++;
        return;
    }
    derm_study_defaults(&rules);
    n = derm_new_spots_of(&pair->objects[DERM_KIND_SPOT], &rules.series);
    t->unknown += !n.known;
    t->alerts += n.fresh > 0;
    t->fresh += n.fresh;
}

/* ---- phantoms */

static void draw_places(struct null_lab *lab, int side, double px_per_mm, struct derm_point *at)
{
    for (int i = 0; i < MOST_ADDED; i++) {
        bool free = false;

        while (!free) {
            at[i].x = between(lab, 0.12, 0.88) * side;
            at[i].y = between(lab, 0.12, 0.88) * side;
            free = true;
            for (int k = 0; k < i; k++)
                free = free && hypot(at[k].x - at[i].x, at[k].y - at[i].y) >= 6 * px_per_mm;
        }
    }
}

static void write_shot(struct null_lab *lab, int photo, const struct phantom_skin *skin,
                       const struct phantom_shot *shot, const struct derm_point *at, int spots)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    put_spots(&(struct canvas){ picture.px, picture.w, picture.h, shot->camera.px_per_mm }, at,
              spots);
    write_photo(lab, photo, &picture);
    free(picture.px);
}

static void test_phantom(struct null_lab *lab, int i, int odd, struct tally t[2][ADDED])
{
    const int seed = 2 * i + odd;
    const double px_per_mm = phantom_scales[i % PHANTOM_CELLS / PHANTOM_TONES];
    const struct phantom_shot scene =
        phantom_scene(lab, seed, phantom_itas[i % PHANTOM_TONES], px_per_mm);
    struct phantom_shot first = other_shot(lab, &scene, 0), second[2];
    struct derm_point at[MOST_ADDED];
    struct phantom_skin skin;

    second[0] = first;
    second[0].camera.noise_seed++;
    second[1] = other_shot(lab, &scene, 1);
    draw_places(lab, scene.camera.width, px_per_mm, at);
    phantom_skin_init(&skin, &scene.spec);
    write_shot(lab, 0, &skin, &first, at, 0);
    for (int moved = 0; moved < 2; moved++)
        for (int k = 0; k < ADDED && added[k] <= most_added; k++) {
            write_shot(lab, 1, &skin, &second[moved], at, added[k]);
            note(lab, seed, px_per_mm, &t[moved][k]);
        }
    phantom_skin_free(&skin);
}

/* ---- people */

/* On cheeks and forehead. The pupils are known once a pair has been compared. */
static double places_on_face(const struct null_lab *lab, struct picture *p, struct derm_point *at)
{
    enum { PUPILS_MM = 63 };
    /* in pupil distances from the middle between the pupils, right and down */
    static const double place[MOST_ADDED][2] = { { -0.60, 0.60 }, { 0.60, 0.60 },  { -0.15, -0.60 },
                                                 { 0.20, -0.62 }, { -0.50, 0.75 }, { 0.50, 0.75 },
                                                 { -0.62, 0.45 }, { 0.62, 0.45 },  { -0.35, -0.55 },
                                                 { 0.40, -0.55 }, { -0.48, 0.52 }, { 0.48, 0.52 } };

    take_landmarks(&lab->work.frame[1].face, p);
    const double ex = p->pupil[1].x - p->pupil[0].x, ey = p->pupil[1].y - p->pupil[0].y;
    for (int i = 0; i < MOST_ADDED; i++) {
        at[i].x = (p->pupil[0].x + p->pupil[1].x) / 2 + place[i][0] * ex - place[i][1] * ey;
        at[i].y = (p->pupil[0].y + p->pupil[1].y) / 2 + place[i][0] * ey + place[i][1] * ex;
    }
    return hypot(ex, ey) / PUPILS_MM;
}

static void test_person(struct null_lab *lab, const char *id, struct tally t[ADDED])
{
    struct picture neutral, smiling;
    struct derm_point at[MOST_ADDED];
    char path[PATH_TEXT];
    double px_per_mm = 0;

    lab->random = (struct derm_random){ (uint64_t)atoi(id) };
    const struct other one = draw_other(lab, false), two = draw_other(lab, false);
    path_of(id, false, path);
    read_jpeg(path, &neutral);
    write_other(lab, 0, &neutral, &one);
    free(neutral.rgb);
    path_of(id, true, path);
    read_jpeg(path, &smiling);
    for (int k = 0; k < ADDED && added[k] <= most_added; k++) {
        const int before = k > 0 ? added[k - 1] : 0; /* those are there already */

        put_spots(&(struct canvas){ smiling.rgb, smiling.w, smiling.h, px_per_mm }, at + before,
                  added[k] - before);
        write_other(lab, 1, &smiling, &two);
        note(lab, atoi(id), 0, &t[k]);
        if (k == 0) px_per_mm = places_on_face(lab, &smiling, at);
    }
    free(smiling.rgb);
}

static bool test_people(struct null_lab *lab, int odd, int most, struct tally t[ADDED])
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256], id[8];
    int n = 0;

    if (!f) return false;
    while (n < most && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%7[0-9]", id) != 1 || atoi(id) % 2 != odd || !strstr(line, "smiling/"))
            continue;
        test_person(lab, id, t);
        n++;
    }
    fclose(f);
    return true;
}

static void print_table(const char *name, const struct tally t[ADDED])
{
    for (int k = 0; k < ADDED && added[k] <= most_added; k++)
        printf("%-24s %2d new spots: alert in %3d of %3d pairs (%d refused, %d of unknown chance), "
               "%.2f spots each\n",
               name, added[k], t[k].alerts, t[k].pairs - t[k].refused, t[k].refused, t[k].unknown,
               (double)t[k].fresh / fmax(t[k].pairs - t[k].refused, 1));
}

int main(int argc, char **argv)
{
    const int odd = argc < 2 || strcmp(argv[1], "even") != 0;
    const bool people = argc > 2 && strcmp(argv[2], "people") == 0;
    const int most = argc > 3 ? atoi(argv[3]) : PHANTOM_CELLS;
    static struct tally phantoms[2][ADDED], smiles[ADDED];
    static struct null_lab lab;

    if (argc > 4) most_added = atoi(argv[4]);
    if (argc > 5) contrast_od = atof(argv[5]);
    null_lab_open(&lab, NULL);
    for (int i = 0; i < most && !people; i++)
        test_phantom(&lab, i, odd, phantoms);
    if (people && !test_people(&lab, odd, most, smiles))
        printf("skipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
    else if (people)
        print_table("smiles", smiles);
    else {
        print_table("phantoms, still", phantoms[0]);
        print_table("phantoms, all nuisances", phantoms[1]);
    }
    null_lab_close(&lab);
    return 0;
}
