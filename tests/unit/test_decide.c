/* SPDX-License-Identifier: Apache-2.0 */
/* The decision rule: what counts as a change, in numbers alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"
#include "stages/decide.h"
#include "stages/statistics.h"

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

/* The change from 10 to follow over n objects: the bootstrap gives an interval of +- half percent
 * points, the table sd_percent for 14 objects, a quarter of whose variance they share. */
static struct derm_result decide(double follow, int n, double half, double sd_percent,
                                 enum derm_better better)
{
    const struct derm_precision precision = { .sd_percent = sd_percent,
                                              .objects = 14,
                                              .shared = 0.25 };
    const double percent = 100 * (follow / 10 - 1);
    const struct derm_spread spread = {
        0.5, 0.5, 10 * half / 196, percent - half, percent + half, { 0, 0, 0 }, 0, 0, 0
    };
    struct derm_result r = { .objects = n };

    r.base.value = 10;
    r.follow.value = follow;
    derm_decide(&r, better, &precision, &spread, 1);
    return r;
}

static void a_large_even_change_counts(void **state)
{
    const double half = sqrt(9 + 0.25 * 1.96 * 1.96 * 3.7 * 3.7); /* 3 is more than the table's */
    struct derm_result r = decide(8, 100, 3, 3.7, DERM_BETTER_LOWER);

    (void)state;
    assert_int_equal(r.verdict, DERM_IMPROVED);
    assert_true(r.has_percent);
    assert_close(r.percent, -20, 1e-9);
    assert_close(r.mdc95_percent, half, 1e-9);
    assert_close(r.percent_lo, -20 - half, 1e-9);
    assert_close(r.percent_hi, -20 + half, 1e-9);
    assert_close(r.change, -2, 1e-12);
    assert_close(r.change_sd, half / 19.6, 1e-9);
    assert_close(r.p, erfc(1.96 * 20 / half / sqrt(2)), 1e-15);
    r = decide(12, 20, 3, 3.7, DERM_BETTER_LOWER);
    assert_int_equal(r.verdict, DERM_WORSENED);
    r = decide(12, 20, 3, 3.7, DERM_BETTER_HIGHER);
    assert_int_equal(r.verdict, DERM_IMPROVED);
}

/* The table's sd holds where the bootstrap sees less: 3.7 at 14 objects. */
static void a_change_below_mdc95_does_not(void **state)
{
    const struct derm_result r = decide(9.28, 14, 0.1, 3.7, DERM_BETTER_LOWER);

    (void)state;
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
    assert_close(r.mdc95_percent, 1.96 * 3.7, 1e-9);
    assert_true(r.percent_hi > 0);
    assert_int_equal(decide(9.27, 14, 0.1, 3.7, DERM_BETTER_LOWER).verdict, DERM_IMPROVED);
    assert_int_equal(decide(10, 20, 0, 3.7, DERM_BETTER_LOWER).verdict, DERM_NO_DETECTABLE_CHANGE);
}

static void a_wide_interval_does_not(void **state)
{
    (void)state;
    assert_int_equal(decide(8, 20, 25, 3.7, DERM_BETTER_LOWER).verdict, DERM_NO_DETECTABLE_CHANGE);
}

/* The interval reaches 30 points down and 10 up: what counts is the side of no change. */
static void the_side_of_no_change_counts(void **state)
{
    const struct derm_precision precision = { .sd_percent = 1e-6, .objects = 1, .shared = 1 };
    const struct derm_spread spread = { 0.5, 0.5, 0.5, -50, -10, { 0, 0, 0 }, 0, 0, 0 };
    struct derm_result r = { .base.value = 10, .follow.value = 8 };

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_IMPROVED);
    assert_close(r.mdc95_percent, 10, 1e-6);
    assert_close(r.p, erfc(2 * 1.96 / sqrt(2)), 1e-6);
}

static void few_objects_have_to_change_more(void **state)
{
    const struct derm_result one = decide(8, 1, 0, 3.7, DERM_BETTER_LOWER);
    const double limit = 1.96 * 3.7 * sqrt(0.25 + 0.75 * 14);

    (void)state;
    assert_int_equal(one.verdict, DERM_NO_DETECTABLE_CHANGE);
    assert_close(one.mdc95_percent, limit, 1e-9);
    assert_true(one.percent_hi > 0);
    assert_int_equal(decide(7, 1, 0, 3.7, DERM_BETTER_LOWER).verdict, DERM_IMPROVED);
    /* and with many it does not fall below what they share */
    assert_close(decide(8, 1000000, 0, 3.7, DERM_BETTER_LOWER).mdc95_percent, 1.96 * 3.7 / 2, 1e-3);
}

