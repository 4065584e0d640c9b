/* SPDX-License-Identifier: Apache-2.0 */
/* Which pixels belong to a person: face, hair, body and clothes against the background. */
#ifndef DERM_NN_PERSON_H
#define DERM_NN_PERSON_H

#include "base/plane.h"
#include "nn/nn.h"

enum { DERM_PERSON_SIZE = 256 };

/* out, preallocated DERM_PERSON_SIZE squared, gets the probability [0, 1]. The photo is stretched
 * over the plane: pixel (i, j) stands for photo x = (i + 0.5) rgb->w / 256 - 0.5, y likewise. */
derm_err derm_person(const struct derm_nn *nn, struct derm_plane *out,
                     const struct derm_rgb8 *rgb) DERM_MUST_CHECK;

#endif
