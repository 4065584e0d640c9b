/* SPDX-License-Identifier: Apache-2.0 */
/* Colour: transfer curves against libm, matrices against published ones, profiles against lcms2's
 * own transforms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "color/icc.h"
#include "color/transfer.h"

#define PROFILES DERM_TEST_DATA "/formats/icc-profiles/profiles/"

/* Linear Display-P3 to linear sRGB, both D65: CSS Color 4, sample code. */
static const double srgb_from_p3[3][3] = { { 1.2249401762805598, -0.2249401762805598, 0.0 },
                                           { -0.042056954709688, 1.0420569547096881, 0.0 },
                                           { -0.0196375545903344, -0.0786360455506319,
                                             1.0982736001409664 } };

static struct derm_error err;
static struct derm_arena arena;

static int set_up(void **state)
{
    (void)state;
    return derm_arena_init(&arena, (size_t)64 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return 0;
}

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("got %.9g, expected %.9g +- %g", got, expected, tolerance);
}

static void curves_agree_with_libm(void **state)
{
    static struct derm_srgb_encoder encoder;

    (void)state;
    for (double y = -8.0; y <= 8.0; y += 0.37)
        for (double x = 1e-12; x < 16.0; x *= 1.31)
            assert_near(derm_power(x, y) / pow(x, y), 1.0, 1e-13);
    assert_near(derm_power(0.0, 2.4), 0.0, 0.0);
    derm_srgb_encoder_init(&encoder);
    for (int i = 0; i < 256; i++) {
        const double linear = derm_srgb_decode(i / 255.0);
        assert_near(derm_srgb_encode(linear) * 255.0, i, 1e-3);
        assert_int_equal(derm_srgb_encode8(&encoder, (float)linear), i);
    }
    assert_near(derm_srgb_decode(0.5), 0.214041140482233, 1e-12);
}

/* ---- profiles made by lcms2 */
struct profile {
    uint8_t data[1 << 18];
    cmsUInt32Number size;
};

static void save(struct profile *p, cmsHPROFILE handle)
{
    assert_non_null(handle);
    p->size = sizeof(p->data);
    assert_true(cmsSaveProfileToMem(handle, p->data, &p->size));
    cmsCloseProfile(handle);
}

static void make_rgb(struct profile *p, const cmsCIExyYTRIPLE *primaries)
{
    static const cmsFloat64Number srgb[5] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
    const cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
    cmsToneCurve *const tone = cmsBuildParametricToneCurve(NULL, 4, srgb);
    cmsToneCurve *const curves[3] = { tone, tone, tone };

    save(p, cmsCreateRGBProfile(&white, primaries, curves));
    cmsFreeToneCurve(tone);
}

static const cmsCIExyYTRIPLE p3_primaries = { { 0.680, 0.320, 1 },
                                              { 0.265, 0.690, 1 },
                                              { 0.150, 0.060, 1 } };
static const cmsCIExyYTRIPLE srgb_primaries = { { 0.64, 0.33, 1 },
                                                { 0.30, 0.60, 1 },
                                                { 0.15, 0.06, 1 } };

static struct derm_colour opened(const void *icc, size_t size, int bits, bool grey)
{
    const struct derm_colour_tags tags = { .icc = icc, .icc_size = size };
    struct derm_colour c;

    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_colour_open(&c, &arena, &tags, bits, grey, &err), DERM_OK);
    return c;
}

static void linear(const struct derm_colour *c, double out[3], int r, int g, int b)
{
    const uint8_t narrow[3] = { (uint8_t)r, (uint8_t)g, (uint8_t)b };
    const uint16_t wide[3] = { (uint16_t)r, (uint16_t)g, (uint16_t)b };
    float value[3];

    derm_colour_row(c, value, c->bits == 16 ? (const void *)wide : (const void *)narrow, 1);
    for (int i = 0; i < 3; i++)
        out[i] = (double)value[i];
}

static void no_profile_means_srgb_and_says_so(void **state)
{
    struct derm_colour c = opened(NULL, 0, 8, false);
    double v[3];

    (void)state;
    assert_true(c.assumed && c.is_srgb);
    assert_string_equal(c.name, "sRGB");
    linear(&c, v, 128, 0, 255);
    assert_near(v[0], 0.21586050, 1e-7);
    assert_near(v[1], 0.0, 0.0);
    assert_near(v[2], 1.0, 0.0);
    derm_colour_close(&c);
}

