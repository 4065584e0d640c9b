/* SPDX-License-Identifier: Apache-2.0 */
/* How well a change of evenness and of gloss is read, and how much of one is read where there is
 * none.
 *
 *   truth_evenness even|odd
 *
 * null     pairs of unchanged skin (see null_pairs.h): smiles and copies of real faces, phantoms in
 *          other light, all by the whole pipeline, with what its gates leave
 * change   the same phantoms when spots and melasma have faded, against the truth of the pigment
 *          maps; and when they are more or less oily: a surface reflection that is k times as
 *          strong has k times the standard deviation
 * light    gloss of unchanged phantoms whose lamp has moved: what the gates must not let through
 *
 * Changes are in percent. Even people and seeds are for tuning. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "null_pairs.h"

static const enum derm_metric_id metrics[] = { DERM_METRIC_TONE_EVENNESS,
                                               DERM_METRIC_RADIANCE_HIGHLIGHT_FRACTION,
                                               DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD };
enum { METRICS = sizeof(metrics) / sizeof(*metrics) };

static bool is_whole(const struct null_row *r)
{
    return r->region == DERM_REGION_FACE || r->region == DERM_REGION_ROI;
}

struct errors {
    double sum, squares, truth;
    int n, false_verdicts;
};

static void add_error(struct errors *e, const struct null_row *r, double truth)
{
    e->n++;
    e->sum += r->percent - truth;
    e->squares += (r->percent - truth) * (r->percent - truth);
    e->truth += truth;
    e->false_verdicts += r->verdict != DERM_NO_DETECTABLE_CHANGE && r->percent * truth <= 0;
}

static void print_errors(const char *what, enum derm_metric_id metric, const struct errors *e)
{
    const double bias = e->n > 0 ? e->sum / e->n : 0;
    const double sd = e->n > 1 ? sqrt(fmax(e->squares - e->n * bias * bias, 0) / (e->n - 1)) : 0;

    printf("%-26s %-28s n %3d  true %+6.1f  bias %+6.1f  sd %5.1f  wrong verdicts %d\n", what,
           derm_metrics[metric].id, e->n, e->n > 0 ? e->truth / e->n : 0, bias, sd,
           e->false_verdicts);
}

static const double tone_above[] = { 41, 10, -90 };
static const char *const tone_name[] = { "light", "medium", "dark" };
enum { TONES = 3 };

static int tone_of(const struct null_row *r)
{
    int t = 0;

    while (t < TONES - 1 && r->ita_deg <= tone_above[t])
        t++;
    return t;
}

static void print_null(const struct null_lab *lab, enum null_kind kind, const char *name)
{
    for (int m = 0; m < METRICS; m++) {
        struct errors all = { 0 }, tone[TONES] = { { 0 } }, regions = { 0 };

        for (int i = 0; i < lab->n; i++) {
            const struct null_row *const r = &lab->row[i];

            if (r->metric != metrics[m] || r->kind != kind) continue;
            add_error(is_whole(r) ? &all : &regions, r, 0);
            if (is_whole(r)) add_error(&tone[tone_of(r)], r, 0);
        }
        print_errors(name, metrics[m], &all);
        for (int t = 0; t < TONES; t++)
            if (tone[t].n > 1) print_errors(tone_name[t], metrics[m], &tone[t]);
        if (regions.n > 1) print_errors("regions", metrics[m], &regions);
    }
}

/* ---- people: fewer pairs than truth_precision makes */

static void read_person(struct null_lab *lab, const char *id, bool smiles)
{
    struct picture neutral, smiling = { 0 };
    const int person = atoi(id);
    char path[PATH_TEXT];

    lab->random = (struct derm_random){ (uint64_t)person };
    path_of(id, false, path);
    read_jpeg(path, &neutral);
    path_of(id, true, path);
    if (smiles) read_jpeg(path, &smiling);
    for (int i = 0; i < (smiles ? 3 : 1); i++) { /* a copy and two smiles */
        const bool copy = i == 0;
        const struct other one = draw_other(lab, false), two = draw_other(lab, copy);

        write_other(lab, i % 2, &neutral, &one);
        write_other(lab, 1 - i % 2, copy ? &neutral : &smiling, &two);
        compare_files(lab, copy ? NULL_COPY : NULL_SMILE, person, 0);
    }
    free(neutral.rgb);
    free(smiling.rgb);
}

