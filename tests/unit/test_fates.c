/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions of phantoms that stay, fade, go and come, through the whole pipeline: what is said of
 * them. A few pairs of truth_fates, of seeds for tuning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "truth/fate_scenes.h"

static struct fate_score score;

static int compare_pairs(void **state)
{
    static const int pairs[] = { 14, 24, 26,
                                 32 }; /* of the first 36 those with most scars: tones I and III */
    static struct null_lab lab;

    (void)state;
    null_lab_open(&lab, NULL);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        score_fates_of(&lab, pairs[i], 0, &score);
    null_lab_close(&lab);
    return score.refused;
}

static int judged(const int said[SAID])
{
    int n = 0;

    for (int f = DERM_FATE_PERSISTENT; f < DERM_FATE_COUNT; f++)
        n += said[f];
    return n;
}

static void what_stays_is_said_to_stay(void **state)
{
    (void)state;
    for (int k = 0; k < TRACKED; k++) {
        const int *const said = score.said[k][UNCHANGED];

        assert_true(judged(said) > 4);
        assert_int_equal(said[DERM_FATE_PERSISTENT] + said[DERM_FATE_UNSURE], judged(said));
        assert_true(2 * said[DERM_FATE_PERSISTENT] > judged(said));
    }
}

/* Of all kinds together: right, and judged. */
static void count(enum true_fate is, enum derm_fate said, int *right, int *of)
{
    *right = *of = 0;
    for (int k = 0; k < TRACKED; k++) {
        *right += score.said[k][is][said];
        *of += judged(score.said[k][is]);
    }
}

static void what_goes_comes_or_fades_is_told(void **state)
{
    static const struct {
        enum true_fate is;
        enum derm_fate said;
        int least;
    } expected[] = { { IS_GONE, DERM_FATE_GONE, 4 },
                     { IS_NEW, DERM_FATE_NEW, 2 },
                     { FADED_60, DERM_FATE_FADED, 4 } };
    int right, of;

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        count(expected[i].is, expected[i].said, &right, &of);
        assert_true(right >= expected[i].least && 3 * right >= 2 * of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stays_is_said_to_stay),
        cmocka_unit_test(what_goes_comes_or_fades_is_told),
    };
    return cmocka_run_group_tests(tests, compare_pairs, NULL);
}
