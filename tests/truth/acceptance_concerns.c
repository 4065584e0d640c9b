/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of red marks, of lesions photographed by phone and of what a spot is taken for. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "blob_figures.h"
#include "lesion_photos.h"
#include "red_scenes.h"

/* ---- row 22: red marks */

static void set_errors(struct figure *bias, struct figure *rmse, const struct red_score *s)
{
    if (s->n > 1) {
        figure_set(bias, estimate_mean(s->all, s->n));
        figure_set(rmse, estimate_rms(s->all, s->n));
    }
    if (s->n_marks > 1)
        figure_limit(rmse, "the marks alone %.1f", estimate_rms(s->marks, s->n_marks).value);
    if (s->refused > 0)
        figure_limit(bias, "%d of %d pairs judged", s->pairs - s->refused, s->pairs);
    if (s->there > 0) figure_limit(bias, "%d of %d marks found", s->found, s->there);
}

void rows_of_redness(struct table *t, const struct scope *scope)
{
    enum { FIRST = 20000, DARK = 4 };
    struct figure *const bias =
        table_row(t, "22", "redness change, phantoms, tones I-IV: bias", AT_MOST, 3, 3);
    struct figure *const rmse =
        table_row(t, "22", "redness change, phantoms, tones I-IV: RMSE", AT_MOST, 7, 7);
    struct figure *const dark_bias =
        table_row(t, "22", "the same, tones V and VI: bias", AT_MOST, 3, 3);
    struct figure *const dark_rmse =
        table_row(t, "22", "the same, tones V and VI: RMSE", AT_MOST, 7, 7);
    static struct red_score fair, dark;
    const int pairs = scope->quick ? 1 : 4;
    struct lab lab;

    lab_open(&lab);
    for (int tone = 0; tone < TONES; tone++)
        for (int i = 0; i < pairs * FADINGS; i++)
            score_red_pair(&lab, tone, FIRST + 100 * tone + i, 1, fading[i % FADINGS],
                           tone < DARK ? &fair : &dark);
    lab_close(&lab);
    set_errors(bias, rmse, &fair);
    set_errors(dark_bias, dark_rmse, &dark);
}

/* ---- row 24: what a spot is */

static struct estimate of_places(double value, int n)
{
    return (struct estimate){ value, sqrt(fmax(value * (1 - value), 0) / fmax(n, 1)), n };
}

/* The errors are those of a share of the places, of the worst class of its own. */
void rows_of_classifier(struct table *t, const struct scope *scope)
{
    struct figure *const macro =
        table_row(t, "24", "what a spot is, phantoms: macro-F1", AT_LEAST, 0.85, 0.85);
    struct figure *const least =
        table_row(t, "24", "what a spot is, phantoms: F1 of the worst class", AT_LEAST, 0.7, 0.7);
    struct figure *const calibration =
        table_row(t, "24", "what a spot is, phantoms: calibration error", AT_MOST, 0.05, 0.05);
    static struct blob_figures f;
    struct blob_lab lab;
    int worst = 0, n = 0;

    blob_lab_open(&lab);
    for (int i = 0; i < (scope->quick ? 6 : 50); i++)
        judge_scene(&lab, FIRST_SCENE + 2 * (uint64_t)i + 1, &f);
    blob_lab_close(&lab);
    for (int k = 0; k < DERM_IDENTITIES; k++) {
        if (blob_f1(&f, k) < blob_f1(&f, worst)) worst = k;
        figure_limit(macro, "%s %.2f", derm_identity_name(k), blob_f1(&f, k));
    }
    for (int k = 0; k < DERM_IDENTITIES; k++)
        n += f.said[worst][k];
    figure_set(macro, of_places(macro_f1(&f), f.n));
    figure_set(least, of_places(blob_f1(&f, worst), n));
    figure_set(calibration, of_places(calibration_error(&f), f.n));
    figure_limit(least, "%s", derm_identity_name(worst));
}

/* ---- row 26: lesions */

struct lesions {
    int photos, found, refused;
    double overlap[MOST_LESIONS];
    int overlaps;
};

static void count_lesion(const struct lesion_look *look, void *arg)
{
    struct lesions *const l = arg;
    const double best = fmax(look->pigmented, look->red);

    l->photos++;
    l->found += best > 0;
    l->refused += !look->searched;
    if (look->masked && look->searched) l->overlap[l->overlaps++] = best;
}

void rows_of_lesions(struct table *t, const struct scope *scope)
{
    struct figure *const found =
        table_row(t, "26", "lesions found, photos by phone", AT_LEAST, 0.85, 0.85);
    struct figure *const overlap =
        table_row(t, "26", "IoU with the dermatologists' masks: median", AT_LEAST, 0.7, 0.7);
    static struct lesions l;

    found->skipped = overlap->skipped = !lesion_photos(scope->half == REPORTING, count_lesion, &l);
    if (l.photos > 0) figure_set(found, estimate_share(l.found, l.photos));
    if (l.overlaps > 0) figure_set(overlap, estimate_quantile(l.overlap, l.overlaps, 0.5));
    if (l.refused > 0) figure_limit(found, "%d refused for their quality", l.refused);
}
