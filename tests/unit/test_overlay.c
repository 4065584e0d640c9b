/* SPDX-License-Identifier: Apache-2.0 */
/* Overlays: every promised picture is written and readable in size, whatever is missing. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/metrics.h"
#include "cv/cv.h"
#include "report/canvas.h"
#include "report/eye_bar.h"
#include "report/headline.h"
#include "report/overlay_parts.h"
#include "report/pigment_map.h"
#include "stages/field.h"

enum { W = 120, H = 90 };

static struct derm_error err;
static struct derm_arena keep, scratch;
static struct derm_kernels kernels;
static struct derm_filter filter = { &kernels, NULL, &scratch };
static struct derm_object object = { .x = 60,
                                     .y = 45,
                                     .area_px = 80,
                                     .diameter_mm = 1,
                                     .label = 1,
                                     .regions = 1u << DERM_REGION_ROI,
                                     .base_value = 1,
                                     .follow_value = 0.5 };
static const struct derm_tone weights = { .melanin = { -0.5f, -0.5f, 2.0f }, .blood = { 0, 1, 0 } };
static struct derm_result result = { .metric = DERM_METRIC_PIGMENTATION_LOAD,
                                     .region = DERM_REGION_ROI,
                                     .status = DERM_MEASURED };

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&kernels, 0);
    return derm_pool_new(&filter.pool, 1, &err) != DERM_OK ||
           derm_arena_init(&keep, (size_t)64 << 20, &err) != DERM_OK ||
           derm_arena_init(&scratch, (size_t)256 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_pool_free(filter.pool);
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}

static derm_err draw(const struct derm_frame *frame, const struct derm_pair *pair,
                     const char *folder, struct derm_error *e)
{
    struct derm_results results = { .item = &result, .n = 1 };
    const struct derm_overlay_job job = { .frame = frame,
                                          .pair = pair,
                                          .tone = &weights,
                                          .results = &results,
                                          .filter = &filter,
                                          .err = e };

    return derm_overlay_draw(&job, folder);
}

static void make_frame(struct derm_frame *f, int objects)
{
    memset(f, 0, sizeof(*f));
    f->source.file_name = "photo.jpg";
    f->view.grid = (struct derm_grid){ .step = 1, .w = W, .h = H, .px_per_mm = 10 };
    assert_int_equal(derm_rgb8_new(&keep, &f->rgb, W, H), DERM_OK);
    assert_int_equal(derm_mask_new(&keep, &f->view.skin, W, H), DERM_OK);
    assert_int_equal(derm_bits_new(&keep, &f->view.regions, W, H), DERM_OK);
    for (int c = 0; c < 3; c++)
        assert_int_equal(derm_plane_new(&keep, &f->view.od[c], W, H), DERM_OK);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            derm_mask_row(&f->view.skin, y)[x] = x < W / 2 + 20 ? 0xff : 0;
            derm_bits_row(&f->view.regions, y)[x] = 1u << DERM_REGION_ROI;
        }
    f->view.regions_visible = 1u << DERM_REGION_ROI;
    for (int c = 0; c <= DERM_KIND_SCAR; c++) {
        f->objects[c].item = &object;
        f->objects[c].n = objects;
        assert_int_equal(derm_labels_new(&keep, &f->objects[c].labels, W, H), DERM_OK);
        for (int y = 40; y < 50; y++)
            for (int x = 55; x < 65; x++)
                derm_labels_row(&f->objects[c].labels, y)[x] = 1;
    }
}

/* Of the picture, which is removed; 0 when it is not there. */
static long bytes_of(const char *folder, const char *name)
{
    char path[256];
    struct stat s;
    long bytes;

    snprintf(path, sizeof(path), "%s/%s.png", folder, name);
    bytes = stat(path, &s) == 0 ? (long)s.st_size : 0;
    unlink(path);
    return bytes;
}

