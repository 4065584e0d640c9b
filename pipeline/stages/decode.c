/* SPDX-License-Identifier: Apache-2.0 */
/* decode: a file becomes linear light, upright.
 *
 * writes  source         what the file says of itself, and the hashes
 *         rgb            sRGB, 8 bits: a copy to show and for the networks
 *         light          the samples and how they become linear light (color/light.h)
 *         clipped        a channel at its end of the scale in the file's own encoding, or
 *                        transparent
 *         user_*         the user's masks; they refer to the upright photo
 *
 * An upright photo is decoded in place. The rows of a turned one stream into strips, and a strip is
 * put where the EXIF orientation wants it, so no photo is ever stored twice.
 *
 * sha256_pixels is taken over the upright photo's rows, R G B interleaved, samples as in the file:
 * 8 bits, or 16 bits with the low byte first. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/sha256.h"
#include "base/text.h"
#include "color/transfer.h"
#include "io/codec.h"
#include "io/exif.h"
#include "io/input.h"
#include "stages/stages.h"

struct params {
    int clip_high, clip_low, grey_spread;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, clip_high, 250, 128, 255,
             "of 255: a channel at or above it carries no contrast (algorithms, section 1)"),
    DERM_OPT(struct params, clip_low, 6, 0, 127,
             "of 255: a channel at or below it carries no contrast (algorithms, section 1)"),
    DERM_OPT(struct params, grey_spread, 4, 0, 64,
             "of 255: a photo whose channels never differ by more is greyscale"),
    { 0 },
};

enum { STRIP_ROWS = 16, NAME_SIZE = 256 };

/* Where stored pixel (x, y) goes in an upright plane: origin + x dx + y dy, in bytes. */
struct layout {
    ptrdiff_t origin, dx, dy;
    size_t size; /* of a pixel */
};

struct strip { /* stored rows: STRIP_ROWS of them, or of an upright photo the planes themselves */
    uint8_t *raw, *clipped;
    ptrdiff_t raw_stride, clipped_stride; /* bytes */
    int rows;
};

struct job {
    const struct params *p;
    struct derm_run *run;
    struct derm_decoder *decoder;
    const struct derm_picture *picture;
    struct derm_rgb8 raw; /* upright, samples as in the file, w in bytes */
    struct strip strip;
    bool has_colour;
};

static bool turned(int orientation)
{
    return orientation >= 5;
}

/* EXIF 2.32, tag 0x0112: the value says where row 0 and column 0 of the stored picture belong. */
static struct layout lay_out(int orientation, int stored_w, int stored_h, size_t size,
                             ptrdiff_t stride)
{
    const bool from_right =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_below =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    struct layout l = { .size = size };

    l.dx = turned(orientation) ? stride : (ptrdiff_t)size;
    l.dy = turned(orientation) ? (ptrdiff_t)size : stride;
    if (from_right) {
        l.origin += (stored_w - 1) * l.dx;
        l.dx = -l.dx;
    }
    if (from_below) {
        l.origin += (stored_h - 1) * l.dy;
        l.dy = -l.dy;
    }
    return l;
}

/* The pixels of one stored column lie beside each other in a turned photo: rows are the inner loop,
 * so that each cache line of the plane is written once. */
static void place(void *plane, const struct layout *l, const void *rows, ptrdiff_t row_bytes, int w,
                  int y0, int n)
{
    const uint8_t *const from = rows;
    uint8_t *const to = (uint8_t *)plane + l->origin + y0 * l->dy;

    if (l->dx == (ptrdiff_t)l->size) {
        for (int y = 0; y < n; y++)
            memcpy(to + y * l->dy, from + y * row_bytes, (size_t)w * l->size);
        return;
    }
    for (int x = 0; x < w; x++)
        for (int y = 0; y < n; y++)
            memcpy(to + x * l->dx + y * l->dy, from + y * row_bytes + (size_t)x * l->size, l->size);
}

