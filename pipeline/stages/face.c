/* SPDX-License-Identifier: Apache-2.0 */
/* face: the largest face, its landmarks and pose; or the decision to measure a close-up.
 *
 * reads   rgb
 * writes  face   landmarks in photo px (pixel centres at integers)
 *
 * Detectors are tried from the cheapest on until one finds a face that the landmark network
 * confirms (models, section 4). A face serves as a frame of reference only when it is seen whole
 * and from the front, with both eyes open to the camera; everything else is measured as a close-up,
 * which needs no landmarks, but is skin for certain when there is a face in it. */
#include <math.h>

#include "base/num.h"
#include "nn/face.h"
#include "stages/stages.h"

struct params {
    float short_threshold, full_threshold, presence, max_spread;
    float pad, max_yaw_deg, max_pitch_deg, inside, eye_contrast;
    int crops;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, short_threshold, 0.5, 0.1, 1, "least score, short-range detector"),
    DERM_OPT(struct params, full_threshold, 0.6, 0.1, 1, "least score, full-range detector"),
    DERM_OPT(struct params, presence, 0.5, 0, 1, "least face flag of the landmarks"),
    DERM_OPT(struct params, max_spread, 0.03, 0, 1,
             "most that landmarks may differ between crops, of the pupils' distance"),
    DERM_OPT(struct params, pad, 0.3, 0, 1, "black border of the second try, of the long side"),
    DERM_OPT(struct params, max_yaw_deg, 40, 0, 90, "a head turned further is a close-up"),
    DERM_OPT(struct params, max_pitch_deg, 40, 0, 90, "a head tilted further is a close-up"),
    DERM_OPT(struct params, inside, 0.9, 0, 1, "least share of the landmarks inside the photo"),
    DERM_OPT(struct params, eye_contrast, 8, 0, 255,
             "least spread of grey inside an eye's contour, levels; less is a covered eye"),
    DERM_OPT(struct params, crops, 5, 1, DERM_FACE_CROPS, "crops that the last pass averages"),
    { 0 },
};

enum {
    MAX_FACES = 16,
    LEFT_IRIS = 468,  /* centres; of the image's left, the subject's right eye */
    RIGHT_IRIS = 473, /* each is followed by its ring: right, top, left, bottom */
};

struct search {
    struct derm_nn nn;
    const struct params *p;
    const struct derm_rgb8 *rgb;
    struct derm_thumb far, near; /* the photo reduced for detectors and for landmarks */
    int n;                       /* faces found */
    struct derm_detection box;   /* of the largest */
    struct derm_face_points points;
};

/* The part of the photo within radius of (x, y). */
static struct derm_window around(const struct search *s, const struct derm_crop *crop,
                                 double radius)
{
    const int w = s->rgb->w, h = s->rgb->h;

    return (struct derm_window){ (int)clampd(floor(crop->x - radius), 0, w - 1),
                                 (int)clampd(floor(crop->y - radius), 0, h - 1),
                                 (int)clampd(ceil(crop->x + radius), 1, w),
                                 (int)clampd(ceil(crop->y + radius), 1, h) };
}

static bool contains(const struct derm_window *a, const struct derm_window *b)
{
    return a->x0 <= b->x0 && a->y0 <= b->y0 && a->x1 >= b->x1 && a->y1 >= b->y1;
}

/* The face's part of the photo is reduced once, with room for the crop to move. */
static derm_err reduce_near(struct search *s, const struct derm_crop *crop)
{
    const int factor = derm_thumb_factor(crop->side / DERM_MESH_INPUT);
    const double radius = 0.75 * crop->side, room = 1.3; /* a turned square reaches to 0.71 side */
    const struct derm_window need = around(s, crop, radius);
    const struct derm_window window = around(s, crop, radius * room);

    if (s->near.factor == factor && contains(&s->near.window, &need)) return DERM_OK;
    return derm_thumb_new(&s->nn, s->nn.scratch, &s->near, s->rgb, &window, factor);
}