static int exists(const char *folder, const char *name)
{
    return bytes_of(folder, name) > 200;
}

static void remove_pictures(const char *folder)
{
    static const char *const names[] = { "baseline",        "followup",    "side_by_side",
                                         "overlay_regions", "map_melanin", "map_haemoglobin" };
    char name[64];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        exists(folder, names[i]);
    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        snprintf(name, sizeof(name), "overlay_%s", derm_concern_id((enum derm_concern)c));
        exists(folder, name);
    }
}

static void an_analysis_gets_its_pictures(void **state)
{
    char folder[] = "/tmp/derm_overlay_XXXXXX";
    struct derm_frame f;

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (int objects = 0; objects <= 1; objects++) {
        make_frame(&f, objects);
        assert_int_equal(draw(&f, NULL, folder, &err), DERM_OK);
        assert_int_equal(scratch.used, 0);
        assert_true(exists(folder, "overlay_pores") && exists(folder, "overlay_pigmentation") &&
                    exists(folder, "overlay_scars") && exists(folder, "overlay_regions"));
        assert_true(exists(folder, "map_melanin") && exists(folder, "map_haemoglobin"));
        derm_arena_reset(&keep, 0);
    }
    remove_pictures(folder);
    assert_int_equal(rmdir(folder), 0);
}

static void a_comparison_shows_before_and_after(void **state)
{
    char folder[] = "/tmp/derm_overlay_XXXXXX";
    struct derm_frame base, follow;
    struct derm_pair pair = { .base = &base, .follow = &follow };

    (void)state;
    assert_non_null(mkdtemp(folder));
    make_frame(&base, 1);
    make_frame(&follow, 1);
    assert_int_equal(draw(NULL, &pair, folder, &err), DERM_OK);
    assert_true(exists(folder, "baseline") && exists(folder, "followup") &&
                exists(folder, "side_by_side") && exists(folder, "overlay_pores") &&
                exists(folder, "overlay_regions"));
    assert_int_equal(derm_field_new(&keep, &pair.registration.map, W, H, 8), DERM_OK);
    derm_row(&pair.registration.map.x, 0)[0] = -1e6f;
    pair.registration.accepted = true;
    pair.warped = follow.view;
    assert_int_equal(draw(NULL, &pair, folder, &err), DERM_OK);
    assert_true(exists(folder, "followup_aligned") && exists(folder, "overlay_scars") &&
                exists(folder, "overlay_pigmentation") && exists(folder, "map_melanin") &&
                exists(folder, "map_haemoglobin"));
    remove_pictures(folder);
    assert_int_equal(rmdir(folder), 0);
    derm_arena_reset(&keep, 0);
}

/* What cannot be compared is hatched, and what lies there is not shown: for that concern alone. */
static void a_refused_region_is_left_out(void **state)
{
    char folder[] = "/tmp/derm_overlay_XXXXXX";
    struct derm_frame base, follow;
    struct derm_pair pair = { .base = &base, .follow = &follow };
    long scars[2], spots[2];

    (void)state;
    assert_non_null(mkdtemp(folder));
    make_frame(&base, 1);
    make_frame(&follow, 1);
    for (int c = 0; c <= DERM_KIND_SCAR; c++)
        pair.objects[c] = base.objects[c];
    pair.finding[0] = (struct derm_finding){ .severity = DERM_SEVERITY_FAIL,
                                             .concerns = 1u << DERM_CONCERN_SCARS,
                                             .regions = 1u << DERM_REGION_ROI };
    for (pair.n = 0; pair.n < 2; pair.n++) {
        assert_int_equal(draw(NULL, &pair, folder, &err), DERM_OK);
        scars[pair.n] = bytes_of(folder, "overlay_scars");
        spots[pair.n] = bytes_of(folder, "overlay_pigmentation");
    }
    assert_true(scars[0] > 0 && scars[0] != scars[1]);
    assert_int_equal(spots[0], spots[1]);
    remove_pictures(folder);
    assert_int_equal(rmdir(folder), 0);
    derm_arena_reset(&keep, 0);
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
    struct derm_error e = { 0 };
    struct derm_frame f;

    (void)state;
    make_frame(&f, 0);
    assert_int_equal(draw(&f, NULL, "/dev/null/x", &e), DERM_ECREATE);
    assert_non_null(strstr(e.text, "/dev/null/x"));
    derm_arena_reset(&keep, 0);
}

