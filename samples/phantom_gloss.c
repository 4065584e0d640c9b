/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a skin shines, from the light that its surface returns, never from a picture. */
#include "phantom.h"

double phantom_highlight_fraction(const struct phantom_skin *s, const struct phantom_light *light,
                                  const struct phantom_camera *camera, double limit)
{
    const unsigned every = (1u << PHANTOM_KINDS) - 1;
    struct phantom_light dry = *light;
    struct phantom_plane wet[3], bare[3];
    int shiny = 0, n;

    dry.oil = 0;
    phantom_render(s, light, camera, every, 1, wet);
    phantom_render(s, &dry, camera, every, 1, bare);
    n = wet->w * wet->h;
    for (int i = 0; i < n; i++) {
        double gloss = 0, diffuse = 0;

        for (int c = 0; c < 3; c++) {
            gloss += (double)(wet[c].px[i] - bare[c].px[i]);
            diffuse += (double)bare[c].px[i];
        }
        shiny += gloss > limit * diffuse;
    }
    for (int c = 0; c < 3; c++) {
        phantom_plane_free(&wet[c]);
        phantom_plane_free(&bare[c]);
    }
    return (double)shiny / n;
}
