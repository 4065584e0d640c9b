/* SPDX-License-Identifier: Apache-2.0 */
#include "color/icc.h"

#include <math.h>
#include <string.h>

#include <lcms2.h>

#include "color/transfer.h"

/* The primaries of IEC 61966-2-1, which linear light is expressed in. */
static const struct derm_colour_tags srgb_primaries = {
    .white = { 0.3127, 0.3290 },
    .red = { 0.64, 0.33 },
    .green = { 0.30, 0.60 },
    .blue = { 0.15, 0.06 },
};
static const double d50[3] = { 0.9642, 1.0, 0.8249 }; /* ICC.1, PCS illuminant */

/* Profiles called sRGB differ from each other by about this much; within it the samples are taken
 * as sRGB exactly, so that the vendor of the profile does not matter. */
static const double srgb_matrix_tolerance = 3e-3, srgb_curve_tolerance = 3e-3;

/* ---- 3x3 matrices */
static void multiply(double out[3][3], double a[3][3], double b[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

static void apply(double out[3], double m[3][3], const double v[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

static bool invert(double out[3][3], double m[3][3])
{
    double determinant;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            out[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
        }
    determinant = m[0][0] * out[0][0] + m[0][1] * out[1][0] + m[0][2] * out[2][0];
    if (!(fabs(determinant) > 1e-6)) return false;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] /= determinant;
    return true;
}

/* Adaptation from white to D50 (Lam 1985, "Bradford", as in ICC.1 annex E). */
static bool bradford(double out[3][3], const double white[3])
{
    double cone[3][3] = { { 0.8951, 0.2664, -0.1614 },
                          { -0.7502, 1.7135, 0.0367 },
                          { 0.0389, -0.0685, 1.0296 } };
    double back[3][3], scaled[3][3], from[3], to[3];

    if (!invert(back, cone)) return false;
    apply(from, cone, white);
    apply(to, cone, d50);
    for (int i = 0; i < 3; i++) {
        if (!(from[i] > 1e-3)) return false;
        for (int j = 0; j < 3; j++)
            scaled[i][j] = to[i] / from[i] * cone[i][j];
    }
    multiply(out, back, scaled);
    return true;
}

bool derm_primaries_to_d50(double m[3][3], const struct derm_colour_tags *tags)
{
    const struct derm_chromaticity *const primary[3] = { &tags->red, &tags->green, &tags->blue };
    double xyz[3][3], inverse[3][3], adapt[3][3], scaled[3][3], gain[3], white[3];

    if (!(tags->white.y > 1e-3)) return false;
    white[0] = tags->white.x / tags->white.y;
    white[1] = 1.0;
    white[2] = (1.0 - tags->white.x - tags->white.y) / tags->white.y;
    for (int j = 0; j < 3; j++) {
        xyz[0][j] = primary[j]->x;
        xyz[1][j] = primary[j]->y;
        xyz[2][j] = 1.0 - primary[j]->x - primary[j]->y;
    }
    if (!invert(inverse, xyz) || !bradford(adapt, white)) return false;
    apply(gain, inverse, white);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            scaled[i][j] = xyz[i][j] * gain[j];
    multiply(m, adapt, scaled);
    return true;
}

/* ---- tables */
static derm_err new_curve(struct derm_arena *arena, float **curve, int bits)
{
    return derm_arena_new(arena, curve, (size_t)1 << bits, sizeof(**curve));
}

static derm_err use_srgb(struct derm_colour *c, struct derm_arena *arena)
{
    const int last = (1 << c->bits) - 1;
    float *curve;

    DERM_TRY(new_curve(arena, &curve, c->bits));
    for (int i = 0; i <= last; i++)
        curve[i] = (float)derm_srgb_decode((double)i / last);
    for (int i = 0; i < 3; i++) {
        c->curve[i] = curve;
        for (int j = 0; j < 3; j++)
            c->matrix[i][j] = i == j ? 1.0f : 0.0f;
    }
    c->is_srgb = true;
    return DERM_OK;
}

static bool near_srgb(double matrix[3][3], const float *const curve[3], int last)
{
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            if (fabs(matrix[i][j] - (i == j ? 1.0 : 0.0)) > srgb_matrix_tolerance) return false;
        for (int step = 0; step <= 64; step++) {
            const int at = (int)((long long)last * step / 64);
            const double expected = derm_srgb_decode((double)at / last);
            if (fabs((double)curve[i][at] - expected) > srgb_curve_tolerance) return false;
        }
    }
    return true;
}

static bool usable(double matrix[3][3], const float *const curve[3], int last)
{
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            if (!(fabs(matrix[i][j]) < 10.0)) return false;
        for (int at = 0; at <= last; at++)
            if (!(curve[i][at] > -0.5f && curve[i][at] < 2.0f)) return false;
        if (!(curve[i][last] - curve[i][0] > 0.1f)) return false;
    }
    return true;
}

/* to_d50: XYZ (D50) of unit device channels, by columns. False: not usable. */
static bool use_matrix(struct derm_colour *c, double to_d50[3][3], const float *const curve[3])
{
    const int last = (1 << c->bits) - 1;
    double srgb_to_d50[3][3], from_d50[3][3], matrix[3][3];

    if (!derm_primaries_to_d50(srgb_to_d50, &srgb_primaries) || !invert(from_d50, srgb_to_d50))
        return false;
    multiply(matrix, from_d50, to_d50);
    if (!usable(matrix, curve, last)) return false;
    for (int i = 0; i < 3; i++) {
        c->curve[i] = curve[i];
        for (int j = 0; j < 3; j++)
            c->matrix[i][j] = (float)matrix[i][j];
    }
    c->is_srgb = near_srgb(matrix, curve, last);
    return true;
}

/* ---- PNG's own chunks */
static bool near_point(struct derm_chromaticity a, struct derm_chromaticity b)
{
    return fabs(a.x - b.x) < 0.005 && fabs(a.y - b.y) < 0.005;
}

/* sRGB writers give gAMA 1/2.2 as the nearest power (PNG specification, 11.3.3.5). */
static bool means_srgb(const struct derm_colour_tags *tags)
{
    const struct derm_colour_tags *const s = &srgb_primaries;

    if (fabs(tags->gamma - 1.0 / 2.2) > 0.01) return false;
    return !tags->has_primaries ||
           (near_point(tags->white, s->white) && near_point(tags->red, s->red) &&
            near_point(tags->green, s->green) && near_point(tags->blue, s->blue));
}

static derm_err use_chunks(struct derm_colour *c, struct derm_arena *arena,
                           const struct derm_colour_tags *tags, bool *used)
{
    const int last = (1 << c->bits) - 1;
    double to_d50[3][3];
    float *curve;

    *used = false;
    if (!(tags->gamma > 0.05 && tags->gamma < 5.0)) return DERM_OK;
    if (means_srgb(tags)) {
        *used = c->is_srgb = true;
        return DERM_OK;
    }
    if (!derm_primaries_to_d50(to_d50, tags->has_primaries ? tags : &srgb_primaries))
        return DERM_OK;
    DERM_TRY(new_curve(arena, &curve, c->bits));
    for (int i = 0; i <= last; i++)
        curve[i] = (float)derm_power((double)i / last, 1.0 / tags->gamma);
    *used = use_matrix(c, to_d50, (const float *const[3]){ curve, curve, curve });
    strcpy(c->name, "PNG gAMA and cHRM");
    return DERM_OK;
}

/* ---- ICC */
static void read_name(struct derm_colour *c, cmsHPROFILE profile)
{
    char text[sizeof(c->name)];
    size_t n = 0;

    memset(text, 0, sizeof(text));
    cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", text, sizeof(text) - 1);
    for (const char *p = text; *p; p++)
        if (*p >= 0x20 && *p < 0x7f) c->name[n++] = *p;
    c->name[n] = 0;
    if (n == 0) strcpy(c->name, "unnamed profile");
}

static derm_err read_curve(struct derm_colour *c, struct derm_arena *arena, cmsHPROFILE profile,
                           cmsTagSignature tag, const float **out)
{
    const cmsToneCurve *const tone = cmsReadTag(profile, tag);
    const int last = (1 << c->bits) - 1;
    float *curve;

    *out = NULL;
    if (!tone) return DERM_OK;
    DERM_TRY(new_curve(arena, &curve, c->bits));
    for (int i = 0; i <= last; i++)
        curve[i] = cmsEvalToneCurveFloat(tone, (float)i / (float)last);
    *out = curve;
    return DERM_OK;
}

static derm_err use_shaper(struct derm_colour *c, struct derm_arena *arena, cmsHPROFILE profile,
                           bool *used)
{
    static const cmsTagSignature colorants[3] = { cmsSigRedColorantTag, cmsSigGreenColorantTag,
                                                  cmsSigBlueColorantTag };
    static const cmsTagSignature curves[3] = { cmsSigRedTRCTag, cmsSigGreenTRCTag,
                                               cmsSigBlueTRCTag };
    const float *curve[3];
    double to_d50[3][3];

    *used = false;
    for (int i = 0; i < 3; i++) {
        const cmsCIEXYZ *const xyz = cmsReadTag(profile, colorants[i]);
        DERM_TRY(read_curve(c, arena, profile, curves[i], &curve[i]));
        if (!xyz || !curve[i]) return DERM_OK;
        to_d50[0][i] = xyz->X;
        to_d50[1][i] = xyz->Y;
        to_d50[2][i] = xyz->Z;
    }
    *used = use_matrix(c, to_d50, curve);
    return DERM_OK;
}

/* A grey profile is a tone curve on the neutral axis: the same curve for all channels. */
static derm_err use_grey(struct derm_colour *c, struct derm_arena *arena, cmsHPROFILE profile,
                         bool *used)
{
    const float *curve;
    double to_d50[3][3];

    *used = false;
    DERM_TRY(read_curve(c, arena, profile, cmsSigGrayTRCTag, &curve));
    if (!curve || !derm_primaries_to_d50(to_d50, &srgb_primaries)) return DERM_OK;
    *used = use_matrix(c, to_d50, (const float *const[3]){ curve, curve, curve });
    return DERM_OK;
}

static void *linear_srgb(cmsContext context)
{
    const cmsCIExyY white = { srgb_primaries.white.x, srgb_primaries.white.y, 1.0 };
    const cmsCIExyYTRIPLE primaries = {
        { srgb_primaries.red.x, srgb_primaries.red.y, 1.0 },
        { srgb_primaries.green.x, srgb_primaries.green.y, 1.0 },
        { srgb_primaries.blue.x, srgb_primaries.blue.y, 1.0 },
    };
    cmsToneCurve *const straight = cmsBuildGamma(context, 1.0);
    cmsToneCurve *const curves[3] = { straight, straight, straight };
    void *profile = NULL;

    if (straight) profile = cmsCreateRGBProfileTHR(context, &white, &primaries, curves);
    cmsFreeToneCurve(straight);
    return profile;
}

static bool use_transform(struct derm_colour *c, cmsHPROFILE profile)
{
    void *const linear = linear_srgb(c->context);

    if (!linear) return false;
    c->transform = cmsCreateTransformTHR(
        c->context, profile, c->bits == 16 ? TYPE_RGB_16 : TYPE_RGB_8, linear, TYPE_RGB_FLT,
        INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    cmsCloseProfile(linear);
    return c->transform != NULL;
}

static derm_err use_profile(struct derm_colour *c, struct derm_arena *arena, cmsHPROFILE profile,
                            bool grey, bool *used)
{
    *used = false;
    read_name(c, profile);
    if (cmsGetColorSpace(profile) == cmsSigGrayData)
        return grey ? use_grey(c, arena, profile, used) : DERM_OK;
    if (cmsGetColorSpace(profile) != cmsSigRgbData) return DERM_OK;
    if (cmsIsMatrixShaper(profile) && !cmsIsTag(profile, cmsSigAToB0Tag) &&
        !cmsIsTag(profile, cmsSigAToB1Tag))
        return use_shaper(c, arena, profile, used);
    *used = use_transform(c, profile);
    return DERM_OK;
}

static derm_err use_icc(struct derm_colour *c, struct derm_arena *arena,
                        const struct derm_colour_tags *tags, bool grey, bool *used)
{
    cmsHPROFILE profile;
    derm_err code = DERM_OK;

    *used = false;
    if (tags->icc_size == 0 || tags->icc_size > UINT32_MAX) return DERM_OK;
    c->context = cmsCreateContext(NULL, NULL);
    if (!c->context) return DERM_OK;
    profile = cmsOpenProfileFromMemTHR(c->context, tags->icc, (cmsUInt32Number)tags->icc_size);
    if (profile) {
        code = use_profile(c, arena, profile, grey, used);
        cmsCloseProfile(profile);
    }
    return code;
}

derm_err derm_colour_open(struct derm_colour *c, struct derm_arena *arena,
                          const struct derm_colour_tags *tags, int bits, bool grey,
                          struct derm_error *err)
{
    bool used;
    derm_err code;

    *c = (struct derm_colour){ .bits = bits };
    code = use_icc(c, arena, tags, grey, &used);
    if (code == DERM_OK && !used && !tags->srgb) code = use_chunks(c, arena, tags, &used);
    if (code == DERM_OK && (!used || c->is_srgb)) {
        c->assumed = !used && !tags->srgb;
        strcpy(c->name, tags->icc_size && !used ? "sRGB (the profile is unusable)" : "sRGB");
        code = use_srgb(c, arena);
    }
    if (code != DERM_OK) derm_colour_close(c);
    return code == DERM_OK ? DERM_OK : derm_fail(err, code, "no memory for colour tables");
}

void derm_colour_close(struct derm_colour *c)
{
    if (c->transform) cmsDeleteTransform(c->transform);
    if (c->context) cmsDeleteContext(c->context);
    c->transform = c->context = NULL;
}

static float positive(float x)
{
    return x > 0.0f ? x : 0.0f;
}

static void mix(const struct derm_colour *c, float *lin, float r, float g, float b)
{
    for (int j = 0; j < 3; j++)
        lin[j] = positive(c->matrix[j][0] * r + c->matrix[j][1] * g + c->matrix[j][2] * b);
}

void derm_colour_row(const struct derm_colour *c, float *lin, const void *rgb, int n)
{
    const uint8_t *const narrow = rgb;
    const uint16_t *const wide = rgb;

    if (c->transform) {
        cmsDoTransform(c->transform, rgb, lin, (cmsUInt32Number)n);
        for (int i = 0; i < 3 * n; i++)
            lin[i] = positive(lin[i]);
    } else if (c->bits == 16) {
        for (int i = 0; i < 3 * n; i += 3)
            mix(c, lin + i, c->curve[0][wide[i]], c->curve[1][wide[i + 1]],
                c->curve[2][wide[i + 2]]);
    } else if (c->is_srgb) {
        const float *const curve = c->curve[0];

        for (int i = 0; i < 3 * n; i += 3) { /* one at a time a loop costs more than a look-up */
            lin[i] = curve[narrow[i]];
            lin[i + 1] = curve[narrow[i + 1]];
            lin[i + 2] = curve[narrow[i + 2]];
        }
    } else {
        for (int i = 0; i < 3 * n; i += 3)
            mix(c, lin + i, c->curve[0][narrow[i]], c->curve[1][narrow[i + 1]],
                c->curve[2][narrow[i + 2]]);
    }
}
