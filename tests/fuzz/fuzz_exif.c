/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an EXIF block and as a colour profile: no crash, values within their ranges. */
#include <math.h>
#include <stdlib.h>

#include "color/icc.h"
#include "io/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_profile(struct derm_arena *arena, const uint8_t *data, size_t size, int bits,
                        bool grey)
{
    const struct derm_colour_tags tags = { .icc = data, .icc_size = size };
    const uint16_t rgb[6] = { 0, 300, 65535, 1000, 20000, 7 };
    float lin[6];
    struct derm_error err = { 0 };
    struct derm_colour c;

    derm_arena_reset(arena, 0);
    if (derm_colour_open(&c, arena, &tags, bits, grey, &err) != DERM_OK) abort();
    derm_colour_row(&c, lin, rgb, 2);
    for (int i = 0; i < 6; i++)
        if (!(lin[i] >= 0.0f && isfinite(lin[i]))) abort();
    derm_colour_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct derm_error err;
    static struct derm_arena arena;
    struct derm_exif e;

    if (!arena.base && derm_arena_init(&arena, 16 << 20, &err) != DERM_OK) abort();
    derm_exif_read(&e, (struct derm_bytes){ data, size });
    if (e.orientation < 1 || e.orientation > 8 || e.exposure_s < 0.0 || e.iso < 0) abort();
    try_profile(&arena, data, size, 8, false);
    try_profile(&arena, data, size, 8, true);
    return 0;
}
