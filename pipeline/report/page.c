/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the page: head, order of the parts, policy. */
#include "report/page.h"

#include <string.h>

#include "base/num.h"
#include "base/sha256.h"
#include "page_files.h" /* made by CMake: style and script */

static const char *const style = (const char *)derm_page_style;
static const char *const script = (const char *)derm_page_script;

/* ---- reading */

const char *derm_page_text(const struct derm_json *node, const char *key)
{
    const char *const text = derm_json_as_text(derm_json_get(node, key));

    return text ? text : "";
}

/* A hostile document may hold any number: beyond what the page writes, an int cannot hold it. */
static bool read_number(const struct derm_json *node, double *out)
{
    *out = 0;
    if (!derm_json_as_number(node, out)) return false;
    *out = clampd(*out, -derm_html_furthest, derm_html_furthest);
    return true;
}

bool derm_page_number(const struct derm_json *node, const char *key, double *out)
{
    return read_number(derm_json_get(node, key), out);
}

bool derm_page_interval(const struct derm_json *node, const char *key, double *lo, double *hi)
{
    const struct derm_json *const ends = derm_json_get(node, key);

    const bool has_lo = read_number(derm_json_at(ends, 0), lo);

    return read_number(derm_json_at(ends, 1), hi) && has_lo;
}

bool derm_page_is(const struct derm_json *node, const char *key, const char *text)
{
    return strcmp(derm_page_text(node, key), text) == 0;
}

static void read_value(const struct derm_json *node, double *value, double *sd)
{
    derm_page_number(node, "value", value);
    derm_page_number(node, "sd", sd);
}

struct derm_row derm_row_read(const struct derm_json *node)
{
    const struct derm_json *const base = derm_json_get(node, "baseline");
    const struct derm_json *const change = derm_json_get(node, "change");
    struct derm_row r = {
        .metric = derm_page_text(node, "metric"),
        .concern = derm_page_text(node, "concern"),
        .region = derm_page_text(node, "region"),
        .unit = derm_page_text(node, "unit"),
        .reason = derm_page_text(node, "reason"),
        .text = derm_page_text(node, "text"),
        .verdict = derm_page_text(node, "verdict"),
        .measured = derm_page_is(node, "status", "measured"),
    };

    read_value(base ? base : node, &r.base, &r.base_sd);
    read_value(derm_json_get(node, "followup"), &r.follow, &r.follow_sd);
    read_value(change, &r.change, &r.change_sd);
    r.has_percent = derm_page_number(change, "percent", &r.percent) &&
                    derm_page_interval(change, "ci95_percent", &r.lo, &r.hi) &&
                    derm_page_number(node, "mdc95_percent", &r.mdc);
    return r;
}

/* ---- head */

static int nibble(char hex)
{
    return hex <= '9' ? hex - '0' : hex - 'a' + 10;
}

