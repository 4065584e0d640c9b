/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/segment.h"

const struct derm_segmenter derm_segmenter_pigmentation = {
    .concern = DERM_CONCERN_PIGMENTATION,
};
