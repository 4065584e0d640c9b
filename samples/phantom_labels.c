/* SPDX-License-Identifier: Apache-2.0 */
/* Truth as pictures: which pixel shows which object, and the maps that were rendered. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "phantom_samples.h"
#include "phantom_view.h"

enum { MAPS = 7 };

static const double label_share = 0.5; /* of an object or a curve that a pixel must show */

static struct phantom_view open_view(const struct phantom_skin *s,
                                     const struct phantom_camera *camera, unsigned kinds)
{
    struct phantom_view g = { .skin = s, .camera = *camera };
    struct phantom_plane *const all[MAPS] = {
        &g.u, &g.v, &g.fm, &g.fb, &g.height, &g.scale, &g.hair
    };

    g.pose = phantom_pose_of(s, camera);
    for (int i = 0; i < MAPS; i++)
        phantom_plane_init(all[i], camera->width, camera->height);
    phantom_draw_maps(&g, kinds);
    return g;
}

static void close_view(struct phantom_view *g)
{
    struct phantom_plane *const all[MAPS] = { &g->u,      &g->v,     &g->fm,  &g->fb,
                                              &g->height, &g->scale, &g->hair };

    for (int i = 0; i < MAPS; i++)
        phantom_plane_free(all[i]);
}

static struct phantom_grey16 new_grey(int w, int h)
{
    return (struct phantom_grey16){ phantom_alloc((size_t)w * (size_t)h, sizeof(uint16_t)), w, h };
}

struct stamp {
    uint16_t *px, label;
};

static void print_label(void *arg, ptrdiff_t at, double share)
{
    const struct stamp *const s = arg;

    if (share >= label_share) s->px[at] = s->label;
}

static void label_wide(const struct phantom_view *g, enum phantom_kind kind,
                       struct phantom_grey16 *out)
{
    for (int i = 0; i < out->w * out->h; i++)
        out->px[i] =
            phantom_wide_at(g->skin, kind, (double)g->u.px[i], (double)g->v.px[i]) >= label_share;
}

struct phantom_grey16 phantom_labels(const struct phantom_skin *s,
                                     const struct phantom_camera *camera, enum phantom_kind kind)
{
    struct phantom_grey16 out = new_grey(camera->width, camera->height);
    struct phantom_view g = open_view(s, camera, 0);

    if (phantom_has_wide(s, kind)) label_wide(&g, kind, &out);
    for (int i = 0; i < s->n; i++) {
        struct stamp stamp = { out.px, (uint16_t)(i + 1) };
        if (s->object[i].kind != kind) continue;
        if (kind == PHANTOM_FLAKE && phantom_strength(s, &s->object[i]) <= 0) continue; /* off */
        phantom_cover_object(&g, &s->object[i], print_label, &stamp);
    }
    for (int i = 0; i < s->curves; i++) {
        struct stamp stamp = { out.px, (uint16_t)(i + 1) };
        if (s->curve[i].kind == kind) phantom_cover_curve(&g, &s->curve[i], print_label, &stamp);
    }
    for (int i = 0; i < out.w * out.h; i++)
        if (g.hair.px[i] >= 1) out.px[i] = 0; /* no skin */
    close_view(&g);
    return out;
}

double phantom_labelled_share(const struct phantom_skin *s, const struct phantom_camera *camera,
                              enum phantom_kind kind)
{
    struct phantom_grey16 label = phantom_labels(s, camera, kind);
    int n = 0;

    for (int i = 0; i < label.w * label.h; i++)
        n += label.px[i] > 0;
    free(label.px);
    return (double)n / (label.w * label.h);
}

static int write_scaled(const char *prefix, const char *name, const struct phantom_plane *p,
                        double zero, double unit)
{
    struct phantom_grey16 out = new_grey(p->w, p->h);
    char path[4096];
    int bad;

    for (int i = 0; i < p->w * p->h; i++)
        out.px[i] = (uint16_t)fmin(fmax(zero + unit * (double)p->px[i] + 0.5, 0), 65535);
    snprintf(path, sizeof(path), "%s_%s.png", prefix, name);
    bad = phantom_write_grey(path, &out);
    free(out.px);
    return bad;
}

int phantom_write_maps(const char *prefix, const struct phantom_skin *s,
                       const struct phantom_camera *camera)
{
    struct phantom_view g = open_view(s, camera, (1u << PHANTOM_KINDS) - 1);
    int bad = write_scaled(prefix, "melanin", &g.fm, 0, 65535) ||
              write_scaled(prefix, "blood", &g.fb, 0, 65535) ||
              write_scaled(prefix, "height", &g.height, 32768, 16384);

    close_view(&g);
    for (int k = 0; k < PHANTOM_KINDS && !bad; k++) {
        struct phantom_grey16 label;
        char path[4096];

        if (!phantom_has_kind(s, (enum phantom_kind)k)) continue;
        label = phantom_labels(s, camera, (enum phantom_kind)k);
        snprintf(path, sizeof(path), "%s_%s.png", prefix, phantom_kind_name((enum phantom_kind)k));
        bad = phantom_write_grey(path, &label);
        free(label.px);
    }
    return bad ? -1 : 0;
}
