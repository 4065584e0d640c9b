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

static const struct phantom_tissue usual = { .melanin_exponent = 2.1,
                                             .saturation = 0.62,
                                             .epidermis_cm = 0.0068,
                                             .scattering = 1,
                                             .surface = 0.002,
                                             .spread = 1 };
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

/* CIE 15: daylight of a colour temperature, 4000 to 25000 K, from its three components. */
static double daylight(int band, double kelvin)
{
    static const double mean[BANDS] = { 94.8,  104.8, 105.9, 96.8,  113.9, 125.6, 125.5, 121.3,
                                        121.3, 113.5, 113.1, 110.8, 106.5, 108.8, 105.3, 104.4,
                                        100.0, 96.0,  95.1,  89.1,  90.5,  90.3,  88.4,  84.0,
                                        85.1,  81.9,  82.6,  84.9,  81.3,  71.9,  74.3 };
    static const double blue[BANDS] = { 43.4,  46.3,  43.9,  37.1,  36.7,  35.9,  32.6, 27.9,
                                        24.3,  20.1,  16.2,  13.2,  8.6,   6.1,   4.2,  1.9,
                                        0.0,   -1.6,  -3.5,  -3.5,  -5.8,  -7.2,  -8.6, -9.5,
                                        -10.9, -10.7, -12.0, -14.0, -13.6, -12.0, -13.3 };
    static const double pink[BANDS] = { -1.1, -0.5, -0.7, -1.2, -2.6, -2.9, -2.8, -2.6,
                                        -2.6, -1.8, -1.5, -1.3, -1.2, -1.0, -0.5, -0.3,
                                        0.0,  0.2,  0.5,  2.1,  3.2,  4.1,  4.7,  5.1,
                                        6.7,  7.3,  8.6,  9.8,  10.2, 8.3,  9.6 };
    const double k = fmin(fmax(kelvin, 4000), 25000), r = 1000 / k;
    const double x = k <= 7000 ? 0.244063 + r * (0.09911 + r * (2.9678 - 4.6070 * r))
                               : 0.237040 + r * (0.24748 + r * (1.9018 - 2.0064 * r));
    const double y = -0.275 + x * (2.870 - 3 * x), m = 0.0241 + 0.2562 * x - 0.7341 * y;
    const double m1 = (-1.3515 - 1.7703 * x + 5.9114 * y) / m;
    const double m2 = (0.0300 - 31.4424 * x + 30.0717 * y) / m;

    return mean[band] + m1 * blue[band] + m2 * pink[band];
}

static double peak(double nm, double centre, double width)
{
    return lobe(nm, centre, 1 / width, 1 / width);
}

/* A blue diode and its phosphor; the colder the light, the more is left of the diode's. */
static double led(double nm, double kelvin)
{
    return kelvin / 6000 * peak(nm, 452, 11) + 0.72 * peak(nm, kelvin < 4500 ? 590 : 565, 58);
}

/* A tube with three phosphors: most of its light is in a few narrow lines. */
static double tube(double nm, double kelvin)
{
    return 0.6 * kelvin / 5000 * peak(nm, 436, 7) + 0.3 * kelvin / 5000 * peak(nm, 489, 8) +
           peak(nm, 545, 7) + 0.25 * peak(nm, 585, 9) + 1.1 * 5000 / kelvin * peak(nm, 611, 7) +
           0.03;
}

static double illuminant(const struct phantom_light *l, int band)
{
    const double nm = 400 + 10 * band;

    switch (l->illuminant) {
    case PHANTOM_DAYLIGHT:
        return daylight(band, l->cct_k);
    case PHANTOM_LED:
        return led(nm, l->cct_k);
    case PHANTOM_TUBE:
        return tube(nm, l->cct_k);
    default:
        return blackbody(nm, l->cct_k);
    }
}

