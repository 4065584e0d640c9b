/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: may the photos be compared, and what happened to each concern. */
#include <string.h>

#include "base/metrics.h"
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

static bool speaks_of(const struct derm_json *row, const char *concern)
{
    const struct derm_json *const concerns = derm_json_get(row, "concerns");

    for (const struct derm_json *i = derm_json_first(concerns); i; i = derm_json_next(i))
        if (derm_json_as_text(i) && strcmp(derm_json_as_text(i), concern) == 0) return true;
    return false;
}

/* Does any row with the code and severity of this one? */
static bool any_speaks_of(const struct derm_json *list, const struct derm_json *row,
                          const char *concern)
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i))
        if (derm_page_is(i, "code", derm_page_text(row, "code")) &&
            derm_page_is(i, "severity", derm_page_text(row, "severity")) && speaks_of(i, concern))
            return true;
    return false;
}

static void say_affected(struct derm_html *h, const struct derm_json *list,
                         const struct derm_json *row)
{
    int n = 0, said = 0;

    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        n += any_speaks_of(list, row, derm_concern_id((enum derm_concern)c));
    if (n == 0 || n == DERM_CONCERN_COUNT) return;
    derm_html(h, " (concerns ");
    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        const char *const concern = derm_concern_id((enum derm_concern)c);

        if (!any_speaks_of(list, row, concern)) continue;
        if (said++) derm_html(h, ", ");
        derm_say_concern(h, concern);
    }
    derm_html(h, ")");
}

/* Each reason once, those that forbid a comparison (fail) or all others. */
static void say_reasons(struct derm_html *h, const struct derm_json *list, bool fail)
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i)) {
        if (derm_page_is(i, "severity", "fail") != fail || said_before(list, i)) continue;
        derm_html(h, "<li>%s", derm_page_text(i, "text"));
        say_affected(h, list, i);
        derm_html(h, ". <span class=\"todo\">%s</span></li>",
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
    derm_say_number(h, r->base, 4);
    derm_html(h, " ± ");
    derm_say_number(h, r->base_sd, 2);
    if (pair) {
        derm_html(h, " → ");
        derm_say_number(h, r->follow, 4);
        derm_html(h, " ± ");
        derm_say_number(h, r->follow_sd, 2);
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
    derm_html(h, "<p class=\"figure\">");
    derm_say_percent(h, r->percent);
    derm_html(h, "</p><p>%s is <strong>", derm_concern_noun(r->concern));
    derm_say_change(h, r->percent);
    derm_html(h, "</strong> than in the baseline photo (95&nbsp;%% interval ");
    derm_say_interval(h, r->lo, r->hi);
    derm_html(h, "). On unchanged skin it would stay within ±");
    derm_say_size(h, r->mdc);
    derm_html(h, ".</p>");
}

static void say_undetected(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<p>%s was measured ", derm_concern_noun(r->concern));
    derm_say_change(h, r->percent);
    derm_html(h, " (95&nbsp;%% interval ");
    derm_say_interval(h, r->lo, r->hi);
    derm_html(h, taken_back(r) ? "); among so many figures, one such is expected by chance. "
                               : "); chance alone can make that much. ");
    derm_html(h, "A change of less than ");
    derm_say_size(h, r->mdc);
    derm_html(h, " would not be seen in these photos.</p>");
}

static void say_change_card(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<li class=\"card %s\"><h3>", r->verdict);
    derm_say_concern(h, r->concern);
    derm_html(h, "</h3><p class=\"verdict\">");
    derm_say_mark(h, r->verdict);
    derm_html(h, "%s</p>", derm_verdict_words(r->verdict));
    if (r->has_percent && strcmp(r->verdict, "no_detectable_change") == 0)
        say_undetected(h, r);
    else if (r->has_percent)
        say_detected(h, r);
    say_exact(h, r, true);
    derm_html(h, "</li>\n");
}

static void say_level_card(struct derm_html *h, const struct derm_row *r)
{
    derm_html(h, "<li class=\"card level\"><h3>");
    derm_say_concern(h, r->concern);
    derm_html(h, "</h3><p class=\"figure\">");
    derm_say_number(h, r->base, 4);
    derm_say_unit(h, r->unit);
    derm_html(h, "</p><p>%s.</p>", derm_concern_noun(r->concern));
    say_exact(h, r, false);
    derm_html(h, "</li>\n");
}

/* Has it a card: a value, or in a comparison a verdict? */
static bool has_answer(const struct derm_row *r)
{
    return r->measured && strcmp(r->verdict, "not_comparable") != 0;
}

static bool any_answer(const struct derm_json *summary)
{
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (has_answer(&r)) return true;
    }
    return false;
}

/* Is the reason why this concern has no answer that of one before it? */
static bool reason_said(const struct derm_json *summary, const struct derm_json *row)
{
    const struct derm_row is = derm_row_read(row);

    for (const struct derm_json *i = derm_json_first(summary); i != row; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (!has_answer(&r) && strcmp(r.reason, is.reason) == 0) return true;
    }
    return false;
}

/* The concerns without an answer for the reason of the first of them. */
static void say_concerns_like(struct derm_html *h, const struct derm_json *first)
{
    const struct derm_row like = derm_row_read(first);

    for (const struct derm_json *i = first; i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (has_answer(&r) || strcmp(r.reason, like.reason) != 0) continue;
        if (i != first) derm_html(h, ", ");
        derm_say_concern(h, r.concern);
    }
}

static void say_unanswered(struct derm_html *h, const struct derm_json *summary, bool pair)
{
    bool begun = false;

    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (has_answer(&r) || reason_said(summary, i)) continue;
        if (!begun)
            derm_html(h, "<h3>%s</h3><ul class=\"unmeasured\">",
                      pair ? "No verdict" : "Not measured");
        begun = true;
        derm_html(h, "<li><strong>");
        say_concerns_like(h, i);
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
    if (any_answer(summary)) {
        derm_html(h, "<ul class=\"cards\">\n");
        for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
            const struct derm_row r = derm_row_read(i);

            if (!has_answer(&r)) continue;
            if (p->pair)
                say_change_card(h, &r);
            else
                say_level_card(h, &r);
        }
        derm_html(h, "</ul>\n");
    }
    say_unanswered(h, summary, p->pair);
    derm_html(h, "</section>\n");
}
