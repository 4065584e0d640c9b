/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/segment.h"

const struct derm_segmenter derm_segmenter_pores = {
    .concern = DERM_CONCERN_PORES,
};
