/* SPDX-License-Identifier: Apache-2.0 */
/* What the gauge reads of photos that a camera or a program sharpened, and of others; and what is
 * then said of pores, texture and mottling.
 *
 *   truth_sharpened [even] [phantoms|faces]   odd seeds and people report, even ones are for tuning
 *
 * Phantoms: pairs as the acceptance suite's, all nuisances together, with hair and without, where
 * the second photo is altered or its skin faded. Faces: a neutral photo and a smiling one, altered.
 */
#include <math.h>
#include <string.h>

#include "cut.h"
#include "stages/gauge.h"

#include "acceptance.h"

struct range {
    double least, most;
    int n;
};

static void widen(struct range *r, double v)
{
    r->least = r->n > 0 ? fmin(r->least, v) : v;
    r->most = r->n > 0 ? fmax(r->most, v) : v;
    r->n++;
}

struct tally {
    struct range by_hair, by_skin; /* ln of gain; mm of blur */
    int pairs, sharpened, processed, verdicts[2];
};

static void note(struct tally *t, const struct lab *lab, enum derm_region region)
{
    const struct derm_pair *const pair = &lab->work.pair;
    const struct derm_gauge *const g = &pair->gauge;
    const unsigned verdicts = lab_verdicts(lab, region);
    bool evened = false;

    if (g->source == DERM_GAUGE_HAIR) widen(&t->by_hair, g->sharpening);
    if (g->source == DERM_GAUGE_SKIN)
        widen(&t->by_skin, derm_gauge_sigma_px(g) / pair->base->view.grid.px_per_mm);
    t->pairs++;
    for (int i = 0; i < pair->n; i++) {
        t->sharpened += pair->finding[i].reason == DERM_REASON_SHARPENING_DIFFERS;
        evened = evened || (pair->finding[i].reason == DERM_REASON_PROCESSING_DIFFERS &&
                            pair->finding[i].severity == DERM_SEVERITY_FAIL);
    }
    t->processed += evened;
    t->verdicts[0] += (verdicts >> DERM_CONCERN_PORES & 1) != 0;
    t->verdicts[1] += (verdicts >> DERM_CONCERN_TEXTURE & 1) != 0;
}

static void print_range(const char *what, const struct range *r)
{
    if (r->n > 0) printf("  %s %.3f to %.3f (%d)", what, r->least, r->most, r->n);
}

static void print(const char *name, const struct tally *t)
{
    printf("%-24s", name);
    print_range("hair", &t->by_hair);
    print_range("skin, mm", &t->by_skin);
    printf("  of %d refused as sharpened %d, as evened out %d; changed: pores %d, texture %d\n",
           t->pairs, t->sharpened, t->processed, t->verdicts[0], t->verdicts[1]);
    fflush(stdout);
}

static const struct {
    const char *name;
    enum alteration alteration;
    double fade; /* of everything */
    int nuisance;
} made[] = {
    { "unchanged", UNALTERED, 0, 0 },
    { "defocus .7 px", UNALTERED, 0, 9 },
    { "everything fades 40 %", UNALTERED, 0.4, 0 },
    { "sharpened 2 px, 60 %", SHARPENED_2PX, 0, 0 },
    { "sharpened 1.5 px, 100 %", SHARPENED_15PX, 0, 0 },
    { "evened out above .5 mm", SEPARATED, 0, 0 },
};
enum { MADE = sizeof(made) / sizeof(*made), SKINS = 12, FIRST_SKIN = 9000 };

static void read_phantoms(struct lab *lab, enum half half, bool hair, int k)
{
    struct tally t = { .pairs = 0 };

    for (int i = 0; i < SKINS; i++) {
        struct phantom_pair p = draw_pair(i % TONES, FIRST_SKIN + i, half);

        disturb_all(&p, FIRST_SKIN + i);
        disturb_one(&p, &nuisances[made[k].nuisance]);
        for (int photo = 0; photo < 2 && !hair; photo++)
            p.shot[photo].spec.hairs_per_cm2 = p.shot[photo].spec.stubble_per_cm2 = 0;
        for (int kind = 0; kind < PHANTOM_KINDS; kind++)
            p.fade[kind] = made[k].fade;
        p.alteration = made[k].alteration;
        run_phantom_pair(lab, &p);
        note(&t, lab, DERM_REGION_ROI);
    }
    print(made[k].name, &t);
}

static void read_faces(struct lab *lab, struct bench *b, enum half half, int k)
{
    static char smiling[64][PATH_TEXT];
    const int n = list_files(DERM_TEST_DATA "/faces/frll/smiling", ".jpg", smiling, 64);
    struct tally t = { .pairs = 0 };

    for (int i = 0; i < n; i++) {
        const char *const name = strrchr(smiling[i], '/') + 1;
        char neutral[PATH_TEXT], photo[PATH_TEXT];
        const struct derm_frame *f;

        if (strtol(name, NULL, 10) % 2 != (half == REPORTING)) continue;
        memcpy(photo, smiling[i], PATH_TEXT);
        f = &bench_photo(b, photo)->frame;
        snprintf(neutral, sizeof(neutral), "%s/faces/frll/neutral/%.3s_03.jpg", DERM_TEST_DATA,
                 name);
        alter_photo(made[k].alteration, &f->rgb, f->scale.px_per_mm, lab->path[1]);
        lab_compare(lab, neutral, lab->path[1], NULL);
        note(&t, lab, DERM_REGION_FACE);
    }
    print(made[k].name, &t);
}

static bool asked(const char *word, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0) return true;
    return false;
}

int main(int argc, char **argv)
{
    const enum half half = asked("even", argc, argv) ? TUNING : REPORTING;
    struct bench *const b = bench_new(1);
    struct lab lab;

    lab_open(&lab);
    for (int hair = 1; hair >= 0 && !asked("faces", argc, argv); hair--) {
        printf("%s seeds, with%s hair\n", half == TUNING ? "even" : "odd", hair ? "" : "out");
        for (int k = 0; k < MADE; k++)
            read_phantoms(&lab, half, hair, k);
    }
    if (!asked("phantoms", argc, argv)) printf("%s people\n", half == TUNING ? "even" : "odd");
    for (int k = 0; k < MADE && !asked("phantoms", argc, argv); k++)
        if (made[k].nuisance == 0 && made[k].fade <= 0) read_faces(&lab, b, half, k);
    lab_close(&lab);
    bench_free(b);
    return 0;
}
