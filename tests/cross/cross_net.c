/* SPDX-License-Identifier: Apache-2.0 */
/* cross_net FOLDER PHOTO...: runs the mesh that the program uses (face_landmark_with_attention) and
 * the plain one beside it (face_landmark) on the face of every photo. Writes what goes in and what
 * comes out to FOLDER as little-endian floats, for another engine to repeat: N.input (192 x 192 x
 * 3, [0, 1]), N.attention and N.plain (their outputs in the order of the files). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/file.h"
#include "nn/crop.h"
#include "nn/tflite.h"
#include "unit/face_photo.h"

/* models/README.md: where the network lies in the packed file. */
enum { NET_AT = 2495952, NET_END = 3737848, SIDE = 192, MOST_VALUES = 2048 };

static const char packed[] =
    DERM_TEST_MODELS "/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data";

struct engine {
    struct face_photo face;
    struct derm_arena keep;
    struct derm_net *plain;
    float input[SIDE * SIDE * 3];
};

static derm_err open_engine(struct engine *e)
{
    struct derm_error *const err = &e->face.photo.err;
    size_t size;
    char *file;

    DERM_TRY(face_photo_open(&e->face, derm_cpu_detect(), 1));
    DERM_TRY(derm_arena_init(&e->keep, (size_t)1 << 30, err));
    DERM_TRY(derm_file_read(&e->keep, packed, (size_t)64 << 20, &file, &size, err));
    if (size < NET_END) return derm_fail(err, DERM_EMODEL, "%s is too short", packed);
    DERM_TRY(derm_net_read(&e->plain, &e->keep, &e->face.photo.scratch,
                           (const unsigned char *)file + NET_AT, NET_END - NET_AT,
                           "face_landmark"));
    derm_arena_reset(&e->face.photo.scratch, 0);
    return DERM_OK;
}

/* One and a half times the box of the landmarks, as the program's own crops. */
static struct derm_crop crop_of(const struct derm_face *face)
{
    double x0 = HUGE_VAL, y0 = HUGE_VAL, x1 = -HUGE_VAL, y1 = -HUGE_VAL;

    for (int i = 0; i < DERM_LANDMARK_COUNT; i++) {
        x0 = fmin(x0, face->at[i].x);
        x1 = fmax(x1, face->at[i].x);
        y0 = fmin(y0, face->at[i].y);
        y1 = fmax(y1, face->at[i].y);
    }
    return (struct derm_crop){ (x0 + x1) / 2, (y0 + y1) / 2, 1.5 * fmax(x1 - x0, y1 - y0), 1, 0 };
}

static derm_err cut_face(struct engine *e, const char *path)
{
    static const float unit[2] = { 1.0f / 255.0f, 0.0f };
    const struct derm_photo_request request = { .path = path };
    struct decoded *const photo = &e->face.photo;
    const struct derm_nn nn = { e->face.models, &e->face.k, e->face.pool, &photo->scratch };
    struct derm_thumb thumb;
    struct derm_crop crop;
    double m[2][3];

    DERM_TRY(face_photo_run(&e->face, &request));
    if (!photo->frame->face.used)
        return derm_fail(&photo->err, DERM_EMALFORMED, "%s shows no face", path);
    crop = crop_of(&photo->frame->face);
    DERM_TRY(derm_thumb_new(&nn, &photo->keep, &thumb, &photo->frame->rgb, NULL,
                            derm_thumb_factor(crop.side / SIDE)));
    derm_crop_matrix(m, &crop, SIDE);
    derm_thumb_sample(&thumb, e->input, SIDE, SIDE, m, DERM_BORDER_REPLICATE, unit);
    return DERM_OK;
}

/* The input, and the outputs in the file's order, one after the other. */
static derm_err write_results(const struct engine *e, const struct derm_net *net,
                              const float *workspace, const char *folder, const char *name,
                              int number, struct derm_error *err)
{
    float output[MOST_VALUES];
    char path[4096];
    size_t n = 0;

    for (int i = 0; i < derm_net_outputs(net); i++) {
        const size_t count = derm_net_output_count(net, i);

        if (n + count > MOST_VALUES) return derm_fail(err, DERM_EMODEL, "more outputs than known");
        memcpy(output + n, derm_net_output(net, workspace, i), count * sizeof(float));
        n += count;
    }
    snprintf(path, sizeof(path), "%s/%d.input", folder, number);
    DERM_TRY(derm_file_write(path, e->input, sizeof(e->input), err));
    snprintf(path, sizeof(path), "%s/%d.%s", folder, number, name);
    return derm_file_write(path, output, n * sizeof(float), err);
}

static derm_err run_net(struct engine *e, const struct derm_net *net, const char *folder,
                        const char *name, int number)
{
    struct decoded *const photo = &e->face.photo;
    float *workspace;

    if (derm_net_input_count(net) != SIDE * SIDE * 3)
        return derm_fail(&photo->err, DERM_EMODEL, "%s has another input", name);
    DERM_TRY(derm_net_workspace(net, &photo->keep, &workspace));
    memcpy(derm_net_input(net, workspace), e->input, sizeof(e->input));
    derm_net_run(net, workspace, &e->face.k, e->face.pool);
    return write_results(e, net, workspace, folder, name, number, &photo->err);
}

int main(int argc, char **argv)
{
    static struct engine e;
    const struct derm_net *attention = NULL;
    derm_err done = argc > 2 ? open_engine(&e) : DERM_EUSAGE;

    if (done == DERM_OK)
        done = derm_models_net(e.face.models, DERM_NET_MESH, &attention, &e.face.photo.err);
    for (int i = 2; i < argc && done == DERM_OK; i++) {
        done = cut_face(&e, argv[i]);
        if (done == DERM_OK) done = run_net(&e, e.plain, argv[1], "plain", i - 2);
        if (done == DERM_OK) done = run_net(&e, attention, argv[1], "attention", i - 2);
    }
    if (done != DERM_OK) {
        fprintf(stderr, "cross_net: %s\n", argc > 2 ? e.face.photo.err.text : "FOLDER PHOTO...");
        return 1;
    }
    derm_arena_free(&e.keep);
    face_photo_close(&e.face);
    return 0;
}
