/* SPDX-License-Identifier: Apache-2.0 */
/* All photos of one subject and view: what a series document is made of. */
#ifndef DERM_STUDY_SERIES_H
#define DERM_STUDY_SERIES_H

#include <dermetry/study.h>

#include "context.h"
#include "study/loop.h"
#include "study/manifest.h"
#include "study/new_spots.h"

struct derm_series_photo {
    const struct derm_row *row; /* of the manifest */
    const char *id;             /* its visit, with its repeat where there is one */
    struct derm_photo_request request;
    struct derm_moment when;
    bool read;
    struct derm_frame facts; /* when read: source, face, scale and quality, nothing else */
    struct derm_error error; /* why it could not be read */
};

struct derm_series_pair { /* what is kept of the comparison of two photos */
    int base, follow;
    int by_way_of;           /* photo by way of which the two were matched; -1: directly */
    struct derm_error error; /* why there is none */
    enum derm_comparability comparability;
    struct derm_finding *finding;
    int findings;
    struct derm_registration registration; /* without its planes: they are in places */
    struct derm_place_map places;
    bool scaled; /* the scale is known */
    struct derm_result *row;
    int rows;
    struct derm_new_spots spots;
};

struct derm_series_visit { /* a later photo */
    int photo;
    struct derm_series_pair *pair; /* with each photo of the baseline, in their order */
    struct derm_series_pair *step; /* from the visit before; NULL: there is none to step from */
    int before;                    /* that visit */
    int way; /* the one that the loop goes by: the last one before that was matched with a photo of
              * the baseline, or else `before` */
    const struct derm_series_pair *onward; /* from that one: step, where that is it */
    int peak; /* the visit in which its session's redness is highest; -1: none */
    struct derm_series_pair *since_peak; /* from that one; NULL: it is that one, or has none */
    int least; /* the visit from which redness may have grown in this session; -1: none */
    struct derm_series_pair *since_least; /* from that one; NULL: it has none */
    struct derm_loop loop;   /* all ways of the baseline's photos together: the worst */
    struct derm_result *row; /* against the baseline, by metric, then region */
    int *used;               /* photos of the baseline that a row rests on */
    int rows;
    bool scaled;
};

struct derm_series_alert { /* what is worth showing to a clinician */
    const char *code;
    const char *visit;
    enum derm_concern concern;
    unsigned regions; /* bit r: enum derm_region; 0: it is not about a region */
    char text[DERM_NOTE_TEXT];
};

struct derm_series {
    derm_context *ctx;
    struct derm_arena *keep;
    struct derm_manifest manifest;
    const char *subject, *view;
    struct derm_series_rules rules;
    struct derm_timeline_rules timeline;
    struct derm_recovery_rules recovery;
    struct derm_course course;
    struct derm_series_photo *photo; /* the baseline's by day, then the later ones by day */
    int photos, baselines;
    struct derm_series_visit *visit; /* visit i is photo baselines + i */
    int visits;
    double ita_deg, px_per_mm; /* of the first comparison: its tone, its grid; 0: there is none */
    struct derm_notes notes;
    struct derm_series_alert *alert;
    int alerts;
};

/* derm_series of a manifest that has been read, which the request need not name. NULL: it has not.
 */
derm_err derm_series_of(derm_context *ctx, const struct derm_manifest *known,
                        const struct derm_series_request *request,
                        derm_document **out) DERM_MUST_CHECK;

/* Which photos, in which order, and what is unusual about their dates. */
derm_err derm_series_plan(struct derm_series *s, const struct derm_series_request *request,
                          struct derm_error *err) DERM_MUST_CHECK;

/* Which visits are to be compared with the reddest of their session: sets their peak where it is
 * -1. The more of them have been, the farther a recovery may be seen to go on: to be called until
 * it sets no more. */
derm_err derm_series_find_peaks(struct derm_series *s) DERM_MUST_CHECK;

/* The least red visit before this one that its redness may have grown from; -1: none. */
int derm_series_least_red(const struct derm_series *s, int visit);

/* What the verdicts of the visits, which are there, are worth. */
derm_err derm_series_find_alerts(struct derm_series *s) DERM_MUST_CHECK;

/* The result of a visit or a step; NULL when it has no such row. */
const struct derm_result *derm_series_row(const struct derm_result *row, int rows,
                                          enum derm_metric_id metric, enum derm_region region);

/* Measured, and not refused. */
static inline bool derm_is_judged(const struct derm_result *r)
{
    return r && r->status == DERM_MEASURED && r->verdict != DERM_NOT_COMPARABLE;
}
static inline bool derm_is_whole(enum derm_region region)
{
    return region == DERM_REGION_FACE || region == DERM_REGION_ROI;
}
bool derm_visit_refused(const struct derm_series *s, const struct derm_series_visit *v);

/* Its alignments contradict each other: its numbers are no point of a trend. */
static inline bool derm_loop_is_open(const struct derm_series *s, const struct derm_series_visit *v)
{
    return v->loop.scaled && v->loop.median > (double)s->rules.most_loop_mm;
}

/* ---- the document, its parts one file each */
derm_err derm_series_write(const struct derm_series *s, const struct derm_circumstances *about,
                           const char **text, struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_series_write_trends(struct derm_emit *e, const struct derm_series *s) DERM_MUST_CHECK;
derm_err derm_series_write_recovery(struct derm_emit *e,
                                    const struct derm_series *s) DERM_MUST_CHECK;
derm_err derm_series_summary(const struct derm_series *s, const char **text) DERM_MUST_CHECK;

#endif
