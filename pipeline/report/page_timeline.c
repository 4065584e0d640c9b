/* SPDX-License-Identifier: Apache-2.0 */
/* Charts of a series: every main metric over the days, and how redness faded after the sessions. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "report/page.h"

/* User units of a drawing. */
enum { W = 520, H = 250, LEFT = 58, RIGHT = 12, ABOVE = 12, BELOW = 34 };

/* The part of the plane that a drawing shows. */
struct frame {
    double x0, x1, y0, y1; /* y in percent or in the metric's unit; x in days */
};

static double x_of(const struct frame *f, double x)
{
    return LEFT + (W - LEFT - RIGHT) * clampd((x - f->x0) / (f->x1 - f->x0), 0, 1);
}

static double y_of(const struct frame *f, double y)
{
    return ABOVE + (H - ABOVE - BELOW) * clampd((f->y1 - y) / (f->y1 - f->y0), 0, 1);
}

/* The roundest step that leaves at most n of them in range. */
static double round_step(double range, int n)
{
    static const double steps[] = { 1, 2, 5 };
    double unit = pow(10, floor(log10(range / n)));

    for (int i = 0;; i = (i + 1) % 3) {
        if (steps[i] * unit * n >= range) return steps[i] * unit;
        if (i == 2) unit *= 10;
    }
}

static void say_axes(struct derm_html *h, const struct frame *f, bool percent)
{
    const double dx = round_step(f->x1 - f->x0, 6), dy = round_step(f->y1 - f->y0, 5);

    for (double y = ceil(f->y0 / dy) * dy; y <= f->y1; y += dy) {
        derm_html(h,
                  "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick end\" x=\"%d\" "
                  "y=\"%.1f\">",
                  LEFT, y_of(f, y), W - RIGHT, LEFT - 8, y_of(f, y) + 4);
        if (percent)
            derm_say_percent(h, y);
        else
            derm_say_number(h, y, 3);
        derm_html(h, "</text>");
    }
    for (double x = ceil(f->x0 / dx) * dx; x <= f->x1; x += dx) {
        derm_html(h, "<text class=\"tick\" x=\"%.1f\" y=\"%d\">", x_of(f, x), H - BELOW + 16);
        derm_say_number(h, x, 5);
        derm_html(h, "</text>");
    }
    derm_html(h, "<text class=\"tick\" x=\"%d\" y=\"%d\">days</text>", (LEFT + W - RIGHT) / 2,
              H - 3);
    if (f->y0 < 0 && f->y1 > 0)
        derm_html(h, "<path class=\"zero\" d=\"M%d %.1fH%d\"/>", LEFT, y_of(f, 0), W - RIGHT);
}

static void say_interval_at(struct derm_html *h, const struct frame *f, double x, double lo,
                            double hi)
{
    derm_html(h, "<path class=\"interval\" d=\"M%.1f %.1fV%.1f\"/>", x_of(f, x), y_of(f, lo),
              y_of(f, hi));
}

/* ---- days of visits and sessions */

static const struct derm_json *visit_named(const struct derm_page *p, const char *name)
{
    const struct derm_json *const visits = derm_json_get(p->doc, "visits");

    for (const struct derm_json *i = derm_json_first(visits); i; i = derm_json_next(i))
        if (derm_page_is(i, "visit", name)) return i;
    return NULL;
}

static bool day_of_visit(const struct derm_json *visit, double *day)
{
    return derm_page_number(visit, "days_since_first_session", day);
}

/* Days of the sessions, by the first session's own date. */
static bool day_of_session(const struct derm_page *p, const struct derm_json *session, double *day)
{
    const struct derm_json *const first = derm_json_at(derm_json_get(p->doc, "sessions"), 0);
    long a, b;

    if (!derm_day_of(derm_page_text(first, "date"), &a) ||
        !derm_day_of(derm_page_text(session, "date"), &b))
        return false;
    *day = (double)(b - a);
    return true;
}

/* ---- one metric over the days */

static bool is_point(const struct derm_json *node, const char *metric, const struct derm_page *p,
                     struct derm_row *r, double *day)
{
    *r = derm_row_read(node);
    return strcmp(r->metric, metric) == 0 && r->measured && r->has_percent &&
           strcmp(r->verdict, "not_comparable") != 0 &&
           day_of_visit(visit_named(p, derm_page_text(node, "visit")), day);
}