static void pictures_are_large_enough_to_read(void **state)
{
    static const int side[] = { 1, 200, 1200, 3000 };

    (void)state;
    for (size_t i = 0; i < sizeof(side) / sizeof(side[0]); i++) {
        struct derm_canvas c;
        struct derm_rgb8 photo;

        assert_int_equal(derm_rgb8_new(&scratch, &photo, side[i], side[i]), DERM_OK);
        assert_int_equal(derm_canvas_new(&c, &scratch, &photo, side[i], side[i], &err), DERM_OK);
        assert_in_range(c.image.w, 1200, 1600);
        assert_int_equal(derm_canvas_scale_bar(&c, 10, "mm"), DERM_OK);
        derm_arena_reset(&scratch, 0);
    }
}

static void the_headline_says_what_was_found(void **state)
{
    struct derm_results results = { .item = &result, .n = 1 };
    struct derm_frame f = { .scale = { DERM_SCALE_USER, 10, 0.01 } };
    char text[200];

    (void)state;
    result.base.value = 1.25;
    derm_headline_text(text, sizeof(text), DERM_CONCERN_PIGMENTATION, &f, &results, 7, false);
    assert_non_null(strstr(text, "7 found"));
    assert_non_null(strstr(text, "1.25 mm2/cm2"));
    derm_headline_text(text, sizeof(text), DERM_CONCERN_PIGMENTATION, &f, &results, 0, false);
    assert_string_equal(text, "Nothing of this kind was found.");
    result.base.value = 0; /* what is drawn lies on the neck */
    derm_headline_text(text, sizeof(text), DERM_CONCERN_PIGMENTATION, &f, &results, 2, false);
    assert_string_equal(text, "2 found, none of which pigmentation.load counts.");
    derm_headline_text(text, sizeof(text), DERM_CONCERN_PORES, &f, &results, 0, false);
    assert_string_equal(text, "Nothing of this kind was found.");
    result.status = DERM_NOT_ASSESSABLE;
    result.reason = DERM_REASON_NO_SCALE;
    derm_headline_text(text, sizeof(text), DERM_CONCERN_PIGMENTATION, &f, &results, 7, true);
    assert_non_null(strstr(text, "scale is unknown"));
    result = (struct derm_result){ .metric = DERM_METRIC_SCARS_RELIEF,
                                   .region = DERM_REGION_ROI,
                                   .status = DERM_MEASURED,
                                   .base = { 0.5, 0.1 },
                                   .follow = { 0.25, 0.1 } };
    derm_headline_text(text, sizeof(text), DERM_CONCERN_SCARS, &f, &results, 7, true);
    assert_non_null(strstr(text, "scars.relief 0.5 -> 0.25.")); /* a bare number has no unit */
}

/* Even skin is a quarter of the way from white to the ink, whatever light falls on it; a spot of
 * the full contrast has the ink; where there is no skin there is no map. */
