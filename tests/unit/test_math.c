/* SPDX-License-Identifier: Apache-2.0 */
/* The elementary functions against libm in double, over all magnitudes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/filter.h"

static const double limit = 2e-7;

/* Every 1009th float of [lo, hi], both positive. */
static float next(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    bits += 1009;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static void ln_is_accurate(void **state)
{
    double relative = 0.0, absolute = 0.0;

    (void)state;
    for (float x = FLT_MIN; x < FLT_MAX / 2.0f; x = next(x)) {
        const double want = log((double)x), error = fabs((double)derm_lnf(x) - want);
        if (fabs(want) < 0.1)
            absolute = fmax(absolute, error);
        else
            relative = fmax(relative, error / fabs(want));
    }
    print_message("ln: relative %.2e, absolute near 1 %.2e\n", relative, absolute);
    assert_true(relative <= limit && absolute <= 0.1 * limit);
    assert_true(derm_lnf(1.0f) == 0.0f);
}

static void exp_is_accurate_and_clamped(void **state)
{
    double worst = 0.0;

    (void)state;
    for (float x = 1e-6f; x < 87.0f; x = next(x)) {
        worst = fmax(worst, fabs((double)derm_expf(x) / exp((double)x) - 1.0));
        worst = fmax(worst, fabs((double)derm_expf(-x) / exp(-(double)x) - 1.0));
    }
    print_message("exp: relative %.2e\n", worst);
    assert_true(worst <= limit);
    assert_true(derm_expf(0.0f) == 1.0f);
    assert_true(derm_expf(1e30f) == derm_expf(88.0f) && derm_expf(-1e30f) == derm_expf(-87.0f));
    assert_true(isfinite(derm_expf(88.0f)) && derm_expf(-87.0f) >= FLT_MIN);
}

static void cbrt_is_accurate(void **state)
{
    double worst = 0.0;

    (void)state;
    for (float x = FLT_MIN; x < FLT_MAX / 2.0f; x = next(x))
        worst = fmax(worst, fabs((double)derm_cbrtf(x) / cbrt((double)x) - 1.0));
    print_message("cbrt: relative %.2e\n", worst);
    assert_true(worst <= limit);
    assert_true(derm_cbrtf(0.0f) == 0.0f && derm_cbrtf(27.0f) == 3.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ln_is_accurate),
        cmocka_unit_test(exp_is_accurate_and_clamped),
        cmocka_unit_test(cbrt_is_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
