/* SPDX-License-Identifier: Apache-2.0 */
/* What a derm_context holds. */
#ifndef DERM_CONTEXT_H
#define DERM_CONTEXT_H

#include <dermetry/dermetry.h>

#include "baseline.h"
#include "report/document.h"
#include "report/pictures.h"
#include "run.h"
#include "study/rules.h"

#define DERM_DEFAULT_MEMORY_BYTES ((uint64_t)16 << 30) /* of address space */

struct derm_context {
    struct derm_error err;
    struct derm_arena own;   /* holds this struct and the parameters of the stages */
    struct derm_arena spare; /* of a document that was freed, for the next: its pages are there */
    struct derm_models *models;
    struct derm_engine engine;
    struct derm_study_rules rules;
    unsigned cpu; /* DERM_CPU_ flags in use */
    bool findings, eye_bar;
    size_t max_memory; /* bytes */
};

/* In a process made by fork after derm_context_new with one thread: gives ctx the threads and the
 * progress of s, for threads are not inherited. What ctx has read is shared with the parent. */
derm_err derm_context_inherit(derm_context *ctx, const struct derm_settings *s) DERM_MUST_CHECK;

struct derm_document {
    derm_context *ctx;
    struct derm_arena keep; /* holds this struct too */
    struct derm_work work;  /* of an analysis or a comparison; of neither: no photos */
    bool refused;
    int failed; /* photos of a series that could not be read */
    bool blank; /* none of them could */
    const char *text, *line, *summary;
    struct derm_pictures pictures; /* photos 0: not made yet */
};

/* An empty document; NULL: ctx says why there is none. */
derm_document *derm_document_open(derm_context *ctx);
/* *out is the document when it was built; else it is freed. Returns `built`. */
derm_err derm_document_close(derm_document *doc, derm_err built,
                             derm_document **out) DERM_MUST_CHECK;

/* When a run began, for derm_circumstances_since. */
struct derm_start {
    char at[32]; /* ISO 8601, UTC */
    double seconds;
};
struct derm_start derm_start_now(void);
struct derm_circumstances derm_circumstances_since(const derm_document *doc,
                                                   const struct derm_start *start);

struct derm_known {                 /* of a pair before it is compared */
    struct derm_baseline *baseline; /* NULL: nothing */
    const struct derm_match *match; /* NULL: it is sought */
};

/* derm_compare with what is known. A baseline stays that photo until it is freed, and *out needs
 * it: a document goes before the next one is made. */
derm_err derm_compare_with(derm_context *ctx, const struct derm_known *known,
                           const struct derm_photo_request *baseline,
                           const struct derm_photo_request *followup,
                           derm_document **out) DERM_MUST_CHECK;

/* Copies a struct of the caller's version into one that is zero: so are fields it does not have. */
derm_err derm_copy_sized(void *to, size_t to_size, const void *from, const char *what,
                         struct derm_error *err) DERM_MUST_CHECK;

/* The folder that is used when the settings ask for this one (NULL: none asked). */
const char *derm_models_folder(const char *asked);

#endif