static derm_err look(struct search *s, struct derm_crop *crop, int crops,
                     struct derm_face_points *points)
{
    DERM_TRY(reduce_near(s, crop));
    DERM_TRY(derm_face_landmarks(&s->nn, &s->near, crop, crops, points));
    *crop = derm_face_crop_again(points);
    return DERM_OK;
}

static double distance(const struct derm_face_points *q, int i, int j)
{
    const double dx = q->x[i] - q->x[j], dy = q->y[i] - q->y[j];

    return sqrt(dx * dx + dy * dy);
}

static double area(const struct derm_detection *d)
{
    return d->width * d->height;
}

/* Three looks: two that centre the crop, one that averages. The landmark network is quick to take a
 * mole for a face, but then its points differ from crop to crop. */
static derm_err confirm(struct search *s, const struct derm_detection *box)
{
    struct derm_crop crop = derm_face_crop(box);
    struct derm_face_points points;

    DERM_TRY(look(s, &crop, 1, &points));
    if (points.presence < (double)s->p->presence) return DERM_OK;
    DERM_TRY(look(s, &crop, 1, &points));
    DERM_TRY(look(s, &crop, s->p->crops, &points));
    if (points.presence < (double)s->p->presence ||
        points.spread > (double)s->p->max_spread * distance(&points, LEFT_IRIS, RIGHT_IRIS))
        return DERM_OK;
    if (s->n == 0 || area(box) > area(&s->box)) {
        s->box = *box;
        s->points = points;
    }
    s->n++;
    return DERM_OK;
}

static derm_err try_one(struct search *s, enum derm_network net, double pad, int quarter_turns)
{
    static const double cosine[4] = { 1, 0, -1, 0 }, sine[4] = { 0, 1, 0, -1 };
    const int side = imax(s->rgb->w, s->rgb->h);
    const struct derm_crop whole = { .x = 0.5 * s->rgb->w,
                                     .y = 0.5 * s->rgb->h,
                                     .side = side * (1.0 + 2.0 * pad),
                                     .cosine = cosine[quarter_turns],
                                     .sine = sine[quarter_turns] };
    const double threshold =
        (double)(net == DERM_NET_FACE_SHORT ? s->p->short_threshold : s->p->full_threshold);
    struct derm_detection box[MAX_FACES];
    int n = 0;

    if (s->n > 0) return DERM_OK;
    DERM_TRY(derm_face_detect(&s->nn, net, &s->far, &whole, threshold, box, MAX_FACES, &n));
    for (int i = 0; i < n; i++)
        DERM_TRY(confirm(s, &box[i]));
    return DERM_OK;
}

/* In a close-up a face only tells that there is skin: one look must do. */
static derm_err find_faces(struct search *s, bool close_up)
{
    const double side = imax(s->rgb->w, s->rgb->h);

    DERM_TRY(derm_thumb_new(&s->nn, s->nn.scratch, &s->far, s->rgb, NULL,
                            derm_thumb_factor(side / derm_face_detector_size(DERM_NET_FACE_FULL))));
    DERM_TRY(try_one(s, DERM_NET_FACE_SHORT, 0, 0));
    if (close_up) return DERM_OK;
    DERM_TRY(try_one(s, DERM_NET_FACE_SHORT, (double)s->p->pad, 0));
    DERM_TRY(try_one(s, DERM_NET_FACE_FULL, 0, 0));
    for (int turns = 1; turns < 4; turns++)
        DERM_TRY(try_one(s, DERM_NET_FACE_SHORT, 0, turns));
    return DERM_OK;
}

/* ---- is the face good as a frame of reference? ---- */

static double inside(const struct derm_face_points *q, const struct derm_rgb8 *rgb)
{
    int n = 0;

    for (int i = 0; i < DERM_FACE_POINTS; i++)
        n += q->x[i] >= 0 && q->y[i] >= 0 && q->x[i] < rgb->w && q->y[i] < rgb->h;
    return (double)n / DERM_FACE_POINTS;
}

