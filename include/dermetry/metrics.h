/* SPDX-License-Identifier: Apache-2.0 */
/* The metric list, the reasons and the regions: what the documents are made of. */
#ifndef DERMETRY_METRICS_H
#define DERMETRY_METRICS_H

/* X(name, id, concern, class, unit, unit when the scale is unknown, better, main metric of its
 * concern, what it is)
 *
 * class   LOCAL: against the feature's own surround, needs linear light only; REGIONAL: needs
 *         untreated skin in the same photo; ABSOLUTE: needs a colour reference.
 * unit    UCUM. Unknown scale: lengths in pixels of the baseline photo; "" where the metric has no
 *         meaning without millimetres and is not_assessable (no_scale). */
#define DERM_METRIC_LIST(X)                                                                        \
    X(PORES_AMPLITUDE, "pores.amplitude", PORES, LOCAL, "/cm2", "", LOWER, 1,                      \
      "sum of the blob amplitudes (optical density) at the pores, per skin area")                  \
    X(PORES_DENSITY, "pores.density", PORES, LOCAL, "/cm2", "", LOWER, 0, "pores per skin area")   \
    X(PORES_AREA_FRACTION, "pores.area_fraction", PORES, LOCAL, "%", "", LOWER, 0,                 \
      "skin area covered by pores, measured at half depth")                                        \
    X(PORES_MEAN_DIAMETER, "pores.mean_diameter", PORES, LOCAL, "mm", "", LOWER, 0,                \
      "mean pore diameter")                                                                        \
    X(PIGMENTATION_LOAD, "pigmentation.load", PIGMENTATION, LOCAL, "mm2/cm2", "%", LOWER, 1,       \
      "sum over the spots of area x melanin contrast (optical density), per skin area")            \
    X(PIGMENTATION_AREA_FRACTION, "pigmentation.area_fraction", PIGMENTATION, LOCAL, "%", "%",     \
      LOWER, 0, "skin area covered by spots and fields")                                           \
    X(PIGMENTATION_SPOT_COUNT, "pigmentation.spot_count", PIGMENTATION, LOCAL, "1", "1", LOWER, 0, \
      "number of spots")                                                                           \
    X(PIGMENTATION_CONTRAST, "pigmentation.contrast", PIGMENTATION, LOCAL, "1", "1", LOWER, 0,     \
      "area-weighted mean contrast of the spots (optical density)")                                \
    X(PIGMENTATION_MELANIN_REGIONAL, "pigmentation.melanin_regional", PIGMENTATION, REGIONAL, "1", \
      "1", LOWER, 0, "mean melanin density minus that of the control region")                      \
    X(PIGMENTATION_MELANIN, "pigmentation.melanin", PIGMENTATION, ABSOLUTE, "1", "1", LOWER, 0,    \
      "mean melanin density")                                                                      \
    X(SCARS_RELIEF, "scars.relief", SCARS, LOCAL, "1", "", LOWER, 1,                               \
      "relief index of the atrophic scars: root mean band-pass energy above the surround, by "     \
      "their diameters")                                                                           \
    X(SCARS_COUNT_SMALL, "scars.count_small", SCARS, LOCAL, "1", "", LOWER, 0,                     \
      "atrophic scars below 1.5 mm")                                                               \
    X(SCARS_COUNT_MEDIUM, "scars.count_medium", SCARS, LOCAL, "1", "", LOWER, 0,                   \
      "atrophic scars of 1.5 to 4 mm")                                                             \
    X(SCARS_COUNT_LARGE, "scars.count_large", SCARS, LOCAL, "1", "", LOWER, 0,                     \
      "atrophic scars above 4 mm")                                                                 \
    X(SCARS_AREA_FRACTION, "scars.area_fraction", SCARS, LOCAL, "%", "", LOWER, 0,                 \
      "skin area covered by atrophic scars, measured at half depth")                               \
    X(LINEAR_SCARS_WIDTH, "linear_scars.width", SCARS, LOCAL, "mm", "", LOWER, 0,                  \
      "mean width along the linear scars, at half contrast")                                       \
    X(LINEAR_SCARS_LENGTH, "linear_scars.length", SCARS, LOCAL, "mm", "", LOWER, 0,                \
      "length of the linear scars of 15 mm and more")                                              \
    X(LINEAR_SCARS_CONTRAST, "linear_scars.contrast", SCARS, LOCAL, "1", "", LOWER, 0,             \
      "mean contrast of the linear scars with the skin on both sides (optical density, green), "   \
      "paler or darker alike")                                                                     \
    X(WRINKLES_CONTRAST, "wrinkles.contrast", WRINKLES, LOCAL, "mm/cm2", "", LOWER, 1,             \
      "sum over the wrinkles of valley contrast (optical density) x length, per skin area")        \
    X(WRINKLES_LENGTH_DENSITY, "wrinkles.length_density", WRINKLES, LOCAL, "mm/cm2", "", LOWER, 0, \
      "length of the wrinkles per skin area")                                                      \
    X(WRINKLES_AREA_FRACTION, "wrinkles.area_fraction", WRINKLES, LOCAL, "%", "", LOWER, 0,        \
      "skin area covered by wrinkles, measured at half depth")                                     \
    X(WRINKLES_MEAN_WIDTH, "wrinkles.mean_width", WRINKLES, LOCAL, "mm", "", LOWER, 0,             \
      "mean width of the wrinkles at half depth")                                                  \
    X(FINE_LINES_CONTRAST, "fine_lines.contrast", WRINKLES, LOCAL, "mm/cm2", "", LOWER, 0,         \
      "sum over the fine lines of valley contrast (optical density) x length, per skin area")      \
    X(FINE_LINES_LENGTH_DENSITY, "fine_lines.length_density", WRINKLES, LOCAL, "mm/cm2", "",       \
      LOWER, 0, "length of the fine lines per skin area")                                          \
    X(FINE_LINES_AREA_FRACTION, "fine_lines.area_fraction", WRINKLES, LOCAL, "%", "", LOWER, 0,    \
      "skin area covered by fine lines, measured at half depth")                                   \
    X(FINE_LINES_MEAN_WIDTH, "fine_lines.mean_width", WRINKLES, LOCAL, "mm", "", LOWER, 0,         \
      "mean width of the fine lines at half depth")                                                \
    X(STRETCH_MARKS_CONTRAST, "stretch_marks.contrast", STRETCH_MARKS, LOCAL, "1", "", LOWER, 1,   \
      "mean contrast of the stretch marks with the skin on both sides (optical density), paler "   \
      "or "                                                                                        \
      "darker alike")                                                                              \
    X(STRETCH_MARKS_AREA_FRACTION, "stretch_marks.area_fraction", STRETCH_MARKS, LOCAL, "%", "",   \
      LOWER, 0, "skin area covered by stretch marks, measured at half contrast")                   \
    X(STRETCH_MARKS_MEAN_WIDTH, "stretch_marks.mean_width", STRETCH_MARKS, LOCAL, "mm", "", LOWER, \
      0, "mean width of the stretch marks at half contrast")                                       \
    X(STRETCH_MARKS_REDNESS, "stretch_marks.redness", STRETCH_MARKS, LOCAL, "1", "", LOWER, 0,     \
      "mean haemoglobin contrast of the stretch marks with the skin on both sides (optical "       \
      "density)")                                                                                  \
    X(REDNESS_LOAD, "redness.load", REDNESS, LOCAL, "mm2/cm2", "%", LOWER, 1,                      \
      "sum over red marks and vessels of area x haemoglobin contrast (optical density), per skin " \
      "area")                                                                                      \
    X(REDNESS_AREA_FRACTION, "redness.area_fraction", REDNESS, LOCAL, "%", "%", LOWER, 0,          \
      "skin area covered by red marks and vessels")                                                \
    X(REDNESS_INDEX_REGIONAL, "redness.index_regional", REDNESS, REGIONAL, "1", "1", LOWER, 0,     \
      "mean haemoglobin density minus that of the control region")                                 \
    X(REDNESS_INDEX, "redness.index", REDNESS, ABSOLUTE, "1", "1", LOWER, 0,                       \
      "mean haemoglobin density")                                                                  \
    X(TEXTURE_ROUGHNESS, "texture.roughness", TEXTURE, LOCAL, "1", "", LOWER, 1,                   \
      "root mean square of the skin's fine relief as it shows in light and shade (optical "        \
      "density, 0.15 to 0.5 mm, without noise, lesions and hair; coarser where the photo has "     \
      "fewer than 7 px/mm): a proxy")                                                              \
    X(TEXTURE_ANISOTROPY, "texture.anisotropy", TEXTURE, LOCAL, "1", "", LOWER, 0,                 \
      "how much of the slopes of the fine relief run in one direction, in cells of 4 mm, 0 to 1")  \
    X(TEXTURE_FLAKING, "texture.flaking", TEXTURE, LOCAL, "%", "", LOWER, 0,                       \
      "skin area covered by white scales: experimental, tested on rendered skin alone")            \
    X(TONE_EVENNESS, "tone.evenness", TONE, LOCAL, "1", "", LOWER, 1,                              \
      "mean distance of melanin and haemoglobin from the skin around, at 1 to 20 mm (optical "     \
      "density)")                                                                                  \
    X(TONE_ITA, "tone.ita", TONE, ABSOLUTE, "deg", "deg", NEITHER, 0,                              \
      "individual typology angle of the skin")                                                     \
    X(TONE_L, "tone.l", TONE, ABSOLUTE, "1", "1", NEITHER, 0, "mean lightness, CIE L*")            \
    X(TONE_A, "tone.a", TONE, ABSOLUTE, "1", "1", NEITHER, 0, "mean redness, CIE a*")              \
    X(TONE_B, "tone.b", TONE, ABSOLUTE, "1", "1", NEITHER, 0, "mean yellowness, CIE b*")           \
    X(RADIANCE_HIGHLIGHT_FRACTION, "radiance.highlight_fraction", RADIANCE, LOCAL, "%", "%",       \
      HIGHER, 1, "share of the skin that shines: a proxy")                                         \
    X(RADIANCE_HIGHLIGHT_SPREAD, "radiance.highlight_spread", RADIANCE, LOCAL, "1", "1", HIGHER,   \
      0, "standard deviation of the surface reflection over the skin: a proxy")                    \
    X(RADIANCE_LIGHTNESS, "radiance.lightness", RADIANCE, ABSOLUTE, "1", "1", HIGHER, 0,           \
      "mean lightness, CIE L*")                                                                    \
    X(RADIANCE_CHROMA, "radiance.chroma", RADIANCE, ABSOLUTE, "1", "1", HIGHER, 0,                 \
      "mean chroma, CIE C*ab")

