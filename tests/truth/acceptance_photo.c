/* SPDX-License-Identifier: Apache-2.0 */
/* Rows on photos of people with odd numbers (Face Research Lab London Set). */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "inserted_spots.h"

#include "base/metrics.h"

#include "acceptance.h"

/* ---- row 3: spots put into pairs without a change */

struct null_sd {
    double known[SETS * PEOPLE], found[SETS * PEOPLE], face[SETS * PEOPLE];
    int n, readings, recalled; /* readings: of found; a pair where none was found has none */
    int person[SETS * PEOPLE], spots[SETS * PEOPLE]; /* of each reading */
};

/* The first sets of places. */
static void read_inserted(struct null_sd *out, const struct person *people, int n, int sets,
                          enum left_out left_out)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .threads = 1 };
    static struct session t;
    struct derm_error err = { 0 };

    t = (struct session){ .fadings = 1, .left_out = left_out };
    if (derm_context_new(&t.ctx, &settings) != DERM_OK) die(derm_error_text(t.ctx));
    if (derm_arena_init(&t.keep, (size_t)4 << 30, &err) != DERM_OK) die(err.text);
    for (int i = 0; i < sets * n; i++) {
        struct spot_reading r[FADINGS] = { { .compared = false } };

        test_person(&t, &people[i % n], i / n, r);
        fprintf(stderr, ".");
        if (!r[0].compared) continue;
        out->known[out->n] = r[0].known;
        out->person[out->readings] = i % n;
        out->spots[out->readings] = r[0].recalled;
        if (r[0].recalled > 0) out->found[out->readings++] = r[0].places;
        out->face[out->n++] = r[0].whole;
        out->recalled += r[0].recalled;
    }
    derm_arena_free(&t.keep);
    derm_context_free(t.ctx);
}

/* What remains of the readings that more than one spot makes. */
static void limit_lonely(struct figure *f, const struct null_sd *s)
{
    double found[SETS * PEOPLE];
    int n = 0;

    for (int i = 0; i < s->readings; i++)
        if (s->spots[i] > 1) found[n++] = s->found[i];
    if (n > 1)
        figure_limit(f, "without readings of a single spot %.1f (%d readings)", derm_sd(found, n),
                     n);
}

/* What remains where the two photos differ less; one set of places. */
static void limit_left_out(struct figure *f, const struct person *people, int n,
                           enum left_out left_out, const char *how)
{
    static struct null_sd s;

    s = (struct null_sd){ .n = 0 };
    read_inserted(&s, people, n, 1, left_out);
    if (s.readings > 1)
        figure_limit(f, "%s %.1f (%d readings)", how, derm_sd(s.found, s.readings), s.readings);
}

static void add_inserted(struct table *t, const struct person *people, int n)
{
    static struct null_sd s;
    struct figure *const f =
        table_row(t, "3", "null SD of spots, real pairs with inserted spots", AT_MOST, 5, 5);

    f->skipped = n <= 0;
    if (n <= 0) return;
    read_inserted(&s, people, n, SETS, NOTHING_LEFT_OUT);
    if (s.readings < 2) return;
    figure_set(f, estimate_sd(s.found, s.person, s.readings));
    figure_limit(f, "%.0f %% of %d spots found; at all %.1f; the face's own with them %.1f",
                 100.0 * s.recalled / (s.n * SPOTS), s.n * SPOTS, derm_sd(s.known, s.n),
                 derm_sd(s.face, s.n));
    limit_lonely(f, &s);
    limit_left_out(f, people, n, SMILE_LEFT_OUT, "when nobody smiles");
    limit_left_out(f, people, n, LIGHT_LEFT_OUT, "in the same light");
}

/* ---- rows 12, 23 and 25: pairs without a change */

enum { MOST_TEXTURES = 2048 };

struct verdicts {                                 /* units: people, who have a report each */
    struct shares of[DERM_METRIC_COUNT], reports; /* false ones of those judged */
    char people[96];                              /* of the false reports */
    double texture[MOST_TEXTURES];                /* changes of roughness by region, percent */
    int person[MOST_TEXTURES];                    /* of each of them */
    int of_region[DERM_REGION_COUNT];
    double region_square[DERM_REGION_COUNT]; /* sums over the same */
    int textures;
};

static void note_texture(struct verdicts *v, const struct derm_result *r)
{
    v->person[v->textures] = v->reports.n;
    v->texture[v->textures++] = r->percent;
    v->region_square[r->region] += r->percent * r->percent;
    v->of_region[r->region]++;
}

static void count_verdicts(const struct lab *l, const char *id, struct verdicts *v)
{
    const size_t used = strlen(v->people);
    bool any = false;

    for (int i = 0; i < l->work.results.n; i++) {
        const struct derm_result *const r = &l->work.results.item[i];
        const bool wrong = r->verdict == DERM_IMPROVED || r->verdict == DERM_WORSENED;

        if (r->status != DERM_MEASURED || r->verdict == DERM_NOT_COMPARABLE) continue;
        if (r->metric == DERM_METRIC_TEXTURE_ROUGHNESS && r->region != DERM_REGION_FACE &&
            v->textures < MOST_TEXTURES)
            note_texture(v, r);
        shares_add(&v->of[r->metric], v->reports.n, wrong, 1);
        any = any || wrong;
    }
    shares_add(&v->reports, v->reports.n, any, 1);
    if (any) snprintf(v->people + used, sizeof(v->people) - used, " %s", id);
}

