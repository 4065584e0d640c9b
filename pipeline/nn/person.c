/* SPDX-License-Identifier: Apache-2.0 */
#include "nn/person.h"

#include <string.h>

#include "nn/crop.h"

derm_err derm_person(const struct derm_nn *nn, struct derm_plane *out, const struct derm_rgb8 *rgb)
{
    static const float unit[2] = { 1.0f / 255.0f, 0.0f };
    const double sx = (double)rgb->w / DERM_PERSON_SIZE, sy = (double)rgb->h / DERM_PERSON_SIZE;
    double m[2][3] = { { sx, 0, 0 }, { 0, sy, 0 } };
    const size_t mark = nn->scratch->used;
    const struct derm_net *net;
    struct derm_thumb thumb;
    float *ws;

    DERM_TRY(derm_models_net(nn->models, DERM_NET_PERSON, &net, nn->scratch->err));
    DERM_TRY(
        derm_thumb_new(nn, nn->scratch, &thumb, rgb, NULL, derm_thumb_factor(sx < sy ? sx : sy)));
    DERM_TRY(derm_net_workspace(net, nn->scratch, &ws));
    derm_thumb_sample(&thumb, derm_net_input(net, ws), DERM_PERSON_SIZE, DERM_PERSON_SIZE, m,
                      DERM_BORDER_REPLICATE, unit);
    derm_net_run(net, ws, nn->k, nn->pool);
    for (int y = 0; y < DERM_PERSON_SIZE; y++)
        memcpy(derm_row(out, y), derm_net_output(net, ws, 0) + (size_t)y * DERM_PERSON_SIZE,
               DERM_PERSON_SIZE * sizeof(float));
    derm_arena_reset(nn->scratch, mark);
    return DERM_OK;
}
