/* SPDX-License-Identifier: Apache-2.0 */
/* Every plane filter gives the same bits with every instruction set and with 1, 2 and 3 threads,
 * and when it is called a second time.
 *
 *   check_filters [seed] [--filter name] */
#include "check.h"
#include "kernels/filter.h"
#include "kernels/response.h"

enum { MAX_OUT = 3 };

struct input {
    struct derm_plane a, x, y;
    struct derm_mask mask;
    double sigma_px, radius_px, step, x0, y0;
};
struct output { /* what a call fills; the rest stays zero */
    struct derm_plane plane[MAX_OUT];
    struct derm_mask mask;
    struct derm_labels labels;
    double number[3];
};

static derm_err call_gaussian(const struct derm_filter *f, const struct input *in,
                              struct output *out)
{
    return derm_gaussian(f, &out->plane[0], &in->a, in->sigma_px);
}
static derm_err call_gaussian_masked_planes(const struct derm_filter *f, const struct input *in,
                                            struct output *out)
{
    const struct derm_plane src[2] = { in->a, in->x };

    return derm_gaussian_masked_planes(f, out->plane, src, 2, &in->mask, in->sigma_px);
}
static derm_err call_gaussian_masked(const struct derm_filter *f, const struct input *in,
                                     struct output *out)
{
    return derm_gaussian_masked(f, &out->plane[0], &in->a, &in->mask, in->sigma_px);
}

static struct derm_response response_of(const struct input *in)
{
    struct derm_response r = { fmin(in->sigma_px * in->sigma_px, 64),
                               { -1, -4, -1, -4, 20, -4, -1, -4, -1 } };

    for (int i = 0; i < 9; i++)
        r.weight[i] *= (float)in->step;
    return r;
}
static derm_err call_response_rows(const struct derm_filter *f, const struct input *in,
                                   struct output *out)
{
    const struct derm_response r = response_of(in);
    const int step = 1 + (int)fabs(3 * in->x0) % 4;

    out->plane[0].h = (in->a.h + step - 1) / step;
    return derm_response_rows(f, &out->plane[0], &in->a, &r, &in->mask, step);
}

/* In no particular order: marked in a plane. */
static derm_err call_response_maxima(const struct derm_filter *f, const struct input *in,
                                     struct output *out)
{
    const struct derm_response r = response_of(in);
    const size_t mark = f->scratch->used;
    struct derm_maxima_search search = { .mask = &in->mask };
    struct derm_maximum *m;
    float *floor;
    int n;

    DERM_TRY(derm_arena_new(f->scratch, &floor, (size_t)in->a.h, sizeof(*floor)));
    search.floor = floor;
    DERM_TRY(derm_response_maxima(f, &in->a, &r, &search, &m, &n));
    for (int k = 0; k < MAX_OUT; k++)
        for (int y = 0; y < in->a.h; y++)
            memset(derm_row(&out->plane[k], y), 0, sizeof(float) * (size_t)in->a.w);
    for (int i = 0; i < n; i++) {
        derm_row(&out->plane[0], m[i].y)[m[i].x] += m[i].value; /* twice would show */
        derm_row(&out->plane[1], m[i].y)[m[i].x] = m[i].dx;
        derm_row(&out->plane[2], m[i].y)[m[i].x] = m[i].dy;
    }
    out->number[0] = n;
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
static derm_err call_hessian(const struct derm_filter *f, const struct input *in,
                             struct output *out)
{
    return derm_hessian(f, &out->plane[0], &out->plane[1], &out->plane[2], &in->a, in->sigma_px);
}
static derm_err call_resample_area(const struct derm_filter *f, const struct input *in,
                                   struct output *out)
{
    return derm_resample_area(f, &out->plane[0], &in->a, in->x0, in->y0, in->step);
}
static derm_err call_resample_share(const struct derm_filter *f, const struct input *in,
                                    struct output *out)
{
    return derm_resample_share(f, &out->plane[0], &in->mask, in->x0, in->y0, in->step);
}
static derm_err call_resample_map(const struct derm_filter *f, const struct input *in,
                                  struct output *out)
{
    return derm_resample_map(f, &out->plane[0], &in->a, &in->x, &in->y);
}
static derm_err call_half(const struct derm_filter *f, const struct input *in, struct output *out)
{
    out->plane[0].w = (in->a.w + 1) / 2;
    out->plane[0].h = (in->a.h + 1) / 2;
    return derm_half(f, &out->plane[0], &in->a);
}
static derm_err call_label(const struct derm_filter *f, const struct input *in, struct output *out)
{
    int n;

    DERM_TRY(derm_label(f, &out->labels, &in->mask, &n));
    out->number[0] = n;
    return DERM_OK;
}
static derm_err call_masked_median(const struct derm_filter *f, const struct input *in,
                                   struct output *out)
{
    int n;

