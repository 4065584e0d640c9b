/* SPDX-License-Identifier: Apache-2.0 */
/* dermetry's own side of the comparison: the library's filters and codecs as its stages call them,
 * one thread. It also makes what all peers work on: rgb (8 bits), plane (optical density of green)
 * and mask (its darker spots), dense, in the folder.
 *
 *   peer_dermetry FOLDER PHOTO ANALYSIS      prints width and height, then serves (peer.h) */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <math.h>

#include <dermetry/dermetry.h>

#include "base/cpu.h"
#include "base/num.h"
#include "color/light.h"
#include "io/codec.h"
#include "io/input.h"
#include "kernels/filter.h"
#include "kernels/response.h"
#include "peer.h"
#include "stages/mask_ops.h"

struct object {
    int x0, y0, x1, y1, area;
};

struct filter { /* a line of analysis.txt */
    char what[16], on[16];
    int shrink, sigmas;
    double sigma_mm[12];
};

struct blob {
    float scale, x, y;
};

struct peer {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels kernels;
    struct derm_filter f;
    const char *photo;
    derm_context *context;
    struct derm_rgb8 rgb;
    struct derm_light light;
    struct derm_plane plane, x, y, hessian[3], ridge, band, wide, warped;
    struct derm_plane od[3], pigment[2]; /* on the grid */
    struct derm_mask mask, whole;
    struct derm_labels labels;
    struct object *object;
    struct blob *blob;
    int objects, blobs, filters;
    struct filter filter[32];
};

static void must(struct peer *p, derm_err code)
{
    if (code == DERM_OK) return;
    fprintf(stderr, "peer_dermetry: %s\n", p->err.text);
    exit(1);
}

static void save_plane(const struct derm_plane *plane, FILE *to)
{
    for (int y = 0; y < plane->h; y++)
        fwrite(derm_row(plane, y), sizeof(float), (size_t)plane->w, to);
}

/* ---- the stages */
static void open_photo(struct peer *p, struct derm_decoder **decoder)
{
    struct derm_bytes file;

    must(p, derm_input_read(&file, &p->scratch, p->photo, UINT64_MAX / 2, &p->err));
    must(p, derm_decoder_open(decoder, &p->scratch, file, p->photo, UINT32_MAX, &p->err));
}

static void run_decode(void *peer)
{
    struct peer *const p = peer;
    struct derm_decoder *decoder;
    uint8_t *opaque;

    open_photo(p, &decoder);
    must(p, derm_arena_raw(&p->scratch, &opaque, (size_t)p->rgb.w, 1));
    for (int y = 0; y < p->rgb.h; y++)
        must(p, derm_decoder_row(decoder, derm_rgb8_row(&p->rgb, y), opaque));
    derm_decoder_close(decoder);
    derm_arena_reset(&p->scratch, 0);
}

static void save_decode(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    for (int y = 0; y < p->rgb.h; y++)
        fwrite(derm_rgb8_row(&p->rgb, y), 3, (size_t)p->rgb.w, to);
}

static void run_maps(void *peer)
{
    struct peer *const p = peer;

    must(p, derm_light_area(&p->f, p->od, &p->light, 0, 0, peer_step, peer_od_floor));
    for (int y = 0; y < p->od->h; y++)
        for (int i = 0; i < 2; i++)
            p->kernels.mix3(derm_row(&p->pigment[i], y), derm_row(&p->od[0], y),
                            derm_row(&p->od[1], y), derm_row(&p->od[2], y),
                            i ? peer_blood : peer_melanin, (size_t)p->od->w);
}

static void save_maps(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    save_plane(&p->pigment[0], to);
    save_plane(&p->pigment[1], to);
}

/* The larger curvature of a bright line, of what was found at narrower sizes and now. */
static void keep_strongest(const struct peer *p, int y, int w, bool first)
{
    const float *restrict const xx = derm_row(&p->hessian[0], y);
    const float *restrict const xy = derm_row(&p->hessian[1], y);
    const float *restrict const yy = derm_row(&p->hessian[2], y);
    float *restrict const out = derm_row(&p->ridge, y);

    for (int x = 0; x < w; x++) {
        const float half = 0.5f * (xx[x] - yy[x]);
        const float here = sqrtf(half * half + xy[x] * xy[x]) - 0.5f * (xx[x] + yy[x]);
        const float before = first ? 0.0f : out[x];
        out[x] = here > before ? here : before;
    }
}