/* The same photo in other light, through another JPEG. */
static void relight(const char *from, int number, const char *to)
{
    static const struct spot none[SPOTS]; /* without contrast */
    struct derm_random random = { (uint64_t)number };
    const struct light light = other_light(&random);
    struct picture in, out;

    read_jpeg(from, &in);
    out = in;
    out.rgb = malloc((size_t)in.w * (size_t)in.h * 3);
    if (!out.rgb) die("out of memory");
    render(&in, none, false, 0, &light, 1, "", &out);
    write_jpeg(to, &out);
    free(in.rgb);
    free(out.rgb);
}

/* The figure becomes that of the worst metric; of equals of the one that was judged more often. */
static void note_metric(struct figure *f, const struct verdicts *v, int m)
{
    const int wrong = v->of[m].hits, judged = v->of[m].n;
    const double more = wrong * (double)f->is.n - round(f->is.value * f->is.n) * judged;

    if (wrong > 0) figure_limit(f, "%s %d of %d", derm_metrics[m].id, wrong, judged);
    if (!f->measured || more > 0 || (more == 0 && judged > f->is.n))
        figure_set(f, estimate_share(&v->of[m]));
}

/* Every metric has to keep the limit. */
static void add_verdicts(struct table *t, const struct verdicts *v, const char *metric,
                         const char *reports)
{
    struct figure *const f = table_row(t, "12", metric, AT_MOST, 0.025, 0.025);
    struct figure *const g = table_row(t, "12", reports, AT_MOST, 0.05, 0.05);
    int judged = 0, wrong = 0;

    f->skipped = g->skipped = v->reports.n == 0;
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        if (v->of[m].n == 0) continue;
        judged += v->of[m].n;
        wrong += v->of[m].hits;
        note_metric(f, v, m);
    }
    if (f->measured) figure_limit(f, "all metrics %d of %d", wrong, judged);
    figure_limit_sample(f, "rows of that metric");
    figure_set(g, estimate_share(&v->reports));
    if (v->reports.hits > 0) figure_limit(g, "people%s", v->people);
    figure_limit_sample(g, "reports");
}

static void limit_region(struct figure *f, const struct verdicts *v)
{
    double most = 0;
    int worst = -1;

    for (int r = 0; r < DERM_REGION_COUNT; r++) {
        const double rms = v->of_region[r] > 0 ? sqrt(v->region_square[r] / v->of_region[r]) : 0;

        if (rms <= most) continue;
        most = rms;
        worst = r;
    }
    if (worst >= 0)
        figure_limit(f, "worst region %s, RMS %.1f of %d rows", derm_region_id(worst), most,
                     v->of_region[worst]);
}

static void add_texture(struct table *t, const struct verdicts *v, const char *what)
{
    struct figure *const f = table_row(t, "23", what, AT_MOST, 7, 7);

    f->skipped = v->reports.n == 0;
    if (v->textures > 1) figure_set(f, estimate_sd(v->texture, v->person, v->textures));
    limit_region(f, v);
}

/* The worst metric of the concerns beside pores, pigmentation and scars. */
static void add_other_concerns(struct table *t, const struct verdicts *v, const char *what)
{
    struct figure *const f = table_row(t, "25", what, AT_MOST, 0.025, 0.025);
    int least = -1;

    f->skipped = v->reports.n == 0;
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        const enum derm_concern of = derm_metrics[m].concern;

        if (v->of[m].n == 0 || of == DERM_CONCERN_PORES || of == DERM_CONCERN_PIGMENTATION ||
            of == DERM_CONCERN_SCARS)
            continue;
        note_metric(f, v, m);
        if (least < 0 || v->of[m].n < v->of[least].n) least = m;
    }
    figure_limit_sample(f, "rows of that metric");
    if (least >= 0) figure_limit(f, "fewest of %s: %d", derm_metrics[least].id, v->of[least].n);
}

static void add_false_verdicts(struct table *t, const struct person *people, int n)
{
    enum { MOST_ID = 200 };
    static struct verdicts smiling, relit;
    struct lab l;

    lab_open(&l);
    for (int i = 0; i < n; i++) {
        const struct person who = people[i];
        char path[2][PATH_TEXT];

        path_of(who.id, false, path[0]);
        path_of(who.id, true, path[1]);
        lab_compare(&l, path[0], path[1], NULL);
        count_verdicts(&l, who.id, &smiling);
        fprintf(stderr, ".");
    }
    for (int number = 1; number < MOST_ID; number += 2) { /* also those who do not smile */
        char path[PATH_TEXT], id[8];

        snprintf(id, sizeof(id), "%03d", number);
        path_of(id, false, path);
        if (access(path, R_OK)) continue;
        relight(path, number, l.path[1]);
        lab_compare(&l, path, l.path[1], NULL);
        count_verdicts(&l, id, &relit);
        fprintf(stderr, ".");
    }
    lab_close(&l);
    add_verdicts(t, &smiling, "false verdicts, neutral and smiling, worst metric",
                 "false verdicts, neutral and smiling, reports");
    add_verdicts(t, &relit, "false verdicts, re-lit and re-encoded, worst metric",
                 "false verdicts, re-lit and re-encoded, reports");
    add_texture(t, &smiling, "null SD of roughness, neutral and smiling, by region, %");
    add_texture(t, &relit, "null SD of roughness, re-lit and re-encoded, by region, %");
    add_other_concerns(t, &smiling, "false verdicts of the other concerns, smiling, worst metric");
    add_other_concerns(t, &relit, "false verdicts of the other concerns, re-lit, worst metric");
}

void rows_of_photos(struct table *t, const struct scope *scope)
{
    static struct person people[PEOPLE];
    const int n = read_people(scope->half == REPORTING ? "odd" : "even", PEOPLE, people);

    if (n <= 0) printf("skipped: no photos in " DERM_TEST_DATA "/faces/frll\n");
    add_inserted(t, people, n);
    add_false_verdicts(t, people, n);
}
