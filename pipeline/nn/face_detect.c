/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the detectors' anchors and merges overlapping boxes (weighted non-maximum suppression),
 * with the constants of MediaPipe's graphs face_detection_short_range and _full_range. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/filter.h"
#include "nn/face.h"

enum { VALUES = 16 /* per anchor: box, then keys */, MAX_CANDIDATES = 256 };
static const double same_face_overlap = 0.3; /* intersection over union */

struct layer {
    int grid, per_cell; /* anchors sit in the middle of grid x grid cells */
};
static const struct detector {
    int size; /* of the input; boxes are in its pixels */
    struct layer layer[2];
} short_range = { 128, { { 16, 2 }, { 8, 6 } } }, full_range = { 192, { { 48, 1 }, { 0, 0 } } };

static const struct detector *detector_of(enum derm_network net)
{
    return net == DERM_NET_FACE_SHORT ? &short_range : &full_range;
}

int derm_face_detector_size(enum derm_network net)
{
    return detector_of(net)->size;
}

static double sigmoid(float logit)
{
    return 1.0 / (1.0 + (double)derm_expf(-clampf(logit, -80.0f, 80.0f)));
}

/* One anchor at (ax, ay) of the unit square, in the units of the input. */
static struct derm_detection decode(const float *v, double ax, double ay, double size, double score)
{
    struct derm_detection d = { .x = (double)v[0] + ax * size,
                                .y = (double)v[1] + ay * size,
                                .width = (double)v[2],
                                .height = (double)v[3],
                                .score = score };

    for (int k = 0; k < DERM_FACE_KEYS; k++) {
        d.key[k][0] = (double)v[4 + 2 * k] + ax * size;
        d.key[k][1] = (double)v[5 + 2 * k] + ay * size;
    }
    return d;
}

/* Keeps the best MAX_CANDIDATES, best first; of equals the earlier anchor stays in front. */
static void insert(struct derm_detection *list, int *n, const struct derm_detection *d)
{
    int i = *n;

    if (i == MAX_CANDIDATES) {
        if (list[i - 1].score >= d->score) return;
        i--;
    } else {
        (*n)++;
    }
    for (; i > 0 && list[i - 1].score < d->score; i--)
        list[i] = list[i - 1];
    list[i] = *d;
}

static int collect(struct derm_detection *list, const struct detector *detector, const float *box,
                   const float *logit, double threshold)
{
    int n = 0;

    for (int l = 0; l < 2; l++) {
        const struct layer layer = detector->layer[l];
        const int anchors = layer.grid * layer.grid * layer.per_cell;

        for (int a = 0; a < anchors; a++, box += VALUES, logit++) {
            const int cell = a / layer.per_cell;
            const int column = cell % layer.grid, row = cell / layer.grid;
            const double score = sigmoid(*logit);
            struct derm_detection d;

            if (score < threshold) continue;
            d = decode(box, (column + 0.5) / layer.grid, (row + 0.5) / layer.grid, detector->size,
                       score);
            if (d.width > 0 && d.height > 0) insert(list, &n, &d);
        }
    }
    return n;
}

static double overlap(const struct derm_detection *a, const struct derm_detection *b)
{
    const double w = fmin(a->x + a->width / 2, b->x + b->width / 2) -
                     fmax(a->x - a->width / 2, b->x - b->width / 2);
    const double h = fmin(a->y + a->height / 2, b->y + b->height / 2) -
                     fmax(a->y - a->height / 2, b->y - b->height / 2);
    const double both = fmax(w, 0) * fmax(h, 0);

    return both / (a->width * a->height + b->width * b->height - both);
}

static void add_weighted(struct derm_detection *sum, const struct derm_detection *d)
{
    sum->x += d->score * d->x;
    sum->y += d->score * d->y;
    sum->width += d->score * d->width;
    sum->height += d->score * d->height;
    for (int k = 0; k < DERM_FACE_KEYS; k++)
        for (int i = 0; i < 2; i++)
            sum->key[k][i] += d->score * d->key[k][i];
    sum->score += d->score;
}

static void divide(struct derm_detection *sum, double best_score)
{
    const double scale = 1.0 / sum->score;

    sum->x *= scale;
    sum->y *= scale;
    sum->width *= scale;
    sum->height *= scale;
    for (int k = 0; k < DERM_FACE_KEYS; k++)
        for (int i = 0; i < 2; i++)
            sum->key[k][i] *= scale;
    sum->score = best_score;
}

/* Takes the best candidate and all that overlap it out of the list; their weighted mean is a face.
 */
static struct derm_detection merge_best(struct derm_detection *list, int *n)
{
    const struct derm_detection best = list[0];
    struct derm_detection sum = { 0 };
    int kept = 0;

    for (int i = 0; i < *n; i++) {
        if (overlap(&best, &list[i]) > same_face_overlap || i == 0)
            add_weighted(&sum, &list[i]);
        else
            list[kept++] = list[i];
    }
    *n = kept;
    divide(&sum, best.score);
    return sum;
}

/* From input pixels to the photo. */
static void map_point(double m[2][3], double *x, double *y)
{
    const double u = *x, v = *y;

    *x = m[0][0] * u + m[0][1] * v + m[0][2];
    *y = m[1][0] * u + m[1][1] * v + m[1][2];
}

static void map_detection(double m[2][3], double step, struct derm_detection *d)
{
    map_point(m, &d->x, &d->y);
    for (int k = 0; k < DERM_FACE_KEYS; k++)
        map_point(m, &d->key[k][0], &d->key[k][1]);
    d->width *= step;
    d->height *= step;
}

derm_err derm_face_detect(const struct derm_nn *nn, enum derm_network net,
                          const struct derm_thumb *thumb, const struct derm_crop *where,
                          double threshold, struct derm_detection *found, int max, int *n)
{
    static const float symmetric[2] = { 1.0f / 127.5f, -1.0f };
    const struct detector *const detector = detector_of(net);
    const size_t mark = nn->scratch->used;
    const struct derm_net *network;
    struct derm_detection *list = NULL;
    double m[2][3];
    float *ws = NULL;
    int left;

    DERM_TRY(derm_models_net(nn->models, net, &network, nn->scratch->err));
    DERM_TRY(derm_net_workspace(network, nn->scratch, &ws));
    DERM_TRY(derm_arena_new(nn->scratch, &list, MAX_CANDIDATES, sizeof(*list)));
    derm_crop_matrix(m, where, detector->size);
    derm_thumb_sample(thumb, derm_net_input(network, ws), detector->size, detector->size, m,
                      DERM_BORDER_ZERO, symmetric);
    derm_net_run(network, ws, nn->k, nn->pool);
    left = collect(list, detector, derm_net_output(network, ws, 0), derm_net_output(network, ws, 1),
                   threshold);
    for (*n = 0; left > 0 && *n < max; (*n)++) {
        found[*n] = merge_best(list, &left);
        map_detection(m, where->side / detector->size, &found[*n]);
    }
    derm_arena_reset(nn->scratch, mark);
    return DERM_OK;
}
