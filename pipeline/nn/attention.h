/* SPDX-License-Identifier: Apache-2.0 */
/* Which landmarks the attention heads of the landmark network refine, in the order of the heads'
 * outputs. */
#ifndef DERM_NN_ATTENTION_H
#define DERM_NN_ATTENTION_H

#include <stdint.h>

enum { DERM_LIPS_POINTS = 80, DERM_EYE_POINTS = 71, DERM_ATTENTION_HEADS = 3 };

struct derm_attention_head {
    const uint16_t *point; /* landmarks */
    int count;
    int from, to; /* landmarks whose line the head's window is turned to */
};
/* Lips, the eye on the left of the image, the eye on its right. */
extern const struct derm_attention_head derm_attention_head[DERM_ATTENTION_HEADS];

#endif
