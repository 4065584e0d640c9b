/* SPDX-License-Identifier: Apache-2.0 */
/* Red marks and vessels on phantoms, compared as files by the whole pipeline under every nuisance
 * of the acceptance suite at once: how truly their change is read, how many are found, what else is
 * taken for one, and how faint one may be.
 *
 *   truth_redness [even|odd] [pairs for each tone and fading]
 *
 * Even seeds are for tuning, odd ones for reporting. Truth is in optical density (green) of ideal
 * renderings. The detection limit is three sd of a blank's contrast in one photo: from the blanks
 * beside the marks of a pair, whose change has twice that variance. */
#include "red_scenes.h"

static const char *const wrong_name[WRONGS] = { "spots", "pores", "scars", "flushes", "skin" };

static void print_errors(const char *name, const double *error, int n)
{
    double squares = 0;

    for (int i = 0; i < n; i++)
        squares += error[i] * error[i];
    printf("  %s %+5.1f, %4.1f (%d)", name, n ? derm_mean(error, n) : 0, n ? sqrt(squares / n) : 0,
           n);
}

static double share(int part, int whole)
{
    return whole > 0 ? (double)part / whole : 0;
}

static void print_score(const char *name, struct red_score *t)
{
    printf("%-6s %d of %d pairs judged; bias, RMSE in points:", name, t->pairs - t->refused,
           t->pairs);
    print_errors("load", t->all, t->n);
    print_errors("marks", t->marks, t->n_marks);
    print_errors("vessels", t->vessels, t->n_vessels);
    printf("\n       marks: recall %.2f of %d, precision %.2f of %d; wrong:",
           share(t->found, t->there), t->there, share(t->right, t->objects), t->objects);
    for (int i = 0; i < WRONGS; i++)
        printf(" %s %d", wrong_name[i], t->wrong[i]);
    printf("; spots on marks: %d of %d\n       vessels: recall %.2f of %d, precision %.2f of %d "
           "pieces; detection limit of a mark: %.3f OD of blood\n",
           t->spots_on_marks, t->spots_found, share(t->vessels_found, t->vessels_there),
           t->vessels_there, share(t->lines_right, t->lines), t->lines,
           t->limits ? derm_median(t->limit, t->limits) : 0);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char *const name[TONES] = { "I", "II", "III", "IV", "V", "VI" };
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    const int pairs = argc > 2 ? atoi(argv[2]) : 6;
    static struct red_score tone[TONES], fair;
    struct lab lab;

    lab_open(&lab);
    for (int t = 0; t < TONES; t++) {
        for (int i = 0; i < pairs * FADINGS; i++)
            score_red_pair(&lab, t, (odd ? 20000 : 10000) + 100 * t + i, odd, fading[i % FADINGS],
                           &tone[t]);
        print_score(name[t], &tone[t]);
        if (t < 4) add_red_score(&fair, &tone[t]);
    }
    print_score("I-IV", &fair);
    lab_close(&lab);
    return 0;
}
