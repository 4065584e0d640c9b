/* SPDX-License-Identifier: Apache-2.0 */
/* Chromophores to colour: a two-layer skin, 400 to 700 nm in steps of 10 nm.
 *
 * The epidermis absorbs twice on the way (melanin, Jacques' baseline); the dermis reflects
 * diffusely (blood, collagen scattering) by Farrell's integrated diffuse reflectance. Haemoglobin:
 * molar extinction, compiled by S. Prahl. The observer: Wyman, Sloan and Shirley 2013, multi-lobe
 * fit of the CIE 1931 functions. Constants such as the melanin exponent, saturation and layer
 * thickness are this renderer's own. */
#include <math.h>

#include "phantom.h"

enum { BANDS = 31 };

static const double melanin_exponent = 2.1;
static const double saturation = 0.62;
static const double epidermis_cm = 0.0068;
static const double refraction = 2.8; /* internal reflection term of a tissue-air boundary */
static const double fm_lo = 0.004, fm_hi = 0.5, fb_lo = 0.002, fb_hi = 0.2;

static const double oxy[BANDS] = { /* cm-1 per mol/l */
                                   266232, 466840, 480360, 246072, 102580, 62816, 44480, 33209,
                                   26629,  23684,  20933,  20035,  24202,  39957, 53236, 43016,
                                   32613,  44496,  50104,  14401,  3200,   1506,  942,   610,
                                   442,    368,    320,    294,    278,    276,   290
};
static const double deoxy[BANDS] = { 223296, 303956, 407560, 528600, 413280, 103292, 23389, 16156,
                                     14550,  16684,  20862,  25774,  31590,  39036,  46592, 53412,
                                     53788,  45072,  37020,  28324,  14677,  9444,   6510,  5149,
                                     4345,   3750,   3227,   2795,   2408,   2052,   1794 };

static double lobe(double nm, double centre, double below, double above)
{
    const double t = (nm - centre) * (nm < centre ? below : above);

    return exp(-0.5 * t * t);
}

static void observer(double nm, double xyz[3])
{
    xyz[0] = 0.362 * lobe(nm, 442.0, 0.0624, 0.0374) + 1.056 * lobe(nm, 599.8, 0.0264, 0.0323) -
             0.065 * lobe(nm, 501.1, 0.0490, 0.0382);
    xyz[1] = 0.821 * lobe(nm, 568.8, 0.0213, 0.0247) + 0.286 * lobe(nm, 530.9, 0.0613, 0.0322);
    xyz[2] = 1.217 * lobe(nm, 437.0, 0.0845, 0.0278) + 0.681 * lobe(nm, 459.0, 0.0385, 0.0725);
}

static void xyz_to_rgb(const double xyz[3], double rgb[3])
{
    static const double m[3][3] = { { 3.2404542, -1.5371385, -0.4985314 },
                                    { -0.9692660, 1.8760108, 0.0415560 },
                                    { 0.0556434, -0.2040259, 1.0572252 } };

    for (int c = 0; c < 3; c++)
        rgb[c] = m[c][0] * xyz[0] + m[c][1] * xyz[1] + m[c][2] * xyz[2];
}

static double blackbody(double nm, double kelvin)
{
    return pow(nm / 560, -5) / expm1(1.438777e7 / (nm * kelvin));
}

static double reflectance(int band, double fm, double fb)
{
    const double nm = 400 + 10 * band;
    const double haem = 2.303 * (saturation * oxy[band] + (1 - saturation) * deoxy[band]) * 2.2e-3;
    const double base = 0.244 + 85.3 * exp(-(nm - 154) / 66.2);
    const double melanosome = 620 * pow(nm / 550, -melanin_exponent);
    const double scatter = 1.9e5 * pow(nm, -1.5) + 1.6e12 * pow(nm, -4);
    const double packed = haem > 0 ? -expm1(-haem * 0.0028) / (haem * 0.0028) : 1; /* in vessels */
    const double dermis = fb * haem * packed + (1 - fb) * base;
    const double albedo = scatter / (scatter + dermis);
    const double root = sqrt(3 * (1 - albedo));
    const double back = 0.5 * albedo * (1 + exp(-4.0 / 3 * refraction * root)) * exp(-root);
    const double over = epidermis_cm * (fm * melanosome + (1 - fm) * base);

    return 0.002 + 1.9 * back * exp(-2 * over);
}

