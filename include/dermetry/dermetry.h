/* SPDX-License-Identifier: Apache-2.0 */
/* dermetry: measures how skin changes between photographs. The whole public C API.
 *
 *     struct derm_settings settings = { .size = sizeof(settings) };
 *     struct derm_photo_request before = { .size = sizeof(before), .path = "before.jpg" };
 *     struct derm_photo_request after = { .size = sizeof(after), .path = "after.jpg" };
 *     derm_context *ctx;
 *     derm_document *doc = 0;
 *
 *     if (derm_context_new(&ctx, &settings) == DERM_OK &&
 *         derm_compare(ctx, &before, &after, &doc) == DERM_OK)
 *         puts(derm_document_json(doc));
 *     else
 *         fprintf(stderr, "%s\n", derm_error_text(ctx));
 *     derm_document_free(doc);
 *     derm_context_free(ctx);
 *
 * The library keeps no global state, prints nothing, opens no network connection and never exits.
 * Threads: a context serves one call at a time; different contexts are independent of each other.
 * Structs start with their size, so that later versions can add fields: set .size and leave the
 * rest zero, zero is the default of every field. Strings are UTF-8. */
#ifndef DERMETRY_DERMETRY_H
#define DERMETRY_DERMETRY_H

#include <stddef.h>
#include <stdint.h>

#include <dermetry/error.h>
#include <dermetry/metrics.h>

#if defined(__GNUC__)
#define DERM_API __attribute__((visibility("default")))
#else
#define DERM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct derm_context derm_context;   /* opened models, chosen kernels, threads */
typedef struct derm_document derm_document; /* one analysis or comparison */

/* Where a run is. step counts from 0 to steps - 1 within one call. */
struct derm_progress {
    const char *stage; /* "decode", "face", ... */
    int step, steps;
};

struct derm_settings {
    size_t size;           /* sizeof(struct derm_settings) */
    const char *models;    /* folder; NULL: $DERMETRY_MODELS, the build tree's, the installed one */
    const char *config;    /* JSON file {"stage": {"option": value}}; NULL: all defaults */
    const char *cpu;       /* "auto", "c", "avx2", "avx512", "neon"; NULL: "auto" */
    int threads;           /* 0: as many as this process may use */
    double max_megapixels; /* per photo; 0: 200 */
    uint64_t max_file_bytes;   /* per file; 0: 512 MiB */
    uint64_t max_memory_bytes; /* of address space per call; 0: 16 GiB */
    int findings;              /* not 0: documents list every object that was found */
    /* Called before every stage, from the calling thread; not 0 stops the run with
     * DERM_EINTERRUPTED. NULL: not called. */
    int (*progress)(void *user, const struct derm_progress *at);
    void *user;
    const char *precision; /* JSON file of null figures; NULL: precision.json of the models */
    int eye_bar;           /* not 0: pictures have a bar over the eyes of the face measured */
    int no_pictures;       /* not 0: no pictures are made of the documents, so a photo's pixels are
                            * not kept once they are measured: 3 bytes each */
};

enum derm_site {
    DERM_SITE_FACE, /* look for a face; without one the photo is measured as a close-up */
    DERM_SITE_BODY, /* a close-up, whether a face is in it or not */
};

/* What is asked of one photo. Masks are PNG files of the photo's size, white = inside. */
struct derm_photo_request {
    size_t size;              /* sizeof(struct derm_photo_request) */
    const char *path;         /* JPEG or PNG; "-" is standard input */
    const char *roi_path;     /* measure only here; NULL: everywhere */
    const char *exclude_path; /* do not measure here; NULL: nothing excluded */
    const char *control_path; /* untreated skin; NULL: none */
    double px_per_mm;         /* 0: not known, found from the face where there is one */
    enum derm_site site;
    /* A line along a scar: a text file of points, x,y in pixels of the upright photo, one a row.
     * The scar is measured along it, in place of those that would be found. Of a comparison's two
     * photos only the baseline may have one. NULL: none. */
    const char *scar_line_path;
};

