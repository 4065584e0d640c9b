/* SPDX-License-Identifier: Apache-2.0 */
/* A small phantom that is rendered fast, for tests. */
#ifndef DERM_TEST_SMALL_PHANTOM_H
#define DERM_TEST_SMALL_PHANTOM_H

#include "phantom_samples.h"

static inline struct phantom_shot small_shot(uint64_t seed)
{
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = seed;
    shot.spec.fm = phantom_fm_of_ita(40, shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = 20;
    shot.camera.width = shot.camera.height = 200;
    return shot;
}

static inline struct phantom_skin skin_of(const struct phantom_spec *spec)
{
    struct phantom_skin skin;

    phantom_skin_init(&skin, spec);
    return skin;
}

#endif
