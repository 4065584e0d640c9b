/* SPDX-License-Identifier: Apache-2.0 */
/* Row 16: pairs that must be refused. Photos of people with odd numbers, and cut-outs of them. */
#include "base/metrics.h"
#include "cut.h"

#include "acceptance.h"

enum { MOST_FILES = 64, PARTNERS = 4 };

struct photos {
    char neutral[MOST_FILES][PATH_TEXT], cheek[MOST_FILES][PATH_TEXT];
    int n;
};
static const char pores[] =
    DERM_TEST_DATA "/lesions/porenet/input_cropped/20190315_144533_white.png";

struct count {
    struct shares refused; /* units: people */
    int lined_up;          /* refused for another reason than that they cannot be */
};

static void try_pair(struct bench *b, const char *base, const char *follow, int person,
                     struct count *c)
{
    bench_pair(b, base, follow);
    shares_add(&c->refused, person,
               !b->pair.registration.accepted || b->pair.comparability == DERM_INCOMPARABLE, 1);
    c->lined_up += b->pair.registration.accepted && b->pair.comparability == DERM_INCOMPARABLE;
    fprintf(stderr, ".");
}

static void mirror(struct bench *b, const char *from, const char *to)
{
    const struct derm_rgb8 *const in = &bench_photo(b, from)->frame.rgb;
    struct derm_arena *const scratch = &b->ctx->engine.scratch;
    struct derm_rgb8 out;

    must(b, derm_rgb8_new(scratch, &out, in->w, in->h));
    for (int y = 0; y < in->h; y++)
        for (int x = 0; x < in->w; x++)
            memcpy(derm_rgb8_row(&out, y) + 3 * (in->w - 1 - x), derm_rgb8_row(in, y) + 3 * x, 3);
    must(b, derm_png_write_rgb(to, &out, &b->err));
    derm_arena_reset(scratch, 0);
}

static void find_photos(struct bench *b, struct photos *p)
{
    char all[MOST_FILES][PATH_TEXT];
    const int n = list_files(DERM_TEST_DATA "/faces/frll/neutral", ".jpg", all, MOST_FILES);

    for (int i = 0; i < n; i++) {
        const char *const name = strrchr(all[i], '/') + 1;
        if (strtol(name, NULL, 10) % 2 == 0) continue;
        memcpy(p->neutral[p->n], all[i], PATH_TEXT);
        temporary(p->cheek[p->n], "acceptance_cheek", p->n);
        must(b, cut_cheek(b, all[i], p->cheek[p->n]));
        p->n++;
    }
}

static void add_row(struct table *t, const char *what, const struct count *c)
{
    struct figure *const f = table_row(t, "16", what, AT_LEAST, 0.99, 0.99);

    f->skipped = c->refused.n == 0;
    figure_set(f, estimate_share(&c->refused));
    if (c->refused.hits < c->refused.n)
        figure_limit(f, "%d not refused", c->refused.n - c->refused.hits);
    if (c->lined_up > 0) figure_limit(f, "%d could be lined up", c->lined_up);
    figure_limit_sample(f, "pairs");
}

static void add_other_people(struct table *t, struct bench *b, const struct photos *p)
{
    struct count faces = { .lined_up = 0 }, cheeks = { .lined_up = 0 };

    for (int i = 0; i < p->n; i++)
        for (int k = 1; k <= PARTNERS; k++) {
            try_pair(b, p->neutral[i], p->neutral[(i + k * 3) % p->n], i, &faces);
            try_pair(b, p->cheek[i], p->cheek[(i + k * 3) % p->n], i, &cheeks);
        }
    add_row(t, "different people, faces: refused", &faces);
    add_row(t, "different people, close-ups: refused", &cheeks);
}

static void add_mirrored(struct table *t, struct bench *b, const struct photos *p)
{
    struct count c = { .lined_up = 0 };
    char path[PATH_TEXT];

    for (int i = 0; i < p->n; i++) {
        temporary(path, "acceptance_mirrored", i);
        mirror(b, p->neutral[i], path);
        try_pair(b, p->neutral[i], path, i, &c);
        temporary(path, "acceptance_mirrored_cheek", i);
        mirror(b, p->cheek[i], path);
        try_pair(b, p->cheek[i], path, i, &c);
    }
    add_row(t, "mirrored photo: refused", &c);
}

