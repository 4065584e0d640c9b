/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a series that have no like in a comparison: alerts, trends, visits. */
#include <string.h>

#include "report/page.h"

/* ---- header and banner */

void derm_page_subject(struct derm_page *p)
{
    const struct derm_json *const visits = derm_json_get(p->doc, "visits");
    struct derm_html *const h = &p->html;

    derm_html(
        h,
        "<div><dt>Subject</dt><dd><bdi>%s</bdi></dd></div><div><dt>View</dt><dd><bdi>%s</bdi>"
        "</dd></div><div><dt>Photos</dt><dd>%d</dd></div><div><dt>Sessions</dt><dd>%d</dd></div>",
        derm_page_text(p->doc, "subject"), derm_page_text(p->doc, "view"), derm_json_count(visits),
        derm_json_count(derm_json_get(p->doc, "sessions")));
}

static bool without_answer(const struct derm_json *visit)
{
    return derm_page_is(visit, "status", "not_comparable") ||
           derm_page_is(visit, "status", "failed");
}

/* The reasons that forbid the comparison of a visit, or what went wrong with its photo. */
static void say_visit_reasons(struct derm_html *h, const struct derm_json *visit)
{
    const struct derm_json *const comparison = derm_json_at(derm_json_get(visit, "comparisons"), 0);
    const struct derm_json *const reasons =
        derm_json_get(derm_json_get(comparison, "comparability"), "reasons");

    derm_html(h, "%s", derm_page_text(derm_json_get(visit, "error"), "text"));
    for (const struct derm_json *i = derm_json_first(reasons); i; i = derm_json_next(i)) {
        if (!derm_page_is(i, "severity", "fail")) continue;
        derm_html(h, "%s. <span class=\"todo\">%s</span> ", derm_page_text(i, "text"),
                  derm_reason_advice(derm_page_text(i, "code")));
    }
}

static void say_lost_visits(struct derm_html *h, const struct derm_json *visits)
{
    bool begun = false;

    for (const struct derm_json *i = derm_json_first(visits); i; i = derm_json_next(i)) {
        if (!without_answer(i)) continue;
        if (!begun)
            derm_html(h,
                      "<section class=\"banner limited\" aria-labelledby=\"lost\"><h2 id=\"lost\">"
                      "Photos that cannot be compared with the baseline</h2><ul>");
        begun = true;
        derm_html(h, "<li><bdi>%s</bdi>: ", derm_page_text(i, "visit"));
        say_visit_reasons(h, i);
        derm_html(h, "</li>");
    }
    if (begun) derm_html(h, "</ul></section>\n");
}

void derm_page_alerts(struct derm_page *p)
{
    const struct derm_json *const alerts = derm_json_get(p->doc, "alerts");
    struct derm_html *const h = &p->html;

    if (derm_json_count(alerts)) {
        derm_html(h,
                  "<section class=\"banner refused\" aria-labelledby=\"alerts\"><h2 id=\"alerts\">"
                  "Worth showing to a clinician</h2><ul>");
        for (const struct derm_json *i = derm_json_first(alerts); i; i = derm_json_next(i))
            derm_html(h, "<li>%s (visit <bdi>%s</bdi>).</li>", derm_page_text(i, "text"),
                      derm_page_text(i, "visit"));
        derm_html(h, "</ul><p>This is an observation in photos, not a diagnosis.</p></section>\n");
    } else {
        derm_html(h,
                  "<section class=\"banner good\" aria-labelledby=\"alerts\"><h2 id=\"alerts\">No "
                  "alert</h2><p>No lasting redness, new pigmentation or worsening was found in "
                  "these photos. Radiance raises no alert: shine comes and goes with oil and "
                  "light.</p></section>\n");
    }
    say_lost_visits(h, derm_json_get(p->doc, "visits"));
}

/* ---- trends */

static const char *trend_verdict(const struct derm_json *trend)
{
    return derm_page_is(trend, "trend", "improving")   ? "improved"
           : derm_page_is(trend, "trend", "worsening") ? "worsened"
                                                       : "no_detectable_change";
}

