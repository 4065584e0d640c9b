/* SPDX-License-Identifier: Apache-2.0 */
/* cross_net FOLDER PHOTO...: runs face_landmark.tflite, the plain mesh beside the one that the
 * program uses, on the face of every photo. Writes what goes in and what comes out to FOLDER as
 * little-endian floats, for another engine to repeat: N.input (192 x 192 x 3, [0, 1]) and N.output
 * (468 x, y, z in crop pixels, then the logit of the face flag). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/file.h"
#include "nn/crop.h"
#include "nn/tflite.h"
#include "unit/face_photo.h"

/* models/README.md: where the network lies in the packed file. */
enum { NET_AT = 2495952, NET_END = 3737848, SIDE = 192, MESH = 1404 };

static const char packed[] =
    DERM_TEST_MODELS "/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data";

struct engine {
    struct face_photo face;
    struct derm_arena keep;
    struct derm_net *net;
    float *workspace;
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
    DERM_TRY(derm_net_read(&e->net, &e->keep, &e->face.photo.scratch,
                           (const unsigned char *)file + NET_AT, NET_END - NET_AT,
                           "face_landmark"));
    derm_arena_reset(&e->face.photo.scratch, 0);
    return derm_net_workspace(e->net, &e->keep, &e->workspace);
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

static derm_err run_photo(struct engine *e, const char *path)
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
    derm_thumb_sample(&thumb, derm_net_input(e->net, e->workspace), SIDE, SIDE, m,
                      DERM_BORDER_REPLICATE, unit);
    derm_net_run(e->net, e->workspace, &e->face.k, e->face.pool);
    return DERM_OK;
}

static derm_err write_results(struct engine *e, const char *folder, int number)
{
    struct derm_error *const err = &e->face.photo.err;
    float output[MESH + 1];
    char path[4096];
    int written = 0;

    for (int i = 0; i < derm_net_outputs(e->net); i++) { /* the mesh and the flag, in some order */
        const size_t n = derm_net_output_count(e->net, i);

        if (n != MESH && n != 1) return derm_fail(err, DERM_EMODEL, "an output of %zu values", n);
        memcpy(n == 1 ? output + MESH : output, derm_net_output(e->net, e->workspace, i),
               n * sizeof(float));
        written += (int)n;
    }
    if (written != MESH + 1) return derm_fail(err, DERM_EMODEL, "%d output values", written);
    snprintf(path, sizeof(path), "%s/%d.input", folder, number);
    DERM_TRY(derm_file_write(path, derm_net_input(e->net, e->workspace),
                             derm_net_input_count(e->net) * sizeof(float), err));
    snprintf(path, sizeof(path), "%s/%d.output", folder, number);
    return derm_file_write(path, output, sizeof(output), err);
}

int main(int argc, char **argv)
{
    static struct engine e;
    derm_err done = argc > 2 ? open_engine(&e) : DERM_EUSAGE;

    for (int i = 2; i < argc && done == DERM_OK; i++) {
        done = run_photo(&e, argv[i]);
        if (done == DERM_OK) done = write_results(&e, argv[1], i - 2);
    }
    if (done != DERM_OK) {
        fprintf(stderr, "cross_net: %s\n", argc > 2 ? e.face.photo.err.text : "FOLDER PHOTO...");
        return 1;
    }
    derm_arena_free(&e.keep);
    face_photo_close(&e.face);
    return 0;
}
