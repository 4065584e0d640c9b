/* SPDX-License-Identifier: Apache-2.0 */
/* Options as data: a stage's parameters are a plain struct of float and int fields; a table gives
 * each field its name, default, legal range and meaning. Defaults, the configuration file, its
 * hash and the documentation all come from the table. */
#ifndef DERM_BASE_OPT_H
#define DERM_BASE_OPT_H

#include <stddef.h>

#include "base/error.h"

enum derm_opt_type { DERM_OPT_FLOAT = 1, DERM_OPT_INT };

struct derm_opt { /* a table ends with { 0 } */
    const char *name;
    enum derm_opt_type type;
    size_t offset;
    double value, lo, hi; /* default and legal range, inclusive */
    const char *help;
};

#define DERM_OPT(params, field, value, lo, hi, help)                                               \
    DERM_OPT_NAMED(#field, params, field, value, lo, hi, help)
/* A field of a part of params, called as if it were one of its own. */
#define DERM_OPT_OF(params, part, field, value, lo, hi, help)                                      \
    DERM_OPT_NAMED(#field, params, part.field, value, lo, hi, help)
#define DERM_OPT_NAMED(name, params, field, value, lo, hi, help)                                   \
    {                                                                                              \
        name,                                                                                      \
            _Generic(((params *)0)->field, float                                                   \
                     : DERM_OPT_FLOAT, int                                                         \
                     : DERM_OPT_INT),                                                              \
            offsetof(params, field), (double)(value), (double)(lo), (double)(hi), help             \
    }

/* A section of the configuration file; a list of them ends with { 0 }. */
struct derm_opt_group {
    const char *name;
    const struct derm_opt *opts; /* NULL: none */
    void *params;
};

void derm_opt_defaults(const struct derm_opt *table, void *params);
double derm_opt_get(const struct derm_opt *opt, const void *params);

/* Sets the field called name. DERM_EUSAGE (with a sentence naming owner) when there is no such
 * field or the value is outside the range or not whole where an int is needed. */
derm_err derm_opt_set(const struct derm_opt *table, void *params, const char *owner,
                      const char *name, double value, struct derm_error *err) DERM_MUST_CHECK;

#endif
