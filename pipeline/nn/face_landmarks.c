/* SPDX-License-Identifier: Apache-2.0 */
/* The landmark network: 468 points of the face (Kartynnik et al. 2019), lips and eyes refined, and
 * both irises (Grishchenko et al. 2020). */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/filter.h"
#include "nn/attention.h"
#include "nn/face.h"

enum output {
    OUT_MESH,
    OUT_LIPS,
    OUT_LEFT_EYE,
    OUT_RIGHT_EYE,
    OUT_LEFT_IRIS,
    OUT_RIGHT_IRIS,
    OUT_FLAG
};
enum { IRIS_POINTS = 5, EYE_CONTOUR = 16 /* first points of an eye's list */ };
enum { OUTER_EYE_LEFT = 33, OUTER_EYE_RIGHT = 263 /* of the image */ };
static const double crop_scale = 1.5; /* of the box; MediaPipe's graphs */

/* Shift as a share of the side, scale, cosine and sine of the turn (3 degrees). The first is the
 * crop itself; the first five and all nine are balanced. */
static const struct jitter {
    double x, y, scale, cosine, sine;
} jitters[DERM_FACE_CROPS] = {
    { 0, 0, 1, 1, 0 },
    { 0.015, 0.010, 1.03, 0.99862953, 0.05233596 },
    { -0.015, -0.010, 0.97, 0.99862953, -0.05233596 },
    { 0.010, -0.015, 0.97, 0.99862953, 0.05233596 },
    { -0.010, 0.015, 1.03, 0.99862953, -0.05233596 },
    { 0.020, 0, 0.98, 1, 0 },
    { -0.020, 0, 1.02, 1, 0 },
    { 0, 0.020, 0.98, 1, 0 },
    { 0, -0.020, 1.02, 1, 0 },
};

static void turn_to(struct derm_crop *crop, double dx, double dy)
{
    const double length = sqrt(dx * dx + dy * dy);

    crop->cosine = length > 0 ? dx / length : 1.0;
    crop->sine = length > 0 ? dy / length : 0.0;
}

struct derm_crop derm_face_crop(const struct derm_detection *d)
{
    struct derm_crop crop = { .x = d->x,
                              .y = d->y,
                              .side = crop_scale * fmax(d->width, d->height) };

    turn_to(&crop, d->key[1][0] - d->key[0][0], d->key[1][1] - d->key[0][1]);
    return crop;
}

struct derm_crop derm_face_crop_again(const struct derm_face_points *p)
{
    double lo[2] = { p->x[0], p->y[0] }, hi[2] = { p->x[0], p->y[0] };
    struct derm_crop crop;

    for (int i = 1; i < DERM_FACE_POINTS; i++) {
        lo[0] = fmin(lo[0], p->x[i]);
        hi[0] = fmax(hi[0], p->x[i]);
        lo[1] = fmin(lo[1], p->y[i]);
        hi[1] = fmax(hi[1], p->y[i]);
    }
    crop.x = 0.5 * (lo[0] + hi[0]);
    crop.y = 0.5 * (lo[1] + hi[1]);
    crop.side = crop_scale * fmax(hi[0] - lo[0], hi[1] - lo[1]);
    turn_to(&crop, p->x[OUTER_EYE_RIGHT] - p->x[OUTER_EYE_LEFT],
            p->y[OUTER_EYE_RIGHT] - p->y[OUTER_EYE_LEFT]);
    return crop;
}

static struct derm_crop moved(const struct derm_crop *crop, const struct jitter *j)
{
    const double dx = j->x * crop->side, dy = j->y * crop->side;

    return (struct derm_crop){
        .x = crop->x + crop->cosine * dx - crop->sine * dy,
        .y = crop->y + crop->sine * dx + crop->cosine * dy,
        .side = crop->side * j->scale,
        .cosine = crop->cosine * j->cosine - crop->sine * j->sine,
        .sine = crop->sine * j->cosine + crop->cosine * j->sine,
    };
}

/* The network's outputs as 478 points of the crop: x, y, z each in pixels of the input. The refined
 * x and y replace those of the mesh; z of an iris is the mean of its eye's contour. */
