/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG through libjpeg-turbo's libjpeg API: baseline, progressive, restart intervals, grey, RGB,
 * arithmetic coding where the library has it.
 *
 * libjpeg goes on after damage and fills the rest with grey; here every warning that means lost
 * pixels ends the decoding. The accurate integer DCT and no block smoothing: nothing is invented,
 * and libjpeg-turbo's SIMD paths give the same bits as its C. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h> /* after jpeglib.h: its message numbers depend on the build's features */

#include "io/decoder.h"

enum {
    MAX_SCANS =
        100, /* real progressive files have 3 to 20; each one costs a pass over the picture */
    EXIF_MARKER = JPEG_APP0 + 1,
    ICC_MARKER = JPEG_APP0 + 2,
};

struct jpeg_state {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    derm_err code; /* why it jumped */
    char text[JMSG_LENGTH_MAX];
};

static void give_up(j_common_ptr jpeg, derm_err code)
{
    struct jpeg_state *const s = jpeg->client_data;

    s->code = code;
    jpeg->err->format_message(jpeg, s->text);
    longjmp(s->jump, 1);
}

static void on_error(j_common_ptr jpeg)
{
    switch (jpeg->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        give_up(jpeg, DERM_ENOMEM);
        break;
    case JERR_INPUT_EOF:
        give_up(jpeg, DERM_ETRUNCATED);
        break;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
        give_up(jpeg, DERM_EUNSUPPORTED);
        break;
    case JERR_IMAGE_TOO_BIG:
        give_up(jpeg, DERM_ELIMIT);
        break;
    default:
        give_up(jpeg, DERM_EMALFORMED);
    }
}

/* level < 0: a warning, the data are corrupt. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
        give_up(jpeg, DERM_ETRUNCATED);
        break;
    case JWRN_HIT_MARKER: /* an entropy-coded segment ends early: the rest of it would be grey */
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
        give_up(jpeg, DERM_EMALFORMED);
        break;
    default: /* padding between markers, an odd Adobe marker: the pixels are complete */
        break;
    }
}

static void on_progress(j_common_ptr jpeg)
{
    struct jpeg_state *const s = jpeg->client_data;

    if (s->jpeg.input_scan_number <= MAX_SCANS) return;
    s->code = DERM_ELIMIT;
    snprintf(s->text, sizeof(s->text), "more than %d scans", MAX_SCANS);
    longjmp(s->jump, 1);
}

static derm_err report(const struct derm_decoder *d)
{
    const struct jpeg_state *const s = d->state;

    switch (s->code) {
    case DERM_ETRUNCATED:
        return derm_fail(d->err, DERM_ETRUNCATED,
                         "%s ends before the picture is complete: copy the photo again (%s)",
                         d->name, s->text);
    case DERM_EUNSUPPORTED:
        return derm_fail(d->err, DERM_EUNSUPPORTED,
                         "%s is a JPEG of a kind that cannot be read (%s): save it as an 8-bit "
                         "baseline or progressive JPEG, or as PNG",
                         d->name, s->text);
    case DERM_ENOMEM:
        return derm_fail(d->err, DERM_ENOMEM, "not enough memory to decode %s (%s)", d->name,
                         s->text);
    case DERM_ELIMIT:
        return derm_fail(d->err, DERM_ELIMIT,
                         "%s is beyond what is decoded (%s): save it again as a baseline JPEG of "
                         "fewer pixels",
                         d->name, s->text);
    default:
        return derm_fail(d->err, DERM_EMALFORMED, "%s is a damaged JPEG: copy the photo again (%s)",
                         d->name, s->text);
    }
}

static bool knows(struct derm_bytes file)
{
    return file.size >= 2 && memcmp(file.data, "\xff\xd8", 2) == 0;
}

/* Quality of the standard luminance table (ITU-T T.81, K.1, scaled as the IJG does) that is nearest
 * to this one in sum of absolute differences. */
static int quality_of(const JQUANT_TBL *table)
{
    static const int standard[DCTSIZE2] = {
        16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
        14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
        18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    };
    long best_difference = -1;
    int best = 1;

    for (int quality = 1; quality <= 100; quality++) {
        const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        long difference = 0;

        for (int i = 0; i < DCTSIZE2; i++) {
            int q = (standard[i] * scale + 50) / 100;
            q = q < 1 ? 1 : q > 255 ? 255 : q;
            difference += labs((long)table->quantval[i] - q);
        }
        if (best_difference < 0 || difference < best_difference) {
            best_difference = difference;
            best = quality;
        }
    }
    return best;
}

/* libjpeg's own memory dies with it, so profiles are copied to the arena. */
static derm_err copy_icc(struct derm_decoder *d)
{
    struct jpeg_state *const s = d->state;
    JOCTET *icc = NULL;
    unsigned int size = 0;
    uint8_t *copy;
    derm_err code;

    if (!jpeg_read_icc_profile(&s->jpeg, &icc, &size)) return DERM_OK;
    code = derm_arena_new(d->arena, &copy, size, 1);
    if (code == DERM_OK) {
        memcpy(copy, icc, size);
        d->picture.colour.icc = copy;
        d->picture.colour.icc_size = size;
    }
    free(icc);
    return code;
}

