/* SPDX-License-Identifier: Apache-2.0 */
/* Two pictures as files through the whole pipeline, and what it says against the truth. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/metrics.h"
#include "stages/field.h"
#include "stages/statistics.h"
#include "stages/tally.h"

#include "acceptance.h"

static const double edge_mm = 3; /* of the photos, where features may be cut */
/* mm, or its radius: an object there is this feature */
static const double near_enough = 1, near_a_pore = 0.25;

static const enum derm_metric_id main_metric[KINDS] = {
    [PHANTOM_SPOT] = DERM_METRIC_PIGMENTATION_LOAD,
    [PHANTOM_PORE] = DERM_METRIC_PORES_AMPLITUDE,
    [PHANTOM_SCAR] = DERM_METRIC_SCARS_RELIEF,
};

static void die(const char *what)
{
    fprintf(stderr, "acceptance: %s\n", what);
    exit(1);
}

/* Several labs may be open at a time: their addresses keep their files apart. */
void lab_open(struct lab *l)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .threads = 1 };
    const char *const folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

    *l = (struct lab){ .ctx = NULL };
    if (derm_context_new(&l->ctx, &settings) != DERM_OK) die(derm_error_text(l->ctx));
    if (derm_arena_init(&l->keep, (size_t)4 << 30, &l->ctx->err) != DERM_OK)
        die(derm_error_text(l->ctx));
    for (int i = 0; i < 2; i++)
        snprintf(l->path[i], sizeof(l->path[i]), "%s/acceptance_%ld_%p_%d.jpg", folder,
                 (long)getpid(), (void *)l, i);
}

void lab_close(struct lab *l)
{
    for (int i = 0; i < 2; i++)
        remove(l->path[i]);
    derm_arena_free(&l->keep);
    derm_context_free(l->ctx);
}

void lab_compare(struct lab *l, const char *base, const char *follow, const double px_per_mm[2])
{
    const char *const path[2] = { base, follow };
    struct derm_error err = { 0 };

    l->work = (struct derm_work){ .photos = 2 };
    derm_arena_reset(&l->keep, 0);
    for (int i = 0; i < 2; i++)
        l->work.request[i] =
            (struct derm_photo_request){ .size = sizeof(l->work.request[i]),
                                         .path = path[i],
                                         .px_per_mm = px_per_mm ? px_per_mm[i] : 0,
                                         .site = px_per_mm ? DERM_SITE_BODY : DERM_SITE_FACE };
    if (derm_run(&l->ctx->engine, &l->work, &l->keep, &err) != DERM_OK) die(err.text);
}

struct reading lab_reading(const struct lab *l, enum derm_metric_id metric, enum derm_region region)
{
    struct reading r = { .measured = false };

    for (int i = 0; i < l->work.results.n; i++) {
        const struct derm_result *const row = &l->work.results.item[i];
        if (row->metric != metric || row->region != region) continue;
        r.measured = row->status == DERM_MEASURED && row->has_percent;
        r.judged = r.measured && row->verdict != DERM_NOT_COMPARABLE;
        r.percent = row->percent;
        r.lo = row->percent_lo;
        r.hi = row->percent_hi;
        r.verdict = row->verdict;
        r.dominated_by = row->dominated_by;
    }
    return r;
}

unsigned lab_verdicts(const struct lab *l, enum derm_region region)
{
    unsigned verdicts = 0;

    for (int i = 0; i < l->work.results.n; i++) {
        const struct derm_result *const row = &l->work.results.item[i];
        if (!derm_metrics[row->metric].is_main || row->region != region) continue;
        if (row->verdict == DERM_IMPROVED || row->verdict == DERM_WORSENED)
            verdicts |= 1u << derm_metrics[row->metric].concern;
    }
    return verdicts;
}

/* ---- the skin */

static float green_at(const struct phantom_plane *green, const struct phantom_skin *skin,
                      const struct phantom_camera *camera, const struct phantom_object *o)
{
    double x, y;

    phantom_to_image(skin, camera, o->x_mm, o->y_mm, &x, &y);
    if (x < 0 || y < 0 || x > green->w - 1 || y > green->h - 1) return 1;
    return green->px[(ptrdiff_t)(y + 0.5) * green->w + (ptrdiff_t)(x + 0.5)];
}