/* A source of the content security policy: this text and no other. */
static void say_source(struct derm_html *h, const char *text)
{
    unsigned char sum[SHA256_DIGEST_SIZE];
    char hex[DERM_SHA256_SIZE];

    derm_sha256_of(text, strlen(text), hex);
    for (int i = 0; i < SHA256_DIGEST_SIZE; i++)
        sum[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    derm_html(h, "'sha256-");
    derm_html_base64(h, sum, sizeof(sum));
    derm_html(h, "'");
}

static void say_head(struct derm_html *h, const char *title)
{
    derm_html(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "base-uri 'none'; form-action 'none'; img-src data:; style-src ");
    say_source(h, style);
    derm_html(h, "; script-src ");
    say_source(h, script);
    derm_html(h,
              "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"referrer\" content=\"no-referrer\">\n"
              "<title>dermetry: %s</title>\n<style>",
              title);
    derm_html_own(h, style);
    derm_html(h, "</style>\n</head>\n");
}

static void say_marks(struct derm_html *h)
{
    derm_html_own(
        h, "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" class=\"defs\"><defs>"
           "<symbol id=\"mark-improved\" viewBox=\"0 0 16 16\">"
           "<circle cx=\"8\" cy=\"8\" r=\"7.5\" fill=\"#00695c\"/>"
           "<path d=\"M4.2 8.4l2.5 2.6 5-5.6\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1.9\"/>"
           "</symbol><symbol id=\"mark-worsened\" viewBox=\"0 0 16 16\">"
           "<path d=\"M8 .4L15.6 8 8 15.6.4 8z\" fill=\"#b23c00\"/>"
           "<path d=\"M8 4v5m0 1.4v1.8\" stroke=\"#fff\" stroke-width=\"1.9\"/>"
           "</symbol><symbol id=\"mark-no_detectable_change\" viewBox=\"0 0 16 16\">"
           "<circle cx=\"8\" cy=\"8\" r=\"6.7\" fill=\"#fff\" stroke=\"#51606b\" "
           "stroke-width=\"1.6\"/><path d=\"M4.6 6.5h6.8M4.6 9.5h6.8\" stroke=\"#51606b\" "
           "stroke-width=\"1.6\"/>"
           "</symbol><symbol id=\"mark-not_comparable\" viewBox=\"0 0 16 16\">"
           "<rect x=\"1\" y=\"1\" width=\"14\" height=\"14\" fill=\"#fff\" stroke=\"#51606b\" "
           "stroke-width=\"1.4\" stroke-dasharray=\"2.4 1.6\"/>"
           "<path d=\"M4.5 4.5l7 7m0-7l-7 7\" stroke=\"#51606b\" stroke-width=\"1.4\"/>"
           "</symbol></defs></svg>\n");
}

/* ---- header */

/* Of exactly n digits; -1: others stand there. */
static int digits_at(const char *text, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + text[i] - '0';
    }
    return value;
}

