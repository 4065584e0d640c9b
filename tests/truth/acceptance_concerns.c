/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of red marks, of lesions photographed by phone and of what a spot is taken for. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "blob_figures.h"
#include "lesion_photos.h"
#include "red_scenes.h"

/* ---- row 22: red marks */

enum { DARK = 4 }; /* the first tone of the dark ones */

/* What the objects that are no marks lie on. */
static void limit_false_marks(struct figure *f, const struct red_score *s)
{
    static const char *const on[WRONGS] = { "spots", "pores", "scars", "flushes", "plain skin" };

    for (int i = 0; i < WRONGS; i++)
        if (s->wrong[i] > 0)
            figure_limit(f, "%d of %d objects are %s", s->wrong[i], s->objects, on[i]);
}

static void limit_fading(struct figure *f, const struct red_score *s)
{
    for (int k = 0; k < FADINGS; k++) {
        double error[MOST_ERRORS];
        int n = 0;

        for (int i = 0; i < s->n; i++)
            if (fabs(s->fade[i] - fading[k]) < 1e-9) error[n++] = s->all[i];
        if (n > 0)
            figure_limit(f, "bias %+.1f at %.0f %%", estimate_mean(error, n).value,
                         100 * fading[k]);
    }
}

static void limit_circumstances(struct figure *f, const struct red_score *s)
{
    double most = 0;
    int which = 0;

    for (int k = 0; k < CIRCUMSTANCES && s->n > 2; k++) {
        const double r = correlation(s->all, s->circumstance[k], s->n);

        if (fabs(r) <= fabs(most)) continue;
        most = r;
        which = k;
    }
    figure_limit_correlated(f, which, most, s->n);
}

/* tone: the scores of which this is the sum, from the first to before the end. */
static void set_errors(struct figure *bias, struct figure *rmse, const struct red_score *tone,
                       int first, int end)
{
    static struct red_score sum;
    const struct red_score *const s = &sum;

    sum = (struct red_score){ .n = 0 };
    for (int t = first; t < end; t++)
        add_red_score(&sum, &tone[t]);
    if (s->n > 1) {
        figure_set(bias, estimate_mean(s->all, s->n));
        figure_set(rmse, estimate_rms(s->all, NULL, s->n));
    }
    if (s->n_marks > 1)
        figure_limit(rmse, "the marks alone %.1f", estimate_rms(s->marks, NULL, s->n_marks).value);
    if (s->refused > 0)
        figure_limit(bias, "%d of %d pairs judged", s->pairs - s->refused, s->pairs);
    limit_fading(bias, s);
    limit_circumstances(rmse, s);
    for (int t = first; t < end; t++) {
        figure_limit(bias, "%s %d of %d marks found", tone_name[t], tone[t].found, tone[t].there);
        if (tone[t].n > 1)
            figure_limit(rmse, "%s %.1f", tone_name[t],
                         estimate_rms(tone[t].all, NULL, tone[t].n).value);
    }
    if (s->n_vessels > 1)
        figure_limit(rmse, "vessels alone %.1f",
                     estimate_rms(s->vessels, NULL, s->n_vessels).value);
    if (s->found > 0 && s->found < s->there)
        figure_limit(bias, "those missed have %.1f times the blood of those found",
                     s->blood_missed / (s->there - s->found) /
                         ((s->blood - s->blood_missed) / s->found));
    limit_false_marks(bias, s);
}

