/* SPDX-License-Identifier: Apache-2.0 */
/* Paired gates: how differently two photos may have been taken. models/gates.json holds every
 * limit, with its source and with the concerns and regions of the face that it protects. */
#ifndef DERM_STAGES_GATES_H
#define DERM_STAGES_GATES_H

#include "stages/stage.h"

/* Notes a finding of the pair for each gate on this quantity that `measured` passes: FAIL beyond
 * its "fail", else WARN beyond its "warn". DERM_EMODEL when there is no gate on it. */
derm_err derm_gate_check(struct derm_run *run, const char *quantity,
                         double measured) DERM_MUST_CHECK;

#endif
