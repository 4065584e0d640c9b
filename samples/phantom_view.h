/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the phantom: the maps of a skin as one camera sees it. */
#ifndef PHANTOM_VIEW_H
#define PHANTOM_VIEW_H

#include "phantom.h"

struct phantom_view {
    const struct phantom_skin *skin;
    const struct phantom_light *light;
    struct phantom_camera camera; /* at rendered resolution */
    struct phantom_plane u, v;    /* mm: which point of the skin a pixel shows */
    struct phantom_plane fm, fb, height, hair;
};

/* ---- phantom_maps.c */
/* kinds as in phantom_render. The planes are allocated by the caller, and zero. */
void phantom_draw_maps(struct phantom_view *g, unsigned kinds);

#endif