void rows_of_redness(struct table *t, const struct scope *scope)
{
    enum { FIRST = 20000 };
    struct figure *const bias =
        table_row(t, "22", "redness change, phantoms, tones I-IV: bias", AT_MOST, 3, 3);
    struct figure *const rmse =
        table_row(t, "22", "redness change, phantoms, tones I-IV: RMSE", AT_MOST, 7, 7);
    struct figure *const dark_bias =
        table_row(t, "22", "the same, tones V and VI: bias", REPORTED, 0, 0);
    struct figure *const dark_rmse =
        table_row(t, "22", "the same, tones V and VI: RMSE", REPORTED, 0, 0);
    static struct red_score score[TONES];
    const int pairs = scope->quick ? 1 : 4;
    struct lab lab;

    lab_open(&lab);
    for (int tone = 0; tone < TONES; tone++)
        for (int i = 0; i < pairs * FADINGS; i++)
            score_red_pair(&lab, tone, FIRST + 100 * tone + i, 1, fading[i % FADINGS],
                           &score[tone]);
    lab_close(&lab);
    set_errors(bias, rmse, score, 0, DARK);
    set_errors(dark_bias, dark_rmse, score, DARK, TONES);
}

/* ---- row 24: what a spot is */

enum { MOST_SCENES = 50 };
struct scenes { /* units: the photos that the places lie on */
    struct blob_figures of[MOST_SCENES];
    int n, klass; /* klass: whose F1 is asked for */
};

static uint64_t scene_seed(int i)
{
    return FIRST_SCENE + 2 * (uint64_t)i + 1;
}

static struct blob_figures sum_of_scenes(const int *times, const struct scenes *s)
{
    struct blob_figures sum = { .n = 0 };

    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < times[i]; k++)
            add_figures(&sum, &s->of[i]);
    return sum;
}

static double macro_f1_drawn(const int *times, const void *of)
{
    const struct blob_figures sum = sum_of_scenes(times, of);

    return macro_f1(&sum);
}

static double f1_drawn(const int *times, const void *of)
{
    const struct blob_figures sum = sum_of_scenes(times, of);

    return blob_f1(&sum, ((const struct scenes *)of)->klass);
}

static double calibration_drawn(const int *times, const void *of)
{
    const struct blob_figures sum = sum_of_scenes(times, of);

    return calibration_error(&sum);
}

/* What a class is taken for most often. */
static void limit_confusion(struct figure *figure, const struct blob_figures *f, int of)
{
    int all = 0, other = of == 0;

    for (int k = 0; k < DERM_IDENTITIES; k++) {
        all += f->said[of][k];
        if (k != of && f->said[of][k] > f->said[of][other]) other = k;
    }
    if (f->said[of][other] > 0)
        figure_limit(figure, "%d of %d %s taken for %s", f->said[of][other], all,
                     derm_identity_name(of), derm_identity_name(other));
}

/* Where said and true probability differ most, weighted by how often it is said. */
static void limit_cell(struct figure *figure, const struct blob_figures *f)
{
    int worst = 0;

    for (int i = 1; i < CELLS; i++)
        if (fabs(f->cell[i].right - f->cell[i].probability) >
            fabs(f->cell[worst].right - f->cell[worst].probability))
            worst = i;
    if (f->cell[worst].n > 0)
        figure_limit(figure, "worst of %d cells: says %.2f, right %.2f of %d", CELLS,
                     f->cell[worst].probability / f->cell[worst].n,
                     (double)f->cell[worst].right / f->cell[worst].n, f->cell[worst].n);
}

/* Which photos it knows least of: by tone of the skin, and by resolution. */
static void limit_scenes(struct figure *figure, const struct scenes *s)
{
    static const struct {
        const char *name;
        double ita_above, ita_to, px_per_mm_from, px_per_mm_below;
    } group[] = {
        { "skin of ITA above 28", 28, 90, 0, 99 },
        { "of 28 to -30", -30, 28, 0, 99 },
        { "below -30", -90, -30, 0, 99 },
        { "photos of 9 px/mm and more", -90, 90, 9, 99 },
        { "of fewer", -90, 90, 0, 9 },
    };

    for (size_t g = 0; g < sizeof(group) / sizeof(*group); g++) {
        int times[MOST_SCENES];

        for (int i = 0; i < s->n; i++) {
            const struct phantom_shot shot = draw_shot(scene_seed(i));
            const double ita = phantom_tissue_ita(&shot.spec.tissue, shot.spec.fm, shot.spec.fb);

            times[i] = ita > group[g].ita_above && ita <= group[g].ita_to &&
                       shot.camera.px_per_mm >= group[g].px_per_mm_from &&
                       shot.camera.px_per_mm < group[g].px_per_mm_below;
        }
        figure_limit(figure, "%s %.2f", group[g].name, macro_f1_drawn(times, s));
    }
}

