/* SPDX-License-Identifier: Apache-2.0 */
/* Charts, as SVG that is drawn here: they need no script, so they print and survive e-mail. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "report/page.h"

/* ---- the axis of changes: percent, no change in the middle */

/* User units of the drawing. */
enum { WIDTH = 1000, PLOT_X = 210, PLOT_W = 520, ROW = 40, TOP = 46, BOTTOM = 30 };
static const double least_percent = 10, most_percent = 100; /* that the axis spans at its end */

struct axis {
    double end; /* percent at either end */
};

static double place(const struct axis *a, double percent)
{
    return PLOT_X + PLOT_W * (0.5 + 0.5 * clampd(percent / a->end, -1, 1));
}

static bool compared(const struct derm_row *r)
{
    return r->measured && r->has_percent && strcmp(r->verdict, "not_comparable") != 0;
}

/* Wide enough for all, but not beyond what is cut off. */
static struct axis axis_of(const struct derm_json *summary)
{
    static const double ends[] = { 10, 20, 40, 60, 80, 100 };
    struct axis a = { least_percent };
    double most = 0;

    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (compared(&r)) most = fmax(most, fmax(fmax(fabs(r.lo), fabs(r.hi)), r.mdc));
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && a.end < fmin(most, most_percent); i++)
        a.end = ends[i];
    return a;
}

static void say_ticks(struct derm_html *h, const struct axis *a, int height)
{
    for (int i = -4; i <= 4; i++) {
        const double percent = a->end * i / 4, x = place(a, percent);

        derm_html(h, "<path class=\"%s\" d=\"M%.1f %dV%d\"/>", i == 0 ? "zero" : "grid", x, TOP - 8,
                  height - BOTTOM);
        if (i % 2) continue;
        derm_html(h, "<text class=\"tick\" x=\"%.1f\" y=\"%d\">", x, height - BOTTOM + 20);
        derm_say_percent(h, percent);
        derm_html(h, "</text>");
    }
    derm_html(h, "<text class=\"side\" x=\"%d\" y=\"22\">&#x2190; lower</text>", PLOT_X);
    derm_html(h, "<text class=\"side end\" x=\"%d\" y=\"22\">higher &#x2192;</text>",
              PLOT_X + PLOT_W);
}

/* An interval that leaves the axis ends in an arrow. */
static void say_interval_bar(struct derm_html *h, const struct axis *a, const struct derm_row *r,
                             double y)
{
    const double x0 = place(a, r->lo), x1 = place(a, r->hi);

    derm_html(h, "<path class=\"interval %s\" d=\"M%.1f %.1fH%.1f", r->verdict, x0, y, x1);
    if (r->lo < -a->end)
        derm_html(h, "M%.1f %.1fl-7 6 7 6", x0 + 7, y - 6);
    else
        derm_html(h, "M%.1f %.1fv12", x0, y - 6);
    if (r->hi > a->end)
        derm_html(h, "M%.1f %.1fl7 6 -7 6", x1 - 7, y - 6);
    else
        derm_html(h, "M%.1f %.1fv12", x1, y - 6);
    derm_html(h, "\"/>");
}

static void say_change_row(struct derm_html *h, const struct axis *a, const struct derm_row *r,
                           double y)
{
    const double left = place(a, -r->mdc), right = place(a, r->mdc);

    derm_html(h, "<text class=\"name\" x=\"%d\" y=\"%.1f\">", PLOT_X - 14, y + 5);
    derm_say_concern(h, r->concern);
    derm_html(h, "</text><rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"26\"/>",
              left, y - 13, right - left);
    say_interval_bar(h, a, r, y);
    derm_html(h, "<use href=\"#mark-%s\" x=\"%.1f\" y=\"%.1f\" width=\"18\" height=\"18\"/>",
              r->verdict, place(a, r->percent) - 9, y - 9);
    derm_html(h, "<text class=\"value\" x=\"%d\" y=\"%.1f\"><tspan class=\"strong\">",
              PLOT_X + PLOT_W + 18, y + 5);
    derm_say_percent(h, r->percent);
    derm_html(h, "</tspan>  (");
    derm_say_interval(h, r->lo, r->hi);
    derm_html(h, ")</text>\n");
}

static int count_compared(const struct derm_json *summary)
{
    int n = 0;

    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        n += compared(&r);
    }
    return n;
}