/* Spread of grey (standard deviation, levels) over an eye: lids, white and iris differ, whatever
 * the light; a bar, a blur or hair over the eye, or an eye turned away, does not. The eye is
 * sampled between its corners, as high as an open eye. 0 outside the photo. */
static double eye_contrast(const struct derm_rgb8 *rgb, const struct derm_face_points *q, int from,
                           int to)
{
    enum { ACROSS = 24, DOWN = 8 };
    const double dx = q->x[to] - q->x[from], dy = q->y[to] - q->y[from];
    double sum = 0, square = 0;

    for (int j = 0; j < DOWN; j++)
        for (int i = 0; i < ACROSS; i++) {
            const double u = (i + 0.5) / ACROSS, v = ((j + 0.5) / DOWN - 0.5) * 0.35;
            const double x = q->x[from] + u * dx - v * dy, y = q->y[from] + u * dy + v * dx;
            const uint8_t *px;
            double grey;

            if (x < 0 || y < 0 || x >= rgb->w || y >= rgb->h) return 0;
            px = derm_rgb8_row(rgb, (int)y) + 3 * (int)x;
            grey = (px[0] + 2.0 * px[1] + px[2]) / 4.0;
            sum += grey;
            square += grey * grey;
        }
    sum /= ACROSS * DOWN;
    return sqrt(fmax(square / (ACROSS * DOWN) - sum * sum, 0));
}

static bool serves(const struct search *s, const struct derm_face *face,
                   const struct derm_face_points *q)
{
    const struct params *const p = s->p;

    return fabs(face->yaw_deg) <= (double)p->max_yaw_deg &&
           fabs(face->pitch_deg) <= (double)p->max_pitch_deg &&
           inside(q, s->rgb) >= (double)p->inside &&
           eye_contrast(s->rgb, q, 33, 133) >= (double)p->eye_contrast &&
           eye_contrast(s->rgb, q, 362, 263) >= (double)p->eye_contrast;
}

/* The longer of the two diameters: a turned head shortens one of them. */
static double iris_diameter(const struct derm_face_points *q, int centre)
{
    return fmax(distance(q, centre + 1, centre + 3), distance(q, centre + 2, centre + 4));
}

static void describe(struct derm_face *face, const struct derm_face_points *q,
                     const struct derm_mesh *mesh)
{
    const struct derm_face_pose pose = derm_face_pose(mesh, q);

    for (int i = 0; i < DERM_LANDMARK_COUNT; i++) {
        face->at[i] = (struct derm_point){ q->x[i] - 0.5, q->y[i] - 0.5 };
        face->z[i] = q->z[i];
    }
    face->yaw_deg = pose.yaw_deg;
    face->pitch_deg = pose.pitch_deg;
    face->roll_deg = pose.roll_deg;
    face->ipd_px = distance(q, LEFT_IRIS, RIGHT_IRIS);
    face->iris_px = 0.5 * (iris_diameter(q, LEFT_IRIS) + iris_diameter(q, RIGHT_IRIS));
}

static derm_err run_face(struct derm_run *run, const void *params)
{
    struct derm_frame *const f = run->frame;
    const bool close_up = run->request->site == DERM_SITE_BODY;
    struct search s = { .nn = { run->models, run->k, run->pool, run->scratch },
                        .p = params,
                        .rgb = &f->rgb };

    f->face = (struct derm_face){ 0 };
    DERM_TRY(find_faces(&s, close_up));
    f->face.count = s.n;
    if (s.n == 0) return DERM_OK;
    f->face.score = s.box.score;
    describe(&f->face, &s.points, derm_models_mesh(run->models));
    f->face.used = !close_up && !f->user_roi.px && serves(&s, &f->face, &s.points);
    return DERM_OK;
}

const struct derm_stage derm_stage_face = {
    .name = "face",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(rgb),
    .writes = DERM_SLOT(face),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_face,
};
