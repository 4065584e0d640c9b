/* SPDX-License-Identifier: Apache-2.0 */
/* Where keypoints are; how they are described is in descriptor.c. OpenCV has this in features2d,
 * which cannot be linked without a display stack (reference/ecosystem.md section 2), and its
 * results depend on the processor. */
#include "stages/keypoints.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stages/descriptor.h"
#include "stages/mask_ops.h"

enum {
    INTERVALS = 3,          /* scales an octave (Lowe 2004, section 3.2) */
    LEVELS = INTERVALS + 3, /* Gaussian images an octave */
    OCTAVES = 5,
    SMALLEST_PX = 24, /* shortest side of an octave */
    BORDER_PX = 5,
    BUCKETS = 8, /* parts of the image along each axis that share the keypoints */
};
static const double first_sigma_px = 1.6, assumed_sigma_px = 0.5; /* Lowe 2004, sections 3.2, 3.3 */
static const double level_ratio = 1.2599210498948732;             /* 2^(1 / INTERVALS) */
static const float edge_ratio = 10.0f;                            /* Lowe 2004, section 4.1 */

struct octave {
    struct derm_plane gauss[LEVELS];
    double sigma_px[LEVELS]; /* of the octave's own pixels */
    double step;             /* image px per octave px */
};

/* Extremum of the difference of Gaussians, not yet described. */
struct candidate {
    float x, y, sigma_px; /* image px */
    float strength;
    float at_x, at_y, at_sigma_px; /* octave px */
    int octave, level;
};

struct finding {
    struct candidate *item;
    int n, cap;
};

static inline float dog(const struct octave *o, int level, int x, int y)
{
    return derm_row(&o->gauss[level + 1], y)[x] - derm_row(&o->gauss[level], y)[x];
}

static bool is_extremum(const struct octave *o, int level, int x, int y, float value)
{
    for (int k = level - 1; k <= level + 1; k++)
        for (int v = y - 1; v <= y + 1; v++)
            for (int u = x - 1; u <= x + 1; u++) {
                const float other = dog(o, k, u, v);
                if (k == level && u == x && v == y) continue;
                if (value > 0.0f ? other >= value : other <= value) return false;
            }
    return true;
}

static float vertex(float before, float at, float after)
{
    const float bend = before - 2.0f * at + after;
    return fabsf(bend) > 1e-9f ? clampf(0.5f * (before - after) / bend, -0.6f, 0.6f) : 0.0f;
}

static bool is_edge(const struct octave *o, int level, int x, int y, float value)
{
    const float xx = dog(o, level, x - 1, y) + dog(o, level, x + 1, y) - 2.0f * value;
    const float yy = dog(o, level, x, y - 1) + dog(o, level, x, y + 1) - 2.0f * value;
    const float xy = 0.25f * ((dog(o, level, x + 1, y + 1) - dog(o, level, x - 1, y + 1)) -
                              (dog(o, level, x + 1, y - 1) - dog(o, level, x - 1, y - 1)));
    const float trace = xx + yy, det = xx * yy - xy * xy;
    return det <= 0.0f ||
           trace * trace * edge_ratio >= (edge_ratio + 1.0f) * (edge_ratio + 1.0f) * det;
}

static void add_candidate(struct finding *found, const struct octave *o, int octave, int level,
                          int x, int y)
{
    const float value = dog(o, level, x, y);
    const float dx = vertex(dog(o, level, x - 1, y), value, dog(o, level, x + 1, y));
    const float dy = vertex(dog(o, level, x, y - 1), value, dog(o, level, x, y + 1));
    const float ds = vertex(dog(o, level - 1, x, y), value, dog(o, level + 1, x, y));
    const float ratio = (float)(o->sigma_px[level + 1] / o->sigma_px[level]);
    const float sigma = (float)o->sigma_px[level] * (1.0f + ds * (ratio - 1.0f));
    const float step = (float)o->step;

    if (found->n == found->cap) return;
    found->item[found->n++] = (struct candidate){ .x = ((float)x + dx + 0.5f) * step - 0.5f,
                                                  .y = ((float)y + dy + 0.5f) * step - 0.5f,
                                                  .sigma_px = sigma * step,
                                                  .strength = fabsf(value),
                                                  .at_x = (float)x + dx,
                                                  .at_y = (float)y + dy,
                                                  .at_sigma_px = sigma,
                                                  .octave = octave,
                                                  .level = level };
}

