/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/objects.h"

void derm_objects_keep(struct derm_objects *objects, const int *number, int kept)
{
    const struct derm_labels *const labels = &objects->labels;

    if (kept == objects->n) return; /* rising: all stay what they are */
    for (int i = 0; i < objects->n; i++) {
        const int label = number[i + 1];

        if (label == 0) continue;
        objects->item[label - 1] = objects->item[i];
        objects->item[label - 1].label = label;
    }
    objects->n = kept;
    if (!labels->px) return;
    for (int y = 0; y < labels->h; y++) {
        int32_t *const row = derm_labels_row(labels, y);

        for (int x = 0; x < labels->w; x++)
            if (row[x] > 0) row[x] = number[row[x]];
    }
}
