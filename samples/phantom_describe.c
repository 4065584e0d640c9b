/* SPDX-License-Identifier: Apache-2.0 */
/* The truth about a picture as JSON: what changed, the objects that are seen, and what a kind adds
 * up to. */
#include "phantom_samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 17 }; /* points that describe a curve */

static const double truth_px_per_mm = 9;
static const double shiny = 0.1; /* times the light from below the surface */

/* A kind, and the metric that its fading changes. */
static const struct {
    const char *name, *metric;
} kinds[PHANTOM_KINDS] = {
    [PHANTOM_SPOT] = { "spot", "pigmentation.load" },
    [PHANTOM_PORE] = { "pore", "pores.amplitude" },
    [PHANTOM_SCAR] = { "scar", "scars.relief" },
    [PHANTOM_LINEAR_SCAR] = { "linear_scar", "linear_scars.contrast" },
    [PHANTOM_WRINKLE] = { "wrinkle", "wrinkles.contrast" },
    [PHANTOM_FINE_LINE] = { "fine_line", "fine_lines.contrast" },
    [PHANTOM_MELASMA] = { "melasma", "melasma.load" },
    [PHANTOM_STRIA] = { "stria", "stretch_marks.contrast" },
    [PHANTOM_MARK] = { "mark", "redness.load" },
    [PHANTOM_VESSEL] = { "vessel", "redness.vessels" },
    [PHANTOM_FLAKE] = { "flake", "texture.flaking" },
    [PHANTOM_ERYTHEMA] = { "erythema", "redness.erythema" },
};
static const char *const shape_name[PHANTOM_SCAR_SHAPES] = { "icepick", "boxcar", "rolling" };

const char *phantom_kind_name(enum phantom_kind kind)
{
    return kinds[kind].name;
}

int phantom_has_kind(const struct phantom_skin *skin, enum phantom_kind kind)
{
    int n = phantom_has_wide(skin, kind);

    for (int i = 0; i < skin->n; i++)
        n |= skin->object[i].kind == kind;
    for (int i = 0; i < skin->curves; i++)
        n |= skin->curve[i].kind == kind;
    return n;
}

/* JSON numbers short enough to read in a diff. */
static double rounded(double v)
{
    char text[32];

    snprintf(text, sizeof(text), "%.4g", v);
    return strtod(text, NULL);
}

static void add(cJSON *to, const char *name, double v)
{
    cJSON_AddNumberToObject(to, name, rounded(v));
}

/* Spots, pores and scars are always listed. */
static cJSON *describe_changes(const struct phantom_skin *skin)
{
    cJSON *const changes = cJSON_CreateObject();

    for (int i = 0; i < PHANTOM_KINDS; i++) {
        const enum phantom_kind k = (enum phantom_kind)i;
        if (k <= PHANTOM_SCAR || phantom_has_kind(skin, k))
            add(changes, kinds[k].metric, phantom_true_change(skin, k));
    }
    return changes;
}

void phantom_describe_skin(const struct phantom_skin *skin, const struct phantom_shot *shot,
                           cJSON *to)
{
    add(to, "seed", (double)skin->spec.seed);
    add(to, "ita_deg", phantom_tissue_ita(&skin->spec.tissue, skin->spec.fm, skin->spec.fb));
    add(to, "px_per_mm", shot->camera.px_per_mm * shot->camera.zoom);
    cJSON_AddItemToObject(to, "true_change_percent", describe_changes(skin));
}

/* ---- one kind */

struct tally { /* of what is seen */
    int n;
    double size, contrast, length; /* sums */
};

static int in_picture(const struct phantom_camera *camera, double x_px, double y_px)
{
    return x_px >= 0 && y_px >= 0 && x_px <= camera->width - 1 && y_px <= camera->height - 1;
}

static cJSON *new_entry(cJSON *list, enum phantom_kind kind, int label)
{
    cJSON *const j = cJSON_CreateObject();

    cJSON_AddStringToObject(j, "kind", kinds[kind].name);
    cJSON_AddNumberToObject(j, "label", label);
    cJSON_AddItemToArray(list, j);
    return j;
}

static void describe_objects(const struct phantom_skin *skin, const struct phantom_shot *shot,
                             enum phantom_kind kind, cJSON *list, struct tally *t)
{
    const double scale = shot->camera.px_per_mm * shot->camera.zoom;
    double *const contrast = phantom_alloc((size_t)skin->n, sizeof(*contrast));

    phantom_contrasts(skin, kind, truth_px_per_mm, contrast);
    for (int i = 0; i < skin->n; i++) {
        const struct phantom_object *const o = &skin->object[i];
        cJSON *j;
        double x, y;

        phantom_to_image(skin, &shot->camera, o->x_mm, o->y_mm, &x, &y);
        if (o->kind != kind || !in_picture(&shot->camera, x, y)) continue;
        if (kind == PHANTOM_FLAKE && phantom_strength(skin, o) <= 0) continue; /* came off */
        j = new_entry(list, kind, i + 1);
        if (kind == PHANTOM_SCAR) cJSON_AddStringToObject(j, "shape", shape_name[o->shape]);
        add(j, "x_px", x);
        add(j, "y_px", y);
        add(j, "diameter_px", 2 * o->radius_mm * scale);
        add(j, "diameter_mm", 2 * o->radius_mm);
        add(j, "contrast_od", contrast[i]);
        add(j, "strength", phantom_strength(skin, o));
        t->n++;
        t->size += 2 * o->radius_mm;
        t->contrast += contrast[i];
    }
    free(contrast);
}

