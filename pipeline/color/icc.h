/* SPDX-License-Identifier: Apache-2.0 */
/* From a file's sample values to linear light with sRGB's primaries, white = 1.
 *
 * Matrix/TRC and grey profiles become one table per channel and a 3x3 matrix of ours; every other
 * kind of profile goes through an lcms2 float transform (relative colorimetric). A profile that
 * cannot be used counts as absent: sRGB is assumed and `assumed` says so. */
#ifndef DERM_COLOR_ICC_H
#define DERM_COLOR_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct derm_chromaticity {
    double x, y;
};

struct derm_colour_tags { /* what a file says of its colours, best first */
    const uint8_t *icc;
    size_t icc_size;
    bool srgb;    /* PNG's sRGB chunk */
    double gamma; /* PNG's gAMA: samples = light ^ gamma; 0: absent */
    bool has_primaries;
    struct derm_chromaticity white, red, green, blue; /* PNG's cHRM */
};

struct derm_colour {
    char name[64]; /* valid UTF-8 */
    bool assumed;  /* the file does not say, or says it wrongly: taken as sRGB */
    bool is_srgb;  /* samples are sRGB-encoded as they stand */
    int bits;      /* per sample: 8 or 16 */
    const float *curve[3];
    float matrix[3][3];
    void *context, *transform; /* lcms2; NULL when the tables do */
};

/* grey: the picture was stored with one channel (its rows still have three). The tables live in
 * the arena, the lcms2 handles until derm_colour_close. */
derm_err derm_colour_open(struct derm_colour *c, struct derm_arena *arena,
                          const struct derm_colour_tags *tags, int bits, bool grey,
                          struct derm_error *err) DERM_MUST_CHECK;
void derm_colour_close(struct derm_colour *c);

/* lin[3 i + j] = linear light j of sample triple i, >= 0. rgb: 3 n samples of c->bits. */
void derm_colour_row(const struct derm_colour *c, float *lin, const void *rgb, int n);

/* Column-wise XYZ of unit R, G, B, adapted to D50 (Bradford), from chromaticities. False when the
 * primaries span no space. */
bool derm_primaries_to_d50(double m[3][3], const struct derm_colour_tags *tags);

#endif