static void assemble(float point[DERM_FACE_POINTS][3], const struct derm_net *net, const float *ws)
{
    memcpy(point, derm_net_output(net, ws, OUT_MESH), DERM_MESH_VERTICES * sizeof(point[0]));
    for (int h = 0; h < DERM_ATTENTION_HEADS; h++) {
        const struct derm_attention_head *const head = &derm_attention_head[h];
        const float *const fine = derm_net_output(net, ws, OUT_LIPS + h);

        for (int i = 0; i < head->count; i++)
            memcpy(point[head->point[i]], fine + 2 * i, 2 * sizeof(float));
    }
    for (int eye = 0; eye < 2; eye++) {
        const uint16_t *const contour = derm_attention_head[1 + eye].point;
        const float *const iris = derm_net_output(net, ws, OUT_LEFT_IRIS + eye);
        float z = 0.0f;

        for (int i = 0; i < EYE_CONTOUR; i++)
            z += point[contour[i]][2];
        for (int i = 0; i < IRIS_POINTS; i++) {
            float *const p = point[DERM_MESH_VERTICES + eye * IRIS_POINTS + i];
            memcpy(p, iris + 2 * i, 2 * sizeof(float));
            p[2] = z / EYE_CONTOUR;
        }
    }
}

/* Moves *mean towards value, the n-th of its kind from 0; returns what that adds to the sum of
 * squared deviations (Welford 1962). */
static double update(double *mean, double value, int n)
{
    const double before = value - *mean;

    *mean += before / (n + 1);
    return before * (value - *mean);
}

/* Adds the points of crop n to the means; returns the squared deviations of x and y. */
static double add(struct derm_face_points *mean, float point[DERM_FACE_POINTS][3],
                  const struct derm_crop *crop, int n)
{
    const double step = crop->side / DERM_MESH_INPUT;
    double m[2][3], squares = 0;

    derm_crop_matrix(m, crop, DERM_MESH_INPUT);
    for (int i = 0; i < DERM_FACE_POINTS; i++) {
        const double u = (double)point[i][0], v = (double)point[i][1];

        squares += update(&mean->x[i], m[0][0] * u + m[0][1] * v + m[0][2], n);
        squares += update(&mean->y[i], m[1][0] * u + m[1][1] * v + m[1][2], n);
        update(&mean->z[i], step * (double)point[i][2], n);
    }
    return squares;
}

derm_err derm_face_landmarks(const struct derm_nn *nn, const struct derm_thumb *thumb,
                             const struct derm_crop *crop, int crops,
                             struct derm_face_points *points)
{
    static const float unit[2] = { 1.0f / 255.0f, 0.0f };
    const size_t mark = nn->scratch->used;
    const struct derm_net *net;
    float(*point)[3] = NULL, *ws = NULL;
    double squares = 0;

    DERM_TRY(derm_models_net(nn->models, DERM_NET_MESH, &net, nn->scratch->err));
    DERM_TRY(derm_net_workspace(net, nn->scratch, &ws));
    DERM_TRY(derm_arena_new(nn->scratch, &point, DERM_FACE_POINTS, sizeof(*point)));
    memset(points, 0, sizeof(*points));
    for (int i = 0; i < crops; i++) {
        const struct derm_crop at = moved(crop, &jitters[i]);
        double m[2][3];
        float logit;

        derm_crop_matrix(m, &at, DERM_MESH_INPUT);
        derm_thumb_sample(thumb, derm_net_input(net, ws), DERM_MESH_INPUT, DERM_MESH_INPUT, m,
                          DERM_BORDER_REPLICATE, unit);
        derm_net_run(net, ws, nn->k, nn->pool);
        assemble(point, net, ws);
        squares += add(points, point, &at, i);
        logit = clampf(derm_net_output(net, ws, OUT_FLAG)[0], -80.0f, 80.0f);
        update(&points->presence, 1.0 / (1.0 + (double)derm_expf(-logit)), i);
    }
    points->spread = sqrt(squares / (crops * DERM_FACE_POINTS));
    derm_arena_reset(nn->scratch, mark);
    return DERM_OK;
}
