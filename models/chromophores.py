#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes models/chromophores.json: what skin of a given pigment looks like to an sRGB camera.

A two-layer optics model: an epidermis that absorbs with its melanosomes, over a dermis that scatters and
absorbs with its blood. The table gives, for each volume fraction of melanosomes (fm) and of blood (fb), the
colour of the skin and the direction in which optical density moves when either pigment increases.

  python3 models/chromophores.py > models/chromophores.json      (deterministic; needs numpy)

Sources
  haemoglobin   S. Prahl, Tabulated Molar Extinction Coefficient for Hemoglobin in Water (omlc.org; data of
                W. B. Gratzer and N. Kollias), 150 g/l, 64 500 g/mol
  melanosomes   S. L. Jacques, Skin Optics, OMLC News 1998: 6.6e11 l^-3.33 /cm. The value at 550 nm is kept; the
                exponent is -2.4, because -3.33 makes dark skin far too yellow (b* 31, measured about 20)
  bare skin     Jacques 1998: 0.244 + 85.3 exp(-(l - 154) / 66.2) /cm
  scattering    Jacques 1998: 2e5 l^-1.5 + 2e12 l^-4 /cm
  vessels       R. van Veen, W. Verkruysse, H. Sterenborg, Opt. Lett. 27, 246 (2002): blood is packed in
                vessels, here of radius 15 um, and shades itself
  reflectance   T. Farrell, M. Patterson, B. Wilson, Med. Phys. 19, 879 (1992), total diffuse reflectance, times a
                gain: without it skin of the yellowness of the ColorChecker's "light skin" (b* 18) has L* 44, not 66
  colours       C. Wyman, P.-P. Sloan, P. Shirley, JCGT 2(2), 1 (2013): CIE 1931 by Gaussians; CIE D65; sRGB
