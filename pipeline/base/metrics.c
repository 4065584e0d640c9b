/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metrics.h"

#include <string.h>

const struct derm_metric_def derm_metrics[DERM_METRIC_COUNT] = {
#define X(name, id, concern, klass, unit, unit_no_scale, better, is_main, help)                    \
    { id,                                                                                          \
      DERM_CONCERN_##concern,                                                                      \
      DERM_CLASS_##klass,                                                                          \
      unit,                                                                                        \
      unit_no_scale,                                                                               \
      DERM_BETTER_##better,                                                                        \
      is_main,                                                                                     \
      help },
    DERM_METRIC_LIST(X)
#undef X
};

const struct derm_kind_def derm_kinds[DERM_KIND_COUNT] = {
#define X(name, id, concern, shape) { id, DERM_CONCERN_##concern, DERM_SHAPE_##shape },
    DERM_KIND_LIST(X)
#undef X
};

const char *derm_concern_id(enum derm_concern concern)
{
    static const char *const id[DERM_CONCERN_COUNT] = {
#define X(name, text) text,
        DERM_CONCERN_LIST(X)
#undef X
    };
    return id[concern];
}

const char *derm_region_id(enum derm_region region)
{
    static const char *const id[DERM_PLACE_COUNT] = {
#define X(name, text) text,
        DERM_REGION_LIST(X)
#undef X
            [DERM_REGION_CONTROL] = "control",
    };
    return id[region];
}

static const struct {
    const char *id, *text;
} reasons[DERM_REASON_COUNT] = {
#define X(name, id, text) { id, text },
    DERM_REASON_LIST(X)
#undef X
};

const char *derm_reason_id(enum derm_reason reason)
{
    return reasons[reason].id;
}

const char *derm_reason_text(enum derm_reason reason)
{
    return reasons[reason].text;
}

const char *derm_class_id(enum derm_metric_class klass)
{
    static const char *const id[] = { "local", "regional", "absolute" };
    return id[klass];
}

const char *derm_better_id(enum derm_better better)
{
    static const char *const id[] = { "lower", "higher", "neither" };
    return id[better];
}

static const char *metric_id(int i)
{
    return derm_metrics[i].id;
}

static const char *region_id(int i)
{
    return derm_region_id((enum derm_region)i);
}

static int number_of(const char *(*name)(int i), int n, int hint, const char *id)
{
    for (int i = 0; i < n; i++) {
        const int at = (hint + i) % n;

        if (strcmp(name(at), id) == 0) return at;
    }
    return -1;
}

int derm_metric_named(const char *id, int hint)
{
    return number_of(metric_id, DERM_METRIC_COUNT, hint, id);
}

int derm_region_named(const char *id, int hint)
{
    return number_of(region_id, DERM_REGION_COUNT, hint, id);
}