static bool read_people(struct null_lab *lab, int odd)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256], id[8];

    if (!f) return false;
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "%7[0-9]", id) == 1 && atoi(id) % 2 == odd)
            read_person(lab, id, strstr(line, "smiling/") != NULL);
    fclose(f);
    return true;
}

/* ---- phantoms with a change */

enum { FADE_SEEDS = 8, FADE_SIDE_MM = 60, PX_PER_MM = 5 };

static struct phantom_shot skin_of(struct null_lab *lab, int seed)
{
    static const double ita_deg[] = { 55, 35, 15, -10 };
    struct phantom_shot shot = phantom_default_shot();

    lab->random = (struct derm_random){ 200000 + (uint64_t)seed };
    shot.spec.seed = 7000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[seed / 2 % 4], shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = FADE_SIDE_MM + 8;
    shot.spec.radius_mm = 75;
    shot.spec.melasma = between(lab, 0.1, 0.3);
    shot.spec.spots_per_cm2 = between(lab, 0.3, 1.2);
    shot.camera.px_per_mm = PX_PER_MM;
    shot.camera.width = shot.camera.height = FADE_SIDE_MM * PX_PER_MM;
    return shot;
}

static const double turn_deg[] = { 10, 20 };
enum { TURNS = sizeof(turn_deg) / sizeof(*turn_deg) };

struct change { /* [0] where nothing changed, [1] where it did */
    struct errors evenness[2], fraction[2], spread[2], by_light[TURNS];
    struct errors evenness_of_gloss[2]; /* where nothing but the oil did */
};

/* The two files are compared. */
static void read_pair(struct null_lab *lab)
{
    lab->n = 0;
    compare_files(lab, NULL_PHANTOM, 0, PX_PER_MM);
}

/* What was read of one metric of the whole. */
static void take(const struct null_lab *lab, enum derm_metric_id metric, double truth,
                 struct errors *to)
{
    for (int i = 0; i < lab->n; i++)
        if (lab->row[i].metric == metric && is_whole(&lab->row[i]))
            add_error(to, &lab->row[i], truth);
}

static void shoot(struct null_lab *lab, const struct phantom_skin *skin,
                  const struct phantom_shot *shot, int photo)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    write_photo(lab, photo, &picture);
    free(picture.px);
}

static const double SHINY = 0.1; /* as the option `limit` of stage gloss */

/* A lamp beside the camera, so that there are highlights to see, and a second photo in which the
 * oil is `factor` times as much. */
static void read_oil(struct null_lab *lab, const struct phantom_skin *skin,
                     const struct phantom_shot *shot, double factor, struct change *c)
{
    const bool same = factor == 1.0;
    struct phantom_shot oily = other_shot(lab, shot, 1);
    double was, is;

    oily.light.oil = shot->light.oil * factor;
    oily.light.azimuth_deg = shot->light.azimuth_deg;
    oily.light.elevation_deg = shot->light.elevation_deg;
    was = phantom_highlight_fraction(skin, &shot->light, &shot->camera, SHINY);
    is = phantom_highlight_fraction(skin, &oily.light, &oily.camera, SHINY);
    shoot(lab, skin, &oily, 1);
    read_pair(lab);
    take(lab, DERM_METRIC_TONE_EVENNESS, 0, &c->evenness_of_gloss[!same]);
    take(lab, DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD, 100 * (factor - 1), &c->spread[!same]);
    if (was > 0.005)
        take(lab, DERM_METRIC_RADIANCE_HIGHLIGHT_FRACTION, 100 * (is / was - 1),
             &c->fraction[!same]);
}