enum derm_metric_id {
#define X(name, ...) DERM_METRIC_##name,
    DERM_METRIC_LIST(X)
#undef X
        DERM_METRIC_COUNT
};

/* X(name, id) */
#define DERM_CONCERN_LIST(X)                                                                       \
    X(PORES, "pores")                                                                              \
    X(PIGMENTATION, "pigmentation")                                                                \
    X(SCARS, "scars")                                                                              \
    X(WRINKLES, "wrinkles")                                                                        \
    X(STRETCH_MARKS, "stretch_marks")                                                              \
    X(REDNESS, "redness")                                                                          \
    X(TEXTURE, "texture")                                                                          \
    X(TONE, "tone")                                                                                \
    X(RADIANCE, "radiance")

enum derm_concern {
#define X(name, id) DERM_CONCERN_##name,
    DERM_CONCERN_LIST(X)
#undef X
        DERM_CONCERN_COUNT
};

/* X(name, id, concern, shape): what objects are found, one list of each. SPOT: a place with an
 * outline; DOT: one told apart by its centre alone; LINE: pieces of a centreline, those of one line
 * in a row; PATCH: a cell of skin, all of which are measured. */
#define DERM_KIND_LIST(X)                                                                          \
    X(PORE, "pore", PORES, DOT)                                                                    \
    X(SPOT, "spot", PIGMENTATION, SPOT)                                                            \
    X(SCAR, "scar", SCARS, SPOT)                                                                   \
    X(LINEAR_SCAR, "linear_scar", SCARS, LINE)                                                     \
    X(WRINKLE, "wrinkle", WRINKLES, LINE)                                                          \
    X(FINE_LINE, "fine_line", WRINKLES, LINE)                                                      \
    X(STRETCH_MARK, "stretch_mark", STRETCH_MARKS, LINE)                                           \
    X(RED_MARK, "red_mark", REDNESS, SPOT)                                                         \
    X(VESSEL, "vessel", REDNESS, LINE)                                                             \
    X(RELIEF_PATCH, "relief_patch", TEXTURE, PATCH)                                                \
    X(FLAKE_PATCH, "flake_patch", TEXTURE, PATCH)                                                  \
    X(COLOUR_PATCH, "colour_patch", TONE, PATCH)                                                   \
    X(GLOSS_PATCH, "gloss_patch", RADIANCE, PATCH)

