/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a study's manifest: rows with all that is required and a plan over them, or an error
 * with a text. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "study/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(const struct derm_manifest *m)
{
    for (int i = 0; i < m->rows; i++) {
        const struct derm_row *const r = &m->row[i];

        if (!*r->subject || !*r->visit || !*r->view || !*r->path || r->line < 2) abort();
        for (int c = 0; c < m->columns; c++)
            if (!derm_text_is_clean(r->cell[c])) abort();
    }
}

static void check_plan(const struct derm_plan *plan, const struct derm_manifest *m)
{
    int records = 0;

    for (int i = 0; i < plan->groups; i++) {
        if (plan->group[i].first != records || plan->group[i].n < 1) abort();
        records += plan->group[i].n;
    }
    if (records != plan->records || records + plan->groups > m->rows) abort();
    for (int i = 0; i < plan->records; i++)
        if (strlen(plan->record[i].key) != DERM_KEY_SIZE - 1) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("manifest", 0);
    struct derm_error err = { 0 };
    struct derm_manifest m;
    struct derm_arena arena;
    struct derm_plan plan;
    char path[64];
    derm_err code;

    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (derm_arena_init(&arena, (size_t)64 << 20, &err) != DERM_OK) abort();
    code = derm_manifest_read(&m, &arena, path, &err);
    if (err.code != code || (code != DERM_OK && !*err.text)) abort();
    if (m.faults > 0 && code == DERM_OK) abort();
    if (code == DERM_OK) {
        check_rows(&m);
        if (derm_plan_make(&plan, &arena, &m) != DERM_OK) abort();
        check_plan(&plan, &m);
    }
    derm_arena_free(&arena);
    close(fd);
    return 0;
}