static void read_light(struct null_lab *lab, const struct phantom_skin *skin,
                       const struct phantom_shot *shot, struct change *c)
{
    for (int i = 0; i < TURNS; i++) {
        struct phantom_shot turned = *shot;

        turned.light.azimuth_deg += turn_deg[i];
        turned.light.elevation_deg -= 0.5 * turn_deg[i];
        shoot(lab, skin, &turned, 1);
        read_pair(lab);
        take(lab, DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD, 0, &c->by_light[i]);
    }
}

static void read_gloss(struct null_lab *lab, const struct phantom_skin *skin,
                       struct phantom_shot shot, struct change *c)
{
    shot.light.elevation_deg = 76;
    shot.light.oil = 1;
    shoot(lab, skin, &shot, 0);
    read_oil(lab, skin, &shot, 1, c);
    read_oil(lab, skin, &shot, between(lab, 0, 1) < 0.5 ? 0.6 : 1.6, c);
    read_light(lab, skin, &shot, c);
}

static void read_skin(struct null_lab *lab, int seed, struct change *c)
{
    struct phantom_shot shot = skin_of(lab, seed), other;
    struct phantom_skin skin;
    double was, is;

    phantom_skin_init(&skin, &shot.spec);
    write_control(lab, shot.camera.width);
    read_gloss(lab, &skin, shot, c);
    other = other_shot(lab, &shot, 0);
    shoot(lab, &skin, &other, 0);
    other = other_shot(lab, &shot, 1);
    shoot(lab, &skin, &other, 1);
    read_pair(lab);
    take(lab, DERM_METRIC_TONE_EVENNESS, 0, &c->evenness[0]);
    was = phantom_evenness(&skin, 4);
    skin.spec.fade[PHANTOM_SPOT] = skin.spec.fade[PHANTOM_MELASMA] = between(lab, 0.3, 0.9);
    is = phantom_evenness(&skin, 4);
    other = other_shot(lab, &shot, 1);
    shoot(lab, &skin, &other, 1);
    read_pair(lab);
    take(lab, DERM_METRIC_TONE_EVENNESS, 100 * (is / was - 1), &c->evenness[1]);
    phantom_skin_free(&skin);
}

static void print_change(const struct change *c)
{
    static const char *const what[] = { "phantoms, unchanged", "phantoms, changed" };

    for (int i = 0; i < 2; i++) {
        print_errors(what[i], DERM_METRIC_TONE_EVENNESS, &c->evenness[i]);
        print_errors(what[i], DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD, &c->spread[i]);
        print_errors(what[i], DERM_METRIC_RADIANCE_HIGHLIGHT_FRACTION, &c->fraction[i]);
        print_errors(i ? "other oil, same pigment" : "the same oil", DERM_METRIC_TONE_EVENNESS,
                     &c->evenness_of_gloss[i]);
    }
    for (int i = 0; i < TURNS; i++) {
        char name[40];

        snprintf(name, sizeof(name), "lamp moved by %g deg", turn_deg[i]);
        print_errors(name, DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD, &c->by_light[i]);
    }
}

int main(int argc, char **argv)
{
    const int odd = argc > 1 && strcmp(argv[1], "odd") == 0;
    struct change change;
    struct null_lab lab;

    memset(&change, 0, sizeof(change));
    null_lab_open(&lab, NULL);
    if (read_people(&lab, odd)) {
        print_null(&lab, NULL_SMILE, "neutral / smiling");
        print_null(&lab, NULL_COPY, "copies in other light");
    } else {
        printf("SKIPPED: no photos of faces in " DERM_TEST_DATA "\n");
    }
    fflush(stdout);
    for (int i = 0; i < FADE_SEEDS; i++)
        read_skin(&lab, 2 * i + odd, &change);
    print_change(&change);
    free(lab.row);
    null_lab_close(&lab);
    return 0;
}
