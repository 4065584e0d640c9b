/* SPDX-License-Identifier: Apache-2.0 */
/* How much two photos of unchanged skin differ: the table of null figures, and whether it is right.
 *
 *   truth_precision FILE   measures the even half, writes FILE (models/precision.json), reports
 *   truth_precision        reports on the odd half with the table that is installed
 *
 * A figure is the sd that puts 95 % of the changes seen within 1.96 sd, so that it is what MDC95
 * means and no distribution is assumed; it is taken about 0, so that a bias is in it. With the
 * number of objects n the variance goes as shared + (1 - shared) objects / n. `shared` is fitted,
 * one for a metric on the whole face or close-up and one for it on regions; of the values that the
 * data do not reject the smallest is taken, which gives few objects the widest limits. A cell has a
 * tone and a resolution; where the kinds of pairs (see null_pairs.h) disagree, the one that differs
 * more is believed; what too few wholes show of a kind, their regions tell.
 *
 * Null figures say nothing of how well a change is read where there is one. `with_change`, one for
 * each metric, is the sd that 95 % of the readings of faded phantoms need beyond them, as a share
 * of the change of the concern's main metric; `with_compression` the same of photos of which one is
 * compressed more than the other, in percent per step of JPEG quality. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "base/pool.h"

#include "precision_fit.h"

/* ---- the table as a file */

static void write_classes(FILE *f)
{
    fprintf(f, "\"tones\": [");
    for (int i = 0; i < TONES; i++)
        fprintf(f, "%s\n  { \"id\": \"%s\", \"ita_above_deg\": %g }", i ? "," : "", tone_name[i],
                tone_above[i]);
    fprintf(f, "\n],\n\"resolutions\": [");
    for (int i = 0; i < RESOLUTIONS; i++)
        fprintf(f, "%s\n  { \"id\": \"%s\", \"px_per_mm_below\": %g }", i ? "," : "",
                resolution_name[i], resolution_below[i]);
    fprintf(f, "\n],\n");
}

static void write_cell(FILE *f, const struct figures *c, bool absolute)
{
    if (absolute)
        fprintf(f, "\"sd_absolute\": %.4f, ", c->sd);
    else
        fprintf(f, "\"sd_percent\": %.1f, ", c->sd);
    if (c->borrowed) {
        fprintf(f, "\"from\": \"%s\" }", c->borrowed);
        return;
    }
    fprintf(f, absolute ? "\"bias_absolute\": %.4f, " : "\"bias_percent\": %.1f, ", c->bias);
    fprintf(f, "\"subjects\": %d, \"pairs\": %d, \"rows\": %d, \"from\": \"%s\" }", c->subjects,
            c->pairs, c->rows, kind_name[c->kind]);
}

static void write_law(FILE *f, const struct law *law, bool absolute)
{
    if (!absolute) fprintf(f, "\"objects\": %.0f, \"shared\": %.2f, ", law->objects, law->shared);
    fprintf(f, "\"cells\": [");
    for (int i = 0; i < CELLS; i++) {
        fprintf(f, "%s\n    { \"tone\": \"%s\", \"resolution\": \"%s\", ", i ? "," : "",
                tone_name[i / RESOLUTIONS], resolution_name[i % RESOLUTIONS]);
        write_cell(f, &law->cell[i / RESOLUTIONS][i % RESOLUTIONS], absolute);
    }
    fprintf(f, " ] }");
}

static void write_metric(FILE *f, enum derm_metric_id metric, const struct table *t)
{
    const struct law *const law = t->law[metric];

    fprintf(f, "  \"%s\": {", derm_metrics[metric].id);
    if (!is_absolute(metric))
        fprintf(f, " \"with_change\": %.3f, \"with_compression\": %.3f,", t->with_change[metric],
                t->with_compression[metric]);
    for (int e = 0; e < EXTENTS; e++) {
        fprintf(f, "%s\n   \"%s\": { ", e ? "," : "", extent_name[e]);
        write_law(f, &law[e], is_absolute(metric));
    }
    fprintf(f, " }");
}

static void write_source(FILE *f, const struct null_lab *lab)
{
    int pairs[KINDS] = { 0 }, last = -1;

    for (int i = 0; i < lab->n; last = lab->row[i++].pair)
        pairs[lab->row[i].kind] += lab->row[i].pair != last;
    fprintf(
        f,
        "\"source\": \"Made by tests/truth/truth_precision.c, see models/README.md: how much two "
        "photos of unchanged skin differ. From %d pairs of neutral and smiling photos and %d of "
        "photos and copies (Face Research Lab London Set), and %d pairs of phantoms, which "
        "alone speak for resolutions above those of the faces; people and seeds with even "
        "numbers.\",\n",
        pairs[NULL_SMILE], pairs[NULL_COPY], pairs[NULL_PHANTOM]);
}

