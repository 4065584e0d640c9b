/* SPDX-License-Identifier: Apache-2.0 */
/* Skin optics: reads the table, finds a skin in it, derives projection weights.
 *
 * Tone-adaptive projection: surface reflection dilutes the colour of pigment, the more the darker
 * the skin is, so that on dark skin melanin looks almost like shade. The direction of melanin is
 * therefore taken at the subject's own tone, and the weights along it suppress what varies most on
 * that skin. */
#include "color/optics.h"

#include <math.h>
#include <string.h>

#include "kernels/filter.h"

enum { LN_RG, LN_BG, OD_G, ITA, MELANIN, BLOOD = MELANIN + 3 }; /* columns */
enum { SUBDIVISION = 8 }; /* steps of the search between two nodes */

static derm_err read_axis(const struct derm_json *table, const char *key, double *axis, int *n,
                          int max, struct derm_error *err)
{
    *n = derm_json_count(derm_json_get(table, key));
    if (*n < 2 || *n > max)
        return derm_fail(err, DERM_EMODEL, "chromophores.json: bad axis %s; install it again", key);
    DERM_TRY(derm_json_numbers(table, key, axis, *n, err));
    for (int i = 0; i < *n; i++)
        if (axis[i] <= 0 || (i > 0 && axis[i] <= axis[i - 1]))
            return derm_fail(err, DERM_EMODEL, "chromophores.json: axis %s must rise", key);
    return DERM_OK;
}

static derm_err read_row(const struct derm_json *row, double *out, struct derm_error *err)
{
    if (derm_json_count(row) != DERM_OPTICS_COLUMNS)
        return derm_fail(err, DERM_EMODEL, "chromophores.json: a row has the wrong length");
    for (int i = 0; i < DERM_OPTICS_COLUMNS; i++)
        if (!derm_json_as_number(derm_json_at(row, i), &out[i]))
            return derm_fail(err, DERM_EMODEL, "chromophores.json: a row has no number");
    return DERM_OK;
}

derm_err derm_optics_read(struct derm_optics *o, const struct derm_json *table,
                          struct derm_error *err)
{
    const struct derm_json *const prior = derm_json_get(table, "prior");
    const struct derm_json *row = derm_json_first(derm_json_get(table, "table"));

    DERM_TRY(read_axis(table, "fm", o->fm, &o->fms, DERM_OPTICS_MAX_FM, err));
    DERM_TRY(read_axis(table, "fb", o->fb, &o->fbs, DERM_OPTICS_MAX_FB, err));
    DERM_TRY(derm_json_number(prior, "ln_fb_mean", &o->ln_fb_mean, err));
    DERM_TRY(derm_json_number(prior, "ln_fb_sd", &o->ln_fb_sd, err));
    DERM_TRY(derm_json_number(prior, "chromaticity_sd", &o->chromaticity_sd, err));
    DERM_TRY(derm_json_number(prior, "exposure_sd", &o->exposure_sd, err));
    for (int m = 0; m < o->fms; m++)
        for (int b = 0; b < o->fbs; b++, row = derm_json_next(row))
            DERM_TRY(read_row(row, o->row[m][b], err));
    return DERM_OK;
}

/* The table at fractional node (m, b), bilinear. */
static void table_at(const struct derm_optics *o, double m, double b, double *out)
{
    const int m0 = (int)m < o->fms - 1 ? (int)m : o->fms - 2;
    const int b0 = (int)b < o->fbs - 1 ? (int)b : o->fbs - 2;
    const double u = m - m0, v = b - b0;

    for (int i = 0; i < DERM_OPTICS_COLUMNS; i++)
        out[i] = (1 - u) * ((1 - v) * o->row[m0][b0][i] + v * o->row[m0][b0 + 1][i]) +
                 u * ((1 - v) * o->row[m0 + 1][b0][i] + v * o->row[m0 + 1][b0 + 1][i]);
}

static double axis_at(const double *axis, int n, double at)
{
    const int i = (int)at < n - 1 ? (int)at : n - 2;

    return axis[i] + (at - i) * (axis[i + 1] - axis[i]);
}

void derm_optics_fit(const struct derm_optics *o, const double seen[3],
                     struct derm_skin_optics *skin)
{
    double best = INFINITY;

    for (int b = 0; b <= (o->fbs - 1) * SUBDIVISION; b++) {
        const double at_b = (double)b / SUBDIVISION, fb = axis_at(o->fb, o->fbs, at_b);
        const double p = ((double)derm_lnf((float)fb) - o->ln_fb_mean) / o->ln_fb_sd;

        for (int m = 0; m <= (o->fms - 1) * SUBDIVISION; m++) {
            const double at_m = (double)m / SUBDIVISION;
            double row[DERM_OPTICS_COLUMNS];

            table_at(o, at_m, at_b, row);
            const double red = (row[LN_RG] - seen[LN_RG]) / o->chromaticity_sd;
            const double blue = (row[LN_BG] - seen[LN_BG]) / o->chromaticity_sd;
            const double light = (row[OD_G] - seen[OD_G]) / o->exposure_sd;
            const double cost = red * red + blue * blue + light * light + p * p;
            if (cost >= best) continue;
            best = cost;
            skin->fm = axis_at(o->fm, o->fms, at_m);
            skin->fb = fb;
            skin->ita_deg = row[ITA];
            memcpy(skin->melanin, row + MELANIN, sizeof(skin->melanin));
            memcpy(skin->blood, row + BLOOD, sizeof(skin->blood));
        }
    }
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* x = inverse(a) b, by cofactors; a is symmetric. */
static bool solve3(const double a[3][3], const double b[3], double x[3])
{
    const double c[3][3] = {
        { a[1][1] * a[2][2] - a[1][2] * a[2][1], a[0][2] * a[2][1] - a[0][1] * a[2][2],
          a[0][1] * a[1][2] - a[0][2] * a[1][1] },
        { a[1][2] * a[2][0] - a[1][0] * a[2][2], a[0][0] * a[2][2] - a[0][2] * a[2][0],
          a[0][2] * a[1][0] - a[0][0] * a[1][2] },
        { a[1][0] * a[2][1] - a[1][1] * a[2][0], a[0][1] * a[2][0] - a[0][0] * a[2][1],
          a[0][0] * a[1][1] - a[0][1] * a[1][0] },
    };
    const double det = a[0][0] * c[0][0] + a[0][1] * c[1][0] + a[0][2] * c[2][0];

    if (!(fabs(det) > 0)) return false;
    for (int i = 0; i < 3; i++)
        x[i] = dot(c[i], b) / det;
    return true;
}

bool derm_optics_weights(const struct derm_skin_optics *skin, const double covariance[3][3],
                         bool blind, double w_m[3], double w_b[3])
{
    double sm[3], sb[3];

    if (!solve3(covariance, skin->melanin, sm) || !solve3(covariance, skin->blood, sb))
        return false;
    const double mm = dot(skin->melanin, sm), bb = dot(skin->blood, sb);
    const double mb = dot(skin->melanin, sb);
    const double det = mm * bb - mb * mb;

    if (!(mm > 0) || !(bb > 0) || (blind && !(det > 0))) return false;
    for (int i = 0; i < 3; i++) {
        w_m[i] = sm[i] / mm;
        w_b[i] = blind ? (mm * sb[i] - mb * sm[i]) / det : sb[i] / bb;
    }
    return true;
}
