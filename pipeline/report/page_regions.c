/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: the main metrics region by region, then every metric. */
#include <string.h>

#include "base/metrics.h"
#include "report/page.h"

/* NULL: there is none. */
static const struct derm_json *find_row(const struct derm_json *metrics, const char *metric,
                                        const char *region)
{
    for (const struct derm_json *i = derm_json_first(metrics); i; i = derm_json_next(i))
        if (derm_page_is(i, "metric", metric) && derm_page_is(i, "region", region)) return i;
    return NULL;
}

static bool has_region(const struct derm_json *metrics, const char *region)
{
    for (const struct derm_json *i = derm_json_first(metrics); i; i = derm_json_next(i))
        if (derm_page_is(i, "region", region)) return true;
    return false;
}

/* ---- main metrics by region */

/* Reasons are said once, below the table, and numbered in the cells. */
struct notes {
    int n;
    const char *reason[DERM_REASON_COUNT], *text[DERM_REASON_COUNT];
};

/* From 1; 0: the row gives no reason, or one too many. */
static int note_of(struct notes *notes, const struct derm_row *r)
{
    int i = 0;

    if (!*r->reason) return 0;
    while (i < notes->n && strcmp(notes->reason[i], r->reason) != 0)
        i++;
    if (i == DERM_REASON_COUNT) return 0;
    notes->reason[i] = r->reason;
    notes->text[i] = r->text;
    if (i == notes->n) notes->n++;
    return i + 1;
}

static void say_cell(struct derm_page *p, struct notes *notes, const struct derm_json *node)
{
    struct derm_html *const h = &p->html;
    const struct derm_row r = derm_row_read(node);
        const bool refused = p->pair && strcmp(r.verdict, "not_comparable") == 0;
    const int note = note_of(notes, &r);

    derm_html(h, refused ? "<td class=\"none\">" : "<td>");
    if (r.measured && p->pair) {
        derm_say_mark(h, r.verdict);
        derm_html(h, "<span class=\"hidden\">%s</span> ", derm_verdict_words(r.verdict));
    }
    if (r.measured && p->pair && r.has_percent)
        derm_say_percent(h, r.percent);
    else if (r.measured)
        derm_say_number(h, p->pair ? r.change : r.base, 4);
    else
        derm_html(h, "&#x2013;<span class=\"hidden\">not measured</span>");
    if (note) derm_html(h, "<sup>%d</sup>", note);
    derm_html(h, "</td>");
}

static void say_notes(struct derm_html *h, const struct notes *notes)
{
    if (!notes->n) return;
    derm_html(h, "<p class=\"notes\">&#x2013; not measured. ");
    for (int i = 0; i < notes->n; i++)
        derm_html(h, "<span><sup>%d</sup> %s.</span> ", i + 1, notes->text[i]);
    derm_html(h, "</p>");
}

static void say_region_row(struct derm_page *p, struct notes *notes, const char *region)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    const struct derm_json *const metrics = derm_json_get(p->doc, "metrics");

    derm_html(&p->html, "<tr><th scope=\"row\">");
    derm_say_region(&p->html, region);
    derm_html(&p->html, "</th>");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i))
        say_cell(p, notes, find_row(metrics, derm_page_text(i, "metric"), region));
    derm_html(&p->html, "</tr>\n");
}

static void say_matrix(struct derm_page *p)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;
    struct notes notes = { 0 };

    derm_html(h,
              "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Main measures by "
              "region\"><table class=\"matrix\"><thead><tr><th scope=\"col\">Region</th>");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        derm_html(h, "<th scope=\"col\">");
        derm_say_concern(h, derm_page_text(i, "concern"));
        derm_html(h, "</th>");
    }
    derm_html(h, "</tr></thead><tbody>\n");
    for (int r = 0; r < DERM_REGION_COUNT; r++) {
        const char *const region = derm_region_id((enum derm_region)r);

        if (has_region(derm_json_get(p->doc, "metrics"), region)) say_region_row(p, &notes, region);
    }
    derm_html(h, "</tbody></table></div>\n");
    say_notes(h, &notes);
}

/* ---- every metric */

static const char *help_of(const char *metric)
{
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        if (strcmp(metric, derm_metrics[m].id) == 0) return derm_metrics[m].help;
    return "";
}

