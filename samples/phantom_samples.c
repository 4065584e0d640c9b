/* SPDX-License-Identifier: Apache-2.0 */
/* The shots, their truth as JSON, and the samples in git. */
#include "phantom_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* In JSON: a kind, and the metric that its fading changes. */
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
};
static const char *const shape_name[PHANTOM_SCAR_SHAPES] = { "icepick", "boxcar", "rolling" };

struct phantom_shot phantom_default_shot(void)
{
    return (struct phantom_shot){
        .spec = { .fb = 0.022,
                  .spots_per_cm2 = 0.8,
                  .pores_per_cm2 = 45,
                  .scars_per_cm2 = 0.35,
                  .flushes_per_cm2 = 0.15 },
        .light = { .azimuth_deg = 80,
                   .elevation_deg = 52,
                   .ambient = 0.35,
                   .gain = 1,
                   .cct_k = 6000,
                   .awb = 0.95,
                   .cast = { 1, 1, 1 },
                   .oil = 0.6 },
        .camera = { .px_per_mm = 10, .zoom = 1, .defocus_px = 0.6, .noise = 0.006 },
    };
}

void phantom_shoot(const struct phantom_skin *skin, const struct phantom_shot *shot,
                   struct phantom_rgb8 *picture)
{
    const int oversample = phantom_oversample(&shot->camera);
    struct phantom_plane lin[3];

    phantom_render(skin, &shot->light, &shot->camera, (1u << PHANTOM_KINDS) - 1, oversample, lin);
    phantom_photograph(&shot->camera, lin, oversample, picture);
    for (int c = 0; c < 3; c++)
        phantom_plane_free(&lin[c]);
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

static int in_picture(const struct phantom_camera *camera, double x_px, double y_px)
{
    return x_px >= 0 && y_px >= 0 && x_px <= camera->width - 1 && y_px <= camera->height - 1;
}

static cJSON *describe_object(const struct phantom_skin *skin, const struct phantom_shot *shot,
                              const struct phantom_object *o)
{
    const double scale = shot->camera.px_per_mm * shot->camera.zoom;
    cJSON *j;
    double x, y;

    phantom_to_image(skin, &shot->camera, o->x_mm, o->y_mm, &x, &y);
    if (!in_picture(&shot->camera, x, y)) return NULL;
    j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "kind", kinds[o->kind].name);
    if (o->kind == PHANTOM_SCAR) cJSON_AddStringToObject(j, "shape", shape_name[o->shape]);
    add(j, "x_px", x);
    add(j, "y_px", y);
    add(j, "diameter_px", 2 * o->radius_mm * scale);
    add(j, "diameter_mm", 2 * o->radius_mm);
    add(j, "strength", phantom_strength(skin, o));
    return j;
}

/* Spots, pores and scars are always listed. */
static int is_there(const struct phantom_skin *skin, enum phantom_kind kind)
{
    int n = kind <= PHANTOM_SCAR || (kind == PHANTOM_MELASMA && skin->spec.melasma > 0) ||
            (kind == PHANTOM_MARK && skin->spec.marks_per_cm2 > 0);

    for (int i = 0; i < skin->curves; i++)
        n |= skin->curve[i].kind == kind;
    return n;
}

static cJSON *describe_changes(const struct phantom_skin *skin)
{
    cJSON *const changes = cJSON_CreateObject();

    for (int k = 0; k < PHANTOM_KINDS; k++)
        if (is_there(skin, (enum phantom_kind)k))
            add(changes, kinds[k].metric, phantom_true_change(skin, (enum phantom_kind)k));
    return changes;
}

static int is_seen(const struct phantom_skin *skin, const struct phantom_camera *camera,
                   const struct phantom_curve *c)
{
    int n = 0;

    for (int k = -8; k <= 8; k++) {
        double x, y;
        phantom_curve_point(c, c->length_mm * k / 16, 0, &x, &y);
        phantom_to_image(skin, camera, x, y, &x, &y);
        n += in_picture(camera, x, y);
    }
    return n > 0;
}

