/* SPDX-License-Identifier: Apache-2.0 */
/* Studies: many photos of many subjects, listed in a manifest (CSV), and the folder that holds what
 * was measured on them.
 *
 * Every function here gives a text that the caller frees with derm_text_free: its answer or, when
 * the function fails, one sentence that says why. NULL only when memory ran out. Structs start with
 * their size, as in dermetry.h. Strings are UTF-8. */
#ifndef DERMETRY_STUDY_H
#define DERMETRY_STUDY_H

#include <dermetry/dermetry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- batch: batch, status, submit */

/* ---- series */

/* ---- merge, cohort statistics */

/* ---- precision */

/* ---- report */

#ifdef __cplusplus
}
#endif
#endif
