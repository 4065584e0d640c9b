/* SPDX-License-Identifier: Apache-2.0 */
/* Laws that hold for every row of every table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/metrics.h"
#include "stages/stages.h"

/* Lower-case words joined by underscores, with up to this many dots. */
static bool is_id(const char *id, int dots)
{
    for (const char *p = id; *p; p++) {
        dots -= *p == '.';
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_.", *p)) return false;
    }
    return *id && dots >= 0;
}

/* The codes of unitsofmeasure.org that skin is measured in so far. */
static bool is_ucum(const char *unit)
{
    static const char *const known[] = { "1", "%", "mm", "/cm2", "mm2/cm2", "mm/cm2", "deg" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(unit, known[i]) == 0) return true;
    return false;
}

static void metrics(void **state)
{
    int mains[DERM_CONCERN_COUNT] = { 0 };

    (void)state;
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_metric_def *const m = &derm_metrics[i];

        assert_true(is_id(m->id, 1) && strchr(m->id, '.'));
        assert_true(is_ucum(m->unit) && strlen(m->help) > 0);
        assert_true(!*m->unit_no_scale || is_ucum(m->unit_no_scale));
        assert_true(!m->is_main || m->klass == DERM_CLASS_LOCAL);
        mains[m->concern] += m->is_main;
        for (int j = 0; j < i; j++)
            assert_string_not_equal(m->id, derm_metrics[j].id);
    }
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        assert_int_equal(mains[c], 1);
}

static void names_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < DERM_REASON_COUNT; i++) {
        const char *const id = derm_reason_id((enum derm_reason)i);

        assert_true(is_id(id, 0));
        assert_true(i == DERM_REASON_NONE || strlen(derm_reason_text((enum derm_reason)i)) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(id, derm_reason_id((enum derm_reason)j));
    }
    for (int i = 0; i < DERM_REGION_COUNT; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(derm_region_id((enum derm_region)i),
                                    derm_region_id((enum derm_region)j));
    for (int i = 0; i < DERM_CONCERN_COUNT; i++)
        assert_true(is_id(derm_concern_id((enum derm_concern)i), 0));
}

static void options(void **state)
{
    (void)state;
    for (int i = 0; derm_stages[i]; i++)
        for (const struct derm_opt *o = derm_stages[i]->opts; o && o->name; o++) {
            assert_true(isfinite(o->value) && isfinite(o->lo) && isfinite(o->hi));
            assert_true(o->lo < o->hi && o->value >= o->lo && o->value <= o->hi);
            assert_true(is_id(o->name, 1) && strlen(o->help) > 0);
            assert_true(o->offset + sizeof(float) <= derm_stages[i]->params_size);
            assert_true(o->type != DERM_OPT_INT || o->value == floor(o->value));
            for (const struct derm_opt *p = derm_stages[i]->opts; p < o; p++)
                assert_string_not_equal(p->name, o->name);
        }
}

static void stages(void **state)
{
    uint64_t written = 0;
    int n = 0;

    (void)state;
    for (; derm_stages[n]; n++) {
        const struct derm_stage *const s = derm_stages[n];

        assert_true(n < DERM_MAX_STAGES);
        assert_true(is_id(s->name, 0) && s->run);
        assert_true((s->opts != NULL) == (s->params_size > 0));
        if (s->reads & ~written)
            print_error("stage %s reads what no earlier one writes\n", s->name);
        assert_int_equal(s->reads & ~written, 0);
        assert_true(s->writes != 0);
        written |= s->writes;
        for (int j = 0; j < n; j++)
            assert_string_not_equal(s->name, derm_stages[j]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(options),
        cmocka_unit_test(stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
