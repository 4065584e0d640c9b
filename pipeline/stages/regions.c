/* SPDX-License-Identifier: Apache-2.0 */
/* regions: which region of the face each pixel belongs to, and which regions can be seen.
 *
 * reads   face, grid, skin
 * writes  view.regions          bit r: pixel lies in region r, skin or not
 *         view.regions_visible  bit r: region r faces the camera, is inside the photo, has skin
 *
 * The regions are polygons of landmarks (models/regions.json). A pixel belongs to one region, the
 * first in the file that covers it, so sums over regions count nothing twice; FACE is the union of
 * those that can be assessed, without the neck.
 * Eyes with lids and lashes, brows, lips and nostrils belong to none. The landmarks end at
 * mid-forehead, so the forehead is drawn on towards the hairline; the skin mask ends it there.
 *
 * On a turned head the far side folds over itself. A region is dropped when the triangles of the
 * mesh under it show the camera much less of their area than they do on the canonical frontal face.
 *
 * A close-up has the one region ROI: the user's, or everything. */
#include <math.h>
#include <string.h>

#include "base/metrics.h"
#include "nn/mesh.h"
#include "stages/outline.h"
#include "stages/place.h"
#include "stages/stages.h"

struct params {
    float min_facing;
    float min_inside;
    float min_skin;
    float min_roi_skin;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, min_facing, 0.6, 0, 1,
             "a region is seen when this share of its frontal area faces the camera"),
    DERM_OPT(struct params, min_inside, 0.6, 0, 1, "share of a region that is inside the photo"),
    DERM_OPT(struct params, min_skin, 0.4, 0, 1, "share of a region that is assessable skin"),
    DERM_OPT(struct params, min_roi_skin, 0.02, 0, 1, "the same in a close-up"),
    { 0 },
};