enum derm_kind {
#define X(name, ...) DERM_KIND_##name,
    DERM_KIND_LIST(X)
#undef X
        DERM_KIND_COUNT
};
enum derm_shape { DERM_SHAPE_DOT, DERM_SHAPE_SPOT, DERM_SHAPE_LINE, DERM_SHAPE_PATCH };

/* X(name, id): left and right are the subject's; NASOLABIAL is both sides. FACE is the union of
 * what can be assessed, without the neck. */
#define DERM_REGION_LIST(X)                                                                        \
    X(FACE, "face")                                                                                \
    X(FOREHEAD, "forehead")                                                                        \
    X(GLABELLA, "glabella")                                                                        \
    X(NOSE, "nose")                                                                                \
    X(LEFT_CHEEK, "left_cheek")                                                                    \
    X(RIGHT_CHEEK, "right_cheek")                                                                  \
    X(NASOLABIAL, "nasolabial")                                                                    \
    X(PERIORAL, "perioral")                                                                        \
    X(CHIN, "chin")                                                                                \
    X(LEFT_PERIORBITAL, "left_periorbital")                                                        \
    X(RIGHT_PERIORBITAL, "right_periorbital")                                                      \
    X(LEFT_CROWSFEET, "left_crowsfeet")                                                            \
    X(RIGHT_CROWSFEET, "right_crowsfeet")                                                          \
    X(NECK, "neck")                                                                                \
    X(ROI, "roi")

