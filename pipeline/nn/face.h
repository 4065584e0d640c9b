/* SPDX-License-Identifier: Apache-2.0 */
/* Faces: where they are, their landmarks, how the head is turned. Continuous photo coordinates
 * (pixel k covers [k, k + 1)), as in nn/crop.h. */
#ifndef DERM_NN_FACE_H
#define DERM_NN_FACE_H

#include "nn/crop.h"
#include "nn/mesh.h"

/* ---- face_detect.c: BlazeFace (Bazarevsky et al. 2019) */
enum { DERM_FACE_KEYS = 6 }; /* image-left eye, image-right eye, nose tip, mouth, left ear, right */

struct derm_detection {
    double x, y, width, height; /* box: centre and size */
    double key[DERM_FACE_KEYS][2];
    double score; /* 0..1 */
};

/* The faces in a square of the photo, black where it reaches outside, best first. net is one of the
 * two detectors. At most max; *n are found. */
derm_err derm_face_detect(const struct derm_nn *nn, enum derm_network net,
                          const struct derm_thumb *thumb, const struct derm_crop *where,
                          double threshold, struct derm_detection *found, int max,
                          int *n) DERM_MUST_CHECK;
int derm_face_detector_size(enum derm_network net); /* side of its input */

/* ---- face_landmarks.c */
enum { DERM_FACE_POINTS = 478, DERM_MESH_INPUT = 192, DERM_FACE_CROPS = 9 };

struct derm_face_points {
    double x[DERM_FACE_POINTS], y[DERM_FACE_POINTS];
    double z[DERM_FACE_POINTS]; /* photo px, smaller is nearer to the camera */
    double presence;            /* 0..1: that there is a face at all; no measure of quality */
    double spread; /* of a point between the crops, root mean square, photo px; 0 for one crop */
};

/* Where the landmarks are looked for. */
struct derm_crop derm_face_crop(const struct derm_detection *d);
struct derm_crop derm_face_crop_again(const struct derm_face_points *p);

/* Mean over `crops` (1..DERM_FACE_CROPS) slightly moved, scaled and turned crops, which averages
 * out most of the network's jitter. */
derm_err derm_face_landmarks(const struct derm_nn *nn, const struct derm_thumb *thumb,
                             const struct derm_crop *crop, int crops,
                             struct derm_face_points *points) DERM_MUST_CHECK;

/* ---- face_pose.c */
struct derm_face_pose {
    double yaw_deg;   /* + the subject's left */
    double pitch_deg; /* + up */
    double roll_deg;  /* + clockwise in the photo */
};
struct derm_face_pose derm_face_pose(const struct derm_mesh *mesh,
                                     const struct derm_face_points *points);

#endif