static bool upright(const struct job *job)
{
    return job->run->frame->source.orientation == 1;
}

static size_t raw_size(const struct job *job) /* of a pixel */
{
    return 3 * (size_t)job->picture->bits / 8;
}

static derm_err new_strip(struct job *job)
{
    struct derm_arena *const a = job->run->scratch;
    struct strip *const s = &job->strip;
    const int w = job->picture->width;

    if (upright(job)) return DERM_OK;
    s->raw_stride = w * (ptrdiff_t)raw_size(job);
    s->clipped_stride = w;
    DERM_TRY(derm_arena_raw(a, &s->raw, STRIP_ROWS, (size_t)s->raw_stride));
    return derm_arena_raw(a, &s->clipped, STRIP_ROWS, (size_t)s->clipped_stride);
}

/* The strip that begins with stored row y. */
static void set_strip(struct job *job, int y)
{
    struct derm_frame *const f = job->run->frame;

    job->strip.rows = imin(STRIP_ROWS, job->picture->height - y);
    if (!upright(job)) return;
    job->strip = (struct strip){ .raw = derm_rgb8_row(&job->raw, y),
                                 .clipped = derm_mask_row(&f->clipped, y),
                                 .raw_stride = job->raw.stride,
                                 .clipped_stride = f->clipped.stride,
                                 .rows = job->strip.rows };
}

struct range { /* of the samples of a pixel that carry contrast, both ends included; of 8 bits */
    int low, high, spread;
};

static void judge_pixel(struct job *job, uint8_t *clipped, const struct range *ok, int r, int g,
                        int b)
{
    const int lo = imin(r, imin(g, b)), hi = imax(r, imax(g, b));

    *clipped = *clipped == 0 || hi > ok->high || lo < ok->low ? 0xff : 0;
    job->has_colour |= hi - lo > ok->spread;
}

/* Whole runs of samples without an end of the scale are the rule: looked at as bytes, without the
 * question which channel they are of, they are quickly passed. */
static bool all_within(const uint8_t *restrict rgb, const uint8_t *restrict opaque, int n,
                       const struct range *ok)
{
    uint8_t lowest = 0xff, highest = 0, least_opaque = 0xff;

    for (int i = 0; i < 3 * n; i++) {
        lowest = rgb[i] < lowest ? rgb[i] : lowest;
        highest = rgb[i] > highest ? rgb[i] : highest;
    }
    for (int i = 0; i < n; i++)
        least_opaque = opaque[i] < least_opaque ? opaque[i] : least_opaque;
    return least_opaque && lowest >= ok->low && highest <= ok->high;
}

/* clipped comes in as the row's opacity. */
static void mark_clipped(struct job *job, uint8_t *clipped, const void *raw, int w)
{
    enum { RUN = 64 };
    const int unit = job->picture->bits == 16 ? 257 : 1;
    const struct range ok = { .low = job->p->clip_low * unit + 1,
                              .high = job->p->clip_high * unit - 1,
                              .spread = job->p->grey_spread * unit };
    const uint8_t *const narrow = raw;
    const uint16_t *const wide = raw;

    for (int x = 0; x < w; x += RUN) {
        const int end = imin(x + RUN, w);

        if (unit == 1 && job->has_colour && all_within(narrow + 3 * x, clipped + x, end - x, &ok)) {
            memset(clipped + x, 0, (size_t)(end - x));
            continue;
        }
        for (int i = x; i < end; i++)
            if (unit == 1)
                judge_pixel(job, &clipped[i], &ok, narrow[3 * i], narrow[3 * i + 1],
                            narrow[3 * i + 2]);
            else
                judge_pixel(job, &clipped[i], &ok, wide[3 * i], wide[3 * i + 1], wide[3 * i + 2]);
    }
}