/* Skin colours in Display-P3, 8 and 16 bits. Taken as sRGB they would be off by up to 0.05. */
static void display_p3_comes_out_right(void **state)
{
    static const int skin[][3] = { { 222, 180, 160 }, { 180, 120, 95 }, { 96, 60, 48 },
                                   { 255, 255, 255 }, { 40, 30, 25 },   { 200, 90, 80 } };
    static struct profile p;

    (void)state;
    make_rgb(&p, &p3_primaries);
    for (int bits = 8; bits <= 16; bits += 8) {
        struct derm_colour c = opened(p.data, p.size, bits, false);

        assert_false(c.assumed || c.is_srgb || c.transform);
        for (size_t i = 0; i < sizeof(skin) / sizeof(skin[0]); i++) {
            const int unit = bits == 16 ? 257 : 1;
            double got[3], p3[3];

            linear(&c, got, skin[i][0] * unit, skin[i][1] * unit, skin[i][2] * unit);
            for (int j = 0; j < 3; j++)
                p3[j] = derm_srgb_decode(skin[i][j] / 255.0);
            for (int j = 0; j < 3; j++)
                assert_near(got[j],
                            srgb_from_p3[j][0] * p3[0] + srgb_from_p3[j][1] * p3[1] +
                                srgb_from_p3[j][2] * p3[2],
                            5e-4);
        }
        derm_colour_close(&c);
    }
}

static void an_srgb_profile_is_srgb_exactly(void **state)
{
    struct derm_colour c;
    struct profile p;
    double v[3];

    (void)state;
    make_rgb(&p, &srgb_primaries);
    c = opened(p.data, p.size, 8, false);
    assert_true(c.is_srgb);
    assert_false(c.assumed);
    linear(&c, v, 128, 128, 128);
    assert_near(v[0], (double)(float)derm_srgb_decode(128 / 255.0), 0.0);
    derm_colour_close(&c);
}

static void grey_profiles_give_neutral_light(void **state)
{
    const cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
    cmsToneCurve *const tone = cmsBuildGamma(NULL, 1.8);
    struct derm_colour c;
    struct profile p;
    double v[3];

    (void)state;
    save(&p, cmsCreateGrayProfile(&white, tone));
    cmsFreeToneCurve(tone);
    c = opened(p.data, p.size, 8, true);
    assert_false(c.assumed);
    linear(&c, v, 100, 100, 100);
    for (int i = 0; i < 3; i++)
        assert_near(v[i], pow(100 / 255.0, 1.8), 1e-4);
    derm_colour_close(&c);
    c = opened(p.data, p.size, 8, false); /* not for a colour picture */
    assert_true(c.assumed);
    derm_colour_close(&c);
}

/* ---- a profile with a table instead of a matrix */
static cmsInt32Number sample_srgb(const cmsUInt16Number in[], cmsUInt16Number out[], void *cargo)
{
    cmsDoTransform(cargo, in, out, 1);
    return TRUE;
}