/* H. Hinnant, days_from_civil. */
bool derm_day_of(const char *iso, long *day)
{
    int y, m, d, era, of_era, of_year;

    if (strlen(iso) < 10 || iso[4] != '-' || iso[7] != '-') return false;
    y = digits_at(iso, 4);
    m = digits_at(iso + 5, 2);
    d = digits_at(iso + 8, 2);
    if (y < 0 || m < 1 || m > 12 || d < 1 || d > 31) return false;
    y -= m <= 2;
    era = y / 400;
    of_era = y - era * 400;
    of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    *day = era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

static void say_photo(struct derm_html *h, const char *label, const struct derm_json *photo)
{
    const char *const taken = derm_page_text(photo, "captured_at");

    derm_html(h, "<div><dt>%s</dt><dd><bdi>%s</bdi><br>", label, derm_page_text(photo, "file"));
    if (*taken) {
        derm_html(h, "taken ");
        derm_say_date(h, taken);
    } else {
        derm_html(h, "no date in the file");
    }
    derm_html(h, "</dd></div>");
}

static void say_header(struct derm_page *p, const char *title)
{
    const struct derm_json *const photos = derm_json_get(p->doc, "photos");
    const struct derm_json *const first = derm_json_at(photos, 0), *const second =
                                                                       derm_json_at(photos, 1);
    struct derm_html *const h = &p->html;
    long from, to;

    derm_html(h, "<header><p class=\"brand\">dermetry</p><h1>%s</h1><dl class=\"photos\">", title);
    if (p->series) {
        derm_page_subject(p);
        derm_html(h, "</dl></header>\n");
        return;
    }
    say_photo(h, p->pair ? "Baseline" : "Photo", first);
    if (p->pair) say_photo(h, "Follow-up", second);
    if (p->pair && derm_day_of(derm_page_text(first, "captured_at"), &from) &&
        derm_day_of(derm_page_text(second, "captured_at"), &to))
        derm_html(h, "<div><dt>Between them</dt><dd>%d days</dd></div>", (int)(to - from));
    derm_html(h, "</dl></header>\n");
}

/* ---- the whole */

static void say_limits(struct derm_html *h)
{
    derm_html_own(
        h,
        "<section aria-labelledby=\"limits\"><h2 id=\"limits\">What this page is not</h2>\n"
        "<ul><li>It is <strong>not a diagnosis</strong> and no advice on treatment. dermetry "
        "measures how skin looks in photos; what that means for a person is for a clinician to "
        "say. Show any spot that grows, bleeds or changes colour to a dermatologist, whatever "
        "stands here.</li>\n"
        "<li>&ldquo;No detectable change&rdquo; does not say that nothing has changed: a change "
        "smaller than the limit named cannot be told from chance in these photos.</li>\n"
        "<li>A measured change does not say what caused it.</li>\n"
        "<li>A photo shows colour and shade, not depth: scars, pores and wrinkles are measured by "
        "the shade they make.</li></ul></section>\n");
}

static void say_series(struct derm_page *p)
{
    derm_page_alerts(p);
    derm_page_trends(p);
    derm_page_timelines(p);
    derm_page_recovery(p);
    derm_page_visits(p);
    derm_page_all_trends(p);
    derm_page_regions(p);
    derm_page_photos(p);
}

static void say_document(struct derm_page *p)
{
    derm_page_banner(p);
    derm_page_headlines(p);
    if (p->pair)
        derm_page_changes(p);
    else
        derm_page_levels(p);
    derm_page_pictures(p);
    derm_page_regions(p);
    derm_page_control(p);
    derm_page_lesions(p);
    derm_page_gates(p);
    derm_page_photos(p);
    derm_page_estimates(p);
}

/* Some parts may be missing, these never are: without them a page would be empty and look whole. */
static bool is_whole(const struct derm_json *doc)
{
    return derm_json_at(derm_json_get(doc, "photos"), 0) && derm_json_get(doc, "metrics") &&
           derm_json_get(doc, "summary") && derm_json_get(doc, "provenance");
}

static derm_err build(struct derm_page *p, const char *name, struct derm_arena *keep)
{
    const char *title;

    p->series = derm_page_is(p->doc, "schema", "dermetry/series/1");
    p->pair = p->series || derm_page_is(p->doc, "schema", "dermetry/comparison/1");
    if (!p->pair && !derm_page_is(p->doc, "schema", "dermetry/analysis/1"))
        return derm_fail(keep->err, DERM_EMALFORMED,
                         "%s is no analysis, comparison or series of this version of dermetry",
                         name);
    if (!is_whole(p->doc))
        return derm_fail(keep->err, DERM_EMALFORMED,
                         "%s lacks photos, metrics, summary or provenance: part of it is lost",
                         name);
    title = p->series ? "Skin over time" : p->pair ? "Skin comparison" : "Skin analysis";
    DERM_TRY(derm_html_begin(&p->html, keep));
    say_head(&p->html, title);
    derm_html(&p->html, "<body>\n");
    say_marks(&p->html);
    say_header(p, title);
    derm_html(&p->html, "<main>\n");
    if (p->series)
        say_series(p);
    else
        say_document(p);
    say_limits(&p->html);

    derm_html(&p->html, "</main>\n<footer>");
    derm_page_provenance(p);
    derm_html(&p->html, "</footer>\n<script>");
    derm_html_own(&p->html, script);
    derm_html(&p->html, "</script>\n</body>\n</html>\n");
    return keep->err->code;
}

derm_err derm_page_build(const char *json, size_t n, const char *name,
                         const struct derm_pictures *pictures, const char *folder,
                         struct derm_arena *keep, const char **page)
{
    struct derm_page p = { .pictures = pictures };
    struct derm_pictures loaded;
    struct derm_json *root;
    derm_err done = DERM_OK;

    DERM_TRY(derm_json_parse(&root, json, n, name, keep->err));
    p.doc = derm_page_is(root, "schema", "dermetry/study-row/1") ? derm_json_get(root, "comparison")
                                                                 : root;
    if (folder) {
        done = derm_pictures_load(&loaded, folder, p.doc, keep, keep->err);
        p.pictures = &loaded;
    }
    if (done == DERM_OK) done = build(&p, name, keep);
    derm_json_free(root);
    *page = p.html.text;
    return done;
}