/* Linear sRGB of skin and of white under a blackbody, in units of the observer's sums. */
static void colours(double kelvin, double fm, double fb, double skin_xyz[3], double white_xyz[3])
{
    for (int c = 0; c < 3; c++)
        skin_xyz[c] = white_xyz[c] = 0;
    for (int i = 0; i < BANDS; i++) {
        const double nm = 400 + 10 * i, light = blackbody(nm, kelvin);
        const double r = fm < 0 ? 1 : reflectance(i, fm, fb);
        double cmf[3];

        observer(nm, cmf);
        for (int c = 0; c < 3; c++) {
            white_xyz[c] += light * cmf[c];
            skin_xyz[c] += light * cmf[c] * r;
        }
    }
}

static double node(int i, int n, double lo, double hi)
{
    return lo * pow(hi / lo, (double)i / (n - 1));
}

void phantom_optics_init(struct phantom_optics *o, double cct_k, double awb)
{
    double skin[3], white[3], rgb[3], rgb_white[3];

    colours(cct_k, -1, 0, skin, white);
    xyz_to_rgb(white, rgb_white);
    for (int c = 0; c < 3; c++)
        o->cast[c] = pow(rgb_white[c] / rgb_white[1], 1 - awb);
    for (int b = 0; b < PHANTOM_LUT_FB; b++)
        for (int m = 0; m < PHANTOM_LUT_FM; m++) {
            colours(cct_k, node(m, PHANTOM_LUT_FM, fm_lo, fm_hi),
                    node(b, PHANTOM_LUT_FB, fb_lo, fb_hi), skin, white);
            xyz_to_rgb(skin, rgb);
            for (int c = 0; c < 3; c++)
                o->od[b][m][c] = (float)-log(fmax(rgb[c] / rgb_white[c], 1e-3));
        }
}

static double place(double v, int n, double lo, double hi, int *at)
{
    const double t = fmin(fmax(log(v / lo) / log(hi / lo), 0), 1) * (n - 1);

    *at = t >= n - 1 ? n - 2 : (int)t;
    return t - *at;
}

void phantom_optics_od(const struct phantom_optics *o, double fm, double fb, double od[3])
{
    int m, b;
    const double tm = place(fm, PHANTOM_LUT_FM, fm_lo, fm_hi, &m);
    const double tb = place(fb, PHANTOM_LUT_FB, fb_lo, fb_hi, &b);

    for (int c = 0; c < 3; c++) {
        const double a0 = (double)o->od[b][m][c], a1 = (double)o->od[b][m + 1][c];
        const double b0 = (double)o->od[b + 1][m][c], b1 = (double)o->od[b + 1][m + 1][c];
        od[c] = (1 - tb) * (a0 + tm * (a1 - a0)) + tb * (b0 + tm * (b1 - b0));
    }
}

double phantom_ita(double fm, double fb)
{
    static const double d65_k = 6504;
    double skin[3], white[3], f[3];

    colours(d65_k, fm, fb, skin, white);
    for (int c = 0; c < 3; c++)
        f[c] = cbrt(skin[c] / white[c]);
    return atan2(116 * f[1] - 16 - 50, 200 * (f[1] - f[2])) * 57.29577951308232;
}

double phantom_fm_of_ita(double ita_deg, double fb)
{
    double lo = fm_lo, hi = fm_hi;

    for (int i = 0; i < 60; i++) {
        const double mid = 0.5 * (lo + hi);
        if (phantom_ita(mid, fb) > ita_deg)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}
