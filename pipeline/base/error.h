/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: a code and one sentence that tells the user what to do, set once, where the fault is
 * known. */
#ifndef DERM_BASE_ERROR_H
#define DERM_BASE_ERROR_H

#include <dermetry/error.h>

#if defined(__GNUC__)
#define DERM_MUST_CHECK __attribute__((warn_unused_result))
#define DERM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define DERM_MUST_CHECK
#define DERM_PRINTF(fmt, args)
#endif

enum { DERM_ERROR_TEXT = 512 };

struct derm_error {
    derm_err code;
    char text[DERM_ERROR_TEXT]; /* UTF-8, no line break; empty when code is DERM_OK */
};

/* Records code and text in *e (the first failure wins) and returns code. code != DERM_OK. */
derm_err derm_fail(struct derm_error *e, derm_err code, const char *fmt, ...) DERM_PRINTF(3, 4);

const char *derm_err_id(derm_err code);   /* "malformed_input" */
const char *derm_err_help(derm_err code); /* one line for tables and for --help */
int derm_err_exit(derm_err code);         /* exit code of the program */

#define DERM_TRY(call)                                                                             \
    do {                                                                                           \
        const derm_err derm_try_ = (call);                                                         \
        if (derm_try_ != DERM_OK) return derm_try_;                                                \
    } while (0)

#endif