static derm_err read_strip(struct job *job)
{
    const struct strip *const s = &job->strip;

    for (int y = 0; y < s->rows; y++) {
        uint8_t *const raw = s->raw + y * s->raw_stride;
        uint8_t *const clipped = s->clipped + y * s->clipped_stride;

        DERM_TRY(derm_decoder_row(job->decoder, raw, clipped));
        mark_clipped(job, clipped, raw, job->picture->width);
    }
    return DERM_OK;
}

static void store_strip(const struct job *job, int y0)
{
    struct derm_frame *const f = job->run->frame;
    const struct strip *const s = &job->strip;
    const int w = job->picture->width, h = job->picture->height;
    const int orientation = f->source.orientation;
    const struct layout clipped = lay_out(orientation, w, h, 1, f->clipped.stride);
    const struct layout raw = lay_out(orientation, w, h, raw_size(job), job->raw.stride);

    if (upright(job)) return;
    place(job->raw.px, &raw, s->raw, s->raw_stride, w, y0, s->rows);
    place(f->clipped.px, &clipped, s->clipped, s->clipped_stride, w, y0, s->rows);
}

static void hash_pixels(const struct job *job)
{
    struct derm_source *const source = &job->run->frame->source;
    struct derm_sha256 hash;

    derm_sha256_begin(&hash);
    for (int y = 0; y < source->height; y++)
        derm_sha256_add(&hash, derm_rgb8_row(&job->raw, y), (size_t)source->width * raw_size(job));
    derm_sha256_end(&hash, source->sha256_pixels);
}

/* The upright planes. sRGB samples of 8 bits are both what is measured and what is shown. */
static derm_err new_planes(struct job *job)
{
    struct derm_run *const run = job->run;
    struct derm_frame *const f = run->frame;
    struct derm_light *const light = &f->light;
    const int w = f->source.width, h = f->source.height;

    light->w = w;
    light->h = h;
    DERM_TRY(derm_mask_new(run->keep, &f->clipped, w, h));
    DERM_TRY(derm_rgb8_raw(run->keep, &f->rgb, w, h));
    job->raw = f->rgb;
    if (job->picture->bits != 8 || !light->colour.is_srgb)
        DERM_TRY(derm_rgb8_raw(run->keep, &job->raw, w * job->picture->bits / 8, h));
    light->samples = job->raw.px;
    light->stride = job->raw.stride;
    return DERM_OK;
}

/* Other samples are turned to sRGB once more to be shown. What only lcms2 can turn to light is kept
 * as light: its transform ends with this stage. */
static derm_err convert(struct job *job)
{
    struct derm_run *const run = job->run;
    struct derm_rgb8 *const rgb = &run->frame->rgb;
    struct derm_light *const light = &run->frame->light;
    const bool keeps_light = light->colour.transform != NULL;
    struct derm_srgb_encoder *encoder;
    float *lin;

    if (job->raw.px == rgb->px) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &encoder, 1, sizeof(*encoder)));
    DERM_TRY(derm_arena_raw(run->scratch, &lin, 3 * (size_t)light->w, sizeof(*lin)));
    derm_srgb_encoder_init(encoder);
    for (int c = 0; c < 3 && keeps_light; c++)
        DERM_TRY(derm_plane_raw(run->keep, &light->plane[c], light->w, light->h));
    for (int y = 0; y < light->h; y++) {
        derm_light_row(light, lin, 0, y, light->w);
        for (int i = 0; i < 3 * light->w; i++)
            derm_rgb8_row(rgb, y)[i] = derm_srgb_encode8(encoder, lin[i]);
        for (int i = 0; i < 3 * light->w && keeps_light; i++)
            derm_row(&light->plane[i % 3], y)[i / 3] = lin[i];
    }
    if (keeps_light) light->samples = NULL;
    return DERM_OK;
}

