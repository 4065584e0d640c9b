/* SPDX-License-Identifier: Apache-2.0 */
#include "report/about.h"

#include "base/metrics.h"
#include "report/json.h"

static const char *const slot_name[] = {
#define X(name) #name,
    DERM_SLOT_LIST(X)
#undef X
};

static void print_slots(FILE *out, uint64_t slots)
{
    const char *separator = "";

    for (size_t i = 0; i < sizeof(slot_name) / sizeof(*slot_name); i++) {
        if (!(slots >> i & 1)) continue;
        fprintf(out, "%s%s", separator, slot_name[i]);
        separator = ", ";
    }
}

void derm_about_stages(FILE *out, const struct derm_stage *const *stages)
{
    static const char *const scope[] = { "each photo", "pair", "once" };

    fprintf(out, "| stage | runs for | reads | writes |\n|---|---|---|---|\n");
    for (int i = 0; stages[i]; i++) {
        fprintf(out, "| `%s` | %s | ", stages[i]->name, scope[stages[i]->scope]);
        print_slots(out, stages[i]->reads);
        fprintf(out, " | ");
        print_slots(out, stages[i]->writes);
        fprintf(out, " |\n");
    }
}

void derm_about_metrics(FILE *out)
{
    fprintf(out, "| metric | class | unit | without scale | better | meaning |\n"
                 "|---|---|---|---|---|---|\n");
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_metric_def *const m = &derm_metrics[i];

        fprintf(out, "| `%s`%s | %s | `%s` | %s%s%s | %s | %s |\n", m->id, m->is_main ? " *" : "",
                derm_class_id(m->klass), m->unit, *m->unit_no_scale ? "`" : "",
                *m->unit_no_scale ? m->unit_no_scale : "not assessable",
                *m->unit_no_scale ? "`" : "", derm_better_id(m->better), m->help);
    }
}

void derm_about_options(FILE *out, const struct derm_opt_group *groups)
{
    fprintf(out, "| option | default | range | meaning |\n|---|---|---|---|\n");
    for (const struct derm_opt_group *g = groups; g->name; g++)
        for (const struct derm_opt *o = g->opts; o && o->name; o++) {
            char value[DERM_NUMBER_TEXT], lo[DERM_NUMBER_TEXT], hi[DERM_NUMBER_TEXT];

            derm_number_text(value, o->value);
            derm_number_text(lo, o->lo);
            derm_number_text(hi, o->hi);
            fprintf(out, "| `%s.%s` | %s | %s to %s | %s |\n", g->name, o->name, value, lo, hi,
                    o->help);
        }
}