static double reflectance(const struct phantom_tissue *t, int band, double fm, double fb)
{
    const double nm = 400 + 10 * band;
    const double haem =
        2.303 * (t->saturation * oxy[band] + (1 - t->saturation) * deoxy[band]) * 2.2e-3;
    const double base = 0.244 + 85.3 * exp(-(nm - 154) / 66.2);
    const double melanosome = 620 * pow(nm / 550, -t->melanin_exponent);
    const double scatter = t->scattering * (1.9e5 * pow(nm, -1.5) + 1.6e12 * pow(nm, -4));
    const double packed = haem > 0 ? -expm1(-haem * 0.0028) / (haem * 0.0028) : 1; /* in vessels */
    const double dermis = fb * haem * packed + (1 - fb) * base;
    const double albedo = scatter / (scatter + dermis);
    const double root = sqrt(3 * (1 - albedo));
    const double back = 0.5 * albedo * (1 + exp(-4.0 / 3 * refraction * root)) * exp(-root);
    const double over = t->epidermis_cm * (fm * melanosome + (1 - fm) * base);

    return t->surface + 1.9 * back * exp(-2 * over);
}

/* Skin and white under a light, in units of the observer's sums. */
static void colours(const struct phantom_tissue *t, const struct phantom_light *l, double fm,
                    double fb, double skin_xyz[3], double white_xyz[3])
{
    for (int c = 0; c < 3; c++)
        skin_xyz[c] = white_xyz[c] = 0;
    for (int i = 0; i < BANDS; i++) {
        const double light = illuminant(l, i);
        const double r = fm < 0 ? 1 : reflectance(t, i, fm, fb);
        double cmf[3];

        observer(400 + 10 * i, cmf);
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

static const struct phantom_tissue *known(const struct phantom_tissue *t)
{
    return t->melanin_exponent > 0 ? t : &usual;
}

/* The exponent: melanin in solution has 3.3 (Jacques), which makes skin of ITA -40 as yellow as b*
 * 27 with ln(B/G) -1.4; skin has about 20 at most, and portraits of black people show -0.3 to -0.6
 * (truth_tone). Melanosomes are thick enough to be black themselves, which flattens the spectrum:
 * 1.2 to 2.1 with this surface make b* 18 and ln(B/G) -0.6 +- 0.15. */
struct phantom_tissue phantom_tissue_of(uint64_t seed)
{
    struct phantom_tissue t;
    struct phantom_rng r;

    phantom_rng_init(&r, seed, 300);
    t.melanin_exponent = phantom_uniform(&r, 1.2, 2.1);
    t.saturation = phantom_uniform(&r, 0.45, 0.8);
    t.epidermis_cm = phantom_uniform(&r, 0.0075, 0.0095); /* reaches ITA -60 */
    t.scattering = exp(phantom_uniform(&r, -0.25, 0.25));
    t.surface = phantom_uniform(&r, 0.004, 0.020);
    t.spread = exp(phantom_uniform(&r, -0.25, 0.25));
    return t;
}

double phantom_tissue_spread(const struct phantom_tissue *t)
{
    return known(t)->spread;
}

void phantom_optics_init(struct phantom_optics *o, const struct phantom_tissue *tissue,
                         const struct phantom_light *light)
{
    const struct phantom_tissue *const t = known(tissue);
    double skin[3], white[3], rgb[3], rgb_white[3];

    colours(t, light, -1, 0, skin, white);
    xyz_to_rgb(white, rgb_white);
    for (int c = 0; c < 3; c++)
        o->cast[c] = pow(rgb_white[c] / rgb_white[1], 1 - light->awb);
    for (int b = 0; b < PHANTOM_LUT_FB; b++)
        for (int m = 0; m < PHANTOM_LUT_FM; m++) {
            colours(t, light, node(m, PHANTOM_LUT_FM, fm_lo, fm_hi),
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

double phantom_tissue_ita(const struct phantom_tissue *t, double fm, double fb)
{
    static const struct phantom_light d65 = { .cct_k = 6504 };
    double skin[3], white[3], f[3];

    colours(known(t), &d65, fm, fb, skin, white);
    for (int c = 0; c < 3; c++)
        f[c] = cbrt(skin[c] / white[c]);
    return atan2(116 * f[1] - 16 - 50, 200 * (f[1] - f[2])) * 57.29577951308232;
}

double phantom_tissue_fm(const struct phantom_tissue *t, double ita_deg, double fb)
{
    double lo = fm_lo, hi = fm_hi;

    for (int i = 0; i < 60; i++) {
        const double mid = 0.5 * (lo + hi);
        if (phantom_tissue_ita(t, mid, fb) > ita_deg)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}

double phantom_ita(double fm, double fb)
{
    return phantom_tissue_ita(&usual, fm, fb);
}

double phantom_fm_of_ita(double ita_deg, double fb)
{
    return phantom_tissue_fm(&usual, ita_deg, fb);
}