static derm_err read_pixels(struct job *job)
{
    DERM_TRY(new_planes(job));
    DERM_TRY(new_strip(job));
    for (int y = 0; y < job->picture->height; y += STRIP_ROWS) {
        set_strip(job, y);
        DERM_TRY(read_strip(job));
        store_strip(job, y);
    }
    job->run->frame->source.grey = !job->has_colour;
    hash_pixels(job);
    return convert(job);
}

static void describe_camera(struct derm_camera *camera, const struct derm_exif *exif)
{
    *camera = (struct derm_camera){
        .exposure_s = exif->exposure_s,
        .f_number = exif->f_number,
        .focal_mm = exif->focal_mm,
        .iso = exif->iso,
        .flash_fired = exif->flash_fired,
        .white_balance = exif->white_balance,
        .custom_rendered = exif->custom_rendered,
    };
    strcpy(camera->captured_at, exif->captured_at);
    strcpy(camera->make, exif->make);
    strcpy(camera->model, exif->model);
    strcpy(camera->lens, exif->lens);
}

static void describe(struct derm_source *source, const struct derm_picture *picture,
                     const struct derm_colour *colour)
{
    struct derm_exif exif;

    derm_exif_read(&exif, picture->exif);
    describe_camera(&source->camera, &exif);
    source->format = picture->format;
    source->orientation = exif.orientation;
    source->width = turned(exif.orientation) ? picture->height : picture->width;
    source->height = turned(exif.orientation) ? picture->width : picture->height;
    source->bits = picture->bits;
    source->jpeg_quality = picture->jpeg_quality;
    source->chroma_subsampled = picture->chroma_subsampled;
    source->colour_assumed = colour->assumed;
    strcpy(source->colour_space, colour->name);
}

static derm_err decode(struct derm_run *run, const struct params *p, struct derm_decoder *decoder)
{
    struct derm_colour *const colour = &run->frame->light.colour;
    struct job *job;
    derm_err code;

    DERM_TRY(derm_arena_new(run->scratch, &job, 1, sizeof(*job)));
    job->p = p;
    job->run = run;
    job->decoder = decoder;
    job->picture = derm_decoder_picture(decoder);
    DERM_TRY(derm_colour_open(colour, run->keep, &job->picture->colour, job->picture->bits,
                              job->picture->grey, run->err));
    describe(&run->frame->source, job->picture, colour);
    code = read_pixels(job);
    derm_colour_close(colour);
    return code;
}

/* What the user calls the file, fit for a message. */
static void name_file(char name[NAME_SIZE], const char *path)
{
    derm_text_clean(name, NAME_SIZE, strcmp(path, "-") == 0 ? "standard input" : path);
}

static derm_err read_photo(struct derm_run *run, const struct params *p, const char *path)
{
    struct derm_source *const source = &run->frame->source;
    char name[NAME_SIZE];
    struct derm_decoder *decoder;
    struct derm_bytes file;
    derm_err code;

    name_file(name, derm_text_basename(path));
    DERM_TRY(derm_arena_text(run->keep, &source->file_name, name));
    DERM_TRY(derm_input_read(&file, run->scratch, path, run->limits->max_file_bytes, run->err));
    source->file_bytes = file.size;
    derm_sha256_of(file.data, file.size, source->sha256_file);
    name_file(name, path);
    DERM_TRY(derm_decoder_open(&decoder, run->scratch, file, name,
                               (uint64_t)(run->limits->max_megapixels * 1e6), run->err));
    code = decode(run, p, decoder);
    derm_decoder_close(decoder);
    return code;
}

/* ---- the user's masks */
static derm_err read_mask_rows(struct derm_run *run, struct derm_mask *mask,
                               struct derm_decoder *decoder, bool *any)
{
    const size_t sample = (size_t)derm_decoder_picture(decoder)->bits / 8;
    const size_t triple = 3 * sample;
    uint8_t *rgb, *opaque;

