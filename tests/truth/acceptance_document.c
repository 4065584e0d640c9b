/* SPDX-License-Identifier: Apache-2.0 */
/* What the document of a comparison says of how well each tone of skin is measured. */
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/metrics.h"
#include "report/document.h"
#include "stages/decide.h"

#include "acceptance.h"

static void must(derm_err code, const struct derm_error *err)
{
    if (code == DERM_OK) return;
    fprintf(stderr, "acceptance: %s\n", err->text);
    exit(1);
}

/* Of the metric, in the list "null" of the document's "precision". */
static const struct derm_json *tones_of(const struct derm_json *document, const char *metric)
{
    const struct derm_json *const list =
        derm_json_get(derm_json_get(document, "precision"), "null");

    for (int i = 0; i < derm_json_count(list); i++) {
        const struct derm_json *const row = derm_json_at(list, i);
        const char *const id = derm_json_as_text(derm_json_get(row, "metric"));

        if (id && strcmp(id, metric) == 0) return derm_json_get(row, "tones");
    }
    return NULL;
}

static bool has_tone(const struct derm_json *tones, const char *id)
{
    for (int i = 0; i < derm_json_count(tones); i++) {
        const struct derm_json *const one = derm_json_at(tones, i);
        const char *const tone = derm_json_as_text(derm_json_get(one, "tone"));
        double sd = 0;

        if (tone && strcmp(tone, id) == 0)
            return derm_json_as_number(derm_json_get(one, "null_sd_percent"), &sd) && sd > 0;
    }
    return false;
}

/* Of the table's classes of tones, the one that photos of each tone belong to. */
static void classes_of_tones(const struct derm_json *table, int class_of[TONES])
{
    for (int tone = 0; tone < TONES; tone++)
        class_of[tone] = derm_precision_tone(table, tone_ita(tone));
}

static bool is_shared(const int class_of[TONES], int tone)
{
    for (int other = 0; other < TONES; other++)
        if (other != tone && class_of[other] == class_of[tone]) return true;
    return false;
}

unsigned lab_tones_printed(struct lab *l, enum derm_metric_id metric)
{
    const struct derm_start now = derm_start_now();
    const struct derm_document of = { .ctx = l->ctx };
    const struct derm_circumstances about = derm_circumstances_since(&of, &now);
    const struct derm_json *table, *classes, *tones;
    struct derm_json *document;
    struct derm_error err = { 0 };
    const char *text;
    int class_of[TONES];
    unsigned printed = 0;

    must(derm_document_build(&l->work, &about, &l->keep, &text, &err), &err);
    must(derm_json_parse(&document, text, strlen(text), "document", &err), &err);
    must(derm_models_table(l->ctx->models, "precision", &table, &err), &err);
    classes = derm_json_get(table, "tones");
    classes_of_tones(table, class_of);
    tones = tones_of(document, derm_metrics[metric].id);
    for (int tone = 0; tone < TONES; tone++) {
        const struct derm_json *const klass = derm_json_at(classes, class_of[tone]);

        if (!is_shared(class_of, tone) &&
            has_tone(tones, derm_json_as_text(derm_json_get(klass, "id"))))
            printed |= 1u << tone;
    }
    derm_json_free(document);
    return printed;
}

struct figure *row_of_printed_tones(struct table *t, const struct campaign *c)
{
    struct figure *const f =
        table_row(t, "17", "comparisons that print every tone's null SD of spots", AT_LEAST, 1, 1);
    const unsigned every = (1u << TONES) - 1;
    unsigned always = every;
    char names[32] = "";
    struct shares printed = { .n = 0 };

    for (int i = 0; i < c->all.n; i++) {
        shares_add(&printed, i, c->all.pair[i].tones_printed == every, 1);
        always &= c->all.pair[i].tones_printed;
    }
    figure_set(f, estimate_share(&printed));
    for (int tone = 0; tone < TONES; tone++)
        if (!(always >> tone & 1))
            snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s", tone_name[tone]);
    if (always != every) figure_limit(f, "no figure of their own:%s", names);
    return f;
}
