/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: may the photos be compared, and what happened to each concern. */
#include <string.h>

#include "report/page.h"

/* ---- banner */

/* Several gates can speak of one reason. */
static bool said_before(const struct derm_json *list, const struct derm_json *row)
{
    const char *const code = derm_page_text(row, "code");

    for (const struct derm_json *i = derm_json_first(list); i != row; i = derm_json_next(i))
        if (derm_page_is(i, "code", code)) return true;
    return false;
}

/* Each reason once, those that forbid a comparison (fail) or all others. */
static void say_reasons(struct derm_html *h, const struct derm_json *list, bool fail)
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i)) {
        if (derm_page_is(i, "severity", "fail") != fail || said_before(list, i)) continue;
        derm_html(h, "<li>%s. <span class=\"todo\">%s</span></li>", derm_page_text(i, "text"),
                  derm_reason_advice(derm_page_text(i, "code")));
    }
}

static bool has_reasons(const struct derm_json *list, bool fail)
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i))
        if (derm_page_is(i, "severity", "fail") == fail && !said_before(list, i)) return true;
    return false;
}

static void say_list(struct derm_html *h, const char *intro, const struct derm_json *list,
                     bool fail)
{
    if (!has_reasons(list, fail)) return;
    derm_html(h, "<p>%s</p><ul>", intro);
    say_reasons(h, list, fail);
    derm_html(h, "</ul>");
}

static void say_comparability(struct derm_html *h, const struct derm_json *comparability)
{
    const struct derm_json *const reasons = derm_json_get(comparability, "reasons");

    if (derm_page_is(comparability, "verdict", "not_comparable")) {
        derm_html(h, "<section class=\"banner refused\" aria-labelledby=\"answer\">"
                     "<h2 id=\"answer\">These photos cannot be compared</h2>"
                     "<p>No verdict on any change is given, because one could not be trusted.</p>");
        say_list(h, "Why, and what to do:", reasons, true);
        say_list(h, "Also noticed:", reasons, false);
    } else if (derm_page_is(comparability, "verdict", "limited")) {
        derm_html(h, "<section class=\"banner limited\" aria-labelledby=\"answer\">"
                     "<h2 id=\"answer\">These photos can be compared, within limits</h2>");
        say_list(h, "This takes the verdict from some measures or parts of the skin:", reasons,
                 true);
        say_list(h, "This makes the comparison less sure:", reasons, false);
    } else {
        derm_html(h,
                  "<section class=\"banner good\" aria-labelledby=\"answer\">"
                  "<h2 id=\"answer\">These photos can be compared</h2>"
                  "<p>They show the same skin, and were taken alike enough for every check.</p>");
    }
    derm_html(h, "</section>\n");
}

static bool anything_measured(const struct derm_json *rows)
{
    for (const struct derm_json *i = derm_json_first(rows); i; i = derm_json_next(i))
        if (derm_page_is(i, "status", "measured")) return true;
    return false;
}

static void say_usability(struct derm_html *h, const struct derm_json *doc)
{
    const struct derm_json *const quality = derm_json_get(doc, "quality");
    const bool usable = anything_measured(derm_json_get(doc, "metrics"));

    if (usable && !derm_json_count(quality)) return;
    derm_html(h,
              "<section class=\"banner %s\" aria-labelledby=\"answer\"><h2 id=\"answer\">%s</h2>",
              usable ? "limited" : "refused",
              usable ? "This photo can be measured, within limits"
                     : "Nothing can be measured on this photo");
    say_list(h, "Why, and what to do:", quality, true);
    say_list(h, "Also noticed:", quality, false);
    derm_html(h, "</section>\n");
}

void derm_page_banner(struct derm_page *p)
{
    if (p->pair)
        say_comparability(&p->html, derm_json_get(p->doc, "comparability"));
    else
        say_usability(&p->html, p->doc);
}

/* ---- cards */

static void say_values(struct derm_html *h, const struct derm_row *r, bool pair)
{
    derm_say_number(h, r->base);
    derm_html(h, " ± ");
    derm_say_number(h, r->base_sd);
    if (pair) {
        derm_html(h, " → ");
        derm_say_number(h, r->follow);
        derm_html(h, " ± ");
        derm_say_number(h, r->follow_sd);
    }
    derm_say_unit(h, r->unit);
}