/* By rendering the skin with and without spots: optical density, green, in the middle of each. */
static void keep_strong_spots(struct phantom_skin *skin, const struct phantom_shot *shot,
                              double least_od)
{
    enum { COARSER = 3 };
    struct phantom_camera camera = shot->camera;
    struct phantom_plane with[3], without[3];
    int kept = 0;

    camera.width /= COARSER;
    camera.height /= COARSER;
    camera.px_per_mm /= COARSER;
    phantom_render(skin, &shot->light, &camera, 1u << PHANTOM_SPOT, 1, with);
    phantom_render(skin, &shot->light, &camera, 0, 1, without);
    for (int i = 0; i < skin->n; i++) {
        const struct phantom_object o = skin->object[i];
        const float a = green_at(&without[1], skin, &camera, &o);
        const float b = green_at(&with[1], skin, &camera, &o);
        if (o.kind != PHANTOM_SPOT || log((double)(a / b)) >= least_od) skin->object[kept++] = o;
    }
    skin->n = kept;
    for (int c = 0; c < 3; c++) {
        phantom_plane_free(&with[c]);
        phantom_plane_free(&without[c]);
    }
}

static void shrink_objects(struct phantom_skin *skin, double factor)
{
    for (int i = 0; i < skin->n; i++)
        if ((int)skin->object[i].kind < KINDS) skin->object[i].radius_mm *= factor;
}

static void photograph(const struct phantom_skin *skin, const struct phantom_shot *shot,
                       enum alteration alteration, const char *path)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    alter(alteration, picture.px, picture.w, picture.h, shot->camera.px_per_mm);
    if (phantom_write(path, &picture, &shot->file)) exit(1);
    free(picture.px);
}

/* ---- what was found, where it lies */

struct scene {
    const struct phantom_skin *skin;
    const struct phantom_shot *shot; /* two */
    const struct derm_work *work;
};

static bool in_photo(const struct scene *s, int photo, double x_mm, double y_mm)
{
    const struct phantom_camera *const c = &s->shot[photo].camera;
    const double edge = edge_mm * c->px_per_mm * c->zoom;
    double x, y;

    phantom_to_image(s->skin, c, x_mm, y_mm, &x, &y);
    return x >= edge && y >= edge && x <= c->width - 1 - edge && y <= c->height - 1 - edge;
}

static bool in_both(const struct scene *s, double x_mm, double y_mm)
{
    return in_photo(s, 0, x_mm, y_mm) && in_photo(s, 1, x_mm, y_mm);
}

/* Where the skin lies that a pixel of a photo's grid shows. */
static struct derm_point skin_at(const struct scene *s, int photo, struct derm_point at)
{
    const struct derm_grid *const g = &s->work->frame[photo].view.grid;
    struct derm_point mm;

    phantom_to_skin(s->skin, &s->shot[photo].camera, g->x0 + (at.x + 0.5) * g->step - 0.5,
                    g->y0 + (at.y + 0.5) * g->step - 0.5, &mm.x, &mm.y);
    return mm;
}

/* The nearest feature of a kind that lies there, or -1. */
static int feature_at(const struct phantom_skin *skin, enum phantom_kind kind, struct derm_point mm)
{
    const double reach = kind == PHANTOM_PORE ? near_a_pore : near_enough;
    double nearest = HUGE_VAL;
    int feature = -1;

    for (int i = 0; i < skin->n; i++) {
        const struct phantom_object *const o = &skin->object[i];
        const double d = hypot(o->x_mm - mm.x, o->y_mm - mm.y);
        if (o->kind != kind || d > fmax(o->radius_mm, reach) || d >= nearest) continue;
        nearest = d;
        feature = i;
    }
    return feature;
}

static bool is_found_in_baseline(const struct derm_object *o)
{
    return (o->found_in & 1) && !o->field;
}

static const double around_mm = 0.3; /* of a feature that can be mistaken for a spot */
const char *const mistaken_name[MISTAKEN] = { "scars", "pores",      "flushes",
                                              "hairs", "plain skin", "parts of a spot" };

static bool is_on_hair(const struct phantom_hair *h, struct derm_point mm)
{
    const double step_mm = 0.1;
    const int steps = (int)(h->length_mm / step_mm);
    double x = h->x_mm, y = h->y_mm, a = h->angle;

    for (int i = 0; i <= steps; i++) {
        if (hypot(x - mm.x, y - mm.y) < around_mm) return true;
        x += step_mm * cos(a);
        y += step_mm * sin(a);
        a += h->bend * step_mm;
    }
    return false;
}

/* What is there beside spots: the first that lies there. */
static enum mistaken thing_at(const struct phantom_skin *skin, struct derm_point mm)
{
    static const enum phantom_kind order[2] = { PHANTOM_SCAR, PHANTOM_PORE };

