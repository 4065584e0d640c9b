/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the phantom: the maps of a skin as one camera sees it. */
#ifndef PHANTOM_VIEW_H
#define PHANTOM_VIEW_H

#include "phantom.h"

struct phantom_pose { /* what does not change from pixel to pixel */
    const struct phantom_skin *skin;
    const struct phantom_camera *camera;
    double scale, cos, sin;
    int solid;         /* whether the scene is one in space */
    double turn[3][3]; /* from the camera's axes to the scene's */
};

struct phantom_view {
    const struct phantom_skin *skin;
    const struct phantom_light *light;
    struct phantom_camera camera; /* at rendered resolution */
    struct phantom_pose pose;
    struct phantom_plane u, v; /* mm: which point of the skin a pixel shows */
    struct phantom_plane fm, fb, height;
    struct phantom_plane scale; /* opacity of the white scale on top */
    struct phantom_plane hair;  /* share of the light that it, or the dark behind the skin, takes */
};

/* ---- phantom_pose.c */
struct phantom_pose phantom_pose_of(const struct phantom_skin *s, const struct phantom_camera *c);
/* 0 for a pixel that shows no skin. */
int phantom_pose_to_skin(const struct phantom_pose *p, double x_px, double y_px, double *x_mm,
                         double *y_mm);
void phantom_pose_to_image(const struct phantom_pose *p, double x_mm, double y_mm, double *x_px,
                           double *y_px);
/* A point of the skin, height_mm out of it, in space: x right, y down, z to the camera, mm. */
void phantom_pose_point(const struct phantom_pose *p, double u_mm, double v_mm, double height_mm,
                        double out[3]);

/* ---- phantom_maps.c */
/* kinds as in phantom_render. The planes are allocated by the caller, and zero. */
void phantom_draw_maps(struct phantom_view *g, unsigned kinds);

/* Calls touch for the pixels at which there is any of an object or a curve: at is the pixel's index
 * in the planes, share is how much of it there is, 0..1. */
typedef void (*phantom_touch)(void *arg, ptrdiff_t at, double share);
void phantom_cover_object(const struct phantom_view *g, const struct phantom_object *o,
                          phantom_touch touch, void *arg);
void phantom_cover_curve(const struct phantom_view *g, const struct phantom_curve *c,
                         phantom_touch touch, void *arg);

#endif
