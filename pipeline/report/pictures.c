/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pictures.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/metrics.h"
#include "report/json.h"

enum { MAX_LIST_BYTES = 1 << 16, MAX_PICTURE_BYTES = 16 << 20, PATH_BYTES = 4096 };

static const char list_file[] = "page_pictures.json";
static const char *const alignments[] = { "none", "aligned", "aligned and relit" };

void derm_picture_file(char *out, size_t size, enum derm_picture_id id)
{
    if (id == DERM_PICTURE_BASELINE || id == DERM_PICTURE_FOLLOWUP)
        snprintf(out, size, "page_%s.jpg", id == DERM_PICTURE_BASELINE ? "baseline" : "followup");
    else
        snprintf(out, size, "layer_%s.png",
                 id == DERM_PICTURE_REGIONS
                     ? "regions"
                     : derm_concern_id((enum derm_concern)(id - DERM_PICTURE_CONCERN)));
}

const char *derm_picture_type(enum derm_picture_id id)
{
    return id == DERM_PICTURE_BASELINE || id == DERM_PICTURE_FOLLOWUP ? "image/jpeg" : "image/png";
}

static derm_err path_of(char path[PATH_BYTES], const char *folder, const char *file,
                        struct derm_error *err)
{
    if ((size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, file) < PATH_BYTES) return DERM_OK;
    return derm_fail(err, DERM_ECREATE, "the name of the folder of pictures is too long");
}

/* ---- save */

static derm_err write_list(const struct derm_pictures *p, struct derm_arena *keep,
                           struct derm_error *err, const char **text)
{
    struct derm_emit e;
    struct cJSON *list;
    char file[64];

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_text(&e, e.root, "schema", "dermetry/pictures/1");
    list = derm_emit_array(&e, e.root, "sha256_pixels");
    for (int i = 0; i < p->photos; i++)
        derm_emit_text(&e, list, NULL, p->pixels[i]);
    derm_emit_text(&e, e.root, "alignment", alignments[p->aligned + (p->aligned && p->relit)]);
    list = derm_emit_array(&e, e.root, "files");
    for (int id = 0; id < DERM_PICTURE_COUNT; id++) {
        if (!p->picture[id].size) continue;
        derm_picture_file(file, sizeof(file), (enum derm_picture_id)id);
        derm_emit_text(&e, list, NULL, file);
    }
    return derm_emit_end(&e, keep, text);
}

derm_err derm_pictures_save(const struct derm_pictures *p, const char *folder,
                            struct derm_arena *keep, struct derm_error *err)
{
    char path[PATH_BYTES], file[64];
    const char *list;

    for (int id = 0; id < DERM_PICTURE_COUNT; id++) {
        const struct derm_bytes *const picture = &p->picture[id];

        if (!picture->size) continue;
        derm_picture_file(file, sizeof(file), (enum derm_picture_id)id);
        DERM_TRY(path_of(path, folder, file, err));
        DERM_TRY(derm_file_write(path, picture->data, picture->size, err));
    }
    DERM_TRY(write_list(p, keep, err, &list));
    DERM_TRY(path_of(path, folder, list_file, err));
    return derm_file_write(path, list, strlen(list), err);
}

/* ---- load */

static bool has_text(const struct derm_json *list, const char *text)
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i))
        if (derm_json_as_text(i) && strcmp(derm_json_as_text(i), text) == 0) return true;
    return false;
}

/* Pictures of somebody else under this document's numbers would be worse than none. */
static derm_err check_photos(const struct derm_json *list, const struct derm_json *document,
                             const char *folder, struct derm_error *err)
{
    const struct derm_json *const photos = derm_json_get(document, "photos");
    const struct derm_json *const ours = derm_json_get(list, "sha256_pixels");
    bool same = derm_json_count(photos) > 0 && derm_json_count(photos) == derm_json_count(ours);

    for (int i = 0; same && i < derm_json_count(photos); i++) {
        const char *const a = derm_json_as_text(derm_json_at(ours, i));
        const char *const b =
            derm_json_as_text(derm_json_get(derm_json_at(photos, i), "sha256_pixels"));

        same = a && b && strcmp(a, b) == 0;
    }
    if (same) return DERM_OK;
    return derm_fail(err, DERM_EMALFORMED,
                     "the pictures in %s are of other photos than the document: give the folder "
                     "that --overlay wrote together with it",
                     folder);
}

static derm_err load_listed(struct derm_pictures *p, const char *folder,
                            const struct derm_json *list, struct derm_arena *keep,
                            struct derm_error *err)
{
    const char *const alignment = derm_json_as_text(derm_json_get(list, "alignment"));
    const struct derm_json *const files = derm_json_get(list, "files");
    char path[PATH_BYTES], file[64];

    p->relit = alignment && strcmp(alignment, alignments[2]) == 0;
    p->aligned = p->relit || (alignment && strcmp(alignment, alignments[1]) == 0);
    for (int id = 0; id < DERM_PICTURE_COUNT; id++) {
        char *bytes;
        size_t size;

        derm_picture_file(file, sizeof(file), (enum derm_picture_id)id);
        if (!has_text(files, file)) continue;
        DERM_TRY(path_of(path, folder, file, err));
        DERM_TRY(derm_file_read(keep, path, MAX_PICTURE_BYTES, &bytes, &size, err));
        p->picture[id] = (struct derm_bytes){ (const uint8_t *)bytes, size };
    }
    return DERM_OK;
}

derm_err derm_pictures_load(struct derm_pictures *p, const char *folder,
                            const struct derm_json *document, struct derm_arena *keep,
                            struct derm_error *err)
{
    struct derm_json *list;
    char path[PATH_BYTES];
    derm_err done;
    size_t size;
    char *text;

    *p = (struct derm_pictures){ .photos = derm_json_count(derm_json_get(document, "photos")) };
    DERM_TRY(path_of(path, folder, list_file, err));
    DERM_TRY(derm_file_read(keep, path, MAX_LIST_BYTES, &text, &size, err));
    DERM_TRY(derm_json_parse(&list, text, size, list_file, err));
    done = check_photos(list, document, folder, err);
    if (done == DERM_OK) done = load_listed(p, folder, list, keep, err);
    derm_json_free(list);
    return done;
}