static void say_exact(struct derm_html *h, const struct derm_row *r, bool pair)
{
    derm_html(h, "<p class=\"exact\"><span>%s</span> ", r->metric);
    say_values(h, r, pair);
    derm_html(h, "</p>");
}

/* The interval leaves no change out, but so many are judged that this happens by chance. */
static bool taken_back(const struct derm_row *r)
{
    return r->lo > 0 || r->hi < 0;
}

static void say_detected(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<p>%s is <strong>", derm_concern_noun(r->concern));
    derm_say_change(h, r->percent);
    derm_html(h, "</strong> than in the baseline photo (95&nbsp;%% interval ");
    derm_say_interval(h, r->lo, r->hi);
    derm_html(h, "). On unchanged skin it would stay within ±");
    derm_say_size(h, r->mdc);
    derm_html(h, ".</p>");
}

static void say_undetected(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<p>%s reads ", derm_concern_noun(r->concern));
    derm_say_percent(h, r->percent);
    derm_html(h, " (95&nbsp;%% interval ");
    derm_say_interval(h, r->lo, r->hi);
    if (taken_back(r))
        derm_html(h, "); among so many figures, one such is expected by chance. ");
    else
        derm_html(h, "), which chance alone can make. ");
    derm_html(h, "A change of less than ");
    derm_say_size(h, r->mdc);
    derm_html(h, " would not be seen in these photos.</p>");
}

static void say_why(struct derm_html *h, const struct derm_row *r)
{
    const char *const todo = derm_reason_advice(r->reason);

    if (*r->text) derm_html(h, "<p>Because %s.</p>", r->text);
    if (*todo) derm_html(h, "<p class=\"todo\">%s</p>", todo);
}

static void say_change_card(struct derm_html *h, const struct derm_row *r)
{
    const bool compared = strcmp(r->verdict, "not_comparable") != 0;

    derm_html(h, "<li class=\"card %s\"><h3>", r->verdict);
    derm_say_concern(h, r->concern);
    derm_html(h, "</h3><p class=\"verdict\">");
    derm_say_mark(h, r->verdict);
    derm_html(h, "%s</p>", derm_verdict_words(r->verdict));
    if (compared && r->has_percent) {
        derm_html(h, "<p class=\"figure\">");
        derm_say_percent(h, r->percent);
        derm_html(h, "</p>");
        if (strcmp(r->verdict, "no_detectable_change") == 0)
            say_undetected(h, r);
        else
            say_detected(h, r);
    }
    if (!compared) say_why(h, r);
    say_exact(h, r, true);
    derm_html(h, "</li>\n");
}

static void say_level_card(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<li class=\"card level\"><h3>");
    derm_say_concern(h, r->concern);
    derm_html(h, "</h3><p class=\"figure\">");
    derm_say_number(h, r->base);
    derm_say_unit(h, r->unit);
    derm_html(h, "</p><p>%s.</p>", derm_concern_noun(r->concern));
    say_exact(h, r, false);
    derm_html(h, "</li>\n");
}

static void say_unmeasured(struct derm_html *h, const struct derm_json *summary)
{
    bool begun = false;

    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (r.measured) continue;
        if (!begun) derm_html(h, "<h3>Not measured</h3><ul class=\"unmeasured\">");
        begun = true;
        derm_html(h, "<li><strong>");
        derm_say_concern(h, r.concern);
        derm_html(h, ":</strong> %s. <span class=\"todo\">%s</span></li>", r.text,
                  derm_reason_advice(r.reason));
    }
    if (begun) derm_html(h, "</ul>");
}

void derm_page_headlines(struct derm_page *p)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;

    derm_html(h, "<section aria-labelledby=\"results\"><h2 id=\"results\">%s</h2>\n",
              p->pair ? "What changed" : "What was measured");
    if (anything_measured(summary)) {
        derm_html(h, "<ul class=\"cards\">\n");
        for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
            const struct derm_row r = derm_row_read(i);

            if (!r.measured) continue;
            if (p->pair)
                say_change_card(h, &r);
            else
                say_level_card(h, &r);
        }
        derm_html(h, "</ul>\n");
    }
    say_unmeasured(h, summary);
    derm_html(h, "</section>\n");
}
