/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the line that a user drew on a photo of 640 x 480: points inside it, or an error
 * with a text. */
#include <stdlib.h>
#include <string.h>

#include "io/points.h"

enum { WIDTH = 640, HEIGHT = 480 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct derm_error err = { 0 };
    struct derm_points points;
    struct derm_arena arena;
    derm_err code;

    if (derm_arena_init(&arena, 1 << 20, &err) != DERM_OK) abort();
    code = derm_points_parse(&points, &arena, (struct derm_bytes){ data, size }, "line.csv", WIDTH,
                             HEIGHT, &err);
    if (err.code != code) abort();
    if (code != DERM_OK && strlen(err.text) == 0) abort();
    if (code == DERM_OK && (points.n < DERM_MIN_POINTS || points.n > DERM_MAX_POINTS)) abort();
    for (int i = 0; code == DERM_OK && i < points.n; i++) {
        const double *const at = points.xy[i];
        if (!(at[0] >= 0 && at[0] <= WIDTH - 1 && at[1] >= 0 && at[1] <= HEIGHT - 1)) abort();
    }
    derm_arena_free(&arena);
    return 0;
}