/* What is needed to see all points; false: there are none. */
static bool frame_of(const struct derm_page *p, const char *metric, struct frame *f)
{
    static const double least_percent = 10, most_percent = 150;
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    const struct derm_json *const visits = derm_json_get(p->doc, "visits");
    struct derm_row r;
    double day;
    int n = 0;

    *f = (struct frame){ 0, 28, -least_percent, least_percent };
    for (const struct derm_json *i = derm_json_first(visits); i; i = derm_json_next(i))
        if (day_of_visit(i, &day)) {
            f->x0 = fmin(f->x0, day);
            f->x1 = fmax(f->x1, day);
        }
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        if (!is_point(i, metric, p, &r, &day)) continue;
        f->y0 = fmax(-100, fmin(f->y0, r.lo));
        f->y1 = fmin(most_percent, fmax(f->y1, r.hi));
        n++;
    }
    return n > 0;
}

/* Shaded: up to seven days after a session, when photos show the treatment and not its result. */
static void say_sessions(const struct derm_page *p, struct derm_html *h, const struct frame *f)
{
    static const double acute_days = 7;
    const struct derm_json *const sessions = derm_json_get(p->doc, "sessions");
    double day;

    for (const struct derm_json *i = derm_json_first(sessions); i; i = derm_json_next(i)) {
        if (!day_of_session(p, i, &day)) continue;
        derm_html(h,
                  "<rect class=\"phase\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                  "<path class=\"session\" d=\"M%.1f %dV%d\"/>",
                  x_of(f, day), ABOVE, x_of(f, day + acute_days) - x_of(f, day), H - ABOVE - BELOW,
                  x_of(f, day), ABOVE, H - BELOW);
    }
}

/* The visits that count for the trend are joined. */
static void say_line(struct derm_page *p, const char *metric, const struct frame *f)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;
    struct derm_row r;
    double day;

    derm_html(h, "<path class=\"trend\" d=\"M%.1f %.1f", x_of(f, fmin(0, f->x0)), y_of(f, 0));
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i))
        if (is_point(i, metric, p, &r, &day) &&
            !derm_page_is(visit_named(p, derm_page_text(i, "visit")), "phase", "acute"))
            derm_html(h, "L%.1f %.1f", x_of(f, day), y_of(f, r.percent));
    derm_html(h, "\"/>");
}

static void say_points(struct derm_page *p, const char *metric, const struct frame *f)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;
    struct derm_row r;
    double day;

    derm_html(h, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", x_of(f, fmin(0, f->x0)),
              y_of(f, 0));
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_json *visit;

        if (!is_point(i, metric, p, &r, &day)) continue;
        visit = visit_named(p, derm_page_text(i, "visit"));
        say_interval_at(h, f, day, r.lo, r.hi);
        derm_html(h, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"><title>%s: ",
                  derm_page_text(visit, "phase"), x_of(f, day), y_of(f, r.percent),
                  derm_page_text(i, "visit"));
        derm_say_percent(h, r.percent);
        derm_html(h, "</title></circle>");
    }
}

static void say_metric_chart(struct derm_page *p, const struct derm_row *main)
{
    struct derm_html *const h = &p->html;
    struct frame f;

    if (!frame_of(p, main->metric, &f)) return;
    derm_html(h, "<figure class=\"chart small\"><figcaption><strong>");
    derm_say_concern(h, main->concern);
    derm_html(
        h,
        "</strong> change from the baseline</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" "
        "aria-label=\"Change of %s in percent of the baseline over the days since the first "
        "session; the numbers are in the table of visits\">",
        W, H, main->metric);
    say_sessions(p, h, &f);
    say_axes(h, &f, true);
    say_line(p, main->metric, &f);
    say_points(p, main->metric, &f);
    derm_html(h, "</svg></figure>\n");
}

/* Rows of summary[] come visit by visit: those of the first visit name every concern once. */
bool derm_page_new_concern(const struct derm_json *summary, const struct derm_json *row)
{
    for (const struct derm_json *i = derm_json_first(summary); i != row; i = derm_json_next(i))
        if (derm_page_is(i, "metric", derm_page_text(row, "metric"))) return false;
    return true;
}

