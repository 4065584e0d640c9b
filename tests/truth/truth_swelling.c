/* SPDX-License-Identifier: Apache-2.0 */
/* How far the widths of stage swelling differ between photos of one face as it is.
 *
 *   truth_swelling          odd people
 *   truth_swelling even     even people: what models/swelling.json rests on
 *
 * People neutral and smiling: an upper bound, as a smile moves the cheeks, the lids and the lips.
 * One woman at 15 to 60 cm, one in four poses, each photo against each other: what perspective and
 * the turn of the head leave; they are in both halves. In mm, the pupils 63 mm apart. */
#include <math.h>

#include "photo_pairs.h"
#include "stages/expression.h"
#include "stages/swelling.h"

enum { MOST = 64 };
static const double pupils_mm = 63, calm = 0.06; /* the limit of expression in models/gates.json */

struct changes {
    double mm[DERM_WIDTH_COUNT][MOST];
    int n;
};

static void add_pair(struct bench *b, const char *one, const char *two, bool only_calm,
                     struct changes *to)
{
    const struct derm_face *const p = &bench_photo(b, one)->frame.face;
    const struct derm_face *const q = &bench_photo(b, two)->frame.face;

    if (!p->used || !q->used || to->n == MOST) return;
    if (only_calm && derm_expression_change(p, q) > calm) return;
    for (int i = 0; i < DERM_WIDTH_COUNT; i++)
        to->mm[i][to->n] = pupils_mm * (derm_width_share(q, (enum derm_width)i) -
                                        derm_width_share(p, (enum derm_width)i));
    to->n++;
}

static void print_changes(const char *name, const struct changes *c)
{
    printf("%-28s %3d pairs", name, c->n);
    for (int i = 0; i < DERM_WIDTH_COUNT && c->n > 0; i++) {
        double squares = 0;

        for (int k = 0; k < c->n; k++)
            squares += c->mm[i][k] * c->mm[i][k];
        printf("   %s rms %.2f mm", derm_width_id((enum derm_width)i), sqrt(squares / c->n));
    }
    printf("\n");
    fflush(stdout);
}

static void people(struct bench *b, int odd, bool only_calm)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    static struct changes c;
    char line[256], one[PATH_TEXT], two[PATH_TEXT];

    c.n = 0;
    while (f && fgets(line, sizeof(line), f)) {
        if (!strstr(line, "smiling/") || atoi(line) % 2 != odd) continue;
        snprintf(one, sizeof(one), DERM_TEST_DATA "/faces/frll/neutral/%.3s_03.jpg", line);
        snprintf(two, sizeof(two), DERM_TEST_DATA "/faces/frll/smiling/%.3s_08.jpg", line);
        add_pair(b, one, two, only_calm, &c);
    }
    if (f) fclose(f);
    print_changes(only_calm ? "smiles within the gate" : "neutral / smiling", &c);
}

enum { PHOTOS = 8 };
static char photo[PHOTOS][PATH_TEXT];

static void folder(struct bench *b, const char *name)
{
    static struct changes c;
    char where[PATH_TEXT], one[PATH_TEXT], two[PATH_TEXT];
    int n;

    c.n = 0;
    snprintf(where, sizeof(where), DERM_TEST_DATA "/faces/webmorph/%s", name);
    n = list_files(where, ".jpg", photo, PHOTOS);
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++)
            if (snprintf(one, sizeof(one), "%s", photo[i]) < PATH_TEXT &&
                snprintf(two, sizeof(two), "%s", photo[k]) < PATH_TEXT)
                add_pair(b, one, two, true, &c);
    print_changes(name, &c);
}

int main(int argc, char **argv)
{
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    struct bench *const b = bench_new(2);

    people(b, odd, false);
    people(b, odd, true);
    folder(b, "zoom");
    folder(b, "lisa");
    bench_free(b);
    return 0;
}