static void write_table(const char *path, const struct null_lab *lab, const struct table *t)
{
    FILE *const f = fopen(path, "w");
    const char *before = "";

    if (!f) die("cannot write the table");
    fprintf(f, "{\n");
    write_source(f, lab);
    write_classes(f);
    fprintf(f, "\"metrics\": {\n");
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        if (derm_metrics[i].klass == DERM_CLASS_ABSOLUTE) continue;
        fputs(before, f);
        write_metric(f, (enum derm_metric_id)i, t);
        before = ",\n";
    }
    fprintf(f, "\n}\n}\n");
    if (fclose(f) != 0) die("cannot write the table");
}

/* ---- what the law was fitted to: spread of readings, relative to the cell, by number of objects
 */

static const int objects_from[] = { 1, 3, 6, 12, 25, 50, 100, 1 << 30 };
enum { BINS = sizeof(objects_from) / sizeof(*objects_from) - 1 };

static void print_bin(const struct null_lab *lab, const struct law *law, const struct selection *s,
                      int b)
{
    double sum = 0;
    int n = 0;

    for (int i = 0; i < lab->n; i++) {
        const struct null_row *const r = &lab->row[i];

        if (!is_selected(r, s) || r->objects < objects_from[b] || r->objects >= objects_from[b + 1])
            continue;
        sum += fabs(r->percent) / law->cell[tone_of(r)][resolution_of(r)].sd;
        n++;
    }
    if (n >= LEAST_ROWS)
        printf("%8.2f", sum / n);
    else
        printf("%8s", "-");
}

static void print_laws(const struct null_lab *lab, const struct table *t)
{
    printf("\nmean |change| over the cell's sd, by number of objects. Log likelihood less the "
           "best: of "
           "1 / sqrt(n), of no fall with n\n%-36s %7s %6s %8s %6s",
           "", "objects", "shared", "1/sqrt", "none");
    for (int b = 0; b < BINS; b++)
        printf("   >=%3d", objects_from[b]);
    printf("\n");
    for (int i = 0; i < DERM_METRIC_COUNT * EXTENTS; i++) {
        const struct selection s = { (enum derm_metric_id)(i / EXTENTS), (enum extent)(i % EXTENTS),
                                     -1, -1, -1 };
        const struct law *const law = &t->law[s.metric][s.extent];

        if (derm_metrics[s.metric].klass != DERM_CLASS_LOCAL || !worst(law)) continue;
        printf("%-29s %-6s %7.0f %6.2f %8.1f %6.1f", derm_metrics[s.metric].id,
               extent_name[s.extent], law->objects, law->shared, law->plain, law->none);
        for (int b = 0; b < BINS; b++)
            print_bin(lab, law, &s, b);
        printf("\n");
    }
}

/* ---- the odd half: do the intervals cover, how many verdicts are false? */

struct score {
    int rows, covered, verdicts, pairs, bad_pairs;
    int last_pair, last_bad;
};

static void score_row(struct score *s, const struct null_row *r)
{
    /* a verdict in the direction of a true change is none that is false */
    const bool bad = r->verdict != DERM_NO_DETECTABLE_CHANGE && r->percent * r->truth <= 0;

    s->rows++;
    s->covered += r->lo <= r->truth && r->hi >= r->truth;
    s->verdicts += bad;
    if (s->pairs == 0 || s->last_pair != r->pair) s->pairs++;
    if (bad && (s->bad_pairs == 0 || s->last_bad != r->pair)) {
        s->bad_pairs++;
        s->last_bad = r->pair;
    }
    s->last_pair = r->pair;
}

static void print_score(const char *name, const struct score *s)
{
    const double share = s->rows > 0 ? (double)s->covered / s->rows : 0;

    if (s->rows == 0) return;
    printf("%-34s %6d rows of %4d pairs: %.3f covered, %5.2f %% false verdicts, in %5.1f %% of "
           "pairs\n",
           name, s->rows, s->pairs, share, 100.0 * s->verdicts / s->rows,
           100.0 * s->bad_pairs / s->pairs);
}