static void the_largest_part_is_named(void **state)
{
    (void)state;
    assert_int_equal(decide(8, 14, 25, 3.7, DERM_BETTER_LOWER).dominated_by, DERM_OBJECTS);
    assert_int_equal(decide(8, 14, 5, 3.7, DERM_BETTER_LOWER).dominated_by, DERM_REPEATABILITY);
}

/* What a photo's small errors do stands beside the table's shared part, whichever is larger. */
static void errors_of_a_photo_widen_the_interval(void **state)
{
    const struct derm_precision precision = { .sd_percent = 4, .objects = 14, .shared = 0.25 };
    struct derm_spread spread = { .percent_lo = -20, .percent_hi = -20, .moved.alike = 0.02 };
    struct derm_result r = { .objects = 14, .base.value = 10, .follow.value = 8 };
    const double own = 0.75 * 16;

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 4, 1e-9); /* 1.6 is less than the 2 they share */
    assert_int_equal(r.dominated_by, DERM_REPEATABILITY);
    spread.moved.alike = 0.05;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * sqrt(16 + own), 1e-9); /* 5 % of 8 is 4 % of 10 */
    assert_int_equal(r.dominated_by, DERM_MEASUREMENT);
    spread.moved.chosen = 0.04; /* beside what the objects do not share: 3.2 is less than 3.46 */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * sqrt(16 + own), 1e-9);
    spread.moved.chosen = 0.05;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * sqrt(16 + 16), 1e-9);
}

/* Even where the table's shared part is larger. */
static void what_the_alignment_stretched_widens_the_interval(void **state)
{
    const struct derm_precision precision = { .sd_percent = 4, .objects = 14, .shared = 1 };
    struct derm_spread spread = { .percent_lo = -20, .percent_hi = -20 };
    struct derm_result r = { .objects = 14, .base.value = 10, .follow.value = 8 };

    (void)state;
    spread.moved.stretched = 0.0375; /* 3 % of 10 */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 5, 1e-9);
    spread.moved.stretched = 0.075;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.dominated_by, DERM_MEASUREMENT);
}

/* A change is read less well than none. Just above MDC95 the interval leaves out 0. */
static void a_large_change_is_less_certain(void **state)
{
    const struct derm_precision precision = {
        .sd_percent = 4, .objects = 14, .shared = 1, .with_change = 0.1
    };
    struct derm_spread spread = { 0.5, 0.5, 0, -30, -30, { 0, 0, 0 }, -30, 0, 0 };
    struct derm_result r = { .objects = 14, .base.value = 10, .follow.value = 7 };

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 4 / sqrt(1 - 0.196 * 0.196), 1e-9);
    assert_close(r.percent_hi, -30 + 1.96 * 5, 1e-9); /* 3 and 4 make 5 */
    assert_int_equal(r.verdict, DERM_IMPROVED);
    r.metric = DERM_METRIC_PORES_DENSITY; /* no main metric: the change is another's */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 5, 1e-9);
    r = (struct derm_result){ .objects = 14, .base.value = 10, .follow.value = 9.2 };
    spread.percent_lo = spread.percent_hi = spread.main_percent = -8;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_true(r.mdc95_percent < 8 && r.percent_hi < 0); /* 7.995 */
    r.metric = DERM_METRIC_PORES_DENSITY;
    spread.main_percent = -200; /* a count that moves while its concern changes much more */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

/* A file that lost more shows another skin. */
static void other_compression_is_less_certain(void **state)
{
    const struct derm_precision precision = {
        .sd_percent = 4, .objects = 14, .shared = 1, .with_compression = 0.15
    };
    struct derm_spread spread = { .percent_lo = -9, .percent_hi = -9 };
    struct derm_result r = { .objects = 14, .base.value = 10, .follow.value = 9.1 };

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_IMPROVED);
    spread.compression = 20;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 5, 1e-9); /* 3 and 4 make 5 */
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
    spread.compression = 30;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.dominated_by, DERM_MEASUREMENT);
}