    DERM_TRY(derm_masked_median(f, &in->a, &in->mask, &out->number[0], &out->number[1], &n));
    out->number[2] = n;
    return DERM_OK;
}
static derm_err call_dilate(const struct derm_filter *f, const struct input *in, struct output *out)
{
    return derm_dilate(f, &out->mask, &in->mask, in->radius_px);
}
static derm_err call_erode(const struct derm_filter *f, const struct input *in, struct output *out)
{
    return derm_erode(f, &out->mask, &in->mask, in->radius_px);
}

static const struct {
    const char *name;
    derm_err (*call)(const struct derm_filter *f, const struct input *in, struct output *out);
} calls[] = {
    { "gaussian", call_gaussian },
    { "gaussian_masked", call_gaussian_masked },
    { "gaussian_masked_planes", call_gaussian_masked_planes },
    { "response_rows", call_response_rows },
    { "response_maxima", call_response_maxima },
    { "hessian", call_hessian },
    { "resample_area", call_resample_area },
    { "resample_share", call_resample_share },
    { "resample_map", call_resample_map },
    { "half", call_half },
    { "label", call_label },
    { "masked_median", call_masked_median },
    { "dilate", call_dilate },
    { "erode", call_erode },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static derm_err make_input(struct input *in, struct derm_arena *a, struct rng *r, int w, int h)
{
    static const double sigmas[] = { 0.4, 0.7, 1.3, 3.0, 8.0, 9.0, 23.0 };

    DERM_TRY(derm_plane_new(a, &in->a, w, h));
    DERM_TRY(derm_plane_new(a, &in->x, w, h));
    DERM_TRY(derm_plane_new(a, &in->y, w, h));
    DERM_TRY(derm_mask_new(a, &in->mask, w, h));
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            derm_row(&in->a, y)[x] = rng_wild(r, 20);
            derm_row(&in->x, y)[x] = (float)x + 9.0f * rng_unit(r) - 4.5f;
            derm_row(&in->y, y)[x] = (float)y + 9.0f * rng_unit(r) - 4.5f;
            derm_mask_row(&in->mask, y)[x] = rng_int(r, 0, 9) < 4 ? 0xff : 0x00;
        }
    }
    in->sigma_px = sigmas[rng_int(r, 0, (int)(sizeof(sigmas) / sizeof(sigmas[0])) - 1)];
    in->radius_px = 6.0 * (double)rng_unit(r);
    in->step = 1.0 + (double)rng_unit(r);
    in->x0 = 5.0 * (double)rng_unit(r) - 2.5;
    in->y0 = 5.0 * (double)rng_unit(r) - 2.5;
    return DERM_OK;
}

static derm_err make_output(struct output *out, struct derm_arena *a, int w, int h)
{
    for (int i = 0; i < MAX_OUT; i++)
        DERM_TRY(derm_plane_new(a, &out->plane[i], w, h));
    DERM_TRY(derm_mask_new(a, &out->mask, w, h));
    DERM_TRY(derm_labels_new(a, &out->labels, w, h));
    memset(out->number, 0, sizeof(out->number));
    return DERM_OK;
}