void derm_page_timelines(struct derm_page *p)
{
    const struct derm_json *const summary = derm_json_get(p->doc, "summary");
    struct derm_html *const h = &p->html;

    derm_html(h, "<section aria-labelledby=\"timelines\"><h2 id=\"timelines\">Over time</h2>"
                 "<div class=\"charts\">\n");
    for (const struct derm_json *i = derm_json_first(summary); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        if (derm_page_new_concern(summary, i)) say_metric_chart(p, &r);
    }
    derm_html(h,
              "</div><p class=\"small\">Dots: visits, with 95&nbsp;%% intervals. Dashed: sessions; "
              "shaded and hollow dots: the week after one, which does not count for the trend. Day "
              "0 is the first session.</p></section>\n");
}

/* ---- recovery */

static void say_curve(struct derm_html *h, const struct frame *f, const struct derm_json *session)
{
    const struct derm_json *const points = derm_json_get(session, "points");
    double day, excess, sd;

    derm_html(h, "<path class=\"trend\" d=\"");
    for (const struct derm_json *i = derm_json_first(points); i; i = derm_json_next(i)) {
        derm_page_number(i, "days", &day);
        derm_page_number(i, "excess", &excess);
        derm_html(h, "%s%.1f %.1f", i == derm_json_first(points) ? "M" : "L", x_of(f, day),
                  y_of(f, excess));
    }
    derm_html(h, "\"/>");
    for (const struct derm_json *i = derm_json_first(points); i; i = derm_json_next(i)) {
        derm_page_number(i, "days", &day);
        derm_page_number(i, "excess", &excess);
        derm_page_number(i, "sd", &sd);
        say_interval_at(h, f, day, excess - 1.96 * sd, excess + 1.96 * sd);
        derm_html(h, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", x_of(f, day),
                  y_of(f, excess));
    }
}

static struct frame frame_of_curve(const struct derm_json *points)
{
    struct frame f = { 0, 7, 0, 1e-9 };
    double day, excess, sd;

    for (const struct derm_json *i = derm_json_first(points); i; i = derm_json_next(i)) {
        derm_page_number(i, "days", &day);
        derm_page_number(i, "excess", &excess);
        derm_page_number(i, "sd", &sd);
        f.x1 = fmax(f.x1, day);
        f.y0 = fmin(f.y0, excess - 1.96 * sd);
        f.y1 = fmax(f.y1, excess + 1.96 * sd);
    }
    return f;
}

static void say_figure(struct derm_html *h, const char *label, const struct derm_json *figure)
{
    double value;

    derm_html(h, "<div><dt>%s</dt><dd>", label);
    if (derm_page_number(figure, "value", &value)) {
        derm_say_number(h, value, 3);
        if (derm_page_is(figure, "unit", "d"))
            derm_html(h, " days");
        else
            derm_say_unit(h, derm_page_text(figure, "unit"));
    } else {
        derm_html(h, "<span class=\"none\">%s</span>", derm_page_text(figure, "text"));
    }
    derm_html(h, "</dd></div>");
}

static void say_recovery(struct derm_html *h, const struct derm_json *session)
{
    const struct derm_json *const points = derm_json_get(session, "points");
    const struct frame f = frame_of_curve(points);

    derm_html(
        h,
        "<figure class=\"chart small\"><figcaption><strong>after the session of %s</strong>"
        "</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Redness beyond the "
        "baseline over the days since the session; the figures below say how fast it fell\">",
        derm_page_text(session, "date"), W, H);
    say_axes(h, &f, false);
    say_curve(h, &f, session);
    derm_html(h, "</svg><dl class=\"facts\">");
    say_figure(h, "fallen to a half after", derm_json_get(session, "t50"));
    say_figure(h, "fallen to a tenth after", derm_json_get(session, "t90"));
    say_figure(h, "left after 7 days", derm_json_get(session, "residual_day7"));
    derm_html(h, "</dl></figure>\n");
}

void derm_page_recovery(struct derm_page *p)
{
    const struct derm_json *const recovery = derm_json_get(p->doc, "recovery");
    const struct derm_json *const sessions = derm_json_get(recovery, "sessions");
    struct derm_html *const h = &p->html;
    bool begun = false;

    for (const struct derm_json *i = derm_json_first(sessions); i; i = derm_json_next(i)) {
        if (!derm_page_is(i, "status", "measured")) continue;
        if (!begun)
            derm_html(h,
                      "<section aria-labelledby=\"recovery\"><h2 id=\"recovery\">How redness faded "
                      "after a session</h2><p>What there was of <code>%s</code> beyond the "
                      "baseline.</p><div class=\"charts\">\n",
                      derm_page_text(recovery, "metric"));
        begun = true;
        say_recovery(h, i);
    }
    if (begun) derm_html(h, "</div></section>\n");
}
