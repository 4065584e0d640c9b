/* SPDX-License-Identifier: Apache-2.0 */
/* The statistics of studies against SciPy 1.10 and against published examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "study/agreement.h"
#include "study/distribution.h"
#include "study/paired.h"

#define COUNT(list) (int)(sizeof(list) / sizeof(*(list)))
#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))
/* To 1e-10 of the truth. */
#define assert_same(value, truth) assert_close(value, truth, 1e-10 * fabs((double)(truth)))

/* ---- distributions: 2 * stats.t.sf(abs(t), nu), stats.f.ppf(p, d1, d2), and bounds of t by
 * special.betaincinv(nu / 2, .5, alpha), since those of stats.t.ppf are only good to 4e-10 */

static void student_has_the_tails_of_scipy(void **state)
{
    static const struct {
        double t, nu, p;
    } truth[] = {
        { 0, 5, 1 },
        { 0.1, 1, 0.93654896513889285 },
        { 2.5, 3, 0.087706647008065547 },
        { -1.3, 7.5, 0.23212677881560856 },
        { 12.706, 1, 0.050000802358133173 },
        { 3.3, 29, 0.0025669142292085835 },
        { 40, 4, 2.3340163226012694e-06 },
        { 1.9, 1e5, 0.057435993284107867 },
        { 6, 250, 6.8876497073530668e-09 },
    };

    (void)state;
    for (int i = 0; i < COUNT(truth); i++)
        assert_same(derm_student_p(truth[i].t, truth[i].nu), truth[i].p);
}

static void student_has_the_bounds_of_scipy(void **state)
{
    static const struct {
        double alpha, nu, t;
    } truth[] = {
        { 0.05, 1, 12.706204736174707 },   { 0.05, 2, 4.3026527297494637 },
        { 0.05, 9, 2.2621571627982053 },   { 0.01, 29, 2.7563859036706035 },
        { 0.05, 3.7, 2.867520707191189 },  { 0.5, 12, 0.69548286551179184 },
        { 1e-6, 5, 28.478473462984208 },   { 0.05, 1000, 1.9623390808262562 },
        { 0.05, 1e5, 1.9599877075491106 }, { 0.999, 4, 0.0013333338271608133 },
    };

    (void)state;
    for (int i = 0; i < COUNT(truth); i++)
        assert_same(derm_student_bound(truth[i].alpha, truth[i].nu), truth[i].t);
}

static void fisher_has_the_quantiles_of_scipy(void **state)
{
    static const struct {
        double p, d1, d2, f;
    } truth[] = {
        { 0.975, 5, 15, 3.5764153492790607 },     { 0.975, 5, 4.79, 7.4901039620129373 },
        { 0.025, 3, 8, 0.068776327460118858 },    { 0.975, 1, 1, 647.78901147784461 },
        { 0.5, 2, 30, 0.70941184230940091 },      { 0.975, 99, 99, 1.4862337676192929 },
        { 0.975, 1000, 999, 1.1320868808405129 }, { 0.99, 3, 1e5, 3.7818178515672995 },
        { 0.975, 2.5, 60, 3.5872950485256285 },   { 0.001, 1, 9, 1.6603463048621201e-06 },
    };

    (void)state;
    for (int i = 0; i < COUNT(truth); i++)
        assert_same(derm_fisher_quantile(truth[i].p, truth[i].d1, truth[i].d2), truth[i].f);
}

static void a_quantile_is_where_the_distribution_has_it(void **state)
{
    (void)state;
    for (double nu = 1; nu < 5e4; nu *= 1.7)
        for (double alpha = 1e-8; alpha < 1; alpha += 0.0625)
            assert_same(derm_student_p(derm_student_bound(alpha, nu), nu), alpha);
}

/* ---- paired changes */

static void a_mean_has_the_interval_of_scipy(void **state)
{
    const double x[] = { -3.2, -1.1, 0.4, -2.7, -0.9, 1.6, -4.1, -0.2 };
    const struct derm_mean m = derm_mean_of(x, COUNT(x));

    (void)state;
    assert_same(m.mean, -1.275);
    assert_same(m.sd, 1.931505704292453);
    assert_same(m.lo, -2.8897791790356218);
    assert_same(m.hi, 0.3397791790356217);
    assert_false(derm_mean_of(x, 1).has_interval);
    assert_true(derm_mean_of(x, 0).mean == 0);
}

static void few_changes_without_ties_are_tested_exactly(void **state)
{
    double eight[] = { -3.2, -1.1, 0.4, -2.7, -0.9, 1.6, -4.1, -0.2 };
    double most[49];
    struct derm_wilcoxon w = derm_wilcoxon_of(eight, COUNT(eight));

    (void)state;
    assert_true(w.exact);
    assert_same(w.rank_sum, 7);
    assert_same(w.p, 0.1484375);
    for (int i = 0; i < 49; i++)
        most[i] = i * 13 % 49 - 20.25;
    w = derm_wilcoxon_of(most, 49);
    assert_true(w.exact);
    assert_same(w.rank_sum, 784);
    assert_same(w.p, 0.089055277437708469);
}

