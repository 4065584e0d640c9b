/* SPDX-License-Identifier: Apache-2.0 */
/* Spots of known fading in real photos: neutral and smiling photos of one person, spots put into
 * both at corresponding places, the light of the smiling one changed, both through the whole
 * pipeline. */
#ifndef DERM_TRUTH_INSERTED_SPOTS_H
#define DERM_TRUTH_INSERTED_SPOTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "photo_warp.h"

#include "context.h"
#include "stages/field.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/statistics.h"

#include "sample_all.h"
#include "stage_params.h"

enum { SPOTS = 14, PEOPLE = 64, FADINGS = 3, SETS = 3 };
static const double IPD_MM = 63;
static const double fadings[FADINGS] = { 0, 0.2, 0.4 };

struct spot {
    struct derm_point neutral, smiling; /* photo px */
    double back[2][2];                  /* smiling -> neutral photo px, near the spot */
    double radius_mm, contrast;
};
struct person {
    char id[8], group[16];
};
struct spot_reading {
    bool compared;
    int recalled;         /* inserted spots that were found */
    int others;           /* spots that are found in the untouched pair */
    double known;         /* change in percent: at all inserted places, found or not */
    double places, whole; /* at those that were found, if any; of the face */
    enum derm_verdict verdict;
    double ita_deg, lo, hi;
};

/* ---- spots and light ---- */

/* u right, v down from the middle between the pupils, in pupil distances. */
static inline struct derm_point on_face(const struct picture *p, double u, double v)
{
    const struct derm_point a = p->pupil[0], b = p->pupil[1];
    const double ex = b.x - a.x, ey = b.y - a.y;

    return (struct derm_point){ (a.x + b.x) / 2 + u * ex - v * ey,
                                (a.y + b.y) / 2 + u * ey + v * ex };
}

static inline double px_per_mm(const struct picture *p)
{
    return hypot(p->pupil[1].x - p->pupil[0].x, p->pupil[1].y - p->pupil[0].y) / IPD_MM;
}

struct light {
    double gain[3], slope_x, slope_y; /* optical density; slopes from edge to edge */
};

static inline struct light other_light(struct derm_random *random)
{
    const double gain = 0.5 * (derm_random_uniform(random) - 0.5);
    struct light l;

    for (int c = 0; c < 3; c++)
        l.gain[c] = gain + 0.12 * (derm_random_uniform(random) - 0.5);
    l.slope_x = 0.3 * (derm_random_uniform(random) - 0.5);
    l.slope_y = 0.3 * (derm_random_uniform(random) - 0.5);
    return l;
}