static void no_percentage_of_nothing(void **state)
{
    const struct derm_precision precision = { .sd_percent = 5, .objects = 14 };
    const struct derm_spread spread = { 1, 1, 1, 0, 0, { 0, 0, 0 }, 0, 0, 0 };
    struct derm_result r = { .objects = 14 };

    (void)state;
    r.follow.value = 10;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_false(r.has_percent);
    assert_int_equal(r.verdict, DERM_WORSENED);
    assert_close(r.change_sd, 1, 1e-9); /* 5 % of 10 is less */
    r.follow.value = 0;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
    assert_close(r.p, 1, 0);
    r.follow.value = 1.9; /* within 1.96 sd */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

static void figures_in_the_metric_s_unit(void **state)
{
    const struct derm_precision precision = { .sd_absolute = 0.06, .objects = 1, .shared = 1 };
    const struct derm_spread spread = { 0.01, 0.01, 0.01, -50, -50, { 0, 0, 0 }, 0, 0, 0 };
    struct derm_result r = { .base.value = 0.4, .follow.value = 0.2 };

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 0.02);
    assert_close(r.mdc95_percent, 196 * 0.06 / 0.4, 1e-9);
    assert_int_equal(r.verdict, DERM_IMPROVED);
    r.follow.value = 0.35;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 0.02);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

/* The example of Benjamini and Hochberg (1995, section 3.1): 15 p values, of which the four
 * smallest are rejected at q = 0.05; Bonferroni rejects three. */
static const double published[] = { 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000 };
enum { PUBLISHED = sizeof(published) / sizeof(*published) };

static void rows_are_judged_together(void **state)
{
    struct derm_result r[PUBLISHED + 2];

    (void)state;
    for (int i = 0; i < PUBLISHED; i++) { /* in an order that is not theirs */
        const int k = (4 * i + 7) % PUBLISHED;
        r[i] = (struct derm_result){ .p = published[k], .verdict = DERM_WORSENED };
    }
    r[PUBLISHED] = (struct derm_result){ .p = 1e-9, .verdict = DERM_NOT_COMPARABLE };
    r[PUBLISHED + 1] = (struct derm_result){ .p = 1e-9,
                                             .status = DERM_NOT_ASSESSABLE,
                                             .verdict = DERM_NO_DETECTABLE_CHANGE };
    derm_decide_together(r, PUBLISHED + 2, 0.05);
    for (int i = 0; i < PUBLISHED; i++)
        assert_int_equal(r[i].verdict,
                         r[i].p <= 0.0095 ? DERM_WORSENED : DERM_NO_DETECTABLE_CHANGE);
    assert_int_equal(r[PUBLISHED].verdict, DERM_NOT_COMPARABLE);
    derm_decide_together(r, 0, 0.05);
}

/* A step-up rule: 0.04 alone of two would not pass at 0.025, but both are below 2/2 of 0.05.
 * Nothing becomes a change that was none alone. */
static void a_rank_counts_all_that_are_smaller(void **state)
{
    struct derm_result r[3] = { { .p = 0.04, .verdict = DERM_IMPROVED },
                                { .p = 0.04, .verdict = DERM_IMPROVED } };

    (void)state;
    derm_decide_together(r, 2, 0.05);
    assert_int_equal(r[0].verdict, DERM_IMPROVED);
    assert_int_equal(r[1].verdict, DERM_IMPROVED);
    r[2] = (struct derm_result){ .p = 0.9, .verdict = DERM_NO_DETECTABLE_CHANGE };
    derm_decide_together(r, 3, 0.05);
    for (int i = 0; i < 3; i++)
        assert_int_equal(r[i].verdict, DERM_NO_DETECTABLE_CHANGE);
}

static size_t read_text(char *text, size_t size)
{
    FILE *const f = fopen(DERM_TEST_MODELS "/precision.json", "rb");

    assert_non_null(f);
    const size_t n = fread(text, 1, size - 1, f);
    fclose(f);
    text[n] = '\0';
    return n;
}

static struct derm_json *read_table(void)
{
    struct derm_error err = { 0 };
    struct derm_json *root;
    static char text[1 << 18];
    const size_t n = read_text(text, sizeof(text));

    assert_int_equal(derm_json_parse(&root, text, n, "precision.json", &err), DERM_OK);
    return root;
}

static void the_table_knows_every_metric(void **state)
{
    struct derm_json *const table = read_table();
    struct derm_error err = { 0 };
    struct derm_precision p;

    (void)state;
    assert_int_equal(derm_precision_check(table, "precision.json", &err), DERM_OK);
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_precision_key key = { derm_metrics[i].id, i % 2, 20, 10 };

        if (derm_metrics[i].klass == DERM_CLASS_ABSOLUTE) continue;
        assert_int_equal(derm_precision_read(table, &key, &p, &err), DERM_OK);
        assert_true(p.sd_percent > 0 || p.sd_absolute > 0);
        assert_true(p.objects >= 1 && p.shared >= 0 && p.shared <= 1);
    }
    assert_int_equal(
        derm_precision_read(table, &(struct derm_precision_key){ .metric = "none" }, &p, &err),
        DERM_EMALFORMED);
    derm_json_free(table);
}

