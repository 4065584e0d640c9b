/* SPDX-License-Identifier: Apache-2.0 */
/* precision: what the table of null figures says of the main metrics for every tone of skin, so
 * that a reader sees where the program is worse, whatever skin the photos show. */
#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/document.h"
#include "stages/decide.h"

static derm_err write_tones(struct derm_emit *e, cJSON *row, const struct derm_json *table,
                            const struct derm_precision_key *key)
{
    cJSON *const list = derm_emit_array(e, row, "tones");

    for (int i = 0;; i++) {
        struct derm_precision p;
        const char *tone;

        DERM_TRY(derm_precision_of_tone(table, key, i, &tone, &p, e->err));
        if (!tone) return DERM_OK;
        cJSON *const o = derm_emit_object(e, list, NULL);
        derm_emit_text(e, o, "tone", tone);
        if (p.sd_absolute > 0) {
            derm_emit_number(e, o, "null_sd", p.sd_absolute);
        } else {
            derm_emit_number(e, o, "null_sd_percent", p.sd_percent);
            derm_emit_number(e, o, "objects", p.objects);
        }
        if (p.from) derm_emit_text(e, o, "from", p.from);
    }
}

derm_err derm_write_precision(struct derm_emit *e, const struct derm_models *models, double ita_deg,
                              double px_per_mm)
{
    struct derm_precision_key key = { .whole = true, .ita_deg = ita_deg, .px_per_mm = px_per_mm };
    const struct derm_json *table;
    struct derm_precision unused;
    const char *tone;

    if (!models) return DERM_OK;
    DERM_TRY(derm_models_table(models, "precision", &table, e->err));
    cJSON *const o = derm_emit_object(e, e->root, "precision");
    cJSON *const list = derm_emit_array(e, o, "null");
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        if (!derm_metrics[m].is_main) continue;
        key.metric = derm_metrics[m].id;
        cJSON *const row = derm_emit_object(e, list, NULL);
        derm_emit_text(e, row, "metric", key.metric);
        DERM_TRY(write_tones(e, row, table, &key));
    }
    DERM_TRY(derm_precision_of_tone(table, &key, derm_precision_tone(table, ita_deg), &tone,
                                    &unused, e->err));
    derm_emit_text(e, o, "tone", tone);
    return DERM_OK;
}
