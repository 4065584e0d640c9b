/* SPDX-License-Identifier: Apache-2.0 */
/* Skin as optical density: mottling (value noise, 1/f), pores and spots on jittered lattices, a
 * slow gradient of light, relief; seen by a camera with shot noise. */
#include "fixture.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

enum { QUALITY = 92 };
const double fixture_px_per_mm = 20.0;

static uint32_t hash(int x, int y, uint32_t salt)
{
    uint32_t h = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u ^ salt * 0xc2b2ae3du;

    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return h ^ (h >> 15);
}

static float unit(int x, int y, uint32_t salt) /* [0, 1) */
{
    return (float)(hash(x, y, salt) >> 8) * 0x1p-24f;
}

static float value_noise(float x, float y, uint32_t salt) /* [-1, 1), period 1 */
{
    const int i = (int)floorf(x), j = (int)floorf(y);
    const float u = x - (float)i, v = y - (float)j;
    const float a = u * u * (3.0f - 2.0f * u), b = v * v * (3.0f - 2.0f * v);
    const float top = unit(i, j, salt) * (1.0f - a) + unit(i + 1, j, salt) * a;
    const float bottom = unit(i, j + 1, salt) * (1.0f - a) + unit(i + 1, j + 1, salt) * a;

    return 2.0f * (top * (1.0f - b) + bottom * b) - 1.0f;
}

/* One dent for every cell of pitch mm: depth at (x, y) mm, radii in [least, most] mm. */
static float dents(float x, float y, float pitch, float least, float most, uint32_t salt)
{
    const int i0 = (int)floorf(x / pitch - 0.5f), j0 = (int)floorf(y / pitch - 0.5f);
    float sum = 0.0f;

    for (int k = 0; k < 4; k++) {
        const int i = i0 + k % 2, j = j0 + k / 2;
        const float cx = ((float)i + 0.3f + 0.4f * unit(i, j, salt)) * pitch;
        const float cy = ((float)j + 0.3f + 0.4f * unit(i, j, salt + 1)) * pitch;
        const float r = least + (most - least) * unit(i, j, salt + 2);
        const float d = ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (r * r);
        if (d < 1.0f) sum += (1.0f - d) * (1.0f - d);
    }
    return sum;
}

/* Optical density of R, G, B at a place in mm. */
static void skin(float od[3], float x, float y, float spot_strength)
{
    static const float melanin[3] = { 0.35f, 0.70f, 1.0f }, blood[3] = { 0.10f, 0.85f, 0.75f };
    const float mottle = 0.05f * value_noise(x / 9.0f, y / 9.0f, 1) +
                         0.03f * value_noise(x / 3.0f, y / 3.0f, 2) + 0.02f * value_noise(x, y, 3) +
                         0.02f * value_noise(x * 4.0f, y * 4.0f, 4);
    const float pores = dents(x, y, 1.3f, 0.12f, 0.30f, 10);
    const float spots = spot_strength * dents(x, y, 14.0f, 0.8f, 2.6f, 20);
    const float m = 0.45f + mottle + 0.10f * pores + 0.35f * spots;
    const float b = 0.30f + 0.05f * value_noise(x / 5.0f, y / 5.0f, 5) + 0.05f * pores;

    for (int c = 0; c < 3; c++)
        od[c] = 0.25f + melanin[c] * m + blood[c] * b + 0.04f * value_noise(3.0f * x, y, 6);
}

static uint8_t encode(float light)
{
    const float v =
        light <= 0.0031308f ? 12.92f * light : 1.055f * powf(light, 1.0f / 2.4f) - 0.055f;
    const float code = 255.0f * v + 0.5f;

    return (uint8_t)(code < 0.0f ? 0.0f : code > 255.0f ? 255.0f : code);
}

static void render_row(uint8_t *rgb, int y, int w, int h, int later)
{
    const float mm = 1.0f / (float)fixture_px_per_mm, turn = later ? 0.02f : 0.0f;
    const float noise_sd = 0.0203f; /* of the square root of light: gives 1.7 bits per pixel */

    for (int x = 0; x < w; x++) {
        const float u = (float)x * mm + (later ? 2.3f : 0.0f) - turn * (float)y * mm;
        const float v = (float)y * mm - (later ? 1.7f : 0.0f) + turn * (float)x * mm;
        const float side = (float)x / (float)w - 0.5f, up = (float)y / (float)h - 0.5f;
        const float light =
            (later ? 0.1f : 0.0f) - 0.5f * (side * side + up * up) + 0.2f * (later ? side : up);
        float od[3];
        skin(od, u, v, later ? 0.7f : 1.0f);
        for (int c = 0; c < 3; c++) {
            const float noise = unit(x, y, 40u + (uint32_t)(c + 6 * later)) +
                                unit(x, y, 43u + (uint32_t)(c + 6 * later)) - 1.0f;
            const float root = expf(0.5f * (light - od[c])) + 2.45f * noise_sd * noise;
            rgb[3 * x + c] = encode(root * root);
        }
    }
}

int fixture_write(const char *path, int later, int w, int h)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = { .err = jpeg_std_error(&errors) };
    FILE *const file = fopen(path, "wb");
    uint8_t *const row = malloc(3 * (size_t)w);

    if (file && row) {
        jpeg_create_compress(&jpeg);
        jpeg_stdio_dest(&jpeg, file);
        jpeg.image_width = (JDIMENSION)w;
        jpeg.image_height = (JDIMENSION)h;
        jpeg.input_components = 3;
        jpeg.in_color_space = JCS_RGB;
        jpeg_set_defaults(&jpeg); /* 4:2:0 */
        jpeg_set_quality(&jpeg, QUALITY, TRUE);
        jpeg_start_compress(&jpeg, TRUE);
        for (int y = 0; y < h; y++) {
            JSAMPROW rows[1] = { row };
            render_row(row, y, w, h, later);
            jpeg_write_scanlines(&jpeg, rows, 1);
        }
        jpeg_finish_compress(&jpeg);
        jpeg_destroy_compress(&jpeg);
    }
    free(row);
    return !file || !row || fclose(file) != 0;
}
