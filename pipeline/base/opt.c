/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"

#include <math.h>
#include <string.h>

static void store(const struct derm_opt *o, void *params, double value)
{
    unsigned char *const at = (unsigned char *)params + o->offset;

    if (o->type == DERM_OPT_INT) {
        const int v = (int)value;
        memcpy(at, &v, sizeof(v));
    } else {
        const float v = (float)value;
        memcpy(at, &v, sizeof(v));
    }
}

void derm_opt_defaults(const struct derm_opt *table, void *params)
{
    for (const struct derm_opt *o = table; o && o->name; o++)
        store(o, params, o->value);
}

double derm_opt_get(const struct derm_opt *opt, const void *params)
{
    const unsigned char *const at = (const unsigned char *)params + opt->offset;

    if (opt->type == DERM_OPT_INT) {
        int v;
        memcpy(&v, at, sizeof(v));
        return v;
    } else {
        float v;
        memcpy(&v, at, sizeof(v));
        return (double)v;
    }
}

derm_err derm_opt_set(const struct derm_opt *table, void *params, const char *owner,
                      const char *name, double value, struct derm_error *err)
{
    for (const struct derm_opt *o = table; o && o->name; o++) {
        if (strcmp(o->name, name) != 0) continue;
        if (!(value >= o->lo && value <= o->hi))
            return derm_fail(err, DERM_EUSAGE, "option %s.%s must lie in [%g, %g]", owner, name,
                             o->lo, o->hi);
        if (o->type == DERM_OPT_INT && value != floor(value))
            return derm_fail(err, DERM_EUSAGE, "option %s.%s must be a whole number", owner, name);
        store(o, params, value);
        return DERM_OK;
    }
    return derm_fail(err, DERM_EUSAGE, "there is no option %s.%s", owner, name);
}