static void run_ridge(void *peer)
{
    struct peer *const p = peer;

    for (int s = 0; s < PEER_SCALES; s++) {
        must(p, derm_hessian(&p->f, &p->hessian[0], &p->hessian[1], &p->hessian[2], &p->plane,
                             peer_ridge_sigma_px[s]));
        for (int y = 0; y < p->ridge.h; y++)
            keep_strongest(p, y, p->ridge.w, s == 0);
    }
    must(p, derm_gaussian(&p->f, &p->band, &p->plane, peer_band_sigma_px[0]));
    must(p, derm_gaussian(&p->f, &p->wide, &p->plane, peer_band_sigma_px[1]));
    for (int y = 0; y < p->band.h; y++)
        p->kernels.axpy(derm_row(&p->band, y), derm_row(&p->wide, y), -1.0f, (size_t)p->band.w);
}

static void save_ridge(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    save_plane(&p->ridge, to);
    save_plane(&p->band, to);
}

/* Maxima of the Laplacian over 3 x 3 in a plane no larger than the photo. */
static void find_maxima(struct peer *p, const struct derm_plane *plane, double sigma, int scale)
{
    static const float laplacian[9] = { -1, -4, -1, -4, 20, -4, -1, -4, -1 };
    const size_t mark = p->scratch.used;
    const struct derm_mask whole = { p->whole.px, plane->w, plane->h, p->whole.stride };
    struct derm_response response = { .variance_px = fmax(sigma * sigma - 1.0 / 6.0, 0.25) };
    struct derm_maxima_search search;
    struct derm_maximum *m;
    float *floor_od;
    int n;

    must(p, derm_arena_raw(&p->scratch, &floor_od, (size_t)plane->h, sizeof(*floor_od)));
    for (int y = 0; y < plane->h; y++)
        floor_od[y] = peer_blob_floor_od;
    for (int i = 0; i < 9; i++)
        response.weight[i] = (float)(sigma * sigma / 6.0) * laplacian[i];
    search = (struct derm_maxima_search){ .mask = &whole, .floor = floor_od };
    must(p, derm_response_maxima(&p->f, plane, &response, &search, &m, &n));
    for (int i = 0; i < n; i++)
        p->blob[p->blobs++] = (struct blob){ (float)scale, (float)m[i].x, (float)m[i].y };
    derm_arena_reset(&p->scratch, mark);
}

static void run_blobs(void *peer)
{
    struct peer *const p = peer;

    p->blobs = 0;
    for (int s = 0; s < PEER_SCALES; s++)
        find_maxima(p, &p->plane, peer_blob_sigma_px[s], s);
}

static void save_blobs(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    fwrite(p->blob, sizeof(*p->blob), (size_t)p->blobs, to);
}

/* The objects of a mask no larger than the photo, with their sizes and boxes. */
static void find_components(struct peer *p, const struct derm_mask *mask)
{
    must(p, derm_label(&p->f, &p->labels, mask, &p->objects));
    for (int i = 0; i <= p->objects; i++) {
        p->object[i].x0 = p->object[i].y0 = mask->w + mask->h;
        p->object[i].x1 = p->object[i].y1 = p->object[i].area = 0;
    }
    for (int y = 0; y < mask->h; y++) {
        const int32_t *const label = derm_labels_row(&p->labels, y);

        for (int x = -1; (x = derm_mask_next(mask, y, x + 1)) < mask->w;) {
            struct object *const o = &p->object[label[x]];

            o->x0 = imin(o->x0, x);
            o->y0 = imin(o->y0, y);
            o->x1 = imax(o->x1, x + 1);
            o->y1 = y + 1;
            o->area++;
        }
    }
}

static void run_components(void *peer)
{
    struct peer *const p = peer;

    find_components(p, &p->mask);
}

static void save_components(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    fwrite(p->object + 1, sizeof(*p->object), (size_t)p->objects, to);
}

static void run_warp(void *peer)
{
    struct peer *const p = peer;

    must(p, derm_resample_map(&p->f, &p->warped, &p->plane, &p->x, &p->y));
}

static void save_warp(void *peer, FILE *to)
{
    const struct peer *const p = peer;

    save_plane(&p->warped, to);
}

/* ---- the filters of an analysis: every one of the list, broad ones on halved planes */
static struct derm_plane part_of(const struct derm_plane *room, const struct derm_plane *size)
{
    return (struct derm_plane){ room->px, size->w, size->h, room->stride };
}

static void find_curved(struct peer *p, const struct derm_plane *plane, double sigma)
{
    struct derm_plane h[3];

    for (int i = 0; i < 3; i++)
        h[i] = part_of(&p->hessian[i], plane);
    must(p, derm_hessian(&p->f, &h[0], &h[1], &h[2], plane, sigma));
    for (int y = 0; y < plane->h; y++)
        keep_strongest(p, y, plane->w, true);
}

