/* SPDX-License-Identifier: Apache-2.0 */
/* A line and what lies beside it, laid straight: rows along the line, columns across it. */
#ifndef DERM_STAGES_STRIP_H
#define DERM_STAGES_STRIP_H

#include "stages/stage.h"

enum { DERM_STRIP_REACH = 80, DERM_STRIP_COLUMNS = 2 * DERM_STRIP_REACH + 1 };

/* What lines of a kind look like from end to end and across. */
struct derm_strip_rule {
    double column_mm;
    int reach;        /* columns to either side, at most DERM_STRIP_REACH */
    double smooth_mm; /* half the window over which the line is averaged */
    double gap_share; /* flanks: from an edge of the band outwards, this much of its width, */
    double least_gap_mm, most_gap_mm; /* within these limits */
    double flank_mm;                  /* how broad they are */
    double peak_reach_mm, peak_mm;    /* the band is sought so near the line, by a mean so wide, */
    double start_mm[3];               /* and as one of about these widths, in this order */
};

struct derm_strip {
    const struct derm_kernels *k;
    const struct derm_strip_rule *rule;
    struct derm_point *at, *across; /* of each row: grid px; unit vector to the right */
    int rows, columns;
    double row_mm, column_mm, px_per_mm;
    float *value; /* rows x columns, of the plane that was sampled last; INFINITY: not measured */
};

/* What a stretch of a strip shows across. */
struct derm_profile {
    const struct derm_strip_rule *rule;
    int columns;
    double column_mm;
    double value[DERM_STRIP_COLUMNS];
    bool valid[DERM_STRIP_COLUMNS];
};

/* A band in a profile: inside against both flanks, of which the line between them is taken off. */
struct derm_band {
    double centre_mm, width_mm; /* at half of what it has in its middle */
};
struct derm_band_contrast {
    bool measured;      /* both flanks and the inside are there */
    double inside;      /* mean over the width, minus the mean of the flanks */
    double left, right; /* the same against one flank */
};

/* A smooth line through the points (grid px), in rows of row_mm, with its ends drawn out straight
 * by beyond_mm. In run->scratch, with room for samples; the rule is kept. */
derm_err derm_strip_lay(struct derm_run *run, struct derm_strip *s,
                        const struct derm_strip_rule *rule, const struct derm_point *at, int n,
                        const struct derm_grid *grid, double beyond_mm) DERM_MUST_CHECK;

/* What lies outside `where`, or in none of the regions (bits), is not measured. */
void derm_strip_sample(struct derm_strip *s, const struct derm_plane *plane,
                       const struct derm_mask *where, const struct derm_bits *own,
                       unsigned regions);

/* The same of weight[0] plane[0] + weight[1] plane[1] + weight[2] plane[2], which are of one size:
 * a pigment, without a plane of it. */
void derm_strip_sample_mix(struct derm_strip *s, const struct derm_plane plane[3],
                           const float weight[3], const struct derm_mask *where,
                           const struct derm_bits *own, unsigned regions);

/* Of rows [first, end): per column the mean of the middle half of what is measured in each 2 mm. */
void derm_strip_profile(const struct derm_strip *s, int first, int end, struct derm_profile *out);

struct derm_band_contrast derm_profile_contrast(const struct derm_profile *p,
                                                const struct derm_band *band);

/* How much more than the median of all columns the inside has; 0 where there is no inside. */
double derm_profile_over_usual(const struct derm_profile *p, const struct derm_band *band);

/* Where, within reach_mm of the middle, the mean over width_mm is largest, or smallest; mm. */
double derm_profile_peak(const struct derm_profile *p, double reach_mm, double width_mm,
                         bool smallest);

/* The band next to the middle, in a profile that has one of about that width to begin with; false
 * when its edges are not there. least: of the contrast in its middle, with sign. */
bool derm_profile_width(const struct derm_profile *p, struct derm_band *band, double least);

#endif