static cJSON *describe_curve(const struct phantom_skin *skin, const struct phantom_shot *shot,
                             const struct phantom_curve *c, const struct phantom_band *band)
{
    cJSON *const j = cJSON_CreateObject();
    cJSON *line;

    cJSON_AddStringToObject(j, "kind", kinds[c->kind].name);
    add(j, "width_mm", band->width_mm);
    add(j, "length_mm", band->length_mm);
    add(j, "contrast_od", band->contrast);
    line = cJSON_AddArrayToObject(j, "line_px");
    for (int k = -8; k <= 8; k++) {
        double at[2], x, y;
        phantom_curve_point(c, c->length_mm * k / 16, 0, &x, &y);
        phantom_to_image(skin, &shot->camera, x, y, &at[0], &at[1]);
        at[0] = rounded(at[0]);
        at[1] = rounded(at[1]);
        cJSON_AddItemToArray(line, cJSON_CreateDoubleArray(at, 2));
    }
    return j;
}

static void describe_curves(const struct phantom_skin *skin, const struct phantom_shot *shot,
                            cJSON *list)
{
    static const double truth_px_per_mm = 9;
    struct phantom_band *const band = phantom_alloc((size_t)skin->curves, sizeof(*band));

    for (int k = 0; k < PHANTOM_KINDS; k++) {
        if (is_there(skin, (enum phantom_kind)k))
            phantom_bands(skin, (enum phantom_kind)k, truth_px_per_mm, band);
        for (int i = 0; i < skin->curves; i++) {
            if (skin->curve[i].kind != (enum phantom_kind)k) continue;
            if (is_seen(skin, &shot->camera, &skin->curve[i]))
                cJSON_AddItemToArray(list, describe_curve(skin, shot, &skin->curve[i], &band[i]));
        }
    }
    free(band);
}

