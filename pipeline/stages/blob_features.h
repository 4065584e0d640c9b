/* SPDX-License-Identifier: Apache-2.0 */
/* What one place of the skin looks like, in numbers that mean the same in every photo: free of
 * exposure and cast (all is relative to the surround), of turning and mirroring, and of size but
 * for the size itself. Read on circles around the place, in units of its radius. */
#ifndef DERM_STAGES_BLOB_FEATURES_H
#define DERM_STAGES_BLOB_FEATURES_H

#include "stages/stage.h"

/* X(name, meaning). "Depth" is how much darker than its surround the place is, mean of R, G, B. The
 * names and their order are those of models/classifier.json. */
#define DERM_BLOB_FEATURE_LIST(X)                                                                  \
    X(size, "ln of the diameter, mm")                                                              \
    X(pixels, "ln of the diameter, grid px: how well its shape can be seen")                       \
    X(depth, "ln of the depth, optical density")                                                   \
    X(red, "share of red in the depth of all three colours")                                       \
    X(blue, "share of blue")                                                                       \
    X(melanin, "depth in melanin over depth, by the subject's weights")                            \
    X(blood, "depth in blood over depth")                                                          \
    X(red_0, "depth of red at its middle, over depth")                                             \
    X(red_1, "depth of red at 0.35 radii, over depth")                                             \
    X(red_2, "depth of red at 0.7 radii, over depth")                                              \
    X(red_3, "depth of red at its radius, over depth")                                             \
    X(red_4, "depth of red at 1.3 radii, over depth")                                              \
    X(red_5, "depth of red at 1.6 radii, over depth")                                              \
    X(green_0, "depth of green at its middle, over depth")                                         \
    X(green_1, "depth of green at 0.35 radii, over depth")                                         \
    X(green_2, "depth of green at 0.7 radii, over depth")                                          \
    X(green_3, "depth of green at its radius, over depth")                                         \
    X(green_4, "depth of green at 1.3 radii, over depth")                                          \
    X(green_5, "depth of green at 1.6 radii, over depth")                                          \
    X(blue_0, "depth of blue at its middle, over depth")                                           \
    X(blue_1, "depth of blue at 0.35 radii, over depth")                                           \
    X(blue_2, "depth of blue at 0.7 radii, over depth")                                            \
    X(blue_3, "depth of blue at its radius, over depth")                                           \
    X(blue_4, "depth of blue at 1.3 radii, over depth")                                            \
    X(blue_5, "depth of blue at 1.6 radii, over depth")                                            \
    X(edge, "ln of the steepest fall of depth across the rim, optical density per mm")             \
    X(shading, "one side darker than the other, over depth; the surround's slope taken off")       \
    X(lit, "the part of it that is dark towards the light; 0 when the light is not known")         \
    X(slope, "of the surround, across the radius, over depth")                                     \
    X(elongation, "two opposite sides darker than the others, over depth")                         \
    X(line, "the darkest direction of the surround that goes on on both sides, over depth")        \
    X(strand, "contrast of a fine line that goes on on both sides, over depth")                    \
    X(strand_z, "the same relative to that of all directions, rms")                                \
    X(gleam, "brightest place near it against the surround, over depth")                           \
    X(unrest, "spread of the surround, over depth")                                                \
    X(grain, "spread along the circles inside, over depth")                                        \
    X(open, "share of the surround that is no skin")                                               \
    X(clutter, "ln of the fine dark detail around, relative to smooth skin")                       \
    X(apart, "ln of the depth relative to that detail")                                            \
    X(stands, "ln of the depth relative to what places of its size around have, rms")              \
    X(tone, "individual typology angle, 100 degrees")                                              \
    X(colour, "1; 0 in a grey photo")

enum derm_blob_feature {
#define X(name, meaning) DERM_BLOB_##name,
    DERM_BLOB_FEATURE_LIST(X)
#undef X
        DERM_BLOB_FEATURES
};
const char *derm_blob_feature_name(int feature);

struct derm_blob_place { /* grid px */
    double x, y, radius;
};

/* Where an object of a kind is, and how large: pores have the size that they are found at,
 * others an area. */
struct derm_blob_place derm_blob_place_of(enum derm_kind kind, const struct derm_object *o);

/* feature[i] of place[i]; all places of the view together, for they tell where the light is. */
derm_err derm_blob_features(struct derm_run *run, const struct derm_view *view,
                            const struct derm_blob_place *place, int n,
                            double (*feature)[DERM_BLOB_FEATURES]) DERM_MUST_CHECK;

#endif