    for (int i = 0; i < skin->hairs; i++)
        if (is_on_hair(&skin->hair[i], mm)) return MISTAKEN_HAIR;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < skin->n; i++) {
            const struct phantom_object *const o = &skin->object[i];
            if (o->kind == order[k] &&
                hypot(o->x_mm - mm.x, o->y_mm - mm.y) <= fmax(o->radius_mm, around_mm))
                return k == 0 ? MISTAKEN_SCAR : MISTAKEN_PORE;
        }
    for (int i = 0; i < skin->flushes; i++)
        if (hypot(skin->flush[i].x_mm - mm.x, skin->flush[i].y_mm - mm.y) <=
            skin->flush[i].radius_mm)
            return MISTAKEN_FLUSH;
    return MISTAKEN_SKIN;
}

static void score_spots(const struct scene *s, struct pair_result *r)
{
    const struct derm_objects *const found = &s->work->pair.objects[DERM_KIND_SPOT];
    bool *const hit = phantom_alloc((size_t)s->skin->n, sizeof(bool));

    for (int k = 0; k < found->n; k++) {
        const struct derm_object *const o = &found->item[k];
        const struct derm_point mm = skin_at(s, 0, (struct derm_point){ o->x, o->y });
        const int spot = feature_at(s->skin, PHANTOM_SPOT, mm);

        if (!is_found_in_baseline(o) || !in_both(s, mm.x, mm.y)) continue;
        r->objects++;
        if (spot < 0)
            r->mistaken[thing_at(s->skin, mm)]++;
        else if (hit[spot])
            r->mistaken[MISTAKEN_TWICE]++;
        else
            r->objects_right++;
        if (spot >= 0) hit[spot] = true;
    }
    for (int i = 0; i < s->skin->n; i++) {
        const struct phantom_object *const o = &s->skin->object[i];
        if (o->kind != PHANTOM_SPOT || !in_both(s, o->x_mm, o->y_mm)) continue;
        r->spots++;
        r->spots_found += hit[i];
        r->strength += o->strength;
        if (hit[i]) continue;
        r->strength_missed += o->strength;
        r->missed[thing_at(s->skin, (struct derm_point){ o->x_mm, o->y_mm })]++;
    }
    free(hit);
}

/* What the change would be if nothing else had been found. */
static void read_at_features(const struct scene *s, enum phantom_kind kind, struct reading *r)
{
    const struct derm_objects *const found =
        &s->work->pair.objects[derm_tally_kind(main_metric[kind])];
    double base = 0, follow = 0;

    for (int k = 0; k < found->n; k++) {
        const struct derm_object *const o = &found->item[k];
        const struct derm_point mm = skin_at(s, 0, (struct derm_point){ o->x, o->y });

        if (o->field || (kind == PHANTOM_PORE && !o->strong) || feature_at(s->skin, kind, mm) < 0)
            continue;
        const double weight = kind == PHANTOM_SCAR ? 1 / sqrt(o->area_px) : 1; /* as the metric */
        base += weight * o->base_value;
        follow += weight * o->follow_value;
    }
    r->at_features = base > 0 && follow >= 0;
    if (!r->at_features) return;
    r->features_percent = 100 * ((kind == PHANTOM_SCAR ? sqrt(follow / base) : follow / base) - 1);
}

/* ---- registration against the known poses */

static void score_registration(const struct scene *s, struct pair_result *r)
{
    enum { STEP = 8 };
    const struct derm_grid *const g = &s->work->frame[0].view.grid;
    double *const error_mm =
        phantom_alloc((size_t)(g->w / STEP + 1) * (size_t)(g->h / STEP + 1), sizeof(double));
    int n = 0;

    for (int j = 0; j < g->h; j += STEP)
        for (int i = 0; i < g->w; i += STEP) {
            struct derm_point base, follow;

            if (!derm_mask_row(&s->work->pair.common, j)[i]) continue;
            base = skin_at(s, 0, (struct derm_point){ i, j });
            follow = skin_at(s, 1, derm_field_at(&s->work->pair.registration.map, i, j));
            error_mm[n++] = hypot(base.x - follow.x, base.y - follow.y);
        }
    derm_sort(error_mm, n);
    if (n > 0) {
        r->tre_median_mm = derm_percentile(error_mm, n, 0.5);
        r->tre_p95_mm = derm_percentile(error_mm, n, 0.95);
    }
    free(error_mm);
}

/* A feature that shrank from radius before to now: how much larger than it is does the warp show
 * it? Counted in pixels of the baseline's grid, by where the warp takes the colour from. */
