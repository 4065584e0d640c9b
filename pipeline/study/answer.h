/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions of <dermetry/study.h> hand out. */
#ifndef DERM_STUDY_ANSWER_H
#define DERM_STUDY_ANSWER_H

#include "base/error.h"

/* *out is a copy of text or, when err says so, of its sentence; for derm_text_free. Returns what
 * err says; DERM_ENOMEM and NULL when there is no memory for the copy. */
derm_err derm_answer(char **out, const char *text, const struct derm_error *err) DERM_MUST_CHECK;

#endif
