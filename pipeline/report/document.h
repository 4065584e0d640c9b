/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of <dermetry/dermetry.h>, as described by include/schema. */
#ifndef DERM_REPORT_DOCUMENT_H
#define DERM_REPORT_DOCUMENT_H

#include "report/json.h"
#include "stages/work.h"

/* What a document says besides the measurements. */
struct derm_circumstances {
    const struct derm_stage *const *stages; /* ends with NULL */
    void *const *params;                    /* of stages[i] */
    const struct derm_models *models;       /* NULL: none were opened */
    const char *version;
    const char *cpu; /* name of the code path */
    int threads;
    bool findings; /* list every object */
    const char *started_at;
    double seconds;
    size_t memory_bytes; /* arenas, at their peak */
};

/* *text: the indented document, allocated in keep. */
derm_err derm_document_build(const struct derm_work *work, const struct derm_circumstances *about,
                             struct derm_arena *keep, const char **text,
                             struct derm_error *err) DERM_MUST_CHECK;

/* The photos are not comparable, or nothing on the photo could be measured. */
bool derm_work_refused(const struct derm_work *work);

/* ---- its parts, one file each */
struct derm_writer {
    struct derm_emit emit;
    const struct derm_work *work;
    const struct derm_circumstances *about;
};

const char *derm_photo_id(const struct derm_work *work, int photo); /* "photo", "baseline", ... */
bool derm_scale_known(const struct derm_work *work);

void derm_write_photos(struct derm_writer *w);    /* photos[], scale, quality[] */
void derm_write_pair(struct derm_writer *w);      /* registration, comparability */
void derm_write_results(struct derm_writer *w);   /* metrics[], summary[] */
void derm_write_estimates(struct derm_writer *w); /* estimates */
void derm_write_swelling(struct derm_writer *w, struct cJSON *estimates); /* of a pair */
void derm_write_control(struct derm_writer *w);  /* control, of a pair that has one */
void derm_write_findings(struct derm_writer *w); /* findings[] */
derm_err derm_write_provenance(struct derm_writer *w, struct derm_arena *keep) DERM_MUST_CHECK;
void derm_write_run(struct derm_writer *w);

/* ---- parts of parts, for documents of other kinds */
void derm_write_concerns(struct derm_emit *e, struct cJSON *parent, unsigned concerns);

/* Of f only source, face, scale and quality are read. */
void derm_write_photo(struct derm_emit *e, struct cJSON *photos, const char *id,
                      const struct derm_frame *f);
void derm_write_scale(struct derm_emit *e, struct cJSON *o, const struct derm_scale *scale);
void derm_write_quality(struct derm_emit *e, struct cJSON *list, const char *photo,
                        const struct derm_quality *q);
struct cJSON *derm_write_comparability(struct derm_emit *e, struct cJSON *parent,
                                       enum derm_comparability is,
                                       const struct derm_finding *finding, int n);
void derm_write_registration(struct derm_emit *e, struct cJSON *parent,
                             const struct derm_registration *r, bool scaled);

struct derm_row_form {
    bool pair;    /* it has a change */
    bool scaled;  /* the scale is known */
    bool summary; /* it is the row of a concern rather than of a metric */
};
/* Appends the row, and returns it for members of the caller's. */
struct cJSON *derm_write_row(struct derm_emit *e, struct cJSON *list, const struct derm_result *r,
                             const struct derm_row_form *form);

/* precision: of skin of this tone at this resolution of the analysis grid */
derm_err derm_write_precision(struct derm_emit *e, const struct derm_models *models, double ita_deg,
                              double px_per_mm) DERM_MUST_CHECK;
void derm_write_request(struct derm_emit *e, struct cJSON *requests, const char *photo,
                        const struct derm_photo_request *r);
/* owner{}; nothing where opts is NULL */
void derm_write_option_table(struct derm_emit *e, struct cJSON *parent, const char *owner,
                             const struct derm_opt *opts, const void *params);

struct derm_configuration {
    void (*write)(struct derm_emit *e, struct cJSON *o, const void *user); /* called twice */
    const void *user;
    const char *verdict_basis; /* NULL: the document has no verdicts */
};
/* provenance */
derm_err derm_write_origin(struct derm_emit *e, const struct derm_circumstances *about,
                           const char *schema, const struct derm_configuration *configuration,
                           struct derm_arena *keep) DERM_MUST_CHECK;
/* run, without what it is about the stages; returns it */
struct cJSON *derm_write_machine(struct derm_emit *e, const struct derm_circumstances *about);

/* ---- what the numbers depend on, for other documents, too: stages{}, models[] */
void derm_write_options(struct derm_emit *e, struct cJSON *parent,
                        const struct derm_stage *const *stages, void *const *params);
void derm_write_models(struct derm_emit *e, struct cJSON *parent, const struct derm_models *m);

#endif