"""
import json
import sys

import numpy as np

NM = np.arange(400, 701, 10, dtype=float)
HBO2 = np.array([266232, 466840, 480360, 246072, 102580, 62816, 44480, 33209.2, 26629.2, 23684.4, 20932.8, 20035.2,
                 24202.4, 39956.8, 53236, 43016, 32613.2, 44496, 50104, 14400.8, 3200, 1506, 942, 610, 442, 368,
                 319.6, 294, 277.6, 276, 290])
HB = np.array([223296, 303956, 407560, 528600, 413280, 103292, 23388.8, 16156.4, 14550, 16684, 20862, 25773.6,
               31589.6, 39036.4, 46592, 53412, 53788, 45072, 37020, 28324.4, 14677.2, 9443.6, 6509.6, 5148.8, 4345.2,
               3750.12, 3226.56, 2795.12, 2407.92, 2051.96, 1794.28])
D65 = np.array([82.7549, 91.486, 93.4318, 86.6823, 104.865, 117.008, 117.812, 114.861, 115.923, 108.811, 109.354,
                107.802, 104.79, 107.689, 104.405, 104.046, 100, 96.3342, 95.788, 88.6856, 90.0062, 89.5991, 87.6987,
                83.2886, 83.6992, 80.0268, 80.2146, 82.2778, 78.2842, 69.7213, 71.6091])
CONSTANTS = {
    "melanosome_exponent": -1.7, "melanosome_550nm_per_cm": 6.6e11 * 550.0**-3.33, "epidermis_cm": 60e-4,
    "path_factor": 1.15, "oxygen_saturation": 0.7, "vessel_radius_cm": 15e-4, "farrell_k": 2.95,
    "dermis_gain": 1.6, "surface_reflectance": 0.006, "specular_fit": 0.014, "specular_vectors": 0.02,
}
FM = np.geomspace(0.005, 0.34, 22)  # the prototype allowed up to .34
FB = np.geomspace(0.004, 0.080, 9)


def bump(nm, mean, below, above):
    return np.exp(-0.5 * ((nm - mean) / np.where(nm < mean, below, above))**2)


def camera():
    """3 x wavelengths: linear sRGB of a reflectance spectrum under D65, white = 1."""
    x = 1.056 * bump(NM, 599.8, 37.9, 31.0) + 0.362 * bump(NM, 442.0, 16.0, 26.7) - 0.065 * bump(NM, 501.1, 20.4, 26.2)
    y = 0.821 * bump(NM, 568.8, 46.9, 40.5) + 0.286 * bump(NM, 530.9, 16.3, 31.1)
    z = 1.217 * bump(NM, 437.0, 11.8, 36.0) + 0.681 * bump(NM, 459.0, 26.0, 13.8)
    srgb = np.array([[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560],
                     [0.0556434, -0.2040259, 1.0572252]])
    m = srgb @ (np.array([x, y, z]) * D65)
    return m / m.sum(axis=1, keepdims=True)


CAMERA = camera()


def skin(fm, fb):
    """Linear sRGB of skin, without the reflection of its surface."""
    c = CONSTANTS
    bare = 0.244 + 85.3 * np.exp(-(NM - 154.0) / 66.2)
    oxygen = c["oxygen_saturation"]
    blood = 2.303 * 150.0 / 64500.0 * (oxygen * HBO2 + (1 - oxygen) * HB)
    packed = (1 - np.exp(-2 * c["vessel_radius_cm"] * blood)) / (2 * c["vessel_radius_cm"])
    absorbed = fb * packed + (1 - fb) * bare
    scattered = 2e5 * NM**-1.5 + 2e12 * NM**-4.0
    a = scattered / (scattered + absorbed)
    k = c["farrell_k"]
    dermis = c["dermis_gain"] * a / (1 + 2 * k * (1 - a) + (1 + 2 * k / 3) * np.sqrt(3 * (1 - a)))
    melanosome = c["melanosome_550nm_per_cm"] * (NM / 550.0)**c["melanosome_exponent"]
    epidermis = fm * melanosome + (1 - fm) * bare
    r = dermis * np.exp(-2 * c["path_factor"] * epidermis * c["epidermis_cm"]) + c["surface_reflectance"]
    return CAMERA @ r


def ita_deg(rgb):
    """Individual typology angle: atan((L* - 50) / b*), D65 white."""
    xyz = np.linalg.inv(np.array([[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560],
                                  [0.0556434, -0.2040259, 1.0572252]])) @ rgb / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.degrees(np.arctan2(116 * f[1] - 16 - 50, 200 * (f[1] - f[2])))


def vector(fm, fb, dm, db):
    """-d ln(R + s0) / d pigment, by central difference of 1 %."""
    s0 = CONSTANTS["specular_vectors"]
    hi, lo = skin(fm * (1 + dm), fb * (1 + db)), skin(fm * (1 - dm), fb * (1 - db))
    return -np.log((hi + s0) / (lo + s0)) / (2 * (dm * fm + db * fb))


def main():
    rows = []
    for fm in FM:
        for fb in FB:
            rgb = skin(fm, fb)
            seen = rgb + CONSTANTS["specular_fit"]
            row = [np.log(seen[0] / seen[1]), np.log(seen[2] / seen[1]), -np.log(seen[1])]
            row += [ita_deg(rgb + CONSTANTS["surface_reflectance"])]
            row += list(vector(fm, fb, 0.01, 0)) + list(vector(fm, fb, 0, 0.01))
            rows.append([float("%.5g" % v) for v in row])
    out = sys.stdout
    out.write('{\n"source": "models/chromophores.py: two-layer skin optics; constants and references there",\n')
    out.write('"constants": ' + json.dumps(CONSTANTS) + ",\n")
    out.write('"columns": ["ln(R/G)", "ln(B/G)", "od_g", "ita_deg", "jm_r", "jm_g", "jm_b", "jh_r", "jh_g", "jh_b"],\n')
    for name, axis in (("fm", FM), ("fb", FB)):
        out.write('"%s": %s,\n' % (name, json.dumps([float("%.6g" % v) for v in axis])))
    # How far a photo may be off: white balance and lamp, with what the model misses; exposure. Where skin is read
    # from both, truth_tone even.
    prior = {"ln_fb_mean": float("%.6g" % np.log(0.018)), "ln_fb_sd": 0.45, "chromaticity_sd": 0.2, "exposure_sd": 0.3}
    out.write('"prior": ' + json.dumps(prior) + ",\n")
    out.write('"table": [\n' + ",\n".join(json.dumps(r) for r in rows) + "\n]\n}\n")


if __name__ == "__main__":
    main()