enum derm_region {
#define X(name, id) DERM_REGION_##name,
    DERM_REGION_LIST(X)
#undef X
        DERM_REGION_COUNT,
    /* Untreated skin that the user marked: a place like a region, but none that has metrics. */
    DERM_REGION_CONTROL = DERM_REGION_COUNT,
    DERM_PLACE_COUNT
};

/* X(name, id, sentence for the user). Used for metrics that are not assessable, for quality
 * findings of one photo and for the comparability of two. */
#define DERM_REASON_LIST(X)                                                                        \
    X(NONE, "none", "")                                                                            \
    X(RESOLUTION_TOO_LOW, "resolution_too_low",                                                    \
      "too few pixels per millimetre for this feature; move closer or use a larger image")         \
    X(RESOLUTION_LOW, "resolution_low",                                                            \
      "fewer pixels per millimetre than recommended for this feature")                             \
    X(NO_SCALE, "no_scale", "the scale is unknown; give --px-per-mm")                              \
    X(NO_COLOUR_REFERENCE, "no_colour_reference",                                                  \
      "an absolute value needs a colour card in the photo")                                        \
    X(NO_CONTROL_REGION, "no_control_region",                                                      \
      "a regional value needs untreated skin; give --control-roi")                                 \
    X(BODY_ONLY, "body_only", "this is measured on the body only, not on a face")                  \
    X(FACE_ONLY, "face_only",                                                                      \
      "this is measured on the face, not on the neck, which the chin shades")                      \
    X(REGION_NOT_VISIBLE, "region_not_visible",                                                    \
      "the region is hidden, turned away or outside the photo")                                    \
    X(NO_SKIN, "no_skin", "no skin that can be assessed was found")                                \
    X(NO_FACE, "no_face", "no face was found; measured as a close-up")                             \
    X(SEVERAL_FACES, "several_faces", "more than one face; the largest one was measured")          \
    X(OVEREXPOSED, "overexposed", "too much of the skin is clipped to white")                      \
    X(UNDEREXPOSED, "underexposed", "too much of the skin is clipped to black")                    \
    X(DARK, "dark", "the photo is so dark that noise hides detail; use more light")                \
    X(BLURRED, "blurred", "the photo is not sharp enough")                                         \
    X(NOISY, "noisy", "the noise is too strong for fine features")                                 \
    X(COMPRESSED, "compressed", "strong JPEG compression has removed fine detail")                 \
    X(GREYSCALE, "greyscale", "the photo has no colour, so pigment cannot be told from shade")     \
    X(TURNED, "turned", "the head is turned away from the camera")                                 \
    X(UNEVEN_LIGHT, "uneven_light", "the light falls unevenly")                                    \
    X(TRUNCATED, "truncated", "the file ends early")                                               \
    X(NOT_REGISTERED, "not_registered",                                                            \
      "the two photos could not be lined up: different skin, view or light")                       \
    X(DIFFERENT_SUBJECT, "different_subject", "the photos do not seem to show the same skin")      \
    X(RESIDUAL_HIGH, "residual_high", "the photos line up only roughly here")                      \
    X(TONE_TOO_DARK, "tone_too_dark", "on skin this dark this cannot be told from pigment yet")    \
    X(NO_COMMON_SKIN, "no_common_skin", "too little skin is visible in both photos")               \
    X(POSE_DIFFERS, "pose_differs",                                                                \
      "the head or the skin is turned to the camera differently in the two photos")                \
    X(SCALE_DIFFERS, "scale_differs", "the two photos were taken at different distances")          \
    X(SCALE_CONTRADICTED, "scale_contradicted",                                                    \
      "the photos line up in other sizes than their scales say: check --px-per-mm")                \
    X(SHARPNESS_DIFFERS, "sharpness_differs", "one photo is sharper than the other")               \
    X(SHARPNESS_UNKNOWN, "sharpness_unknown",                                                      \
      "no hair or other untreated edge tells whether one photo is sharper than the other")         \
    X(EXPOSURE_DIFFERS, "exposure_differs", "the two photos are exposed differently")              \
    X(CAST_DIFFERS, "cast_differs", "the two photos have a different colour cast")                 \
    X(LIGHT_DIFFERS, "light_differs", "the light comes from different directions")                 \
    X(DEVICE_DIFFERS, "device_differs", "the photos come from different cameras or settings")      \
    X(EXPRESSION_DIFFERS, "expression_differs",                                                    \
      "the face moves differently in the two photos, which folds the skin here")                   \
    X(COMPRESSION_DIFFERS, "compression_differs",                                                  \
      "one photo is compressed more strongly than the other")                                      \
    X(PROCESSING_DIFFERS, "processing_differs",                                                    \
      "the camera or a program processed the photos differently (HDR, contrast, filter)")          \
    X(GLOSS_DIFFERS, "gloss_differs", "the skin shines differently in the two photos")             \
    X(DETAIL_DIFFERS, "detail_differs",                                                            \
      "one photo lacks the fine detail of the skin: smoothed by a filter, or out of focus")        \
    X(SHARPENING_DIFFERS, "sharpening_differs",                                                    \
      "the camera or a program sharpened one photo more than the other")                           \
    X(SAME_FILE, "same_file", "both photos are the same picture")                                  \
    X(NOTHING_FOUND, "nothing_found",                                                              \
      "nothing of this kind was found in either photo, so there is no change to measure")          \
    X(TOO_FEW, "too_few", "too few objects to say anything about their change")                    \
    X(OUT_OF_RANGE, "out_of_range", "the value lies outside what this metric can have")            \
    X(TOO_FEW_PHOTOS, "too_few_photos", "too few photos to say how this went on")                  \
    X(NO_RISE, "no_rise", "it did not rise beyond what two photos of unchanged skin would show")   \
    X(NOT_REACHED, "not_reached", "the photos of the session do not reach it")

enum derm_reason {
#define X(name, id, text) DERM_REASON_##name,
    DERM_REASON_LIST(X)
#undef X
        DERM_REASON_COUNT
};

enum derm_metric_class { DERM_CLASS_LOCAL, DERM_CLASS_REGIONAL, DERM_CLASS_ABSOLUTE };
enum derm_better { DERM_BETTER_LOWER, DERM_BETTER_HIGHER, DERM_BETTER_NEITHER };

struct derm_kind_def {
    const char *id;
    enum derm_concern concern;
    enum derm_shape shape;
};

struct derm_metric_def {
    const char *id;
    enum derm_concern concern;
    enum derm_metric_class klass;
    const char *unit, *unit_no_scale;
    enum derm_better better;
    int is_main; /* the concern's metric in summary[] */
    const char *help;
};

#endif
