/* SPDX-License-Identifier: Apache-2.0 */
/* The shots, and the samples in git. */
#include "phantom_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
      30,
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
      30,
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
      30,
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
    shot.spec.tissue = phantom_tissue_of(s->seed);
    shot.spec.fm = phantom_tissue_fm(&shot.spec.tissue, s->ita_deg, shot.spec.fb);
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
    phantom_describe_skin(skin, shot, j);
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