DERM_API const char *derm_version(void); /* "0.1.0" */

/* *out is set even on failure, unless memory ran out: it then only serves derm_error_text and
 * derm_context_free. The settings are copied. */
DERM_API derm_err derm_context_new(derm_context **out, const struct derm_settings *settings);
DERM_API void derm_context_free(derm_context *ctx);

/* What the last failed call on ctx has to say: one sentence, naming the file where there is one.
 * Valid until the next call on ctx. Never NULL; "" after success. */
DERM_API const char *derm_error_text(const derm_context *ctx);

/* One photo, two photos. A photo that cannot be measured is a result with reasons, not an error.
 * The document belongs to the caller, uses ctx and must be freed before it. */
DERM_API derm_err derm_analyze(derm_context *ctx, const struct derm_photo_request *photo,
                               derm_document **out);
DERM_API derm_err derm_compare(derm_context *ctx, const struct derm_photo_request *baseline,
                               const struct derm_photo_request *followup, derm_document **out);
DERM_API void derm_document_free(derm_document *doc);

/* The document as JSON (schemas: derm_schema): indented, or on one line. Belongs to doc. */
DERM_API const char *derm_document_json(const derm_document *doc);
DERM_API const char *derm_document_line(const derm_document *doc);

/* The answer in a few lines of plain text, for a person. Belongs to doc. */
DERM_API const char *derm_document_summary(const derm_document *doc);

/* Not 0 when the document is a refusal: the photos are not comparable, or nothing on the photo can
 * be measured. The document says why. */
DERM_API int derm_document_refused(const derm_document *doc);

/* Writes text to a file, which appears whole or not at all; a device or pipe is written directly.
 */
DERM_API derm_err derm_text_write(derm_context *ctx, const char *text, const char *path);

/* Writes pictures that show what was found and measured (PNG) into a folder, created when it does
 * not exist; its parent must exist. Those that derm_report needs for a page are among them.
 * DERM_EUSAGE where the settings asked for no_pictures. */
DERM_API derm_err derm_document_overlays(derm_document *doc, const char *folder);

/* A page for clinician and patient of one document: either of a live one, with its pictures, or of
 * the JSON text of a stored one, which gives the same page. */
struct derm_report_request {
    size_t size;             /* sizeof(struct derm_report_request) */
    derm_document *document; /* of the same context; NULL: json is given */
    const char *json;
    const char
        *pictures;    /* folder that derm_document_overlays filled for json; NULL: no pictures */
    const char *name; /* of the document, for messages; NULL: "the document" */
};
/* One HTML file that needs no other and no network; without the pictures it says why there are
 * none. The caller frees it with derm_text_free; derm_text_write makes it a file. NULL on failure.
 */
DERM_API derm_err derm_report(derm_context *ctx, const struct derm_report_request *report,
                              char **html);

/* The JSON Schema of a document: name is "analysis", "comparison", "series", "study-row",
 * "study-status", "cohort" or "precision"; NULL for any other name. */
DERM_API const char *derm_schema(const char *name);

/* Texts generated from the tables that the code itself runs on. */
enum derm_topic {
    DERM_ABOUT_STAGES,  /* Markdown table: the pipeline, in order */
    DERM_ABOUT_METRICS, /* Markdown table: id, unit, direction, meaning */
    DERM_ABOUT_OPTIONS, /* Markdown table: every option of every stage, for the config file */
    DERM_ABOUT_BUILD,   /* JSON: versions of the program, the schemas and the libraries */
};
/* The caller frees the text with derm_text_free; NULL when memory ran out. */
DERM_API char *derm_about(enum derm_topic topic);

/* Examines the installation. The report (a table, one line per item) belongs to the caller, who
 * frees it with derm_text_free. DERM_OK when everything is usable; *report may be NULL only when
 * memory ran out. */
DERM_API derm_err derm_doctor(const struct derm_settings *settings, char **report);

DERM_API void derm_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