static void find_objects(struct peer *p, const struct derm_plane *plane, const double sigma[2])
{
    struct derm_plane band = part_of(&p->band, plane), wide = part_of(&p->wide, plane);
    const size_t mark = p->scratch.used;
    struct derm_mask mask;

    must(p, derm_mask_new(&p->scratch, &mask, plane->w, plane->h));
    must(p, derm_gaussian(&p->f, &band, plane, sigma[0]));
    must(p, derm_gaussian(&p->f, &wide, plane, sigma[1]));
    for (int y = 0; y < plane->h; y++)
        for (int x = 0; x < plane->w; x++)
            derm_mask_row(&mask, y)[x] =
                derm_row(&band, y)[x] - derm_row(&wide, y)[x] > peer_object_od ? 0xff : 0;
    find_components(p, &mask);
    derm_arena_reset(&p->scratch, mark);
}

static void run_filter(struct peer *p, const struct filter *f, struct derm_plane plane)
{
    const size_t mark = p->scratch.used;
    double px_per_mm = peer_px_per_mm / peer_step / f->shrink;
    struct derm_plane smooth;

    if (strcmp(f->what, "objects") == 0) {
        find_objects(p, &plane,
                     (double[2]){ f->sigma_mm[0] * px_per_mm, f->sigma_mm[1] * px_per_mm });
        return;
    }
    for (int i = 0; i < f->sigmas; i++) {
        for (; f->sigma_mm[i] * px_per_mm >= peer_halve_from_px; px_per_mm /= 2) {
            struct derm_plane half;

            must(p, derm_plane_raw(&p->scratch, &half, (plane.w + 1) / 2, (plane.h + 1) / 2));
            must(p, derm_half(&p->f, &half, &plane));
            plane = half;
        }
        smooth = part_of(&p->wide, &plane);
        if (strcmp(f->what, "maxima") == 0)
            find_maxima(p, &plane, f->sigma_mm[i] * px_per_mm, i);
        else if (strcmp(f->what, "curved") == 0)
            find_curved(p, &plane, f->sigma_mm[i] * px_per_mm);
        else
            must(p, derm_gaussian(&p->f, &smooth, &plane, f->sigma_mm[i] * px_per_mm));
    }
    derm_arena_reset(&p->scratch, mark);
}

static void run_filters(void *peer)
{
    static const char *const names[] = { "red", "green", "melanin", "blood" };
    struct peer *const p = peer;
    const struct derm_plane *const on[] = { &p->od[0], &p->od[1], &p->pigment[0], &p->pigment[1] };
    struct derm_plane shrunk[4][PEER_MOST_SHRUNK + 1] = { { { NULL } } };

    run_decode(p);
    run_maps(p);
    p->blobs = 0;
    for (int i = 0; i < p->filters; i++) {
        const struct filter *const f = &p->filter[i];
        int which = 0;
        while (strcmp(names[which], f->on) != 0)
            which++;
        struct derm_plane *const s = &shrunk[which][f->shrink];
        if (!s->px) {
            must(p, derm_plane_raw(&p->scratch, s, on[which]->w / f->shrink,
                                   on[which]->h / f->shrink));
            must(p, derm_resample_area(&p->f, s, on[which], 0, 0, f->shrink));
        }
        run_filter(p, f, *s);
    }
    derm_arena_reset(&p->scratch, 0);
}

static void read_filters(struct peer *p, const char *path)
{
    FILE *const file = fopen(path, "r");
    char line[200];

    while (file && fgets(line, sizeof(line), file)) {
        struct filter *const f = &p->filter[p->filters];
        int at;

        if (sscanf(line, "%15s %15s %d%n", f->what, f->on, &f->shrink, &at) != 3) continue;
        for (int n; sscanf(line + at, "%lf%n", &f->sigma_mm[f->sigmas], &n) == 1; at += n)
            f->sigmas++;
        p->filters++;
    }
    if (file) fclose(file);
}

static void run_analysis(void *peer)
{
    struct peer *const p = peer;
    const struct derm_photo_request photo = { .size = sizeof(photo),
                                              .path = p->photo,
                                              .px_per_mm = peer_px_per_mm };
    derm_document *document;

    if (derm_analyze(p->context, &photo, &document) != DERM_OK) {
        fprintf(stderr, "peer_dermetry: %s\n", derm_error_text(p->context));
        exit(1);
    }
    derm_document_json(document);
    derm_document_free(document);
}