cJSON *phantom_describe(const struct phantom_skin *skin, const struct phantom_shot *shot)
{
    cJSON *const truth = cJSON_CreateObject();
    cJSON *objects;

    add(truth, "seed", (double)skin->spec.seed);
    add(truth, "ita_deg", phantom_tissue_ita(&skin->spec.tissue, skin->spec.fm, skin->spec.fb));
    add(truth, "px_per_mm", shot->camera.px_per_mm * shot->camera.zoom);
    cJSON_AddItemToObject(truth, "true_change_percent", describe_changes(skin));
    objects = cJSON_AddArrayToObject(truth, "objects");
    for (int i = 0; i < skin->n; i++) {
        cJSON *const o = describe_object(skin, shot, &skin->object[i]);
        if (o) cJSON_AddItemToArray(objects, o);
    }
    if (skin->curves) describe_curves(skin, shot, cJSON_AddArrayToObject(truth, "lines"));
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

/* ---- the samples in git */

static const struct sample {
    const char *name, *captured_at;
    uint64_t seed;
    double ita_deg;
    double fade[PHANTOM_KINDS]; /* of depth or pigment; truth.json says what that is in contrast */
    double azimuth_deg, ambient, gain, cct_k, gradient_x;
    double turn_deg, shift_x_mm, shift_y_mm, zoom, bend_mm, defocus_px;
} samples[PHANTOM_SAMPLE_COUNT] = {
    { "closeup_before.jpg",
      "2024:03:04 10:12:31",
      11,
      45,
      { 0, 0, 0 },
      80,
      0.35,
      1.00,
      6000,
      0.10,
      0.0,
      0.0,
      0.0,
      1.00,
      0.00,
      0.60 },
    { "closeup_after.jpg",
      "2024:05:27 16:40:02",
      11,
      45,
      { 0.35, 0.18, 0.30 },
      74,
      0.40,
      0.88,
      5400,
      -0.15,
      3.0,
      1.5,
      -1.0,
      1.04,
      0.15,
      0.70 },
    { "series/visit1.jpg",
      "2024:01:15 09:30:00",
      12,
      12,
      { 0, 0, 0 },
      85,
      0.35,
      1.00,
      6200,
      0.00,
      0.0,
      0.0,
      0.0,
      1.00,
      0.00,
      0.60 },
    { "series/visit2.jpg",
      "2024:02:26 11:05:40",
      12,
      12,
      { 0.20, 0.10, 0.15 },
      90,
      0.38,
      1.08,
      5800,
      0.12,
      -2.0,
      -1.0,
      0.8,
      0.98,
      0.12,
      0.65 },
    { "series/visit3.jpg",
      "2024:04:08 14:22:18",
      12,
      12,
      { 0.40, 0.22, 0.35 },
      80,
      0.35,
      0.92,
      6600,
      -0.10,
      2.5,
      1.2,
      1.0,
      1.03,
      0.15,
      0.60 },
};

const char *phantom_sample_name(int i)
{
    return samples[i].name;
}

struct phantom_shot phantom_sample_shot(int i)
{
    const struct sample *const s = &samples[i];
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = s->seed;
    shot.spec.fm = phantom_fm_of_ita(s->ita_deg, shot.spec.fb);
    shot.spec.width_mm = 90;
    shot.spec.height_mm = 70;
    memcpy(shot.spec.fade, s->fade, sizeof(s->fade));
    shot.light.azimuth_deg = s->azimuth_deg;
    shot.light.ambient = s->ambient;
    shot.light.gain = s->gain;
    shot.light.cct_k = s->cct_k;
    shot.light.gradient_x = s->gradient_x;
    shot.camera.width = 900;
    shot.camera.height = 700;
    shot.camera.turn_deg = s->turn_deg;
    shot.camera.shift_x_mm = s->shift_x_mm;
    shot.camera.shift_y_mm = s->shift_y_mm;
    shot.camera.zoom = s->zoom;
    shot.camera.bend_mm = s->bend_mm;
    shot.camera.defocus_px = s->defocus_px;
    shot.camera.noise_seed = (uint64_t)i + 1;
    shot.file = (struct phantom_file){ .jpeg_quality = 90, .captured_at = s->captured_at };
    return shot;
}

static cJSON *sample_truth(const struct phantom_skin *skin, const struct phantom_shot *shot, int i)
{
    cJSON *const j = cJSON_CreateObject();

    cJSON_AddStringToObject(j, "file", samples[i].name);
    add(j, "seed", (double)skin->spec.seed);
    add(j, "ita_deg", phantom_tissue_ita(&skin->spec.tissue, skin->spec.fm, skin->spec.fb));
    add(j, "px_per_mm", shot->camera.px_per_mm * shot->camera.zoom);
    cJSON_AddItemToObject(j, "true_change_percent", describe_changes(skin));
    return j;
}

int phantom_samples(const char *folder)
{
    cJSON *const truth = cJSON_CreateObject();
    cJSON *const list = cJSON_AddArrayToObject(truth, "samples");
    char path[4096];
    int bad = 0;

    snprintf(path, sizeof(path), "%s/series", folder);
    mkdir(path, 0777); /* that it exists already is no error; that it cannot be made shows below */
    for (int i = 0; i < PHANTOM_SAMPLE_COUNT && !bad; i++) {
        const struct phantom_shot shot = phantom_sample_shot(i);
        struct phantom_rgb8 picture;
        struct phantom_skin skin;

        phantom_skin_init(&skin, &shot.spec);
        phantom_shoot(&skin, &shot, &picture);
        snprintf(path, sizeof(path), "%s/%s", folder, samples[i].name);
        bad = phantom_write(path, &picture, &shot.file);
        cJSON_AddItemToArray(list, sample_truth(&skin, &shot, i));
        free(picture.px);
        phantom_skin_free(&skin);
    }
    snprintf(path, sizeof(path), "%s/truth.json", folder);
    if (!bad) bad = phantom_write_json(path, truth);
    cJSON_Delete(truth);
    return bad;
}