static const char *const small_table =
    "{\"tones\": [{\"id\": \"fair\", \"ita_above_deg\": 20}, {\"id\": \"brown\", "
    "\"ita_above_deg\": -90}],"
    "\"resolutions\": [{\"id\": \"far\", \"px_per_mm_below\": 6}, {\"id\": \"near\"}],"
    "\"metrics\": {\"m\": {\"region\": {}, \"whole\": {\"objects\": 9, \"shared\": 0.5, \"cells\": "
    "["
    "{\"tone\": \"fair\", \"resolution\": \"far\", \"sd_percent\": 1},"
    "{\"tone\": \"fair\", \"resolution\": \"near\", \"sd_percent\": 2},"
    "{\"tone\": \"brown\", \"resolution\": \"far\", \"sd_percent\": 3},"
    "{\"tone\": \"brown\", \"resolution\": \"near\", \"sd_absolute\": 4}]}}}}";

static struct derm_json *parsed(const char *text)
{
    struct derm_error err = { 0 };
    struct derm_json *root;

    assert_int_equal(derm_json_parse(&root, text, strlen(text), "test", &err), DERM_OK);
    return root;
}

static void the_cell_is_that_of_tone_and_resolution(void **state)
{
    static const struct {
        double ita_deg, px_per_mm, percent, absolute;
    } expected[] = { { 60, 5.9, 1, 0 }, { 20.1, 6, 2, 0 }, { 20, 3, 3, 0 },    { -60, 3, 3, 0 },
                     { -95, 3, 3, 0 },  { 20, 6, 0, 4 },   { 60, 1000, 2, 0 }, { -95, 7.5, 0, 4 } };
    struct derm_json *const table = parsed(small_table);
    struct derm_error err = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct derm_precision_key key = { "m", true, expected[i].ita_deg,
                                                expected[i].px_per_mm };
        struct derm_precision p;
        assert_int_equal(derm_precision_read(table, &key, &p, &err), DERM_OK);
        assert_close(p.sd_percent, expected[i].percent, 0);
        assert_close(p.sd_absolute, expected[i].absolute, 0);
        assert_close(p.shared, expected[i].absolute > 0 ? 1 : 0.5, 0);
    }
    struct derm_precision p;
    assert_int_equal(
        derm_precision_read(table, &(struct derm_precision_key){ .metric = "m" }, &p, &err),
        DERM_EMALFORMED); /* no figures for regions */
    derm_json_free(table);
}

static void every_tone_can_be_told(void **state)
{
    static const double percent[] = { 1, 3 };
    static const char *const id[] = { "fair", "brown" };
    const struct derm_precision_key key = { "m", true, 60, 3 };
    struct derm_json *const table = parsed(small_table);
    struct derm_error err = { 0 };
    struct derm_precision p;
    const char *tone;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(derm_precision_of_tone(table, &key, i, &tone, &p, &err), DERM_OK);
        assert_string_equal(tone, id[i]);
        assert_close(p.sd_percent, percent[i], 0);
    }
    assert_int_equal(derm_precision_of_tone(table, &key, 2, &tone, &p, &err), DERM_OK);
    assert_null(tone);
    assert_int_equal(derm_precision_tone(table, 20.1), 0);
    assert_int_equal(derm_precision_tone(table, -95), 1);
    derm_json_free(table);
}

/* The shipped table with one text replaced by another. */
static void assert_broken(const char *from, const char *to, const char *said)
{
    static char text[1 << 18];
    struct derm_error err = { 0 };
    struct derm_json *table;
    char *at;

    read_text(text, sizeof(text));
    at = strstr(text, from);
    assert_non_null(at);
    assert_true(strlen(from) == strlen(to));
    memcpy(at, to, strlen(to));
    table = parsed(text);
    assert_int_equal(derm_precision_check(table, "mine.json", &err), DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "mine.json"));
    assert_non_null(strstr(err.text, said));
    derm_json_free(table);
}

static void a_broken_table_is_refused(void **state)
{
    struct derm_error err = { 0 };
    struct derm_json *const list = parsed("[1, 2]");

    (void)state;
    assert_int_equal(derm_precision_check(list, "mine.json", &err), DERM_EMALFORMED);
    derm_json_free(list);
    assert_broken("\"tones\"", "\"tunes\"", "tones");
    assert_broken("ita_above_deg", "ita_oben_grad", "limits");
    assert_broken("px_per_mm_below", "px_pro_mm_unter", "limits");
    assert_broken("scars.relief", "scars.relics", "scars.relief");
    assert_broken("\"resolution\"", "\"resolutoin\"", "pores.amplitude, region, lacks");
    assert_broken("\"sd_percent\"", "\"sd_prozent\"", "pores.amplitude needs");
    assert_broken("\"objects\"", "\"objekts\"", "pores.amplitude needs");
}