    DERM_TRY(derm_arena_new(run->scratch, &rgb, (size_t)mask->w, triple));
    DERM_TRY(derm_arena_new(run->scratch, &opaque, (size_t)mask->w, 1));
    for (int y = 0; y < mask->h; y++) {
        uint8_t *const out = derm_mask_row(mask, y);

        DERM_TRY(derm_decoder_row(decoder, rgb, opaque));
        for (int x = 0; x < mask->w; x++) {
            unsigned bits = 0;
            for (size_t i = 0; i < triple; i++)
                bits |= rgb[(size_t)x * triple + i];
            out[x] = bits && opaque[x] ? 0xff : 0;
            *any |= out[x] != 0;
        }
    }
    return DERM_OK;
}

static derm_err check_mask(const struct derm_run *run, const struct derm_picture *picture,
                           const char *name)
{
    const struct derm_source *const source = &run->frame->source;

    if (strcmp(picture->format, "png") != 0)
        return derm_fail(run->err, DERM_EUSAGE,
                         "the mask %s is no PNG: lossy formats blur its edge, so save it as PNG",
                         name);
    if (picture->width != source->width || picture->height != source->height)
        return derm_fail(run->err, DERM_EUSAGE,
                         "the mask %s has %d x %d pixels but the photo %s has %d x %d (upright): "
                         "draw the mask on the photo itself",
                         name, picture->width, picture->height, source->file_name, source->width,
                         source->height);
    return DERM_OK;
}

/* Any sample that is not zero sets the pixel. */
static derm_err read_mask(struct derm_run *run, struct derm_mask *mask, const char *path)
{
    const struct derm_source *const source = &run->frame->source;
    char name[NAME_SIZE];
    struct derm_decoder *decoder;
    struct derm_bytes file;
    bool any = false;
    derm_err code;

    if (!path) return DERM_OK;
    name_file(name, path);
    DERM_TRY(derm_input_read(&file, run->scratch, path, run->limits->max_file_bytes, run->err));
    DERM_TRY(derm_decoder_open(&decoder, run->scratch, file, name,
                               (uint64_t)(run->limits->max_megapixels * 1e6), run->err));
    code = check_mask(run, derm_decoder_picture(decoder), name);
    if (code == DERM_OK) code = derm_mask_new(run->keep, mask, source->width, source->height);
    if (code == DERM_OK) code = read_mask_rows(run, mask, decoder, &any);
    derm_decoder_close(decoder);
    DERM_TRY(code);
    if (!any)
        return derm_fail(run->err, DERM_EUSAGE,
                         "the mask %s is all black: paint the part that is meant in white", name);
    return DERM_OK;
}

static derm_err read_line(struct derm_run *run, const char *path)
{
    enum { MAX_BYTES = 1 << 20 };
    const struct derm_source *const source = &run->frame->source;
    char name[NAME_SIZE];
    struct derm_bytes file;

    if (!path) return DERM_OK;
    name_file(name, path);
    DERM_TRY(derm_input_read(&file, run->scratch, path, MAX_BYTES, run->err));
    return derm_points_parse(&run->frame->user_line, run->keep, file, name, source->width,
                             source->height, run->err);
}

static derm_err run_decode(struct derm_run *run, const void *params)
{
    const struct derm_photo_request *const request = run->request;
    struct derm_frame *const f = run->frame;

    DERM_TRY(read_photo(run, params, request->path));
    DERM_TRY(read_mask(run, &f->user_roi, request->roi_path));
    DERM_TRY(read_mask(run, &f->user_exclude, request->exclude_path));
    DERM_TRY(read_mask(run, &f->user_control, request->control_path));
    return read_line(run, request->scar_line_path);
}

const struct derm_stage derm_stage_decode = {
    .name = "decode",
    .scope = DERM_EACH,
    .writes = DERM_SLOT(source) | DERM_SLOT(rgb) | DERM_SLOT(light) | DERM_SLOT(clipped),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_decode,
};