/* peak: a row of its own. Few are strong enough and stand out from their four neighbours. */
static void scan_octave(const struct derm_kernels *k, struct finding *found, const struct octave *o,
                        int octave, float least, struct derm_mask peak)
{
    const int h = o->gauss[0].h;

    peak.w = o->gauss[0].w - 2 * BORDER_PX;
    for (int level = 1; level <= INTERVALS; level++)
        for (int y = BORDER_PX; y < h - BORDER_PX; y++) {
            const float *const hi = derm_row(&o->gauss[level + 1], y);
            const float *const lo = derm_row(&o->gauss[level], y);
            k->peaks(peak.px, hi + BORDER_PX, lo + BORDER_PX, o->gauss[0].stride, least,
                     (size_t)peak.w);
            for (int i = -1; (i = derm_mask_next(&peak, 0, i + 1)) < peak.w;) {
                const int x = BORDER_PX + i;
                const float value = hi[x] - lo[x];
                if (!is_extremum(o, level, x, y, value)) continue;
                if (!is_edge(o, level, x, y, value)) add_candidate(found, o, octave, level, x, y);
            }
        }
}

static derm_err build_octave(const struct derm_filter *f, struct octave *o,
                             const struct derm_plane *first, double have_sigma_px)
{
    for (int i = 0; i < LEVELS; i++) {
        const double have = i ? o->sigma_px[i - 1] : have_sigma_px;
        const double want = i ? have * level_ratio : first_sigma_px;
        DERM_TRY(derm_plane_raw(f->scratch, &o->gauss[i], first->w, first->h));
        o->sigma_px[i] = want;
        if (want - have < 1e-6)
            memcpy(o->gauss[i].px, first->px, sizeof(float) * (size_t)(first->stride * first->h));
        else
            DERM_TRY(derm_gaussian(f, &o->gauss[i], i ? &o->gauss[i - 1] : first,
                                   sqrt(want * want - have * have)));
    }
    return DERM_OK;
}

/* Octaves of half the size of the one before; *n of them. */
static derm_err build_octaves(const struct derm_filter *f, struct octave *octave,
                              const struct derm_plane *image, int *n)
{
    *n = 0;
    for (int i = 0; i < OCTAVES; i++) {
        struct octave *const o = octave + i;
        struct derm_plane half;
        if (i == 0) {
            o->step = 1.0;
            DERM_TRY(build_octave(f, o, image, assumed_sigma_px));
        } else {
            const struct derm_plane *const from = &octave[i - 1].gauss[INTERVALS];
            if (imin(from->w, from->h) < 2 * SMALLEST_PX) return DERM_OK;
            o->step = 2.0 * octave[i - 1].step;
            DERM_TRY(derm_plane_raw(f->scratch, &half, (from->w + 1) / 2, (from->h + 1) / 2));
            DERM_TRY(derm_half(f, &half, from));
            DERM_TRY(build_octave(f, o, &half, first_sigma_px));
        }
        *n = i + 1;
    }
    return DERM_OK;
}

/* Strongest first; position decides between equals, so that the order is fixed. */
static int by_strength(const void *va, const void *vb)
{
    const struct candidate *const a = va, *const b = vb;
    if (a->strength != b->strength) return a->strength < b->strength ? 1 : -1;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return (a->sigma_px > b->sigma_px) - (a->sigma_px < b->sigma_px);
}

static int bucket(const struct derm_plane *image, const struct candidate *c)
{
    const int i = clampi((int)(c->x * BUCKETS / (float)image->w), 0, BUCKETS - 1);
    const int j = clampi((int)(c->y * BUCKETS / (float)image->h), 0, BUCKETS - 1);
    return j * BUCKETS + i;
}

