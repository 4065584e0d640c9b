/* SPDX-License-Identifier: Apache-2.0 */
/* What the library says about itself: tables, versions, schemas, and whether it can work here. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <lcms2.h>
#include <png.h>
/* jpeglib.h needs stdio.h, from png.h */
#include <jpeglib.h>

#include "base/cpu.h"
#include "context.h"
#include "cv/cv.h"
#include "report/about.h"
#include "report/json.h"
#include "schemas.h"
#include "stages/stages.h"

#define TEXT_OF(x) #x
#define VALUE_OF(x) TEXT_OF(x)

static const struct {
    const char *name; /* dermetry/NAME/1 */
    const unsigned char *text;
} schemas[] = {
    { "analysis", derm_schema_analysis },
    { "comparison", derm_schema_comparison },
    { "series", derm_schema_series },
    { "study-row", derm_schema_study_row },
    { "study-status", derm_schema_study_status },
    { "cohort", derm_schema_cohort },
    { "precision", derm_schema_precision },
};
enum { SCHEMAS = sizeof(schemas) / sizeof(*schemas) };

const char *derm_schema(const char *name)
{
    for (int i = 0; i < SCHEMAS; i++)
        if (strcmp(schemas[i].name, name) == 0) return (const char *)schemas[i].text;
    return NULL;
}

void derm_text_free(char *text)
{
    free(text);
}

/* ---- libraries */

struct library {
    const char *name, *version;
};

enum { LIBRARIES = 5 };

static void list_libraries(struct library list[LIBRARIES])
{
    list[0] = (struct library){ "opencv", derm_cv_version() };
    list[1] = (struct library){ "libjpeg-turbo", VALUE_OF(LIBJPEG_TURBO_VERSION) };
    list[2] = (struct library){ "libpng", png_get_libpng_ver(NULL) };
    list[3] = (struct library){ "cjson", cJSON_Version() };
    list[4] = (struct library){ "lcms2", VALUE_OF(LCMS_VERSION) };
}

static derm_err build_json(struct derm_arena *keep, const char **text, struct derm_error *err)
{
    struct library libraries[LIBRARIES];
    struct derm_emit e;
    char id[64];
    cJSON *list;

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_text(&e, e.root, "program", "dermetry");
    derm_emit_text(&e, e.root, "version", DERM_VERSION);
    list = derm_emit_array(&e, e.root, "schemas");
    for (int i = 0; i < SCHEMAS; i++) {
        snprintf(id, sizeof(id), "dermetry/%s/1", schemas[i].name);
        derm_emit_text(&e, list, NULL, id);
    }
    derm_emit_text(&e, e.root, "cpu", derm_cpu_name(derm_cpu_detect()));
    derm_emit_text(&e, e.root, "compiler", __VERSION__);
    list = derm_emit_object(&e, e.root, "libraries");
    list_libraries(libraries);
    for (int i = 0; i < LIBRARIES; i++)
        derm_emit_text(&e, list, libraries[i].name, libraries[i].version);
    return derm_emit_end(&e, keep, text);
}

static void print_build(FILE *out)
{
    struct derm_error err = { 0 };
    struct derm_arena keep;
    const char *text;

    if (derm_arena_init(&keep, (size_t)1 << 20, &err) != DERM_OK) return;
    if (build_json(&keep, &text, &err) == DERM_OK) fprintf(out, "%s\n", text);
    derm_arena_free(&keep);
}

static void print_options(FILE *out)
{
    static void *const none[DERM_MAX_STAGES];
    struct derm_opt_group groups[DERM_MAX_OPT_GROUPS];
    struct derm_study_rules rules;

    derm_opt_groups(groups, derm_stages, none, &rules);
    derm_about_options(out, groups);
}

char *derm_about(enum derm_topic topic)
{
    char *text = NULL;
    size_t size;
    FILE *const out = open_memstream(&text, &size);

    if (!out) return NULL;
    switch (topic) {
    case DERM_ABOUT_STAGES:
        derm_about_stages(out, derm_stages);
        break;
    case DERM_ABOUT_METRICS:
        derm_about_metrics(out);
        break;
    case DERM_ABOUT_OPTIONS:
        print_options(out);
        break;
    case DERM_ABOUT_BUILD:
        print_build(out);
        break;
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

/* ---- doctor */

static void print_item(FILE *out, const char *name, bool usable, const char *text)
{
    fprintf(out, "%-6s %-38s %s\n", usable ? "ok" : "FAILED", name, text);
}

/* err keeps the last fault. */
static void examine_network(FILE *out, struct derm_models *models, enum derm_network i,
                            struct derm_error *err)
{
    const struct derm_net *net;
    const bool usable = i == DERM_NET_CANONICAL || derm_models_net(models, i, &net, err) == DERM_OK;

    print_item(out, derm_model_name(i), usable, usable ? derm_model_sha256(models, i) : err->text);
}

static derm_err examine_models(FILE *out, const char *folder)
{
    struct derm_error err = { 0 };
    struct derm_models *models = NULL;

    if (derm_models_open(&models, folder, &err) != DERM_OK) {
        print_item(out, "models", false, err.text);
        return err.code;
    }
    print_item(out, "models", true, folder);
    for (int i = 0; i < DERM_NET_COUNT; i++)
        examine_network(out, models, (enum derm_network)i, &err);
    for (int i = 0; derm_models_table_name(models, i); i++)
        print_item(out, derm_models_table_name(models, i), true,
                   derm_models_table_sha256(models, i));
    derm_models_close(models);
    return err.code;
}

static void examine_machine(FILE *out)
{
    static const char *const path[] = { "c", "avx2", "avx512", "neon" };
    struct library libraries[LIBRARIES];
    char text[64];

    for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
        unsigned flags;
        const bool here = derm_cpu_parse(path[i], &flags);

        snprintf(text, sizeof(text), "code path %s", path[i]);
        fprintf(out, "%-6s %-38s %s\n", here ? "ok" : "-", text, here ? "usable" : "not here");
    }
    snprintf(text, sizeof(text), "%d", derm_cpu_threads());
    print_item(out, "threads", true, text);
    list_libraries(libraries);
    for (int i = 0; i < LIBRARIES; i++)
        print_item(out, libraries[i].name, true, libraries[i].version);
}

static derm_err examine_opencv(FILE *out)
{
    struct derm_error err = { 0 };
    const bool usable = derm_cv_check(&err) == DERM_OK;

    print_item(out, "opencv's own choice of code path", usable,
               usable ? "off, so results do not depend on the processor" : err.text);
    return err.code;
}

static derm_err examine_memory(FILE *out)
{
    struct derm_error err = { 0 };
    struct derm_arena arena;

    if (derm_arena_init(&arena, (size_t)DERM_DEFAULT_MEMORY_BYTES, &err) != DERM_OK) {
        print_item(out, "address space", false, err.text);
        return err.code;
    }
    derm_arena_free(&arena);
    print_item(out, "address space", true, "enough for the default limits");
    return DERM_OK;
}

derm_err derm_doctor(const struct derm_settings *settings, char **report)
{
    derm_err models, memory, opencv;
    size_t size;
    FILE *out;

    *report = NULL;
    out = open_memstream(report, &size);
    if (!out) return DERM_ENOMEM;
    print_item(out, "dermetry", true, DERM_VERSION);
    models = examine_models(out, derm_models_folder(settings->models));
    examine_machine(out);
    opencv = examine_opencv(out);
    memory = examine_memory(out);
    if (fclose(out) != 0) return DERM_ENOMEM;
    if (models != DERM_OK) return models;
    return opencv != DERM_OK ? opencv : memory;
}