static void print_coverage(const struct null_lab *lab)
{
    struct score kind[KINDS] = { 0 }, tone[TONES] = { 0 }, whole = { 0 }, all = { 0 };
    struct score metric[DERM_METRIC_COUNT] = { 0 };

    printf("\nodd half, intervals that cover the truth, and verdicts (BH over each comparison)\n");
    for (int i = 0; i < lab->n; i++) {
        const struct null_row *const r = &lab->row[i];

        if (is_absolute(r->metric)) continue; /* its interval is in percent of a difference */
        score_row(&kind[r->kind], r);
        score_row(&tone[tone_of(r)], r);
        score_row(&metric[r->metric], r);
        score_row(&all, r);
        if (r->region == DERM_REGION_FACE || r->region == DERM_REGION_ROI) score_row(&whole, r);
    }
    for (int i = 0; i < KINDS; i++)
        print_score(kind_name[i], &kind[i]);
    for (int i = 0; i < TONES; i++)
        print_score(tone_name[i], &tone[i]);
    for (int i = 0; i < DERM_METRIC_COUNT; i++)
        print_score(derm_metrics[i].id, &metric[i]);
    print_score("whole face or close-up", &whole);
    print_score("all", &all);
}

/* How phantoms' tones are read: by that a comparison looks for its figures. */
static void print_tones(const struct null_lab *lab)
{
    for (int t = 0; t < NULL_TONES; t++) {
        double sum = 0, squares = 0;
        int n = 0, pair = -1, read_as[TONES] = { 0 };

        for (int i = 0; i < lab->n; i++) {
            const struct null_row *const r = &lab->row[i];

            if (r->pair == pair || !(fabs(r->skin_ita_deg - null_itas[t]) < 1e-9)) continue;
            pair = r->pair;
            read_as[tone_of(r)]++;
            sum += r->ita_deg;
            squares += r->ita_deg * r->ita_deg;
            n++;
        }
        if (n < 2) continue;
        printf("skin of ITA %3.0f is read as %3.0f +- %2.0f, of %d pairs", null_itas[t], sum / n,
               sqrt(fmax(squares - sum * sum / n, 0) / (n - 1)), n);
        for (int k = 0; k < TONES; k++)
            if (read_as[k] > 0) printf(", %d as %s", read_as[k], tone_name[k]);
        printf("\n");
    }
}

/* ---- the work: people are a task, and every so many phantoms; which thread does it says nothing
 */

enum { THREADS = 2, PHANTOMS_A_TASK = 7, TASKS = 1 + PHANTOM_SETS / PHANTOMS_A_TASK };

struct half {
    int odd;
    const char *precision; /* NULL: the installed table */
    struct null_lab lab[TASKS];
    bool has_people;
};

static void run_task(void *arg, int i)
{
    struct half *const h = arg;
    struct null_lab *const lab = &h->lab[i];

    null_lab_open(lab, h->precision);
    if (i == 0)
        h->has_people = people_pairs(lab, h->odd);
    else
        phantom_pairs(lab, h->odd, (i - 1) * PHANTOMS_A_TASK, i * PHANTOMS_A_TASK);
    null_lab_close(lab);
}

/* Moves the rows of a task, whose pairs go on counting. */
static void take_rows(struct null_lab *all, struct null_lab *part)
{
    all->row = realloc(all->row, (size_t)(all->n + part->n + 1) * sizeof(*all->row));
    if (!all->row) abort();
    for (int i = 0; i < part->n; i++) {
        all->row[all->n] = part->row[i];
        all->row[all->n++].pair += all->pairs;
    }
    all->pairs += part->pairs;
    all->refused += part->refused;
    free(part->row);
}

/* *lab has the rows of all, which the caller frees; it is not open. */
static void run_half(struct null_lab *lab, int odd, const char *precision)
{
    static struct half h;
    struct derm_error err = { 0 };
    struct derm_pool *pool;

    memset(&h, 0, sizeof(h)); /* too large for the stack */
    h.odd = odd;
    h.precision = precision;
    *lab = (struct null_lab){ .n = 0 };
    if (derm_pool_new(&pool, THREADS, &err) != DERM_OK) die(err.text);
    derm_pool_run(pool, TASKS, run_task, &h);
    derm_pool_free(pool);
    for (int i = 0; i < TASKS; i++)
        take_rows(lab, &h.lab[i]);
    if (!h.has_people)
        printf("SKIPPED: no photos of faces in " DERM_TEST_DATA ", phantoms alone\n");
    printf("%s half: %d pairs, %d of them refused, %d rows judged\n", odd ? "odd" : "even",
           lab->pairs, lab->refused, lab->n);
    print_tones(lab);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct table table;
    const char *const path = argc > 1 ? argv[1] : NULL;
    struct null_lab lab;

    if (path) {
        run_half(&lab, 0, NULL);
        measure_table(&lab, &table);
        write_table(path, &lab, &table);
        print_laws(&lab, &table);
        free(lab.row);
    }
    run_half(&lab, 1, path);
    print_coverage(&lab);
    free(lab.row);
    return 0;
}
