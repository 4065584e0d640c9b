/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_REPORT_EYE_BAR_H
#define DERM_REPORT_EYE_BAR_H

#include "stages/frame.h"

/* Replaces a picture of what the frame's grid covers, of any size, by a copy in arena with a black
 * bar over the eyes of the face that is measured. Without such a face nothing is done: a close-up
 * has no landmarks. */
derm_err derm_eye_bar(struct derm_rgb8 *picture, const struct derm_frame *frame,
                      struct derm_arena *arena, struct derm_error *err) DERM_MUST_CHECK;

#endif
