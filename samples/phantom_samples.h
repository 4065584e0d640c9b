/* SPDX-License-Identifier: Apache-2.0 */
/* Shots: a skin, a light, a camera and a file together, with their truth; and those that are
 * committed. */
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

/* ---- phantom_describe.c */
const char *phantom_kind_name(enum phantom_kind kind);
int phantom_has_kind(const struct phantom_skin *skin, enum phantom_kind kind);
/* Adds seed, tone, scale and true changes to an object. */
void phantom_describe_skin(const struct phantom_skin *skin, const struct phantom_shot *shot,
                           cJSON *to);
/* These, what every kind adds up to, and what is seen of it, object by object, with places in the
 * picture. The caller deletes it. */
cJSON *phantom_describe(const struct phantom_skin *skin, const struct phantom_shot *shot);
int phantom_write_json(const char *path, const cJSON *json); /* 0 or -1 */

/* ---- phantom_labels.c */
struct phantom_grey16 {
    uint16_t *px;
    int w, h;
};
/* Which pixel shows at least half of an object or a curve: its index in the skin's list plus 1, as
 * in the JSON; 0: none. Melasma and erythema, which are no objects, are 1. */
struct phantom_grey16 phantom_labels(const struct phantom_skin *s,
                                     const struct phantom_camera *camera, enum phantom_kind kind);
double phantom_labelled_share(const struct phantom_skin *s, const struct phantom_camera *camera,
                              enum phantom_kind kind);
/* PREFIX_<kind>.png with the labels of each kind that the skin has, and PREFIX_melanin.png,
 * _blood.png (volume fraction x 65535) and _height.png (32768 + mm x 16384); 16 bits grey. 0 or -1.
 */
int phantom_write_maps(const char *prefix, const struct phantom_skin *s,
                       const struct phantom_camera *camera);
int phantom_write_grey(const char *path, const struct phantom_grey16 *grey); /* phantom_write.c */

/* ---- phantom_samples.c */
/* The committed samples: shots by name, below the folder samples/. */
enum { PHANTOM_SAMPLE_COUNT = 5 };
const char *phantom_sample_name(int i);
struct phantom_shot phantom_sample_shot(int i);

/* Renders them and truth.json into a folder that exists. 0 or -1. */
int phantom_samples(const char *folder);

#endif