/* NULL: there is none. */
static const struct derm_json *find_trend(const struct derm_page *p, const struct derm_row *r,
                                          const char *against)
{
    const struct derm_json *const trends = derm_json_get(p->doc, "trends");

    for (const struct derm_json *i = derm_json_first(trends); i; i = derm_json_next(i))
        if (derm_page_is(i, "metric", r->metric) && derm_page_is(i, "region", r->region) &&
            derm_page_is(i, "against", against))
            return i;
    return NULL;
}

/* A slope per day is too small to read: it is said per four weeks. */
static void say_slope(struct derm_html *h, const struct derm_json *trend)
{
    static const double days = 28;
    const struct derm_json *const slope = derm_json_get(trend, "slope");
    double value, lo, hi;

    if (!derm_page_is(trend, "change", "relative") || !derm_page_number(slope, "value", &value) ||
        !derm_page_interval(slope, "ci95", &lo, &hi))
        return;
    derm_html(h, "<p class=\"figure\">");
    derm_say_percent(h, days * value);
    derm_html(h, "</p><p>of the baseline per four weeks (95&nbsp;%% interval ");
    derm_say_interval(h, days * lo, days * hi);
    derm_page_number(trend, "points", &value);
    derm_html(h, "), over %d points in time.</p>", (int)value);
}

static void say_trend_card(struct derm_page *p, const struct derm_row *main)
{
    static const char *const words[] = { "Improving", "Worsening", "No detectable trend" };
    const struct derm_json *const trend = find_trend(p, main, "days");
    const char *const verdict = trend_verdict(trend);
    struct derm_html *const h = &p->html;

    if (!derm_page_is(trend, "status", "measured")) return;
    derm_html(h, "<li class=\"card %s\"><h3>", verdict);
    derm_say_concern(h, main->concern);
    derm_html(h, "</h3><p class=\"verdict\">");
    derm_say_mark(h, verdict);
    derm_html(h, "%s</p>", words[verdict[0] == 'i' ? 0 : verdict[0] == 'w' ? 1 : 2]);
    say_slope(h, trend);
    derm_html(h, "<p class=\"exact\"><span>%s</span></p></li>\n", main->metric);
}

static void say_no_trend(struct derm_page *p, const struct derm_row *main)
{
    const struct derm_json *const trend = find_trend(p, main, "days");
    struct derm_html *const h = &p->html;

    if (derm_page_is(trend, "status", "measured")) return;
    derm_html(h, "<li><strong>");
    derm_say_concern(h, main->concern);
    derm_html(h, ":</strong> %s.</li>", trend ? derm_page_text(trend, "text") : main->text);
}

void derm_page_trends(struct derm_page *p)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;

    derm_html(h, "<section aria-labelledby=\"results\"><h2 id=\"results\">Trends</h2>"
                 "<ul class=\"cards\">\n");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (derm_page_new_concern(summary, i)) say_trend_card(p, &r);
    }
    derm_html(h, "</ul>\n<ul class=\"unmeasured\">");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (derm_page_new_concern(summary, i)) say_no_trend(p, &r);
    }
    derm_html(h, "</ul></section>\n");
}

/* ---- visits */

static void say_optional(struct derm_html *h, const struct derm_json *node, const char *key)
{
    double value;

    derm_html(h, "<td>");
    if (derm_page_number(node, key, &value)) derm_say_number(h, value, 6);
    derm_html(h, "</td>");
}

static void say_visit(struct derm_page *p, const struct derm_json *visit, int concerns)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;

    derm_html(h, "<tr><th scope=\"row\"><bdi>%s</bdi></th><td>%s</td>",
              derm_page_text(visit, "visit"), derm_page_text(visit, "date"));
    say_optional(h, visit, "days_since_first_session");
    say_optional(h, visit, "days_since_session");
    derm_html(h, "<td>%s</td>", derm_page_text(visit, "phase"));
    if (derm_page_is(visit, "role", "baseline")) derm_html(h, "<td colspan=\"%d\"></td>", concerns);
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (!derm_page_is(i, "visit", derm_page_text(visit, "visit"))) continue;
        derm_html(h, "<td>");
        if (r.measured) derm_say_mark(h, r.verdict);
        if (r.measured && r.has_percent)
            derm_say_percent(h, r.percent);
        else
            derm_html(h, "&#x2013;");
        derm_html(h, "<span class=\"hidden\"> %s %s</span></td>", derm_verdict_words(r.verdict),
                  r.text);
    }
    derm_html(h, "</tr>\n");
}