/* ---- what is there before anything is measured */
static void make_planes(struct peer *p, int w, int h)
{
    const int grid_w = (int)(w / peer_step), grid_h = (int)(h / peer_step);
    struct derm_plane *const whole[] = { &p->plane,      &p->x,          &p->y,     &p->hessian[0],
                                         &p->hessian[1], &p->hessian[2], &p->ridge, &p->band,
                                         &p->wide,       &p->warped };
    struct derm_plane *const grid[] = { &p->od[0], &p->od[1], &p->od[2], &p->pigment[0],
                                        &p->pigment[1] };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        must(p, derm_plane_new(&p->keep, whole[i], w, h));
    for (size_t i = 0; i < sizeof(grid) / sizeof(grid[0]); i++)
        must(p, derm_plane_new(&p->keep, grid[i], grid_w, grid_h));
    must(p, derm_rgb8_new(&p->keep, &p->rgb, w, h));
    must(p, derm_mask_new(&p->keep, &p->mask, w, h));
    must(p, derm_mask_new(&p->keep, &p->whole, w, h));
    must(p, derm_labels_new(&p->keep, &p->labels, w, h));
    must(p,
         derm_arena_new(&p->keep, &p->object, (size_t)w * (size_t)h / 4 + 1, sizeof(*p->object)));
    must(p, derm_arena_new(&p->keep, &p->blob, (size_t)w * (size_t)h * PEER_SCALES / 4,
                           sizeof(*p->blob)));
}

static void open_light(struct peer *p)
{
    struct derm_decoder *decoder;
    const struct derm_picture *picture;

    open_photo(p, &decoder);
    picture = derm_decoder_picture(decoder);
    must(p, derm_colour_open(&p->light.colour, &p->keep, &picture->colour, picture->bits,
                             picture->grey, &p->err));
    make_planes(p, picture->width, picture->height);
    p->light.w = p->rgb.w;
    p->light.h = p->rgb.h;
    p->light.samples = p->rgb.px;
    p->light.stride = p->rgb.stride;
    derm_decoder_close(decoder);
    derm_arena_reset(&p->scratch, 0);
}

/* The plane and the mask, and where the warp reads. */
static void fill_planes(struct peer *p)
{
    const float darker_od = 0.012f;
    struct derm_plane od[3];

    run_decode(p);
    for (int c = 0; c < 3; c++)
        must(p, derm_plane_raw(&p->scratch, &od[c], p->rgb.w, p->rgb.h));
    must(p, derm_light_area(&p->f, od, &p->light, 0, 0, 1, peer_od_floor));
    for (int y = 0; y < p->rgb.h; y++)
        memcpy(derm_row(&p->plane, y), derm_row(&od[1], y), (size_t)p->rgb.w * sizeof(float));
    derm_arena_reset(&p->scratch, 0);
    run_ridge(p);
    for (int y = 0; y < p->rgb.h; y++)
        for (int x = 0; x < p->rgb.w; x++) {
            derm_mask_row(&p->mask, y)[x] = derm_row(&p->band, y)[x] > darker_od ? 0xff : 0;
            derm_mask_row(&p->whole, y)[x] = 0xff;
            peer_map(&derm_row(&p->x, y)[x], &derm_row(&p->y, y)[x], x, y);
        }
}

static void write_inputs(struct peer *p, const char *folder)
{
    FILE *const rgb = peer_open(folder, "rgb", "wb"),
                *const plane = peer_open(folder, "plane", "wb"),
                *const mask = peer_open(folder, "mask", "wb");

    save_decode(p, rgb);
    save_plane(&p->plane, plane);
    for (int y = 0; y < p->mask.h; y++)
        fwrite(derm_mask_row(&p->mask, y), 1, (size_t)p->mask.w, mask);
    fclose(rgb);
    fclose(plane);
    fclose(mask);
}

int main(int argc, char **argv)
{
    static const struct peer_stage stages[] = {
        { "decode", run_decode, save_decode },
        { "maps", run_maps, save_maps },
        { "ridge", run_ridge, save_ridge },
        { "blobs", run_blobs, save_blobs },
        { "components", run_components, save_components },
        { "warp", run_warp, save_warp },
        { "filters", run_filters, NULL },
        { "analysis", run_analysis, NULL },
        { NULL, NULL, NULL },
    };
    const struct derm_settings settings = { .size = sizeof(settings), .threads = 1 };
    static struct peer p;
    struct derm_pool *pool;

    if (argc != 4) return 64;
    p.photo = argv[2];
    must(&p, derm_arena_init(&p.keep, (size_t)8 << 30, &p.err));
    must(&p, derm_arena_init(&p.scratch, (size_t)8 << 30, &p.err));
    must(&p, derm_pool_new(&pool, 1, &p.err));
    must(&p, derm_context_new(&p.context, &settings));
    derm_kernels_init(&p.kernels, derm_cpu_detect());
    p.f = (struct derm_filter){ &p.kernels, pool, &p.scratch };
    open_light(&p);
    fill_planes(&p);
    write_inputs(&p, argv[1]);
    read_filters(&p, argv[3]);
    printf("%d %d\n", p.rgb.w, p.rgb.h);
    fflush(stdout);
    peer_serve(&p, "dermetry", argv[1], stages);
    return 0;
}