static bool same(const struct output *a, const struct output *b, int w, int h)
{
    bool ok = memcmp(a->number, b->number, sizeof(a->number)) == 0;

    for (int y = 0; y < h; y++) {
        const size_t n = (size_t)w;
        for (int i = 0; i < MAX_OUT; i++)
            ok &= memcmp(derm_row(&a->plane[i], y), derm_row(&b->plane[i], y), n * 4) == 0;
        ok &= memcmp(derm_mask_row(&a->mask, y), derm_mask_row(&b->mask, y), n) == 0;
        ok &= memcmp(derm_labels_row(&a->labels, y), derm_labels_row(&b->labels, y), n * 4) == 0;
    }
    return ok;
}

struct way { /* one of the ways to compute the same */
    char name[24];
    struct derm_kernels k;
    struct derm_pool *pool;
};
enum { THREADS = 3, MAX_WAYS = 4 * THREADS };

static derm_err make_ways(struct way *way, int *n, struct derm_error *err)
{
    const char *names[4];
    unsigned flags[4];
    const int variants = check_variants(names, flags);

    if (variants == 0) printf("no variant: only numbers of threads are compared\n");
    *n = 0;
    for (int v = -1; v < variants; v++) {
        for (int threads = 1; threads <= THREADS; threads++) {
            struct way *const w = &way[(*n)++];
            snprintf(w->name, sizeof(w->name), "%s/%d", v < 0 ? "c" : names[v], threads);
            derm_kernels_init(&w->k, v < 0 ? 0 : flags[v]);
            DERM_TRY(derm_pool_new(&w->pool, threads, err));
        }
    }
    return DERM_OK;
}

/* The first way defines the result; it runs twice. */
static derm_err compare(struct check *c, int which, const struct way *way, int ways,
                        const struct input *in, struct derm_arena *arena,
                        struct derm_arena *scratch)
{
    const size_t mark = arena->used;
    struct output want, got;

    DERM_TRY(make_output(&want, arena, in->a.w, in->a.h));
    DERM_TRY(make_output(&got, arena, in->a.w, in->a.h));
    for (int i = -1; i < ways; i++) {
        const struct way *const w = &way[i < 0 ? 0 : i];
        const struct derm_filter f = { &w->k, w->pool, scratch };
        DERM_TRY(calls[which].call(&f, in, i < 0 ? &want : &got));
        if (i < 0 || same(&want, &got, in->a.w, in->a.h)) continue;
        printf("%s %s %dx%d sigma %g: FAILED\n", calls[which].name, w->name, in->a.w, in->a.h,
               in->sigma_px);
        c->failed++;
        break;
    }
    c->done++;
    derm_arena_reset(arena, mark);
    return DERM_OK;
}

static derm_err check_all(struct check *c, struct derm_arena *arena, struct derm_arena *scratch)
{
    static const int sizes[][2] = { { 1, 1 },    { 1, 300 },  { 300, 1 }, { 2, 3 },
                                    { 67, 131 }, { 200, 64 }, { 65, 65 }, { 311, 257 } };
    struct way way[MAX_WAYS];
    int ways;

    DERM_TRY(make_ways(way, &ways, arena->err));
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        for (int round = 0; round < 4; round++) {
            struct input in;
            const size_t mark = arena->used;
            DERM_TRY(make_input(&in, arena, &c->rng, sizes[s][0], sizes[s][1]));
            for (int i = 0; i < CALLS; i++)
                if (check_wants(c, calls[i].name))
                    DERM_TRY(compare(c, i, way, ways, &in, arena, scratch));
            derm_arena_reset(arena, mark);
        }
    }
    for (int i = 0; i < ways; i++)
        derm_pool_free(way[i].pool);
    return DERM_OK;
}

int main(int argc, char **argv)
{
    struct derm_error err = { 0 };
    struct derm_arena arena, scratch;
    struct check c;

    if (!check_options(&c, argc, argv)) return 64;
    if (derm_arena_init(&arena, (size_t)256 << 20, &err) != DERM_OK ||
        derm_arena_init(&scratch, (size_t)256 << 20, &err) != DERM_OK ||
        check_all(&c, &arena, &scratch) != DERM_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (scratch.used != 0) {
        fprintf(stderr, "a filter kept scratch\n");
        return 1;
    }
    derm_arena_free(&arena);
    derm_arena_free(&scratch);
    return check_verdict(&c);
}