static void ties_zeros_and_many_changes_are_tested_by_the_normal(void **state)
{
    double tied[] = { -3, -1, 1, -2, -2, 1, 0, -4, 2, -5, 0, -1 };
    double many[60];
    struct derm_wilcoxon w = derm_wilcoxon_of(tied, COUNT(tied));

    (void)state;
    assert_false(w.exact);
    assert_int_equal(w.n, 10);
    assert_same(w.rank_sum, 11);
    assert_same(w.p, 0.099783854850278783);
    for (int i = 0; i < 60; i++)
        many[i] = (i * 37 % 101 - 40) / 7.0;
    w = derm_wilcoxon_of(many, 60);
    assert_false(w.exact);
    assert_int_equal(w.n, 59);
    assert_same(w.rank_sum, 1187);
    assert_same(w.p, 0.022858234652659189);
    for (int i = 0; i < 50; i++)
        many[i] = i + 0.5;
    assert_false(derm_wilcoxon_of(many, 50).exact);
    assert_true(derm_wilcoxon_of(many, 49).exact);
}

static void no_change_at_all_proves_nothing(void **state)
{
    double zero[3] = { 0 }, one[] = { -2 };
    const struct derm_wilcoxon none = derm_wilcoxon_of(zero, 3), single = derm_wilcoxon_of(one, 1);

    (void)state;
    assert_int_equal(none.n, 0);
    assert_true(none.p == 1);
    assert_true(single.exact && single.p == 1);
}

/* ---- agreement: the example of Shrout and Fleiss, 6 targets and 4 judges; they print .29 and .71,
 * and the intervals are NumPy's and SciPy's of McGraw and Wong's formulae */

static const double judges[] = { 9, 2, 5, 8, 6,  1, 3, 2, 8, 4, 6, 8,
                                 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7 };

static void the_published_example_of_agreement_is_met(void **state)
{
    const struct derm_ratings table = { judges, 6, 4 };
    const struct derm_agreement a = derm_agreement_of(&table);

    (void)state;
    assert_true(a.has_icc && a.has_percent);
    assert_same(a.icc21.value, 0.2897637795275591);
    assert_same(a.icc21.lo, 0.018786513374712016);
    assert_same(a.icc21.hi, 0.761084369648953);
    assert_same(a.icc31.value, 0.7148407148407149);
    assert_same(a.icc31.lo, 0.3424647650339253);
    assert_same(a.icc31.hi, 0.9458582599553595);
    assert_same(a.mean, 5.291666666666667);
    assert_same(a.sem, 2.502776236280201);
    assert_same(a.mdc95, 1.96 * sqrt(2) * 2.502776236280201);
    assert_same(a.wcv_percent, 100 * 2.502776236280201 / 5.291666666666667);
}

static void limits_of_agreement_are_those_of_bland_and_altman(void **state)
{
    const struct derm_ratings table = { judges, 6, 4 };
    const struct derm_bland_altman l = derm_bland_altman_of(&table);

    (void)state;
    assert_same(l.bias.value, -5.166666666666667);
    assert_same(l.bias.hi - l.bias.value, 1.2268376917049744);
    assert_same(l.sd, 1.169045194450012);
    assert_same(l.lower.value, -7.45799524778869);
    assert_same(l.upper.value, -2.8753380855446435);
    assert_same(l.upper.hi - l.upper.value, 2.2303355869196975);
}

static void shots_that_only_differ_by_a_constant_have_no_correlation_to_estimate(void **state)
{
    const double shifted[] = { 1.1, 2.2, 3.3, 4.4, 7.7, 8.8 }, same[] = { 2, 2, 2, 2 };
    const struct derm_ratings table = { shifted, 3, 2 }, flat = { same, 2, 2 };

    (void)state;
    assert_false(derm_agreement_of(&table).has_icc);
    assert_same(derm_agreement_of(&table).sem, 1.1 / sqrt(2));
    assert_false(derm_agreement_of(&flat).has_icc);
    assert_true(derm_agreement_of(&flat).sem == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_has_the_tails_of_scipy),
        cmocka_unit_test(student_has_the_bounds_of_scipy),
        cmocka_unit_test(fisher_has_the_quantiles_of_scipy),
        cmocka_unit_test(a_quantile_is_where_the_distribution_has_it),
        cmocka_unit_test(a_mean_has_the_interval_of_scipy),
        cmocka_unit_test(few_changes_without_ties_are_tested_exactly),
        cmocka_unit_test(ties_zeros_and_many_changes_are_tested_by_the_normal),
        cmocka_unit_test(no_change_at_all_proves_nothing),
        cmocka_unit_test(the_published_example_of_agreement_is_met),
        cmocka_unit_test(limits_of_agreement_are_those_of_bland_and_altman),
        cmocka_unit_test(shots_that_only_differ_by_a_constant_have_no_correlation_to_estimate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