static void make_table(struct profile *p)
{
    void *const srgb = cmsCreate_sRGBProfile(), *const lab = cmsCreateLab2Profile(NULL);
    void *const to_lab = cmsCreateTransform(srgb, TYPE_RGB_16, lab, TYPE_LabV2_16,
                                            INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    cmsStage *const table = cmsStageAllocCLut16bit(NULL, 33, 3, 3, NULL);
    cmsPipeline *const lut = cmsPipelineAlloc(NULL, 3, 3);
    void *const handle = cmsCreateProfilePlaceholder(NULL);

    assert_true(cmsStageSampleCLut16bit(table, sample_srgb, to_lab, 0));
    assert_true(cmsPipelineInsertStage(lut, cmsAT_END, table));
    cmsSetProfileVersion(handle, 2.4);
    cmsSetDeviceClass(handle, cmsSigInputClass);
    cmsSetColorSpace(handle, cmsSigRgbData);
    cmsSetPCS(handle, cmsSigLabData);
    assert_true(cmsWriteTag(handle, cmsSigAToB0Tag, lut));
    assert_true(cmsWriteTag(handle, cmsSigMediaWhitePointTag, cmsD50_XYZ()));
    save(p, handle);
    cmsPipelineFree(lut);
    cmsDeleteTransform(to_lab);
    cmsCloseProfile(srgb);
    cmsCloseProfile(lab);
}

/* It holds sRGB, sampled 33 times per channel: what comes out is sRGB but for the interpolation. */
static void a_table_profile_goes_through_lcms2(void **state)
{
    static struct profile p;

    (void)state;
    make_table(&p);
    for (int bits = 8; bits <= 16; bits += 8) {
        struct derm_colour c = opened(p.data, p.size, bits, false);

        assert_non_null(c.transform);
        assert_false(c.assumed);
        for (int code = 15; code < 256; code += 40) {
            const int unit = bits == 16 ? 257 : 1, r = code, g = 255 - code, b = 128;
            double got[3];

            linear(&c, got, r * unit, g * unit, b * unit);
            assert_near(got[0], derm_srgb_decode(r / 255.0), 5e-3);
            assert_near(got[1], derm_srgb_decode(g / 255.0), 5e-3);
            assert_near(got[2], derm_srgb_decode(b / 255.0), 5e-3);
        }
        derm_colour_close(&c);
    }
}

static void a_broken_profile_is_not_used(void **state)
{
    static struct profile p;

    (void)state;
    make_rgb(&p, &p3_primaries);
    for (cmsUInt32Number size = 0; size < p.size; size += 7) {
        struct derm_colour c = opened(p.data, size, 8, false);
        double v[3];

        linear(&c, v, 10, 200, 255);
        for (int i = 0; i < 3; i++)
            assert_true(v[i] >= 0.0 && v[i] < 3.0);
        derm_colour_close(&c);
    }
    memset(p.data + 200, 0x5a, 300);
    {
        struct derm_colour c = opened(p.data, p.size, 8, false);
        assert_true(c.assumed && c.is_srgb);
        assert_string_equal(c.name, "sRGB (the profile is unusable)");
        derm_colour_close(&c);
    }
}

static void png_chunks_make_a_profile(void **state)
{
    struct derm_colour_tags tags = { .gamma = 1.0 };
    struct derm_colour c;
    double v[3];

    (void)state;
    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_colour_open(&c, &arena, &tags, 8, false, &err), DERM_OK);
    assert_false(c.assumed || c.is_srgb);
    linear(&c, v, 51, 102, 153);
    assert_near(v[0], 0.2, 1e-5);
    assert_near(v[2], 0.6, 1e-5);
    derm_colour_close(&c);
    tags.gamma = 0.45455; /* what sRGB writers write */
    assert_int_equal(derm_colour_open(&c, &arena, &tags, 8, false, &err), DERM_OK);
    assert_true(c.is_srgb && !c.assumed);
    derm_colour_close(&c);
    tags = (struct derm_colour_tags){ .gamma = 1.0,
                                      .has_primaries = true,
                                      .white = { 0.3127, 0.3290 },
                                      .red = { 0.680, 0.320 },
                                      .green = { 0.265, 0.690 },
                                      .blue = { 0.150, 0.060 } };
    assert_int_equal(derm_colour_open(&c, &arena, &tags, 8, false, &err), DERM_OK);
    linear(&c, v, 255, 0, 0);
    assert_near(v[0], srgb_from_p3[0][0], 1e-3);
    assert_near(v[1], 0.0, 0.0); /* out of gamut: no light below none */
    derm_colour_close(&c);
    tags.srgb = true; /* the sRGB chunk wins */
    assert_int_equal(derm_colour_open(&c, &arena, &tags, 8, false, &err), DERM_OK);
    assert_true(c.is_srgb && !c.assumed);
    derm_colour_close(&c);
}

/* ---- the profile collection against lcms2 */
static size_t load(const char *name, uint8_t *data, size_t size)
{
    char path[512];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), PROFILES "%s", name);
    f = fopen(path, "rb");
    if (!f) return 0;
    n = fread(data, 1, size, f);
    fclose(f);
    return n;
}

