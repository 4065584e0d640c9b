/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the user's mask of a photo of 8 x 8: a usable mask, or an error with a text. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/png_write.h"
#include "stages/stages.h"

enum { SIDE = 8 };

static char photo_path[64], mask_path[64];
static struct derm_error err;
static struct derm_arena keep, scratch;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char folder[] = "/tmp/dermetry-fuzz-XXXXXX";
    struct derm_rgb8 photo;

    (void)argc;
    (void)argv;
    if (!mkdtemp(folder)) return 1;
    snprintf(photo_path, sizeof(photo_path), "%s/photo.png", folder);
    snprintf(mask_path, sizeof(mask_path), "%s/mask.png", folder);
    if (derm_arena_init(&keep, 16 << 20, &err) != DERM_OK) return 1;
    if (derm_arena_init(&scratch, 16 << 20, &err) != DERM_OK) return 1;
    if (derm_rgb8_new(&keep, &photo, SIDE, SIDE) != DERM_OK) return 1;
    return derm_png_write_rgb(photo_path, &photo, &err) != DERM_OK;
}

static void write_mask(const uint8_t *data, size_t size)
{
    FILE *const f = fopen(mask_path, "wb");

    if (!f || fwrite(data, 1, size, f) != size) abort();
    fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct derm_limits limits = { 0.065, 1 << 20, 16 << 20 };
    const struct derm_photo_request request = { .path = photo_path, .roi_path = mask_path };
    unsigned char params[DERM_MAX_PARAMS] = { 0 };
    struct derm_frame frame;
    struct derm_run run = { .err = &err,
                            .keep = &keep,
                            .scratch = &scratch,
                            .limits = &limits,
                            .request = &request,
                            .frame = &frame };
    derm_err code;

    write_mask(data, size);
    memset(&frame, 0, sizeof(frame));
    err = (struct derm_error){ 0 };
    derm_arena_reset(&keep, 0);
    derm_arena_reset(&scratch, 0);
    derm_opt_defaults(derm_stage_decode.opts, params);
    code = derm_stage_decode.run(&run, params);
    if (err.code != code) abort();
    if (code == DERM_OK && (frame.user_roi.w != SIDE || frame.user_roi.h != SIDE)) abort();
    if (code != DERM_OK && strlen(err.text) == 0) abort();
    return 0;
}