static void a_map_shows_density_over_the_skin_around(void **state)
{
    static const uint8_t ink[3] = { 55, 155, 205 };
    const float weight[3] = { 0, 1, 0 };
    struct derm_rgb8 picture;
    struct derm_frame f;

    (void)state;
    make_frame(&f, 0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            derm_row(&f.view.od[1], y)[x] = 0.7f + (x == 20 && y == 45 ? 0.4f : 0.0f);
    assert_int_equal(derm_pigment_picture(&filter, &f.view, weight, &f.view.skin, ink, &picture),
                     DERM_OK);
    for (int c = 0; c < 3; c++) {
        const uint8_t *const row = derm_rgb8_row(&picture, 45);

        assert_true(abs(row[3 * 50 + c] - (255 - (255 - ink[c]) / 4)) <= 1);
        assert_int_equal(row[3 * 20 + c], ink[c]);
        assert_int_equal(row[3 * (W - 1) + c], 225);
    }
    derm_arena_reset(&keep, 0);
    derm_arena_reset(&scratch, 0);
}

/* Opacity included, w x h x 4. */
static uint8_t *decode_layer(const struct derm_bytes *png, int w, int h)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    uint8_t *rgba;

    assert_true(png_image_begin_read_from_memory(&image, png->data, png->size));
    assert_true((int)image.width == w && (int)image.height == h);
    image.format = PNG_FORMAT_RGBA;
    assert_int_equal(derm_arena_raw(&keep, &rgba, PNG_IMAGE_SIZE(image), 1), DERM_OK);
    assert_true(png_image_finish_read(&image, NULL, rgba, 0, NULL));
    return rgba;
}

/* Laid on the photo, a layer looks like the picture that is drawn on the photo. */
static void a_layer_is_what_is_drawn(void **state)
{
    struct derm_results results = { .item = &result, .n = 1 };
    struct derm_frame f;
    const struct derm_overlay_job job = {
        .frame = &f, .tone = &weights, .results = &results, .filter = &filter, .err = &err
    };
    struct derm_overlay j;
    struct derm_pictures pictures;
    struct derm_canvas c, photo;
    const uint8_t *rgba;
    int drawn = 0, found;

    (void)state;
    make_frame(&f, 1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < 3 * W; x++)
            derm_rgb8_row(&f.rgb, y)[x] = (uint8_t)(60 + x / 3 + y);
    assert_int_equal(derm_overlay_pictures(&job, &keep, &pictures), DERM_OK);
    assert_int_equal(scratch.used, 0);
    assert_true(pictures.picture[DERM_PICTURE_BASELINE].size > 1000);
    assert_int_equal(pictures.picture[DERM_PICTURE_FOLLOWUP].size, 0);
    j = derm_overlay_of(&job);
    assert_int_equal(derm_overlay_prepare(&j), DERM_OK);
    assert_int_equal(derm_canvas_new(&photo, &scratch, &j.part, W, H, &err), DERM_OK);
    assert_int_equal(derm_canvas_new(&c, &scratch, &j.part, W, H, &err), DERM_OK);
    assert_int_equal(derm_overlay_draw_concern(&j, DERM_CONCERN_PIGMENTATION, &c, &found), DERM_OK);
    rgba = decode_layer(&pictures.picture[DERM_PICTURE_CONCERN + DERM_CONCERN_PIGMENTATION],
                        c.image.w, c.image.h);
    for (int y = 0; y < c.image.h; y++)
        for (int x = 0; x < c.image.w / 2; x++) { /* skin: beyond, the picture is greyed, too */
            const uint8_t *const layer = rgba + 4 * ((size_t)y * (size_t)c.image.w + (size_t)x);

            drawn += layer[3] > 0;
            for (int i = 0; i < 3; i++) {
                const int under = derm_rgb8_row(&photo.image, y)[3 * x + i];
                const int laid = (layer[i] * layer[3] + under * (255 - layer[3])) / 255;

                assert_in_range(derm_rgb8_row(&c.image, y)[3 * x + i] - laid + 3, 0, 6);
            }
        }
    assert_in_range(drawn, 100, c.image.w * c.image.h / 8);
    derm_arena_reset(&scratch, 0);
    derm_arena_reset(&keep, 0);
}