static void say_value(struct derm_html *h, double value, double sd, const char *unit)
{
    derm_html(h, "<td>");
    derm_say_number(h, value, 4);
    derm_html(h, " ± ");
    derm_say_number(h, sd, 2);
    derm_say_unit(h, unit);
    derm_html(h, "</td>");
}

static void say_percents(struct derm_html *h, const struct derm_row *r)
{
    if (!r->has_percent) {
        derm_html(h, "<td></td><td></td><td></td>");
        return;
    }
    derm_html(h, "<td>");
    derm_say_percent(h, r->percent);
    derm_html(h, "</td><td>");
    derm_say_interval(h, r->lo, r->hi);
    derm_html(h, "</td><td>±");
    derm_say_size(h, r->mdc);
    derm_html(h, "</td>");
}

static void say_metric_row(struct derm_page *p, const struct derm_row *r)
{
    struct derm_html *const h = &p->html;

    derm_html(h, "<tr><td>");
    derm_say_region(h, r->region);
    derm_html(h, "</td>");
    if (!r->measured) {
        derm_html(h, "<td colspan=\"%d\" class=\"none\">not measured: %s</td></tr>\n",
                  p->pair ? 7 : 1, r->text);
        return;
    }
    say_value(h, r->base, r->base_sd, r->unit);
    if (p->pair) {
        say_value(h, r->follow, r->follow_sd, r->unit);
        say_value(h, r->change, r->change_sd, r->unit);
        say_percents(h, r);
        derm_html(h, "<td>");
        derm_say_mark(h, r->verdict);
        derm_html(h, "%s%s%s</td>", derm_verdict_words(r->verdict), *r->text ? ": " : "", r->text);
    }
    derm_html(h, "</tr>\n");
}

/* The rows of one metric, which lie one after the other; returns the row after them. */
static const struct derm_json *say_metric(struct derm_page *p, const struct derm_json *first)
{
    const char *const metric = derm_page_text(first, "metric");
    struct derm_html *const h = &p->html;
    const struct derm_json *i = first;

    derm_html(h,
              "<tbody><tr class=\"metric\"><th scope=\"rowgroup\" colspan=\"%d\"><code>%s</code> "
              "<span>%s</span></th></tr>\n",
              p->pair ? 8 : 2, metric, help_of(metric));
    do {
        const struct derm_row r = derm_row_read(i);

        say_metric_row(p, &r);
        i = derm_json_next(i);
    } while (i && derm_page_is(i, "metric", metric));
    derm_html(h, "</tbody>");
    return i;
}

/* The metrics of one concern, which lie one after the other; returns the row after them. */
static const struct derm_json *say_concern_metrics(struct derm_page *p,
                                                   const struct derm_json *first)
{
    const char *const concern = derm_page_text(first, "concern");
    struct derm_html *const h = &p->html;
    const struct derm_json *i = first;

    derm_html(h, "<details><summary>All figures: ");
    derm_say_concern(h, concern);
    derm_html(h, "</summary><div class=\"scroll\" tabindex=\"0\"><table class=\"full\"><thead><tr>"
                 "<th scope=\"col\">Region</th>");
    derm_html(h, p->pair
                     ? "<th scope=\"col\">Baseline ± sd</th><th scope=\"col\">Follow-up ± sd</th>"
                       "<th scope=\"col\">Change ± sd</th><th scope=\"col\">Change</th>"
                       "<th scope=\"col\">95&nbsp;%% interval</th><th scope=\"col\">MDC95</th>"
                       "<th scope=\"col\">Verdict</th></tr></thead>\n"
                     : "<th scope=\"col\">Value ± sd</th></tr></thead>\n");
    do
        i = say_metric(p, i);
    while (i && derm_page_is(i, "concern", concern));
    derm_html(h, "</table></div></details>\n");
    return i;
}

void derm_page_regions(struct derm_page *p)
{
    const struct derm_json *const metrics = derm_json_get(p->doc, "metrics");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(metrics)) return;
    derm_html(h,
              "<section aria-labelledby=\"regions\"><h2 id=\"regions\">Region by region</h2>"
              "<p>%s Left and right are the subject&rsquo;s.</p>\n",
              p->pair ? "The change of each main measure, in percent of the baseline."
                      : "The value of each main measure.");
    say_matrix(p);
    for (const struct derm_json *i = derm_json_first(metrics); i;)
        i = say_concern_metrics(p, i);
    derm_html(h, "</section>\n");
}