static derm_err copy_exif(struct derm_decoder *d)
{
    const struct jpeg_state *const s = d->state;
    uint8_t *copy;

    for (const struct jpeg_marker_struct *m = s->jpeg.marker_list; m; m = m->next) {
        if (m->marker != EXIF_MARKER || m->data_length <= 6 || memcmp(m->data, "Exif\0", 6) != 0)
            continue;
        DERM_TRY(derm_arena_new(d->arena, &copy, m->data_length - 6, 1));
        memcpy(copy, m->data + 6, m->data_length - 6);
        d->picture.exif = (struct derm_bytes){ copy, m->data_length - 6 };
        break;
    }
    return DERM_OK;
}

static derm_err describe(struct derm_decoder *d)
{
    const struct jpeg_state *const s = d->state;
    const struct jpeg_decompress_struct *const jpeg = &s->jpeg;
    const jpeg_component_info *const component = jpeg->comp_info;

    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return derm_fail(d->err, DERM_EUNSUPPORTED,
                         "%s is %s JPEG with %d channels: its colours depend on a printing "
                         "process, so convert it to sRGB in a photo program and save it again",
                         d->name, jpeg->num_components == 4 ? "a CMYK" : "an unusual",
                         jpeg->num_components);
    d->picture.format = "jpeg";
    d->picture.width = (int)jpeg->image_width;
    d->picture.height = (int)jpeg->image_height;
    d->picture.bits = 8;
    d->picture.grey = jpeg->num_components == 1;
    for (int i = 1; i < jpeg->num_components; i++)
        if (component[i].h_samp_factor < component[0].h_samp_factor ||
            component[i].v_samp_factor < component[0].v_samp_factor)
            d->picture.chroma_subsampled = true;
    if (component[0].quant_tbl_no < NUM_QUANT_TBLS &&
        jpeg->quant_tbl_ptrs[component[0].quant_tbl_no])
        d->picture.jpeg_quality = quality_of(jpeg->quant_tbl_ptrs[component[0].quant_tbl_no]);
    DERM_TRY(copy_exif(d));
    return DERM_OK;
}

static derm_err read_header(struct derm_decoder *d)
{
    struct jpeg_state *const s = d->state;

    if (setjmp(s->jump)) return report(d);
    jpeg_create_decompress(&s->jpeg);
    s->jpeg.client_data = s;
    s->jpeg.progress = &s->progress;
    jpeg_mem_src(&s->jpeg, d->file.data, (unsigned long)d->file.size);
    jpeg_save_markers(&s->jpeg, EXIF_MARKER, 0xffff);
    jpeg_save_markers(&s->jpeg, ICC_MARKER, 0xffff);
    jpeg_read_header(&s->jpeg, TRUE);
    DERM_TRY(describe(d));
    return copy_icc(d);
}

static void close(struct derm_decoder *d)
{
    struct jpeg_state *const s = d->state;

    jpeg_destroy_decompress(&s->jpeg);
}

static derm_err open(struct derm_decoder *d)
{
    struct jpeg_state *s;
    derm_err code;

    DERM_TRY(derm_arena_new(d->arena, &s, 1, sizeof(*s)));
    d->state = s;
    s->jpeg.err = jpeg_std_error(&s->errors);
    s->jpeg.client_data = s;
    s->errors.error_exit = on_error;
    s->errors.emit_message = on_message;
    s->progress.progress_monitor = on_progress;
    code = read_header(d);
    if (code != DERM_OK) close(d);
    return code;
}

static derm_err start(struct derm_decoder *d)
{
    struct jpeg_state *const s = d->state;

    if (setjmp(s->jump)) return report(d);
    s->jpeg.out_color_space = JCS_RGB;
    s->jpeg.dct_method = JDCT_ISLOW;
    s->jpeg.do_block_smoothing = FALSE;
    jpeg_start_decompress(&s->jpeg);
    return DERM_OK;
}

static derm_err row(struct derm_decoder *d, void *rgb, uint8_t *opaque)
{
    struct jpeg_state *const s = d->state;
    JSAMPROW rows[1] = { rgb };

    if (setjmp(s->jump)) return report(d);
    jpeg_read_scanlines(&s->jpeg, rows, 1);
    memset(opaque, 0xff, (size_t)d->picture.width);
    return DERM_OK;
}

static derm_err finish(struct derm_decoder *d)
{
    struct jpeg_state *const s = d->state;

    if (setjmp(s->jump)) return report(d);
    jpeg_finish_decompress(&s->jpeg);
    return DERM_OK;
}

const struct derm_codec derm_codec_jpeg = {
    .knows = knows,
    .open = open,
    .start = start,
    .row = row,
    .finish = finish,
    .close = close,
};