/* Points along the middle of a curve, and the share of them that is in the picture. */
static double curve_line(const struct phantom_skin *skin, const struct phantom_camera *camera,
                         const struct phantom_curve *c, double at[LINE][2])
{
    int n = 0;

    for (int k = 0; k < LINE; k++) {
        double x, y;
        phantom_curve_point(c, c->length_mm * ((double)k / (LINE - 1) - 0.5), 0, &x, &y);
        phantom_to_image(skin, camera, x, y, &at[k][0], &at[k][1]);
        n += in_picture(camera, at[k][0], at[k][1]);
    }
    return (double)n / LINE;
}

static void describe_curves(const struct phantom_skin *skin, const struct phantom_shot *shot,
                            enum phantom_kind kind, cJSON *list, struct tally *t)
{
    struct phantom_band *const band = phantom_alloc((size_t)skin->curves, sizeof(*band));

    phantom_bands(skin, kind, truth_px_per_mm, band);
    for (int i = 0; i < skin->curves; i++) {
        cJSON *j, *line;
        double at[LINE][2], seen;

        if (skin->curve[i].kind != kind) continue;
        seen = curve_line(skin, &shot->camera, &skin->curve[i], at);
        if (seen <= 0) continue;
        j = new_entry(list, kind, i + 1);
        add(j, "width_mm", band[i].width_mm);
        add(j, "length_mm", band[i].length_mm);
        add(j, "contrast_od", band[i].contrast);
        line = cJSON_AddArrayToObject(j, "line_px");
        for (int k = 0; k < LINE; k++) {
            const double point[2] = { rounded(at[k][0]), rounded(at[k][1]) };
            cJSON_AddItemToArray(line, cJSON_CreateDoubleArray(point, 2));
        }
        t->n++;
        t->size += band[i].width_mm;
        t->contrast += fabs(band[i].contrast);
        t->length += seen * band[i].length_mm;
    }
    free(band);
}

static cJSON *describe_kind(const struct phantom_skin *skin, const struct phantom_shot *shot,
                            enum phantom_kind kind, cJSON *objects, cJSON *lines)
{
    const struct phantom_camera *const c = &shot->camera;
    const double scale = c->px_per_mm * c->zoom;
    const double cm2 = c->width * c->height / (scale * scale * 100);
    const int curved = phantom_is_curve(kind);
    cJSON *const j = cJSON_CreateObject();
    struct tally t = { 0 };

    cJSON_AddStringToObject(j, "metric", kinds[kind].metric);
    add(j, "load", phantom_load(skin, kind, truth_px_per_mm));
    add(j, "area_percent", 100 * phantom_labelled_share(skin, c, kind));
    if (phantom_has_wide(skin, kind)) return j;
    if (curved)
        describe_curves(skin, shot, kind, lines, &t);
    else
        describe_objects(skin, shot, kind, objects, &t);
    cJSON_AddNumberToObject(j, "count", t.n);
    if (t.n) {
        add(j, curved ? "mean_width_mm" : "mean_diameter_mm", t.size / t.n);
        add(j, "mean_contrast_od", t.contrast / t.n);
    }
    if (curved) add(j, "length_mm_per_cm2", t.length / cm2);
    return j;
}

/* What is of no kind: the fine relief, how even the colour is, which every pigment changes, and how
 * much of the skin shines in this light. */
static void describe_plain_skin(const struct phantom_skin *skin, const struct phantom_shot *shot,
                                cJSON *truth)
{
    cJSON *const changes = cJSON_GetObjectItem(truth, "true_change_percent");
    const double evenness = phantom_evenness(skin, truth_px_per_mm);
    struct phantom_skin whole = *skin; /* shares what skin owns */

    memset(whole.spec.fade, 0, sizeof(whole.spec.fade));
    add(changes, "texture.roughness", phantom_true_smoothing(skin));
    add(changes, "tone.evenness", 100 * (evenness / phantom_evenness(&whole, truth_px_per_mm) - 1));
    add(truth, "evenness_od", evenness);
    add(truth, "highlight_percent",
        100 * phantom_highlight_fraction(skin, &shot->light, &shot->camera, shiny));
}

cJSON *phantom_describe(const struct phantom_skin *skin, const struct phantom_shot *shot)
{
    cJSON *const truth = cJSON_CreateObject();
    cJSON *metrics, *objects, *lines;

    phantom_describe_skin(skin, shot, truth);
    describe_plain_skin(skin, shot, truth);
    metrics = cJSON_AddObjectToObject(truth, "kinds");
    objects = cJSON_AddArrayToObject(truth, "objects");
    lines = cJSON_AddArrayToObject(truth, "lines");
    for (int i = 0; i < PHANTOM_KINDS; i++) {
        const enum phantom_kind k = (enum phantom_kind)i;
        if (phantom_has_kind(skin, k))
            cJSON_AddItemToObject(metrics, kinds[k].name,
                                  describe_kind(skin, shot, k, objects, lines));
    }
    return truth;
}

int phantom_write_json(const char *path, const cJSON *json)
{
    FILE *const file = fopen(path, "wb");
    char *const text = cJSON_Print(json);
    int bad = !file || !text || fprintf(file, "%s\n", text) < 0;

    if (file && fclose(file)) bad = 1;
    free(text);
    if (bad) fprintf(stderr, "phantom: cannot write %s\n", path);
    return bad ? -1 : 0;
}