static void say_key(struct derm_html *h)
{
    static const char *const verdict[] = { "improved", "worsened", "no_detectable_change" };

    derm_html(h, "<figcaption>");
    for (size_t i = 0; i < sizeof(verdict) / sizeof(verdict[0]); i++) {
        derm_html(h, "<span class=\"key\">");
        derm_say_mark(h, verdict[i]);
        derm_html(h, "%s</span>", derm_verdict_words(verdict[i]));
    }
    derm_html(h,
              "<span class=\"key\"><span class=\"swatch\"></span>what unchanged skin shows (MDC95)"
              "</span><span class=\"key\">bar: 95&nbsp;%% interval; arrow: it goes on</span>"
              "</figcaption>");
}

void derm_page_changes(struct derm_page *p)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    const struct axis a = axis_of(summary);
    const int rows = count_compared(summary), height = TOP + rows * ROW + BOTTOM;
    struct derm_html *const h = &p->html;
    double y = TOP + ROW / 2.0 - 6;

    if (rows == 0) return;
    derm_html(h,
              "<section aria-labelledby=\"changes\"><h2 id=\"changes\">Changes at a glance</h2>"
              "<figure class=\"chart\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
              "aria-labelledby=\"changes-title\"><title id=\"changes-title\">Change of each "
              "measure in percent of the baseline, with its 95 %% interval; the numbers stand on "
              "the right and in the cards above</title>\n",
              WIDTH, height);
    say_ticks(h, &a, height);
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (!compared(&r)) continue;
        say_change_row(h, &a, &r, y);
        y += ROW;
    }
    derm_html(h, "</svg>");
    say_key(h);
    derm_html(h, "</figure></section>\n");
}

/* ---- levels: the main metrics of one photo, region by region */

enum { LEVEL_W = 300, LEVEL_X = 150, LEVEL_ROW = 22, LEVEL_TOP = 6 };

static bool in_region(const struct derm_row *r, const char *metric)
{
    return r->measured && strcmp(r->metric, metric) == 0 && strcmp(r->region, "face") != 0;
}

static double highest(const struct derm_json *metrics, const char *metric, int *n)
{
    double most = 0;

    *n = 0;
    for (const struct derm_json *i = derm_json_first(metrics); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (!in_region(&r, metric)) continue;
        most = fmax(most, r.base + 2 * r.base_sd);
        (*n)++;
    }
    return most;
}

static void say_level(struct derm_html *h, const struct derm_row *r, double px_per_unit, double y)
{
    const double x = LEVEL_X + r->base * px_per_unit;
    const double from = fmax(LEVEL_X, x - 2 * r->base_sd * px_per_unit);
    const double to = x + 2 * r->base_sd * px_per_unit;

    derm_html(h, "<text class=\"name\" x=\"%d\" y=\"%.1f\">", LEVEL_X - 10, y + 5);
    derm_say_region(h, r->region);
    derm_html(h,
              "</text><rect class=\"level\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"12\"/>"
              "<path class=\"interval\" d=\"M%.1f %.1fH%.1f\"/>"
              "<text class=\"value\" x=\"%d\" y=\"%.1f\">",
              LEVEL_X, y - 6, fmax(0, x - LEVEL_X), from, y, to, LEVEL_X + LEVEL_W + 12, y + 5);
    derm_say_number(h, r->base, 4);
    derm_html(h, "</text>");
}

static void say_levels(struct derm_html *h, const struct derm_json *metrics,
                       const struct derm_row *main)
{
    double y = LEVEL_TOP + LEVEL_ROW / 2.0, most;
    int n;

    most = highest(metrics, main->metric, &n);
    if (n < 2 || most <= 0) return;
    derm_html(h, "<figure class=\"chart small\"><figcaption><strong>");
    derm_say_concern(h, main->concern);
    derm_html(h, "</strong> (%s", main->metric);
    derm_say_unit(h, main->unit);
    derm_html(h,
              ")</figcaption><svg viewBox=\"0 0 520 %d\" role=\"img\" aria-label=\"By region, with "
              "two standard deviations\">",
              2 * LEVEL_TOP + n * LEVEL_ROW);
    for (const struct derm_json *i = derm_json_first(metrics); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (!in_region(&r, main->metric)) continue;
        say_level(h, &r, LEVEL_W / most, y);
        y += LEVEL_ROW;
    }
    derm_html(h, "</svg></figure>\n");
}

void derm_page_levels(struct derm_page *p)
{
    const struct derm_json *const metrics = derm_json_get(p->doc, "metrics");
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(metrics) || derm_page_is(derm_json_at(summary, 0), "region", "roi"))
        return; /* a close-up has one region */
    derm_html(h, "<section aria-labelledby=\"levels\"><h2 id=\"levels\">By region</h2>"
                 "<div class=\"charts\">\n");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (r.measured) say_levels(h, metrics, &r);
    }
    derm_html(h, "</div></section>\n");
}
