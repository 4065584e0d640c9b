/* SPDX-License-Identifier: Apache-2.0 */
/* What spot is it? How well models/classifier.json knows, and the table that it is made from.
 *
 *   truth_classify [odd|even] [scenes]   phantoms of odd seeds and people of odd numbers, as
 * Markdown truth_classify table FILE [scenes]   what models/classifier.py learns from: the even
 * ones
 *
 * Phantoms hold everything that the classes name, under all tones, lamps, cameras and resolutions
 * of 4.5 to 14 px/mm; a place is what a segmenter with loosened limits found, or a true object of
 * another size than it has. Where the truth is not clear (between things, under a flush) a place is
 * left out. Places on faces were judged by eye, or are spots and moles that were put there. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "blob_figures.h"
#include "blob_photos.h"

enum { SCENES = 680, REPORTED = 50, TONES = 4 };
static const double tone_from[TONES] = { 28, 0, -30, -1000 };
static const char *const tone_name[TONES] = { "above 28", "0 to 28", "-30 to 0", "below -30" };

static void print_confusion(const struct blob_figures *f)
{
    printf("| truth | places |");
    for (int k = 0; k < DERM_IDENTITIES; k++)
        printf(" %s |", derm_identity_name(k));
    printf(" F1 |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int t = 0; t < DERM_IDENTITIES; t++) {
        int n = 0;

        for (int k = 0; k < DERM_IDENTITIES; k++)
            n += f->said[t][k];
        printf("| %s | %d |", derm_identity_name(t), n);
        for (int k = 0; k < DERM_IDENTITIES; k++)
            printf(" %d |", f->said[t][k]);
        printf(" %.2f |\n", blob_f1(f, t));
    }
}

static void print_summary(const char *what, const struct blob_figures *f)
{
    printf("| %s | %d | %.3f | %.3f | %.2f of %d |\n", what, f->n, macro_f1(f),
           calibration_error(f), f->sure ? (double)f->sure_right / f->sure : 0, f->sure);
}

static int tone_of(uint64_t seed)
{
    const struct phantom_shot shot = draw_shot(seed);
    const double ita = phantom_tissue_ita(&shot.spec.tissue, shot.spec.fm, shot.spec.fb);
    int t = 0;

    while (t < TONES - 1 && ita < tone_from[t])
        t++;
    return t;
}

/* What face_rows does with the places of one photo. */
static void judge_face(struct blob_lab *l, int person, const struct blobs_of *b, void *figures)
{
    const struct derm_classifier c = classifier_of(l);

    (void)person;
    judge(figures, &c, b);
}

static void print_face(struct blob_lab *l, int person, const struct blobs_of *b, void *out)
{
    (void)l;
    print_rows(out, "face", person, b);
}

static void report(int odd, int scenes)
{
    static struct blob_figures all, by_tone[TONES], faces;
    static struct blob_lab lab;

    blob_lab_open(&lab);
    for (int i = 0; i < scenes; i++) {
        const uint64_t seed = FIRST_SCENE + 2 * (uint64_t)i + (uint64_t)odd;

        judge_scene(&lab, seed, &by_tone[tone_of(seed)]);
    }
    for (int t = 0; t < TONES; t++)
        add_figures(&all, &by_tone[t]);
    printf("Phantoms of %s seeds, %d scenes; rows are the truth:\n\n", odd ? "odd" : "even",
           scenes);
    print_confusion(&all);
    printf("\n| tone (ITA) | places | macro-F1 | calibration error | right where sure (p >= .6) "
           "|\n|---|---|---|---|---|\n");
    print_summary("all", &all);
    for (int t = 0; t < TONES; t++)
        print_summary(tone_name[t], &by_tone[t]);
    printf("\n| probability | places | right |\n|---|---|---|\n");
    for (int i = 0; i < CELLS; i++)
        if (all.cell[i].n)
            printf("| %.2f | %d | %.2f |\n", all.cell[i].probability / all.cell[i].n, all.cell[i].n,
                   (double)all.cell[i].right / all.cell[i].n);
    if (!face_rows(&lab, odd, judge_face, &faces)) {
        printf("\nskipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
    } else {
        printf("\nFaces of people with %s numbers:\n\n", odd ? "odd" : "even");
        print_confusion(&faces);
    }
    blob_lab_close(&lab);
}

static void write_table(FILE *out, int scenes)
{
    static struct blob_lab lab;

    blob_lab_open(&lab);
    print_head(out);
    for (int i = 0; i < scenes; i++) {
        struct blobs_of b = scene_rows(&lab, FIRST_SCENE + 2 * (uint64_t)i);

        print_rows(out, "phantom", 2 * i, &b);
        free(b.item);
    }
    if (!face_rows(&lab, 0, print_face, out))
        fprintf(stderr, "no photos in " DERM_TEST_DATA "/faces/frll: phantoms alone\n");
    blob_lab_close(&lab);
}

int main(int argc, char **argv)
{
    const bool table = argc > 2 && strcmp(argv[1], "table") == 0;
    const int asked = argc > 2 + table ? atoi(argv[2 + table]) : 0;
    FILE *out;

    if (!table) {
        report(argc < 2 || strcmp(argv[1], "even") != 0, asked ? asked : REPORTED);
        return 0;
    }
    out = fopen(argv[2], "w");
    if (!out) blob_die("the table cannot be written");
    write_table(out, asked ? asked : SCENES);
    return fclose(out) ? 1 : 0;
}
