/* SPDX-License-Identifier: Apache-2.0 */
/* What the responses of a filter do anyway: their noise around each place. */
#ifndef DERM_STAGES_PIT_NOISE_H
#define DERM_STAGES_PIT_NOISE_H

#include "kernels/response.h"
#include "stages/stage.h"

struct derm_pit_noise {
    struct derm_plane level; /* cells: sd of the response */
    double cell_px;
};

/* Noise of a response where the mask is set: mean magnitude in a Gaussian window of sigma
 * window_px, large magnitudes counted as a cap. In run->scratch. */
derm_err derm_pit_noise_measure(struct derm_run *run, struct derm_pit_noise *noise,
                                const struct derm_plane *plane, const struct derm_mask *where,
                                const struct derm_response *response,
                                double window_px) DERM_MUST_CHECK;

double derm_pit_noise_at(const struct derm_pit_noise *noise, double x, double y);

/* floor[y] = the least noise in row y, times z; a floor for each of the h rows. */
void derm_pit_noise_floor(const struct derm_pit_noise *noise, double z, float *floor, int h);

#endif