/* Columns of the middle row that are painted for a tile of which this share is scales. */
static int painted_for_scales(double share)
{
    struct derm_results results = { .item = &result, .n = 1 };
    struct derm_object tile = { .x = 40,
                                .y = 45,
                                .area_px = 400,
                                .scale_px = 20,
                                .regions = 1u << DERM_REGION_ROI,
                                .base_value = 400 * share };
    struct derm_frame f;
    const struct derm_overlay_job job = {
        .frame = &f, .tone = &weights, .results = &results, .filter = &filter, .err = &err
    };
    struct derm_overlay j;
    struct derm_canvas c, bare;
    int painted = 0, found;

    make_frame(&f, 0);
    j = derm_overlay_of(&job);
    assert_int_equal(derm_overlay_prepare(&j), DERM_OK);
    assert_int_equal(derm_canvas_new(&bare, &scratch, &j.part, W, H, &err), DERM_OK);
    assert_int_equal(derm_canvas_new(&c, &scratch, &j.part, W, H, &err), DERM_OK);
    assert_int_equal(derm_overlay_draw_concern(&j, DERM_CONCERN_TEXTURE, &bare, &found), DERM_OK);
    f.objects[DERM_KIND_FLAKE_PATCH] = (struct derm_objects){ .item = &tile, .n = 1 };
    assert_int_equal(derm_overlay_draw_concern(&j, DERM_CONCERN_TEXTURE, &c, &found), DERM_OK);
    for (int x = 0; x < c.image.w; x++)
        painted += derm_rgb8_row(&c.image, c.image.h / 2)[3 * x] !=
                   derm_rgb8_row(&bare.image, c.image.h / 2)[3 * x];
    derm_arena_reset(&scratch, 0);
    derm_arena_reset(&keep, 0);
    return painted;
}

/* A quarter of tiles is always the most flaking one, of whatever little there is. */
static void scales_are_painted_where_there_are_some(void **state)
{
    (void)state;
    assert_int_equal(painted_for_scales(0.01), 0);
    assert_true(painted_for_scales(0.1) > 0);
}

static void the_bar_covers_the_eyes_of_a_copy(void **state)
{
    struct derm_rgb8 picture;
    struct derm_frame f;

    (void)state;
    make_frame(&f, 0);
    memset(f.rgb.px, 200, (size_t)f.rgb.stride * H);
    f.face.at[33] = (struct derm_point){ 40, 45 };
    f.face.at[263] = (struct derm_point){ 80, 45 };
    picture = f.rgb;
    assert_int_equal(derm_eye_bar(&picture, &f, &scratch, &err), DERM_OK);
    assert_ptr_equal(picture.px, f.rgb.px); /* no face, no bar */
    f.face.used = true;
    assert_int_equal(derm_eye_bar(&picture, &f, &scratch, &err), DERM_OK);
    for (int x = 38; x <= 82; x++)
        for (int y = 41; y <= 49; y++)
            assert_in_range(derm_rgb8_row(&picture, y)[3 * x], 0, 40);
    assert_int_equal(derm_rgb8_row(&picture, 30)[3 * 60], 200);
    assert_int_equal(derm_rgb8_row(&picture, 45)[3 * 20], 200);
    assert_int_equal(derm_rgb8_row(&f.rgb, 45)[3 * 60], 200);
    derm_arena_reset(&scratch, 0);
    derm_arena_reset(&keep, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_analysis_gets_its_pictures),
        cmocka_unit_test(a_comparison_shows_before_and_after),
        cmocka_unit_test(a_refused_region_is_left_out),
        cmocka_unit_test(a_map_shows_density_over_the_skin_around),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_an_error),
        cmocka_unit_test(pictures_are_large_enough_to_read),
        cmocka_unit_test(the_headline_says_what_was_found),
        cmocka_unit_test(a_layer_is_what_is_drawn),
        cmocka_unit_test(scales_are_painted_where_there_are_some),
        cmocka_unit_test(the_bar_covers_the_eyes_of_a_copy),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
