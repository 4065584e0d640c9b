/* SPDX-License-Identifier: Apache-2.0 */
/* What the document of a comparison says of how well each tone of skin is measured. */
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/metrics.h"
#include "report/document.h"

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

/* A figure that is lent by other tones or metrics says nothing of this one: see precision_fit.h. */
static bool is_own(const char *from)
{
    return from && (strcmp(from, "smiles") == 0 || strcmp(from, "copies") == 0 ||
                    strcmp(from, "phantoms") == 0);
}

static bool has_tone(const struct derm_json *tones, const char *id)
{
    for (int i = 0; i < derm_json_count(tones); i++) {
        const struct derm_json *const one = derm_json_at(tones, i);
        const char *const tone = derm_json_as_text(derm_json_get(one, "tone"));
        double sd = 0;

        if (tone && strcmp(tone, id) == 0)
            return is_own(derm_json_as_text(derm_json_get(one, "from"))) &&
                   derm_json_as_number(derm_json_get(one, "null_sd_percent"), &sd) && sd > 0;
    }
    return false;
}

unsigned lab_tones_printed(struct lab *l, enum derm_metric_id metric)
{
    const struct derm_start now = derm_start_now();
    const struct derm_document of = { .ctx = l->ctx };
    const struct derm_circumstances about = derm_circumstances_since(&of, &now);
    const struct derm_json *tones;
    struct derm_json *document;
    struct derm_error err = { 0 };
    const char *text;
    unsigned printed = 0;

    must(derm_document_build(&l->work, &about, &l->keep, &text, &err), &err);
    must(derm_json_parse(&document, text, strlen(text), "document", &err), &err);
    tones = tones_of(document, derm_metrics[metric].id);
    for (int tone = 0; tone < TONES; tone++)
        if (has_tone(tones, tone_name[tone])) printed |= 1u << tone;
    derm_json_free(document);
    return printed;
}

struct figure *row_of_printed_tones(struct table *t, const struct campaign *c)
{
    struct figure *const f = table_row(
        t, "17", "comparisons that print every tone's own null SD of spots", AT_LEAST, 1, 1);
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
