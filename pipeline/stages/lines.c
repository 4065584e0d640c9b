/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/lines.h"

struct derm_object derm_line_next(const struct derm_objects *pieces, int *from)
{
    const int first = *from, label = pieces->item[first].label;
    struct derm_object sum = { .label = label };
    int end = first;

    for (; end < pieces->n && pieces->item[end].label == label; end++) {
        const struct derm_object *const o = &pieces->item[end];

        sum.contrast += o->contrast * o->area_px;
        sum.area_px += o->area_px;
        sum.length_mm += o->length_mm;
        sum.found_in |= o->found_in;
        sum.base_value += o->base_value;
        sum.follow_value += o->follow_value;
        sum.base_area_px += o->base_area_px;
        sum.follow_area_px += o->follow_area_px;
    }
    sum.x = pieces->item[(first + end) / 2].x;
    sum.y = pieces->item[(first + end) / 2].y;
    sum.regions = pieces->item[(first + end) / 2].regions;
    if (sum.area_px > 0) sum.contrast /= sum.area_px;
    *from = end;
    return sum;
}

int derm_line_count(const struct derm_objects *pieces)
{
    return pieces->n > 0 ? pieces->item[pieces->n - 1].label : 0;
}
