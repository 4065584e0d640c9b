/* SPDX-License-Identifier: Apache-2.0 */
#include "io/jpeg_write.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

struct state {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf jump;
    char text[JMSG_LENGTH_MAX];
    unsigned char *data; /* libjpeg's */
    unsigned long size;
};

static void on_error(j_common_ptr jpeg)
{
    struct state *const s = jpeg->client_data;

    jpeg->err->format_message(jpeg, s->text);
    longjmp(s->jump, 1);
}

static derm_err encode(struct state *s, const struct derm_rgb8 *picture, int quality)
{
    s->jpeg.err = jpeg_std_error(&s->errors);
    s->errors.error_exit = on_error;
    s->jpeg.client_data = s;
    if (setjmp(s->jump)) return DERM_ENOMEM;
    jpeg_create_compress(&s->jpeg);
    s->jpeg.client_data = s;
    jpeg_mem_dest(&s->jpeg, &s->data, &s->size);
    s->jpeg.image_width = (JDIMENSION)picture->w;
    s->jpeg.image_height = (JDIMENSION)picture->h;
    s->jpeg.input_components = 3;
    s->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&s->jpeg);
    jpeg_set_quality(&s->jpeg, quality, TRUE);
    s->jpeg.dct_method = JDCT_ISLOW;
    s->jpeg.optimize_coding = TRUE;
    jpeg_start_compress(&s->jpeg, TRUE);
    for (int y = 0; y < picture->h; y++) {
        JSAMPROW row = derm_rgb8_row(picture, y);
        jpeg_write_scanlines(&s->jpeg, &row, 1);
    }
    jpeg_finish_compress(&s->jpeg);
    return DERM_OK;
}

derm_err derm_jpeg_encode(const struct derm_rgb8 *picture, int quality, struct derm_arena *keep,
                          struct derm_bytes *out)
{
    struct state s = { .size = 0 };
    derm_err code = encode(&s, picture, quality);
    uint8_t *copy = NULL;

    if (code != DERM_OK)
        derm_fail(keep->err, code, "a picture cannot be encoded: %s", s.text);
    else
        code = derm_arena_raw(keep, &copy, s.size, 1);
    if (code == DERM_OK) memcpy(copy, s.data, s.size);
    *out = (struct derm_bytes){ copy, code == DERM_OK ? s.size : 0 };
    jpeg_destroy_compress(&s.jpeg);
    free(s.data);
    return code;
}