/* Both cheeks of one person, and four places of one face. The set is aligned on the eyes. */
static void add_other_site(struct table *t, struct bench *b, const struct photos *p)
{
    static const int other_x = 479, other_y = 681, side = 185;
    struct count c = { .lined_up = 0 };
    char cut[4][PATH_TEXT];

    for (int i = 0; i < p->n; i++) {
        temporary(cut[0], "acceptance_other_cheek", i);
        must(b, cut_square(b, p->neutral[i], other_x, other_y, side, cut[0]));
        try_pair(b, p->cheek[i], cut[0], i, &c);
    }
    for (int i = 0; p->n > 0 && i < 4; i++) {
        temporary(cut[i], "acceptance_place", i);
        must(b, cut_square(b, pores, 150 + i % 2 * 660, 200 + i / 2 * 660, 600, cut[i]));
    }
    for (int i = 0; p->n > 0 && i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (i != j) try_pair(b, cut[i], cut[j], p->n, &c);
    add_row(t, "different site of one person: refused", &c);
}

/* ---- altered photos */

static const unsigned relief = 1u << DERM_CONCERN_PORES | 1u << DERM_CONCERN_SCARS |
                               1u << DERM_CONCERN_WRINKLES | 1u << DERM_CONCERN_STRETCH_MARKS |
                               1u << DERM_CONCERN_TEXTURE;

/* The photos of faces, each compared with itself altered. Nothing changed but by that. */
static void alter_faces(struct bench *b, const struct photos *p, enum alteration how,
                        struct series *s)
{
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < p->n; i++) {
        const struct derm_frame *const f = &bench_photo(b, p->neutral[i])->frame;

        alter_photo(how, &f->rgb, f->scale.px_per_mm, lab.path[1]);
        lab_compare(&lab, p->neutral[i], lab.path[1], NULL);
        s->pair[s->n++].verdicts = lab_verdicts(&lab, DERM_REGION_FACE);
        fprintf(stderr, ".");
    }
    lab_close(&lab);
}

/* The share of pairs with a verdict on one of these concerns, or of those without; and on which. */
static void set_share(struct figure *f, const struct series *s, unsigned concerns, bool with)
{
    struct shares share = { .n = 0 };

    for (int i = 0; i < s->n; i++)
        shares_add(&share, i, ((s->pair[i].verdicts & concerns) != 0) == with, 1);
    f->skipped = share.n == 0;
    figure_set(f, estimate_share(&share));
    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        int n = 0;

        for (int i = 0; i < s->n; i++)
            n += (s->pair[i].verdicts & concerns & 1u << c) != 0;
        if (n > 0) figure_limit(f, "%d on %s", n, derm_concern_id((enum derm_concern)c));
    }
    figure_limit_sample(f, "pairs");
}

static void add_retouched(struct table *t, const char *what, const struct series *s)
{
    set_share(table_row(t, "16", what, AT_LEAST, 0.99, 0.99), s, ~0u, false);
}

static void add_sharpened(struct table *t, const char *what, const struct series *s)
{
    set_share(table_row(t, "16", what, REPORTED, 0, 0), s, relief, true);
}

static void add_altered(struct table *t, const struct series *s,
                        const char *const what[ALTERATIONS])
{
    add_retouched(t, what[SMOOTHED], &s[SMOOTHED]);
    add_retouched(t, what[SEPARATED], &s[SEPARATED]);
    add_sharpened(t, what[SHARPENED_2PX], &s[SHARPENED_2PX]);
    add_sharpened(t, what[SHARPENED_15PX], &s[SHARPENED_15PX]);
}

static const char *const on_phantoms[ALTERATIONS] = {
    [SMOOTHED] = "smoothed by .33 mm, phantoms: no verdict",
    [SEPARATED] = "evened out above .5 mm, phantoms: no verdict",
    [SHARPENED_2PX] = "sharpened by 2 px, 60 %, phantoms: false verdicts on relief",
    [SHARPENED_15PX] = "sharpened by 1.5 px, 100 %, phantoms: false verdicts on relief",
};
static const char *const on_faces[ALTERATIONS] = {
    [SMOOTHED] = "smoothed by .33 mm, faces: no verdict",
    [SEPARATED] = "evened out above .5 mm, faces: no verdict",
    [SHARPENED_2PX] = "sharpened by 2 px, 60 %, faces: false verdicts on relief",
    [SHARPENED_15PX] = "sharpened by 1.5 px, 100 %, faces: false verdicts on relief",
};

void rows_of_refusals(struct table *t, const struct campaign *c, const struct scope *scope)
{
    struct bench *const b = scope->quick ? NULL : bench_new(1);
    static struct series faces[ALTERATIONS];
    static struct photos p;

    if (!scope->quick) {
        find_photos(b, &p);
        add_other_people(t, b, &p);
        add_mirrored(t, b, &p);
        add_other_site(t, b, &p);
        for (enum alteration how = SMOOTHED; how < ALTERATIONS; how++)
            alter_faces(b, &p, how, &faces[how]);
        add_altered(t, faces, on_faces);
        bench_free(b);
    }
    add_altered(t, c->altered, on_phantoms);
}