static void score_area(const struct scene *s, double shrink, struct pair_result *r)
{
    const struct derm_grid *const g = &s->work->frame[0].view.grid;
    const double mm2 = 1 / (g->px_per_mm * g->px_per_mm);

    for (int k = 0; k < s->skin->n; k++) {
        const struct phantom_object *const o = &s->skin->object[k];
        const double now = o->radius_mm, before = now / shrink;
        const int reach = (int)(before * g->px_per_mm * 1.5);
        double x, y;
        int was = 0, is = 0, shown = 0;

        if ((int)o->kind >= KINDS || !in_both(s, o->x_mm, o->y_mm)) continue;
        phantom_to_image(s->skin, &s->shot[0].camera, o->x_mm, o->y_mm, &x, &y);
        x = (x - g->x0 + 0.5) / g->step - 0.5;
        y = (y - g->y0 + 0.5) / g->step - 0.5;
        for (int j = (int)y - reach; j <= (int)y + reach; j++)
            for (int i = (int)x - reach; i <= (int)x + reach; i++) {
                const struct derm_point a = skin_at(s, 0, (struct derm_point){ i, j });
                const struct derm_point b =
                    skin_at(s, 1, derm_field_at(&s->work->pair.registration.map, i, j));
                was += hypot(a.x - o->x_mm, a.y - o->y_mm) < before;
                is += hypot(a.x - o->x_mm, a.y - o->y_mm) < now;
                shown += hypot(b.x - o->x_mm, b.y - o->y_mm) < now;
            }
        r->area_lost_mm2[o->kind] += (was - is) * mm2;
        r->area_hidden_mm2[o->kind] += (shown - is) * mm2;
    }
}

/* ---- the whole */

static uint64_t flags_against(const struct derm_pair *pair, enum derm_metric_id metric)
{
    const enum derm_concern concern = derm_metrics[metric].concern;
    uint64_t flags = 0;

    for (int i = 0; i < pair->n; i++)
        if (pair->finding[i].severity != DERM_SEVERITY_INFO &&
            (pair->finding[i].concerns >> concern) & 1)
            flags |= (uint64_t)1 << pair->finding[i].reason;
    return flags;
}

static void score(struct lab *l, const struct scene *s, const struct phantom_pair *p,
                  struct pair_result *r)
{
    r->registered =
        l->work.pair.registration.accepted && l->work.pair.comparability != DERM_INCOMPARABLE;
    for (int k = 0; k < KINDS; k++) {
        const double truth = phantom_true_change(s->skin, (enum phantom_kind)k);

        r->of[k] = lab_reading(l, main_metric[k], DERM_REGION_ROI);
        r->of[k].truth = truth;
        r->flags[k] = flags_against(&l->work.pair, main_metric[k]);
    }
    r->verdicts = lab_verdicts(l, DERM_REGION_ROI);
    r->tones_printed = lab_tones_printed(l, main_metric[PHANTOM_SPOT]);
    if (!l->work.pair.registration.accepted) return;
    for (int k = 0; k < KINDS; k++)
        read_at_features(s, (enum phantom_kind)k, &r->of[k]);
    score_spots(s, r);
    score_registration(s, r);
    if (p->shrink > 0) score_area(s, p->shrink, r);
}

/* How much of the pigment must go for a change of so many percent: on the darkest skin more than
 * the same share. */
static double fade_for(const struct phantom_skin *skin, double percent)
{
    enum { ROUNDS = 3 };
    struct phantom_skin faded = *skin;
    double *const fade = &faded.spec.fade[PHANTOM_SPOT];

    *fade = -percent / 100;
    for (int i = 0; i < ROUNDS; i++) {
        const double change = phantom_true_change(&faded, PHANTOM_SPOT);

        if (change >= 0 || fabs(change - percent) < 0.5) break;
        *fade = fmin(*fade * percent / change, 1);
    }
    return *fade;
}

struct pair_result run_phantom_pair(struct lab *l, const struct phantom_pair *p)
{
    struct pair_result r = { .tone = p->tone, .ita_deg = p->ita_deg };
    const double px_per_mm[2] = { p->shot[0].camera.px_per_mm * p->shot[0].camera.zoom,
                                  p->shot[1].camera.px_per_mm * p->shot[1].camera.zoom };
    struct phantom_skin skin;
    const struct scene s = { &skin, p->shot, &l->work };

    memcpy(r.fade, p->fade, sizeof(r.fade));
    circumstances(p, r.circumstance);
    phantom_skin_init(&skin, &p->shot[0].spec);
    if (p->least_spot_od > 0) keep_strong_spots(&skin, &p->shot[0], p->least_spot_od);
    if (!p->same_base) photograph(&skin, &p->shot[0], UNALTERED, l->path[0]);
    memcpy(skin.spec.fade, p->fade, sizeof(p->fade));
    if (p->spot_change < 0) skin.spec.fade[PHANTOM_SPOT] = fade_for(&skin, p->spot_change);
    if (p->shrink > 0) shrink_objects(&skin, p->shrink);
    photograph(&skin, &p->shot[1], p->alteration, l->path[1]);
    lab_compare(l, l->path[0], l->path[1], px_per_mm);
    score(l, &s, p, &r);
    phantom_skin_free(&skin);
    return r;
}