/* The largest difference to lcms2 over a grid of colours. */
static double worst_difference(const uint8_t *icc, size_t size, const struct derm_colour *c)
{
    const cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
    cmsToneCurve *const straight = cmsBuildGamma(NULL, 1.0);
    cmsToneCurve *const curves[3] = { straight, straight, straight };
    void *const target = cmsCreateRGBProfile(&white, &srgb_primaries, curves);
    void *const source = cmsOpenProfileFromMem(icc, (cmsUInt32Number)size);
    void *const transform =
        cmsCreateTransform(source, TYPE_RGB_FLT, target, TYPE_RGB_FLT, INTENT_RELATIVE_COLORIMETRIC,
                           cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    double worst = 0.0;

    assert_non_null(transform);
    for (int i = 0; i < 9 * 9 * 9; i++) {
        const int code[3] = { i % 9 * 255 / 8, i / 9 % 9 * 255 / 8, i / 81 * 255 / 8 };
        const float in[3] = { (float)code[0] / 255.0f, (float)code[1] / 255.0f,
                              (float)code[2] / 255.0f };
        float expected[3];
        double got[3];

        cmsDoTransform(transform, in, expected, 1);
        linear(c, got, code[0], code[1], code[2]);
        for (int j = 0; j < 3; j++)
            worst = fmax(worst, fabs(got[j] - fmax(0.0, (double)expected[j])));
    }
    cmsDeleteTransform(transform);
    cmsCloseProfile(source);
    cmsCloseProfile(target);
    cmsFreeToneCurve(straight);
    return worst;
}

static void the_collection_agrees_with_lcms2(void **state)
{
    static const char *const names[] = {
        "AdobeCompat-v2.icc",
        "AdobeCompat-v4.icc",
        "AppleCompat-v2.icc",
        "AppleCompat-v4.icc",
        "ColorMatchCompat-v2.icc",
        "ColorMatchCompat-v4.icc",
        "DCI-P3-v4.icc",
        "DisplayP3-v2-magic.icc",
        "DisplayP3-v2-micro.icc",
        "DisplayP3-v4.icc",
        "DisplayP3Compat-v2-magic.icc",
        "DisplayP3Compat-v2-micro.icc",
        "DisplayP3Compat-v4.icc",
        "ProPhoto-v2-magic.icc",
        "ProPhoto-v2-micro.icc",
        "ProPhoto-v4.icc",
        "Rec2020-g24-v4.icc",
        "Rec2020-v2-magic.icc",
        "Rec2020-v2-micro.icc",
        "Rec2020-v4.icc",
        "Rec2020Compat-v2-magic.icc",
        "Rec601NTSC-v2-magic.icc",
        "Rec601NTSC-v4.icc",
        "Rec601PAL-v2-magic.icc",
        "Rec601PAL-v4.icc",
        "Rec709-v2-magic.icc",
        "Rec709-v2-micro.icc",
        "Rec709-v4.icc",
        "WideGamutCompat-v2.icc",
        "WideGamutCompat-v4.icc",
        "sRGB-v2-magic.icc",
        "sRGB-v2-micro.icc",
        "sRGB-v2-nano.icc",
        "sRGB-v4.icc",
        "scRGB-v2.icc",
    };
    static uint8_t icc[1 << 20];

    (void)state;
    if (load(names[0], icc, sizeof(icc)) == 0) {
        print_message("skipped: the profile collection is not at " PROFILES "\n");
        return;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t size = load(names[i], icc, sizeof(icc));
        struct derm_colour c = opened(icc, size, 8, false);
        const double worst = worst_difference(icc, size, &c);
        const bool is_srgb = strncmp(names[i], "sRGB", 4) == 0;

        print_message("%-30s %-28s %.2e\n", names[i], c.name, worst);
        assert_false(c.assumed);
        assert_int_equal(c.is_srgb, is_srgb);
        /* the vendors' sRGB curves are taken as the standard's */
        assert_true(worst < (is_srgb ? 1e-3 : 1e-5));
        derm_colour_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_agree_with_libm),
        cmocka_unit_test(no_profile_means_srgb_and_says_so),
        cmocka_unit_test(display_p3_comes_out_right),
        cmocka_unit_test(an_srgb_profile_is_srgb_exactly),
        cmocka_unit_test(grey_profiles_give_neutral_light),
        cmocka_unit_test(a_table_profile_goes_through_lcms2),
        cmocka_unit_test(a_broken_profile_is_not_used),
        cmocka_unit_test(png_chunks_make_a_profile),
        cmocka_unit_test(the_collection_agrees_with_lcms2),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
