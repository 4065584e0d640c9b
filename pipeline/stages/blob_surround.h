/* SPDX-License-Identifier: Apache-2.0 */
/* The median of a place's surround: so few samples that they are counted rather than sorted. */
#ifndef DERM_STAGES_BLOB_SURROUND_H
#define DERM_STAGES_BLOB_SURROUND_H

enum { DERM_SURROUND_SAMPLES = 48 };

/* Finite. */
double derm_surround_median(const float value[DERM_SURROUND_SAMPLES]);

#endif