void rows_of_classifier(struct table *t, const struct scope *scope)
{
    struct figure *const macro =
        table_row(t, "24", "what a spot is, phantoms: macro-F1", AT_LEAST, 0.85, 0.85);
    struct figure *const least =
        table_row(t, "24", "what a spot is, phantoms: F1 of the worst class", AT_LEAST, 0.7, 0.7);
    struct figure *const calibration =
        table_row(t, "24", "what a spot is, phantoms: calibration error", AT_MOST, 0.05, 0.05);
    static struct scenes s;
    struct blob_figures f = { .n = 0 };
    struct blob_lab lab;
    int worst = 0, n = 0;

    blob_lab_open(&lab);
    for (s.n = 0; s.n < (scope->quick ? 6 : MOST_SCENES); s.n++) {
        judge_scene(&lab, scene_seed(s.n), &s.of[s.n]);
        add_figures(&f, &s.of[s.n]);
    }
    blob_lab_close(&lab);
    for (int k = 0; k < DERM_IDENTITIES; k++) {
        if (blob_f1(&f, k) < blob_f1(&f, worst)) worst = k;
        figure_limit(macro, "%s %.2f", derm_identity_name(k), blob_f1(&f, k));
    }
    for (int k = 0; k < DERM_IDENTITIES; k++)
        if (blob_f1(&f, k) < macro->target) limit_confusion(macro, &f, k);
    for (int k = 0; k < DERM_IDENTITIES; k++)
        n += f.said[worst][k];
    limit_scenes(macro, &s);
    s.klass = worst;
    figure_set(macro, estimate_by_units(s.n, f.n, macro_f1_drawn, &s));
    figure_set(least, estimate_by_units(s.n, n, f1_drawn, &s));
    figure_set(calibration, estimate_by_units(s.n, f.n, calibration_drawn, &s));
    figure_limit(least, "%s", derm_identity_name(worst));
    limit_confusion(least, &f, worst);
    limit_cell(calibration, &f);
}

/* ---- row 26: lesions */

struct lesions {
    struct shares found;            /* units: patients */
    int refused, missed;            /* missed: of those searched */
    double missed_skin, found_skin; /* sums of shares of the lesions' area */
    double overlap[MOST_LESIONS];
    int overlaps;
};

static void count_lesion(const struct lesion_look *look, void *arg)
{
    struct lesions *const l = arg;
    const double best = fmax(look->pigmented, look->red);

    int patient = 0;

    sscanf(look->name, "PAT_%d", &patient);
    shares_add(&l->found, patient, best > 0, 1);
    if (best > 0) l->found_skin += look->skin;
    l->refused += !look->searched;
    if (look->searched && best <= 0) {
        l->missed++;
        l->missed_skin += look->skin;
    }
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
    figure_set(found, estimate_share(&l.found));
    if (l.overlaps > 0) figure_set(overlap, estimate_quantile(l.overlap, l.overlaps, 0.5));
    if (l.refused > 0) figure_limit(found, "%d refused for their quality", l.refused);
    if (l.found.n > 0)
        figure_limit(found, "in %d of %d searched no object touches the lesion", l.missed,
                     l.found.n - l.refused);
    if (l.missed > 0 && l.found.hits > 0)
        figure_limit(found,
                     "%.0f %% of these lesions' area passes as skin, which alone is searched, of "
                     "those found %.0f %%",
                     100 * l.missed_skin / l.missed, 100 * l.found_skin / l.found.hits);
    if (l.overlaps > 0)
        figure_limit(overlap, "the sample: %d lesions with masks, the worst %.2f", l.overlaps,
                     l.overlap[0]);
}