static void say_notes(struct derm_html *h, const struct derm_json *notes)
{
    if (!derm_json_count(notes)) return;
    derm_html(h, "<h3>Noticed about dates and sessions</h3><ul class=\"unmeasured\">");
    for (const struct derm_json *i = derm_json_first(notes); i; i = derm_json_next(i))
        derm_html(h, "<li>%s.</li>", derm_page_text(i, "text"));
    derm_html(h, "</ul>");
}

static void say_sessions(struct derm_html *h, const struct derm_json *sessions)
{
    double depth;

    if (!derm_json_count(sessions)) return;
    derm_html(h, "<h3>Sessions</h3><ul class=\"unmeasured\">");
    for (const struct derm_json *i = derm_json_first(sessions); i; i = derm_json_next(i)) {
        derm_html(h, "<li>%s", derm_page_text(i, "date"));
        if (derm_page_number(i, "needle_depth_mm", &depth))
            derm_html(h, ", needles of %.2f mm", depth);
        if (*derm_page_text(i, "device")) derm_html(h, ", %s", derm_page_text(i, "device"));
        derm_html(h, "</li>");
    }
    derm_html(h, "</ul>");
}

void derm_page_visits(struct derm_page *p)
{
    const struct derm_json *const visits = derm_json_get(p->doc, "visits");
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;
    int concerns = 0;

    derm_html(
        h, "<section aria-labelledby=\"visits\"><h2 id=\"visits\">Visits</h2><div "
           "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of visits\"><table "
           "class=\"matrix\"><thead><tr><th scope=\"col\">Visit</th><th scope=\"col\">Date</th>"
           "<th scope=\"col\">Day</th><th scope=\"col\">Days since session</th>"
           "<th scope=\"col\">Phase</th>");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        if (!derm_page_new_concern(summary, i)) continue;
        concerns++;
        derm_html(h, "<th scope=\"col\">");
        derm_say_concern(h, derm_page_text(i, "concern"));
        derm_html(h, "</th>");
    }
    derm_html(h, "</tr></thead><tbody>\n");
    for (const struct derm_json *i = derm_json_first(visits); i; i = derm_json_next(i))
        say_visit(p, i, concerns);
    derm_html(h, "</tbody></table></div>\n");
    say_sessions(h, derm_json_get(p->doc, "sessions"));
    say_notes(h, derm_json_get(p->doc, "notes"));
    derm_html(h, "</section>\n");
}

/* ---- every trend */

static void say_trend_row(struct derm_html *h, const struct derm_json *trend)
{
    const struct derm_json *const slope = derm_json_get(trend, "slope");
    double value, lo, hi;

    derm_html(h, "<tr><td><code>%s</code></td><td>", derm_page_text(trend, "metric"));
    derm_say_region(h, derm_page_text(trend, "region"));
    derm_html(h, "</td><td>per %s</td><td>",
              derm_page_is(trend, "against", "days") ? "day" : "session");
    if (derm_page_number(slope, "value", &value) && derm_page_interval(slope, "ci95", &lo, &hi)) {
        derm_say_number(h, value, 3);
        derm_html(h, " (");
        derm_say_number(h, lo, 3);
        derm_html(h, " to ");
        derm_say_number(h, hi, 3);
        derm_html(h, ") %s%s</td><td>", derm_page_text(trend, "unit"),
                  derm_page_is(trend, "change", "relative") ? " of the baseline" : "");
        derm_say_id(h, derm_page_text(trend, "trend"));
    } else {
        derm_html(h, "</td><td class=\"none\">%s", derm_page_text(trend, "text"));
    }
    derm_html(h, "</td></tr>\n");
}

void derm_page_all_trends(struct derm_page *p)
{
    const struct derm_json *const trends = derm_json_get(p->doc, "trends");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(trends)) return;
    derm_html(h,
              "<details><summary>All trends</summary><div class=\"scroll\" tabindex=\"0\"><table>"
              "<thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Region</th><th "
              "scope=\"col\">Against</th><th scope=\"col\">Slope (95&nbsp;%% interval)</th>"
              "<th scope=\"col\">Trend</th></tr></thead><tbody>\n");
    for (const struct derm_json *i = derm_json_first(trends); i; i = derm_json_next(i))
        say_trend_row(h, i);
    derm_html(h, "</tbody></table></div></details>\n");
}