static inline double to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static inline double from_linear(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static inline void render(const struct picture *in, const struct spot *spot, bool smiling,
                          double fading, const struct light *light, double neutral_px_per_mm,
                          const char *group, struct picture *out)
{
    /* models/chromophores.py: ITA -14 and ITA 11 to 59 */
    static const double dark[3] = { 0.39, 0.52, 0.76 }, fair[3] = { 0.34, 0.50, 0.80 };
    const double *const j = strcmp(group, "black") == 0 ? dark : fair;
    const double s = neutral_px_per_mm;

    for (int y = 0; y < in->h; y++)
        for (int x = 0; x < in->w; x++) {
            const size_t at = ((size_t)y * (size_t)in->w + (size_t)x) * 3;
            double density = 0;

            for (int i = 0; i < SPOTS; i++) {
                const struct derm_point p = smiling ? spot[i].smiling : spot[i].neutral;
                const double dx = x - p.x, dy = y - p.y;
                const double r = smiling
                                     ? hypot(spot[i].back[0][0] * dx + spot[i].back[0][1] * dy,
                                             spot[i].back[1][0] * dx + spot[i].back[1][1] * dy) /
                                           s
                                     : hypot(dx, dy) / s;
                if (r < spot[i].radius_mm + 2)
                    density +=
                        spot[i].contrast * (1 - fading) / (1 + exp((r - spot[i].radius_mm) / 0.15));
            }
            for (int c = 0; c < 3; c++) {
                const double shade = light->gain[c] + light->slope_x * ((double)x / in->w - 0.5) +
                                     light->slope_y * ((double)y / in->h - 0.5);
                const double v =
                    to_linear(in->rgb[at + (size_t)c] / 255.0) * exp(-density * j[c] - shade);
                out->rgb[at + (size_t)c] = (uint8_t)(255 * fmin(from_linear(v), 1) + 0.5);
            }
        }
}

/* ---- the pipeline, and what it read ---- */

static inline void read_places(const struct derm_work *work, const struct spot *spot,
                               double photo_px_per_mm, struct spot_reading *r)
{
    const struct derm_objects *const o = &work->pair.objects[DERM_KIND_SPOT];
    const struct derm_grid *const g = &work->frame[0].view.grid;
    double inserted[2] = { 0 };

    for (int i = 0; i < SPOTS; i++) {
        const double x = (spot[i].neutral.x - g->x0 + 0.5) / g->step - 0.5;
        const double y = (spot[i].neutral.y - g->y0 + 0.5) / g->step - 0.5;
        const double reach = fmax(spot[i].radius_mm, 1.2) * photo_px_per_mm / g->step;
        const struct derm_object *nearest = NULL;
        double best = reach;

        for (int k = 0; k < o->n; k++) {
            const double d = hypot(o->item[k].x - x, o->item[k].y - y);
            if (o->item[k].field || d >= best) continue;
            best = d;
            nearest = &o->item[k];
        }
        if (!nearest) continue;
        r->recalled++;
        inserted[0] += nearest->base_value;
        inserted[1] += nearest->follow_value;
    }
    r->places = inserted[0] > 0 ? 100 * (inserted[1] / inserted[0] - 1) : 0;
}

static inline int count_spots(const struct derm_objects *o)
{
    int n = 0;

    for (int i = 0; i < o->n; i++)
        n += !o->item[i].field;
    return n;
}

static inline void read_whole(const struct derm_work *work, struct spot_reading *r)
{
    for (int i = 0; i < work->results.n; i++) {
        const struct derm_result *const row = &work->results.item[i];
        if (row->metric != DERM_METRIC_PIGMENTATION_LOAD || row->region != DERM_REGION_FACE)
            continue;
        r->compared = row->status == DERM_MEASURED;
        r->whole = row->percent;
        r->lo = row->percent_lo;
        r->hi = row->percent_hi;
        r->verdict = row->verdict;
    }
    r->ita_deg = work->tone.ita_deg;
}

static inline bool run_pair(derm_context *ctx, char path[2][PATH_TEXT], struct derm_work *work,
                            struct derm_arena *keep)
{
    struct derm_error err = { 0 };

    *work = (struct derm_work){ .photos = 2 };
    derm_arena_reset(keep, 0);
    for (int i = 0; i < 2; i++) {
        work->request[i].size = sizeof(work->request[i]);
        work->request[i].path = path[i];
    }
    if (derm_run(&ctx->engine, work, keep, &err) == DERM_OK) return true;
    fprintf(stderr, "%s\n", err.text);
    return false;
}

/* Photo px of the smiling photo that shows the same skin, by the registration of the untouched
 * pair; false outside of it. */
static inline bool same_skin(const struct derm_work *work, struct derm_point p,
                             struct derm_point *q)
{
    const struct derm_grid *const base = &work->frame[0].view.grid;
    const struct derm_grid *const follow = &work->frame[1].view.grid;
    const struct derm_registration *const r = &work->pair.registration;
    const int x = (int)floor((p.x - base->x0 + 0.5) / base->step);
    const int y = (int)floor((p.y - base->y0 + 0.5) / base->step);

    if (!r->accepted || x < 0 || y < 0 || x >= base->w || y >= base->h ||
        !derm_mask_row(&work->pair.common, y)[x])
        return false;
    const struct derm_point at = derm_field_at(&r->map, x, y);
    q->x = follow->x0 + (at.x + 0.5) * follow->step - 0.5;
    q->y = follow->y0 + (at.y + 0.5) * follow->step - 0.5;
    return true;
}

/* Of what the two photos differ in, beside the spots. */
enum left_out { NOTHING_LEFT_OUT, SMILE_LEFT_OUT, LIGHT_LEFT_OUT };
struct session {
    enum left_out left_out;
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work;
    bool by_landmarks;
    int fadings;                       /* how many of them to try */
    double off_median_mm, off_most_mm; /* of the last places: landmarks against registration */
};

/* Pigment stretches with its skin: the local map, from points 2 mm to either side. */
static inline bool local_map(const struct session *t, double photo_px_per_mm, struct spot *spot)
{
    const double h = 2 * photo_px_per_mm;
    double a[2][2];

    for (int i = 0; i < 2; i++) {
        struct derm_point lo = spot->neutral, hi = lo, p, q;

        *(i ? &lo.y : &lo.x) -= h;
        *(i ? &hi.y : &hi.x) += h;
        if (!same_skin(&t->work, lo, &p) || !same_skin(&t->work, hi, &q)) return false;
        a[0][i] = (q.x - p.x) / (2 * h);
        a[1][i] = (q.y - p.y) / (2 * h);
    }
    const double det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    spot->back[0][0] = a[1][1] / det;
    spot->back[0][1] = -a[0][1] / det;
    spot->back[1][0] = -a[1][0] / det;
    spot->back[1][1] = a[0][0] / det;
    return det > 0.3;
}

/* Cheeks and forehead, at least 7 mm from each other. */
static inline void place_spots(struct session *t, const struct picture *neutral,
                               const struct spline *s, struct derm_random *random,
                               struct spot *spot)
{
    static const double area[3][4] = { /* u from, u to, v from, v to */
                                       { -0.78, -0.42, 0.42, 0.80 },
                                       { 0.42, 0.78, 0.42, 0.80 },
                                       { -0.50, 0.50, -0.72, -0.48 }
    };
    const double apart = 7 * px_per_mm(neutral);
    double off[SPOTS]; /* mm between the two correspondences */

    for (int i = 0; i < SPOTS; i++) {
        int tries = 0;
        struct derm_point mapped;
        bool free;

        do { /* hair may hide one of the areas */
            const double *const r = area[(i + tries++ / 50) % 3];
            spot[i].neutral = on_face(neutral, r[0] + (r[1] - r[0]) * derm_random_uniform(random),
                                      r[2] + (r[3] - r[2]) * derm_random_uniform(random));
            spot[i].smiling = through(s, spot[i].neutral);
            free = same_skin(&t->work, spot[i].neutral, &mapped) &&
                   local_map(t, px_per_mm(neutral), &spot[i]);
            for (int k = 0; k < i; k++)
                free = free && hypot(spot[k].neutral.x - spot[i].neutral.x,
                                     spot[k].neutral.y - spot[i].neutral.y) >= apart;
        } while (!free);
        off[i] =
            hypot(mapped.x - spot[i].smiling.x, mapped.y - spot[i].smiling.y) / px_per_mm(neutral);
        if (!t->by_landmarks) spot[i].smiling = mapped;
        spot[i].radius_mm = 0.7 + 0.9 * derm_random_uniform(random);
        spot[i].contrast = 0.13 + 0.32 * derm_random_uniform(random);
    }
    derm_sort(off, SPOTS);
    t->off_median_mm = derm_percentile(off, SPOTS, 0.5);
    t->off_most_mm = off[SPOTS - 1];
}

/* The measurement without the search: footprints are drawn where the spots are known to be. */
static inline void read_known(const struct session *t, struct derm_work *work,
                              const struct spot *spot, double photo_px_per_mm,
                              struct spot_reading *r)
{
    struct derm_pair *const pair = &work->pair;
    const struct derm_view *const base = &pair->base->view;
    const struct derm_engine *const e = &t->ctx->engine;
    struct derm_error err = { 0 };
    struct derm_arena scratch;
    struct derm_object item[SPOTS] = { 0 };
    struct derm_objects o = { .item = item, .n = SPOTS };
    double value[2][SPOTS], area[SPOTS], sum[2] = { 0 };

    if (derm_arena_init(&scratch, (size_t)1 << 30, &err) != DERM_OK) die(err.text);
    const struct derm_run run = { .err = &err,
                                  .scratch = &scratch,
                                  .k = &e->kernels,
                                  .pool = e->pool,
                                  .pair = pair,
                                  .tone = &work->tone };
    struct derm_run mine = run;
    struct stage_params defaults;
    const void *const params = stage_defaults(&derm_stage_pigmentation, &defaults);
    if (derm_labels_new(&scratch, &o.labels, base->grid.w, base->grid.h) != DERM_OK) die(err.text);
    for (int i = 0; i < SPOTS; i++) {
        const double x = (spot[i].neutral.x - base->grid.x0 + 0.5) / base->grid.step - 0.5;
        const double y = (spot[i].neutral.y - base->grid.y0 + 0.5) / base->grid.step - 0.5;
        const double radius = spot[i].radius_mm * photo_px_per_mm / base->grid.step;

        item[i].label = i + 1;
        for (int v = (int)(y - radius); v <= (int)(y + radius) + 1; v++)
            for (int u = (int)(x - radius); u <= (int)(x + radius) + 1; u++)
                if (hypot(u - x, v - y) <= radius) {
                    derm_labels_row(&o.labels, v)[u] = i + 1;
                    item[i].area_px += 1;
                }
    }
    if (sample_all(&mine, &derm_segmenter_pigmentation, params, base, &pair->common, &o, value[0],
                   area) != DERM_OK ||
        sample_all(&mine, &derm_segmenter_pigmentation, params, &pair->warped, &pair->common, &o,
                   value[1], area) != DERM_OK)
        die(err.text);
    for (int i = 0; i < SPOTS; i++)
        for (int k = 0; k < 2; k++)
            sum[k] += value[k][i];
    r->known = 100 * (sum[1] / sum[0] - 1);
    derm_arena_free(&scratch);
}

static inline void test_person(struct session *t, const struct person *who, int set,
                               struct spot_reading r[FADINGS])
{
    static const struct light same = { { 0 }, 0, 0 };
    struct derm_random random = { (uint64_t)(atoi(who->id) + 1000 * set) };
    struct picture neutral, smiling, out;
    struct spline *const s = malloc(sizeof(*s));
    struct spot spot[SPOTS];
    char path[2][PATH_TEXT];

    for (int i = 0; i < 2; i++)
        path_of(who->id, i && t->left_out != SMILE_LEFT_OUT, path[i]);
    read_jpeg(path[0], &neutral);
    read_jpeg(path[1], &smiling);
    if (!run_pair(t->ctx, path, &t->work, &t->keep)) die("the untouched pair failed");
    const int others = count_spots(&t->work.pair.objects[DERM_KIND_SPOT]);
    take_landmarks(&t->work.frame[0].face, &neutral);
    take_landmarks(&t->work.frame[1].face, &smiling);
    fit_spline(&neutral, &smiling, s);
    place_spots(t, &neutral, s, &random, spot);
    for (int i = 0; i < 2; i++)
        snprintf(path[i], sizeof(path[i]), "/tmp/truth_spots_%ld_%d.jpg", (long)getpid(), i);
    out = neutral;
    out.rgb = malloc((size_t)neutral.w * (size_t)neutral.h * 3);
    render(&neutral, spot, false, 0, &same, px_per_mm(&neutral), who->group, &out);
    write_jpeg(path[0], &out);
    free(out.rgb);
    out = smiling;
    out.rgb = malloc((size_t)smiling.w * (size_t)smiling.h * 3);
    for (int k = 0; k < t->fadings; k++) {
        const struct light other = other_light(&random);
        const struct light light = t->left_out == LIGHT_LEFT_OUT ? same : other;

        render(&smiling, spot, true, fadings[k], &light, px_per_mm(&neutral), who->group, &out);
        write_jpeg(path[1], &out);
        r[k] = (struct spot_reading){ .others = others };
        if (run_pair(t->ctx, path, &t->work, &t->keep)) {
            read_whole(&t->work, &r[k]);
            read_places(&t->work, spot, px_per_mm(&neutral), &r[k]);
            if (r[k].compared) read_known(t, &t->work, spot, px_per_mm(&neutral), &r[k]);
        }
    }
    remove(path[0]);
    remove(path[1]);
    free(out.rgb);
    free(neutral.rgb);
    free(smiling.rgb);
    free(s);
}

static inline int read_people(const char *which, int most, struct person *people)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    char line[256];
    int n = 0;

    if (!f) return -1;
    while (n < most && fgets(line, sizeof(line), f)) {
        struct person *const p = &people[n];

        if (!strstr(line, "smiling/") ||
            sscanf(line, "%7[0-9],%*[0-9],%*[a-z],%15[a-z_]", p->id, p->group) != 2)
            continue;
        const bool odd = atoi(p->id) % 2;
        if ((strcmp(which, "odd") == 0 && !odd) || (strcmp(which, "even") == 0 && odd)) continue;
        n++;
    }
    fclose(f);
    return n;
}

#endif