/* Shares of 0, 1, 2, ... are e^-1 / k!; mean and variance are 1. */
static void the_part_of_the_change_is_a_number(void **state)
{
    static const char *const text =
        "{\"tones\": [{\"id\": \"any\"}], \"resolutions\": [{\"id\": \"any\"}], \"metrics\": "
        "{\"m\": {\"with_change\": \"a lot\", \"region\": {\"objects\": 9, \"shared\": 0.5, "
        "\"cells\": [{\"tone\": \"any\", \"resolution\": \"any\", \"sd_percent\": 1}]}}}}";
    const struct derm_precision_key key = { .metric = "m" };
    struct derm_json *const table = parsed(text);
    struct derm_precision p;
    struct derm_error err = { 0 };

    (void)state;
    assert_int_equal(derm_precision_read(table, &key, &p, &err), DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "with_change"));
    derm_json_free(table);
}

static void draws_are_poisson(void **state)
{
    static uint8_t k[400001];
    static const double share[] = { 0.36788, 0.36788, 0.18394, 0.06131, 0.01533, 0.00307 };
    enum { N = sizeof(k) - 1, SHARES = sizeof(share) / sizeof(share[0]) };
    struct derm_random random = { 5 };
    double mean = 0, square = 0, count[SHARES] = { 0 };

    (void)state;
    k[N - 3] = 99;
    derm_random_poisson(&random, k, N - 3); /* not a whole number of random numbers */
    assert_int_equal(k[N - 3], 99);
    for (int i = 0; i < N - 3; i++) {
        mean += k[i];
        square += k[i] * k[i];
        if (k[i] < SHARES) count[k[i]]++;
    }
    mean /= N - 3;
    assert_close(mean, 1, 0.008); /* 5 sd */
    assert_close(square / (N - 3) - mean * mean, 1, 0.014);
    for (int i = 0; i < SHARES; i++)
        assert_close(count[i] / (N - 3), share[i], 0.004);
}

/* Untreated skin that changed by 9 % says no more of this change than an sd of 9 % does. */
static void a_change_of_untreated_skin_widens_the_interval(void **state)
{
    const struct derm_precision precision = { .sd_percent = 12, .objects = 14 };
    struct derm_spread spread = { .percent_lo = -30, .percent_hi = -30, .control_percent = -9 };
    struct derm_result r = { .objects = 14, .base.value = 10, .follow.value = 7 };

    (void)state;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 15, 1e-9);
    assert_close(r.percent_hi, -30 + 1.96 * 15, 1e-9);
    assert_close(r.change_sd, 1.5, 1e-9);
    assert_int_equal(r.dominated_by, DERM_REPEATABILITY);
    spread.control_percent = 16;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_close(r.mdc95_percent, 1.96 * 20, 1e-9);
    assert_int_equal(r.dominated_by, DERM_CONTROL);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_even_change_counts),
        cmocka_unit_test(a_change_below_mdc95_does_not),
        cmocka_unit_test(a_wide_interval_does_not),
        cmocka_unit_test(the_side_of_no_change_counts),
        cmocka_unit_test(few_objects_have_to_change_more),
        cmocka_unit_test(the_largest_part_is_named),
        cmocka_unit_test(errors_of_a_photo_widen_the_interval),
        cmocka_unit_test(what_the_alignment_stretched_widens_the_interval),
        cmocka_unit_test(a_large_change_is_less_certain),
        cmocka_unit_test(other_compression_is_less_certain),
        cmocka_unit_test(no_percentage_of_nothing),
        cmocka_unit_test(figures_in_the_metric_s_unit),
        cmocka_unit_test(rows_are_judged_together),
        cmocka_unit_test(a_rank_counts_all_that_are_smaller),
        cmocka_unit_test(the_table_knows_every_metric),
        cmocka_unit_test(the_cell_is_that_of_tone_and_resolution),
        cmocka_unit_test(every_tone_can_be_told),
        cmocka_unit_test(a_broken_table_is_refused),
        cmocka_unit_test(the_part_of_the_change_is_a_number),
        cmocka_unit_test(draws_are_poisson),
        cmocka_unit_test(a_change_of_untreated_skin_widens_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
