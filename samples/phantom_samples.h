/* SPDX-License-Identifier: Apache-2.0 */
/* Shots: a skin, a light, a camera and a file together; and those that are committed. */
#ifndef PHANTOM_SAMPLES_H
#define PHANTOM_SAMPLES_H

#include <cjson/cJSON.h>

#include "phantom.h"

struct phantom_shot {
    struct phantom_spec spec;
    struct phantom_light light;
    struct phantom_camera camera;
    struct phantom_file file;
};

/* 10 px/mm, daylight from above, a good camera held still; the tone (spec.fm) is still to be set.
 */
struct phantom_shot phantom_default_shot(void);

void phantom_shoot(const struct phantom_skin *skin, const struct phantom_shot *shot,
                   struct phantom_rgb8 *picture);

/* Objects with their places in the picture, and the true changes. The caller deletes it. */
cJSON *phantom_describe(const struct phantom_skin *skin, const struct phantom_shot *shot);
int phantom_write_json(const char *path, const cJSON *json); /* 0 or -1 */

/* The committed samples: shots by name, below the folder samples/. */
enum { PHANTOM_SAMPLE_COUNT = 5 };
const char *phantom_sample_name(int i);
struct phantom_shot phantom_sample_shot(int i);

/* Renders them and truth.json into a folder that exists. 0 or -1. */
int phantom_samples(const char *folder);

#endif