derm_err derm_keypoints_find(const struct derm_filter *f, struct derm_arena *keep,
                             const struct derm_plane *image,
                             const struct derm_keypoint_params *params, struct derm_keypoint **out,
                             int *n)
{
    const int share = imax(1, 2 * params->most / (BUCKETS * BUCKETS));
    int taken[BUCKETS * BUCKETS] = { 0 };
    struct octave octave[OCTAVES];
    struct derm_keypoint *found;
    struct finding list = { .cap = 16 * params->most };
    struct derm_describer describer;
    struct derm_mask peak;
    size_t mark;
    int octaves;

    DERM_TRY(derm_arena_new(keep, &found, (size_t)params->most + 1, sizeof(*found)));
    mark = f->scratch->used; /* keep may be the same arena */
    *out = found;
    *n = 0;
    if (imin(image->w, image->h) < SMALLEST_PX) return DERM_OK;
    DERM_TRY(derm_arena_new(f->scratch, &list.item, (size_t)list.cap, sizeof(*list.item)));
    DERM_TRY(derm_mask_raw(f->scratch, &peak, image->w, 1));
    DERM_TRY(build_octaves(f, octave, image, &octaves));
    for (int i = 0; i < octaves; i++)
        scan_octave(f->k, &list, &octave[i], i, params->least_strength, peak);
    qsort(list.item, (size_t)list.n, sizeof(*list.item), by_strength);

    derm_describer_init(&describer);
    for (int i = 0; i < list.n && *n < params->most; i++) {
        const struct candidate *const c = list.item + i;
        struct derm_keypoint point = {
            .x = c->x, .y = c->y, .sigma_px = c->sigma_px, .strength = c->strength
        };
        if (taken[bucket(image, c)]++ >= share) continue;
        *n += derm_describe(&describer, &octave[c->octave].gauss[c->level], c->at_x, c->at_y,
                            c->at_sigma_px, &point, found + *n, imin(2, params->most - *n));
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

struct nearest { /* of every keypoint of one photo among those of the other */
    int32_t *index, *distance2, *second2;
};

static derm_err nearest_new(struct derm_arena *a, struct nearest *p, int n)
{
    const size_t count = (size_t)n + 1;

    DERM_TRY(derm_arena_raw(a, &p->index, count, sizeof(*p->index)));
    DERM_TRY(derm_arena_raw(a, &p->distance2, count, sizeof(*p->distance2)));
    DERM_TRY(derm_arena_raw(a, &p->second2, count, sizeof(*p->second2)));
    for (int i = 0; i < n; i++) {
        p->index[i] = -1;
        p->distance2[i] = p->second2[i] = 1 << 30;
    }
    return DERM_OK;
}

/* One keypoint of the other photo, seen by all. */
static void see_one(const struct nearest *p, int n, int32_t other, const int32_t *restrict d2)
{
    int32_t *const restrict best = p->distance2, *const restrict second = p->second2;
    int32_t *const restrict index = p->index;

    for (int j = 0; j < n; j++) {
        const int32_t d = d2[j], was = best[j];
        const int32_t loser = d < was ? was : d;
        second[j] = loser < second[j] ? loser : second[j];
        index[j] = d < was ? other : index[j];
        best[j] = d < was ? d : was;
    }
}

/* All keypoints of the other photo, seen by one. */
static void see_all(const struct nearest *p, int i, const int32_t *d2, int n)
{
    for (int j = 0; j < n; j++) {
        if (d2[j] >= p->second2[i]) continue;
        if (d2[j] < p->distance2[i]) {
            p->second2[i] = p->distance2[i];
            p->distance2[i] = d2[j];
            p->index[i] = j;
        } else {
            p->second2[i] = d2[j];
        }
    }
}

static void widen(int16_t *restrict to, const uint8_t *restrict from)
{
    for (int k = 0; k < DERM_DESCRIPTOR; k++)
        to[k] = from[k];
}

derm_err derm_keypoints_match(const struct derm_filter *f, const struct derm_keypoint *a, int na,
                              const struct derm_keypoint *b, int nb, double ratio,
                              struct derm_keypoint_match *out, int *n)
{
    const size_t mark = f->scratch->used;
    const double limit = ratio * ratio;
    struct nearest of_a, of_b;
    int16_t one[DERM_DESCRIPTOR], (*descriptors)[DERM_DESCRIPTOR];
    int32_t *d2;

    DERM_TRY(nearest_new(f->scratch, &of_a, na));
    DERM_TRY(nearest_new(f->scratch, &of_b, nb));
    DERM_TRY(derm_arena_raw(f->scratch, &descriptors, (size_t)nb + 1, sizeof(*descriptors)));
    DERM_TRY(derm_arena_raw(f->scratch, &d2, (size_t)nb + 1, sizeof(*d2)));
    for (int j = 0; j < nb; j++)
        widen(descriptors[j], b[j].descriptor);
    for (int i = 0; i < na; i++) {
        widen(one, a[i].descriptor);
        f->k->distances2(d2, one, descriptors[0], DERM_DESCRIPTOR, (size_t)nb);
        see_all(&of_a, i, d2, nb);
        see_one(&of_b, nb, i, d2);
    }
    *n = 0;
    for (int i = 0; i < na; i++) {
        const int32_t j = of_a.index[i];
        if (j < 0 || of_b.index[j] != i) continue;
        if ((double)of_a.distance2[i] < limit * (double)of_a.second2[i])
            out[(*n)++] = (struct derm_keypoint_match){ i, j };
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
