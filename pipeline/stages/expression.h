/* SPDX-License-Identifier: Apache-2.0 */
/* How differently two faces move. */
#ifndef DERM_STAGES_EXPRESSION_H
#define DERM_STAGES_EXPRESSION_H

#include "stages/frame.h"

/* The largest change of the width of the mouth, its opening, how far its corners (and with them the
 * cheeks) are raised, and the opening of the eyes, in shares of the distance between the pupils. */
double derm_expression_change(const struct derm_face *a, const struct derm_face *b);

#endif
