/* SPDX-License-Identifier: Apache-2.0 */
/* scale: how many photo pixels a millimetre of skin has, and how sure that is.
 *
 * reads   source, face
 * writes  scale   px_per_mm at the face or the skin; rel_sd, relative standard deviation
 *
 * What the user says is taken; else the eyes are the ruler. The visible iris and the distance of
 * the pupils vary little among adults, and independently enough to be combined by inverse variance:
 * iris 11.7 mm, sd 4.3 % (Hashemi et al. 2015, white-to-white); pupils 63 mm, sd 5.5 % (Dodgson
 * 2004). A turned head shortens the distance of the pupils by the cosine of its yaw, not the iris.
 * The error is the subject's own, so it cancels between two photos of one subject. */
#include <math.h>

#include "base/num.h"
#include "stages/stages.h"

struct params {
    float iris_mm, iris_rel_sd, pupils_mm, pupils_rel_sd, user_rel_sd, nominal_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, iris_mm, 11.7, 5, 20, "visible iris diameter, mm"),
    DERM_OPT(struct params, iris_rel_sd, 0.043, 0.001, 1, "its spread among people, relative"),
    DERM_OPT(struct params, pupils_mm, 63, 30, 90, "distance of the pupils, mm"),
    DERM_OPT(struct params, pupils_rel_sd, 0.055, 0.001, 1, "its spread among people, relative"),
    DERM_OPT(struct params, user_rel_sd, 0.01, 0, 1,
             "trust in a scale given by the user, relative"),
    DERM_OPT(struct params, nominal_mm, 40, 1, 1000,
             "short side of a photo of unknown scale, for filter sizes only"),
    { 0 },
};

/* Taylor's series, for the same bits everywhere; |angle| <= 90 degrees: error below 1e-6. */
static double cosine_of_deg(double angle)
{
    const double x = angle * (3.14159265358979323846 / 180.0), q = x * x;
    double sum = 0;

    for (int k = 12; k >= 2; k -= 2)
        sum = (1.0 - sum) * q / (k * (k - 1));
    return 1.0 - sum;
}

static struct derm_scale from_eyes(const struct derm_face *face, const struct params *p)
{
    const double iris = face->iris_px / (double)p->iris_mm;
    const double pupils = face->ipd_px / ((double)p->pupils_mm * cosine_of_deg(face->yaw_deg));
    const double wi = 1.0 / ((double)p->iris_rel_sd * (double)p->iris_rel_sd);
    const double wp = 1.0 / ((double)p->pupils_rel_sd * (double)p->pupils_rel_sd);

    return (struct derm_scale){ .source = DERM_SCALE_IRIS_IPD,
                                .px_per_mm = (wi * iris + wp * pupils) / (wi + wp),
                                .rel_sd = 1.0 / sqrt(wi + wp) };
}

static derm_err run_scale(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_frame *const f = run->frame;

    if (run->request->px_per_mm > 0)
        f->scale = (struct derm_scale){ .source = DERM_SCALE_USER,
                                        .px_per_mm = run->request->px_per_mm,
                                        .rel_sd = (double)p->user_rel_sd };
    else if (f->face.used)
        f->scale = from_eyes(&f->face, p);
    else
        f->scale = (struct derm_scale){ .source = DERM_SCALE_UNKNOWN,
                                        .px_per_mm = imin(f->source.width, f->source.height) /
                                                     (double)p->nominal_mm };
    return DERM_OK;
}

const struct derm_stage derm_stage_scale = {
    .name = "scale",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(source) | DERM_SLOT(face),
    .writes = DERM_SLOT(scale),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_scale,
};
