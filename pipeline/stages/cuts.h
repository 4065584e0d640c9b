/* SPDX-License-Identifier: Apache-2.0 */
/* Scars of cuts in one photo: bands that are long for their width and differ from both flanks. */
#ifndef DERM_STAGES_CUTS_H
#define DERM_STAGES_CUTS_H

#include "stages/band.h"
#include "stages/reduced.h"

struct derm_cut_params { /* see the options of stage linear_scars */
    float max_px_per_mm, fill_mm, start_response, ahead_response, share, sight_mm;
    float min_length_mm, min_width_mm, max_width_mm, min_slender, pointed_cm2, z_min;
    float min_contrast, max_contrast, min_even, min_flank, min_skin_share;
    float auto_response, auto_z, auto_grey, dark_ita_deg, face_edge_mm;
    float piece_mm, reach_mm, min_piece;
};

struct derm_cut {
    struct derm_point *at; /* grid px, in the middle of the band, from end to end; in scratch */
    int n;
    double length_mm, width_mm;
    double contrast; /* optical density, green; paler than the skin: negative */
};
enum { DERM_MAX_CUTS = 32 };
struct derm_cuts {
    struct derm_cut item[DERM_MAX_CUTS];
    int n;
};

struct derm_cut_bench {
    struct derm_run *run;
    const struct derm_cut_params *params;
    const struct derm_view *view;  /* in which is searched or measured */
    const struct derm_mask *where; /* skin, or what is common to both photos */
    const struct derm_bits *own;   /* regions of a pixel, of the grid */
    unsigned regions;              /* that are searched, bits */
    double edge_mm;                /* kept from their edges */
    bool pointed_at;               /* the user drew a region around a scar */
    bool coloured;                 /* a scar must have a colour */
    struct derm_reduced c;         /* coarse copy */
    struct derm_mask searched;     /* on the coarse copy */
};

extern const struct derm_strip_rule derm_cut_rule;

/* What the searches in two photos share: c and searched, in run->scratch. */
derm_err derm_cuts_prepare(struct derm_cut_bench *b) DERM_MUST_CHECK;

/* The scars of b->view, strongest first; in run->scratch. */
derm_err derm_cuts_find(struct derm_cut_bench *b, struct derm_cuts *out) DERM_MUST_CHECK;

bool derm_cut_is_near(const struct derm_cut *line, struct derm_point at, double reach_px);

/* Share of the points of a within reach_px of b. */
double derm_cut_share_near(const struct derm_cut *a, const struct derm_cut *b, double reach_px);

#endif