static bool inside(const float (*polygon)[2], int n, float x, float y)
{
    bool in = false;

    for (int i = 0, j = n - 1; i < n; j = i++) {
        const float *const a = polygon[i], *const b = polygon[j];
        if ((a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
            in = !in;
    }
    return in;
}

struct facing {
    double shown, whole; /* area: towards the camera in projection, and on the surface */
};

static void add_triangle(struct facing *f, double p[3][3], double front)
{
    const double ax = p[1][0] - p[0][0], ay = p[1][1] - p[0][1], az = p[1][2] - p[0][2];
    const double bx = p[2][0] - p[0][0], by = p[2][1] - p[0][1], bz = p[2][2] - p[0][2];
    const double nx = ay * bz - az * by, ny = az * bx - ax * bz, nz = ax * by - ay * bx;

    f->shown += fmax(0, front * nz);
    f->whole += sqrt(nx * nx + ny * ny + nz * nz);
}

/* Corner k of triangle t on the canonical mesh (cm, y up) or, given a face, in the photo. */
static void corner(double p[3], const struct derm_mesh *mesh, const struct derm_face *face, int t,
                   int k)
{
    const int v = mesh->triangle[t][k];

    if (face) {
        p[0] = face->at[v].x;
        p[1] = face->at[v].y;
        p[2] = face->z[v];
    } else {
        for (int c = 0; c < 3; c++)
            p[c] = (double)mesh->xyz[v][c];
    }
}

/* How much of its frontal area the region under the outline shows the camera. 1: as much as on the
 * canonical face seen from the front. */
static double facing_ratio(const struct derm_mesh *mesh, const struct derm_face *face,
                           const struct derm_outline *o, double front)
{
    float polygon[DERM_OUTLINE_POINTS][2];
    struct facing now = { 0 }, canonical = { 0 };

    for (int i = 0; i < o->n; i++)
        memcpy(polygon[i], mesh->uv[o->landmark[i]], sizeof(polygon[i]));
    for (int t = 0; t < DERM_MESH_TRIANGLES; t++) {
        double p[3][3], q[3][3];
        float u = 0, v = 0;

        for (int k = 0; k < 3; k++) {
            u += mesh->uv[mesh->triangle[t][k]][0] / 3;
            v += mesh->uv[mesh->triangle[t][k]][1] / 3;
            corner(p[k], mesh, face, t, k);
            corner(q[k], mesh, NULL, t, k);
        }
        if (!inside((const float(*)[2])polygon, o->n, u, v)) continue;
        add_triangle(&now, p, -front); /* the photo's y points down */
        add_triangle(&canonical, q, front);
    }
    if (!(canonical.shown > 0 && now.whole > 0)) return 1;
    return now.shown / now.whole / (canonical.shown / canonical.whole);
}

/* The sign of the projected area of the canonical mesh: which winding is the front. */
static double front_winding(const struct derm_mesh *mesh)
{
    double sum = 0;

    for (int t = 0; t < DERM_MESH_TRIANGLES; t++) {
        double p[3][3];

        for (int k = 0; k < 3; k++)
            corner(p[k], mesh, NULL, t, k);
        sum +=
            (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[1][1] - p[0][1]) * (p[2][0] - p[0][0]);
    }
    return sum < 0 ? -1 : 1;
}

static derm_err region_of(const struct derm_json *entry, enum derm_region *region,
                          struct derm_error *err)
{
    const char *id;

    DERM_TRY(derm_json_text(entry, "id", &id, err));
    for (int r = 0; r < DERM_REGION_COUNT; r++)
        if (strcmp(id, derm_region_id((enum derm_region)r)) == 0) {
            *region = (enum derm_region)r;
            return DERM_OK;
        }
    return derm_fail(err, DERM_EMODEL, "regions.json: there is no region %s", id);
}

struct count {
    double covered, owned, skin; /* px under the polygon, of them the region's own, and skin */
};

/* Gives the pixels of `shape` that belong to nobody yet to the region, and clears shape. */
static struct count claim(struct derm_view *view, struct derm_mask *shape,
                          const struct derm_mask *excluded, const struct derm_outline *o,
                          uint16_t bits)
{
    struct count n = { 0 };
    int x0, y0, x1, y1;

    derm_outline_bounds(o, shape->w, shape->h, &x0, &y0, &x1, &y1);
    for (int y = y0; y < y1; y++) {
        uint8_t *const in = derm_mask_row(shape, y);
        const uint8_t *const out = derm_mask_row(excluded, y);
        const uint8_t *const skin = derm_mask_row(&view->skin, y);
        uint16_t *const own = derm_bits_row(&view->regions, y);
        for (int x = x0; x < x1; x++) {
            if (!in[x]) continue;
            in[x] = 0;
            n.covered++;
            if (out[x] || own[x]) continue;
            own[x] = bits;
            n.owned++;
            n.skin += skin[x] != 0;
        }
    }
    return n;
}

/* FACE is the union of what can be assessed; the neck is none of it. */
static void unite(struct derm_view *view)
{
    const uint32_t of_face = view->regions_visible & ~(1u << DERM_REGION_NECK);

    for (int y = 0; y < view->grid.h; y++) {
        uint16_t *const own = derm_bits_row(&view->regions, y);
        for (int x = 0; x < view->grid.w; x++)
            if (own[x] & of_face) own[x] |= 1u << DERM_REGION_FACE;
    }
    if (of_face) view->regions_visible |= 1u << DERM_REGION_FACE;
}

static derm_err face_regions(struct derm_run *run, const struct params *p)
{
    const struct derm_mesh *const mesh = derm_models_mesh(run->models);
    const struct derm_face *const face = &run->frame->face;
    struct derm_view *const view = &run->frame->view;
    const double front = front_winding(mesh);
    const struct derm_json *table, *entry;
    struct derm_mask shape, excluded;
    double rise;

    DERM_TRY(derm_models_table(run->models, "regions", &table, run->err));
    DERM_TRY(derm_json_number(table, "forehead_rise_of_face_height", &rise, run->err));
    DERM_TRY(derm_mask_new(run->scratch, &shape, view->grid.w, view->grid.h));
    DERM_TRY(derm_mask_new(run->scratch, &excluded, view->grid.w, view->grid.h));
    DERM_TRY(
        derm_outline_fill_list(&excluded, table, "exclude", face, &view->grid, 0xff, run->err));
    entry = derm_json_first(derm_json_get(table, "regions"));
    for (; entry; entry = derm_json_next(entry)) {
        struct derm_outline o = { .n = 0 };
        enum derm_region r = DERM_REGION_FACE;
        struct count n;

        DERM_TRY(region_of(entry, &r, run->err));
        DERM_TRY(derm_outline_read(&o, entry, face, &view->grid, rise, run->err));
        if (r != DERM_REGION_NECK && /* which the mesh does not reach */
            facing_ratio(mesh, face, &o, front) < (double)p->min_facing)
            continue;
        DERM_TRY(derm_cv_fill(&shape, o.at, o.n, 0xff, run->err));
        n = claim(view, &shape, &excluded, &o, (uint16_t)(1u << r));
        if (n.covered < (double)p->min_inside * fabs(derm_outline_area(&o))) continue;
        if (n.skin > 0 && n.skin >= (double)p->min_skin * n.owned) view->regions_visible |= 1u << r;
    }
    unite(view);
    return DERM_OK;
}

static void close_up_region(struct derm_frame *f, const struct params *p)
{
    struct derm_view *const view = &f->view;
    const bool everywhere = !f->user_roi.px && !f->user_exclude.px;
    const int w = view->grid.w;
    struct count n = { 0 };

    for (int y = 0; y < view->grid.h; y++) {
        uint16_t *const own = derm_bits_row(&view->regions, y);
        const uint8_t *const skin = derm_mask_row(&view->skin, y);
        int owned = 0, of_skin = 0;

        for (int x = 0; x < w; x++)
            own[x] = 1u << DERM_REGION_ROI;
        for (int x = 0; x < w && !everywhere; x++)
            if (!derm_mask_at(&f->user_roi, &view->grid, x, y, 0xff) ||
                derm_mask_at(&f->user_exclude, &view->grid, x, y, 0))
                own[x] = 0;
        for (int x = 0; x < w; x++) {
            owned += own[x] != 0;
            of_skin += (own[x] != 0) & (skin[x] != 0);
        }
        n.owned += owned;
        n.skin += of_skin;
    }
    if (n.skin > 0 && n.skin >= (double)p->min_roi_skin * n.owned)
        view->regions_visible = 1u << DERM_REGION_ROI;
}

/* Beside whatever region it lies in. */
static void mark_control(struct derm_frame *f)
{
    struct derm_view *const view = &f->view;

    for (int y = 0; y < view->grid.h; y++)
        for (int x = 0; x < view->grid.w; x++)
            if (derm_mask_at(&f->user_control, &view->grid, x, y, 0))
                derm_bits_row(&view->regions, y)[x] |= 1u << DERM_REGION_CONTROL;
}

static derm_err run_regions(struct derm_run *run, const void *params)
{
    struct derm_view *const view = &run->frame->view;

    view->regions_visible = 0;
    DERM_TRY(derm_bits_new(run->keep, &view->regions, view->grid.w, view->grid.h));
    if (run->frame->face.used)
        DERM_TRY(face_regions(run, params));
    else
        close_up_region(run->frame, params);
    if (run->frame->user_control.px) mark_control(run->frame);
    return DERM_OK;
}

const struct derm_stage derm_stage_regions = {
    .name = "regions",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(face) | DERM_SLOT(grid) | DERM_SLOT(skin),
    .writes = DERM_SLOT(regions),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_regions,
};
