/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "report/headline.h"
#include "stages/lines.h"

enum { SUMMARY_BYTES = 4096, LINE_BYTES = 512 };

static void add(char *text, const char *line)
{
    const size_t used = strlen(text);

    snprintf(text + used, SUMMARY_BYTES - used, "%s\n", line);
}

/* Several gates can speak of one reason. */
static bool said_before(const struct derm_pair *pair, int i)
{
    for (int j = 0; j < i; j++)
        if (pair->finding[j].reason == pair->finding[i].reason) return true;
    return false;
}

static void add_comparability(char *text, const struct derm_pair *pair)
{
    static const char *const verdict[] = {
        [DERM_COMPARABLE] = "The photos are comparable",
        [DERM_LIMITED] = "The photos are comparable within limits",
        [DERM_INCOMPARABLE] = "The photos are not comparable",
    };
    char line[LINE_BYTES];
    int used = snprintf(line, sizeof(line), "%s", verdict[pair->comparability]);

    for (int i = 0; i < pair->n && used < LINE_BYTES; i++)
        if (!said_before(pair, i))
            used += snprintf(line + used, sizeof(line) - (size_t)used, "%s %s", i ? ";" : ":",
                             derm_reason_text(pair->finding[i].reason));
    add(text, line);
}

static int count_found(const struct derm_objects *objects, int concern)
{
    int n = 0;

    for (int k = 0; k < DERM_KIND_COUNT; k++) {
        if ((int)derm_kinds[k].concern != concern || derm_kinds[k].shape == DERM_SHAPE_PATCH)
            continue;
        n += derm_kinds[k].shape == DERM_SHAPE_LINE ? derm_line_count(&objects[k]) : objects[k].n;
    }
    return n;
}

derm_err derm_summary_build(const struct derm_work *work, struct derm_arena *keep,
                            const char **text)
{
    const bool pair = work->photos == 2;
    const struct derm_objects *const objects = pair ? work->pair.objects : work->frame[0].objects;
    char *out = NULL;

    DERM_TRY(derm_arena_new(keep, &out, SUMMARY_BYTES, 1));
    *text = out;
    if (pair) add_comparability(out, &work->pair);
    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        char line[LINE_BYTES];
        size_t used;

        derm_headline_title(line, sizeof(line), (enum derm_concern)c, false);
        used = strlen(line);
        used += (size_t)snprintf(line + used, sizeof(line) - used, ": ");
        derm_headline_text(line + used, sizeof(line) - used, (enum derm_concern)c, &work->frame[0],
                           &work->results, count_found(objects, c), pair);
        add(out, line);
    }
    return DERM_OK;
}
