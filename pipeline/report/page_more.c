/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the answer: single lesions, untreated skin, estimates, provenance. */
#include <string.h>

#include "report/page.h"

/* ---- lesions */

static void say_counts(struct derm_html *h, const struct derm_json *row)
{
    static const char *const kind[] = {
        "persistent", "faded", "darkened", "gone", "new", "unsure"
    };
    double n;

    derm_html(h, "<tr><th scope=\"row\">");
    derm_say_concern(h, derm_page_text(row, "concern"));
    derm_html(h, "</th>");
    for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
        derm_page_number(row, kind[i], &n);
        derm_html(h, "<td>%.0f</td>", n);
    }
    derm_html(h, "</tr>\n");
}

void derm_page_lesions(struct derm_page *p)
{
    const struct derm_json *const tracking = derm_json_get(p->doc, "tracking");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(tracking)) return;
    derm_html(h,
              "<section aria-labelledby=\"lesions\"><h2 id=\"lesions\">What became of single "
              "spots, scars "
              "and red marks</h2>"
              "<table class=\"narrow\"><thead><tr><th scope=\"col\">Concern</th><th scope=\"col\">"
              "unchanged</th><th scope=\"col\">fainter</th><th scope=\"col\">stronger</th>"
              "<th scope=\"col\">gone</th><th scope=\"col\">new</th><th scope=\"col\">unsure</th>"
              "</tr></thead><tbody>\n");
    for (const struct derm_json *i = derm_json_first(tracking); i; i = derm_json_next(i))
        say_counts(h, i);
    derm_html(h, "</tbody></table><p class=\"small\">Each is judged by itself: between photos "
                 "taken alike one in a hundred is called changed by chance.</p></section>\n");
}

/* ---- control */

void derm_page_control(struct derm_page *p)
{
    const struct derm_json *const control = derm_json_get(p->doc, "control");
    const struct derm_json *const rows = derm_json_get(control, "concerns");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(rows)) return;
    derm_html(h,
              "<section aria-labelledby=\"control\"><h2 id=\"control\">Untreated skin</h2><p>What "
              "changes here is not the treatment&rsquo;s doing; the intervals above are widened by "
              "it.</p><table class=\"narrow\"><tbody>\n");
    for (const struct derm_json *i = derm_json_first(rows); i; i = derm_json_next(i)) {
        const struct derm_row r = derm_row_read(i);

        derm_html(h, "<tr><th scope=\"row\">");
        derm_say_concern(h, r.concern);
        derm_html(h, "</th><td>");
        if (r.measured && r.has_percent) {
            derm_say_percent(h, r.percent);
            derm_html(h, "</td><td>");
            derm_say_interval(h, r.lo, r.hi);
        } else {
            derm_html(h, "not measured</td><td>%s", r.text);
        }
        derm_html(h, "</td></tr>\n");
    }
    derm_html(h, "</tbody></table></section>\n");
}

/* ---- estimates */

static const char *scale_name(const char *scale)
{
    static const char *const names[][2] = {
        { "goodman_baron", "Goodman & Baron (acne scars)" },
        { "ecca", "ECCA (acne scars)" },
        { "mmasi", "mMASI (melasma)" },
        { "fitzpatrick", "Fitzpatrick type" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(scale, names[i][0]) == 0) return names[i][1];
    return scale;
}

static const struct derm_json *of_photo(const struct derm_json *rows, const char *scale,
                                        const char *photo)
{
    for (const struct derm_json *i = derm_json_first(rows); i; i = derm_json_next(i))
        if (derm_page_is(i, "scale", scale) && derm_page_is(i, "photo", photo)) return i;
    return NULL;
}

static void say_estimate_cell(struct derm_html *h, const struct derm_json *row)
{
    double value;

    derm_html(h, "<td>");
    if (derm_page_number(row, "value", &value))
        derm_say_number(h, value, 4);
    else
        derm_html(h, "<span class=\"none\">%s</span>", derm_page_text(row, "text"));
    derm_html(h, "</td>");
}

static void say_estimate(struct derm_page *p, const struct derm_json *rows,
                         const struct derm_json *row)
{
    struct derm_html *const h = &p->html;
    const char *const scale = derm_page_text(row, "scale");

    derm_html(h, "<tr><th scope=\"row\">%s</th>", scale_name(scale));
    say_estimate_cell(h, row);
    if (p->pair) say_estimate_cell(h, of_photo(rows, scale, "followup"));
    derm_html(h, "<td>%s</td></tr>\n", derm_page_text(row, "of"));
}

static void say_swelling(struct derm_html *h, const struct derm_json *swelling)
{
    const struct derm_json *const widths = derm_json_get(swelling, "widths");
    double base, follow, mdc;

    if (!swelling) return;
    derm_html(h, "<h3>Swelling (%s)</h3>", derm_page_text(swelling, "of"));
    if (!derm_json_count(widths)) {
        derm_html(h, "<p class=\"none\">not measured: %s</p>", derm_page_text(swelling, "text"));
        return;
    }
    derm_html(h, "<table class=\"narrow\"><thead><tr><th scope=\"col\">Width</th><th scope=\"col\">"
                 "Baseline</th><th scope=\"col\">Follow-up</th><th scope=\"col\">Chance alone</th>"
                 "</tr></thead><tbody>\n");
    for (const struct derm_json *i = derm_json_first(widths); i; i = derm_json_next(i)) {
        derm_page_number(i, "baseline", &base);
        derm_page_number(i, "followup", &follow);
        derm_page_number(i, "mdc95", &mdc);
        derm_html(h, "<tr><th scope=\"row\">");
        derm_say_id(h, derm_page_text(i, "width"));
        derm_html(h, "</th><td>%.1f mm</td><td>%.1f mm</td><td>±%.1f mm</td></tr>\n", base, follow,
                  mdc);
    }
    derm_html(h, "</tbody></table>");
}

void derm_page_estimates(struct derm_page *p)
{
    const struct derm_json *const estimates = derm_json_get(p->doc, "estimates");
    const struct derm_json *const rows = derm_json_get(estimates, "rows");
    struct derm_html *const h = &p->html;

    if (!derm_json_count(rows)) return;
    derm_html(h,
              "<section aria-labelledby=\"estimates\"><h2 id=\"estimates\">Estimates on clinical "
              "scales</h2><p><strong>These are %s.</strong> No verdict rests on them.</p>"
              "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">Scale</th>"
              "<th scope=\"col\">%s</th>",
              derm_page_text(estimates, "label"), p->pair ? "Baseline" : "Estimate");
    derm_html(h, p->pair ? "<th scope=\"col\">Follow-up</th>" : "");
    derm_html(h, "<th scope=\"col\">What it takes into account</th></tr></thead><tbody>\n");
    for (const struct derm_json *i = derm_json_first(rows); i; i = derm_json_next(i))
        if (!derm_page_is(i, "photo", "followup")) say_estimate(p, rows, i);
    derm_html(h, "</tbody></table></div>\n");
    say_swelling(h, derm_json_get(estimates, "swelling"));
    derm_html(h, "</section>\n");
}

/* ---- provenance */

static void say_tones(struct derm_html *h, const struct derm_json *precision)
{
    const struct derm_json *const metrics = derm_json_get(precision, "null");
    double percent;

    if (!derm_json_count(metrics)) return;
    derm_html(h, "<details><summary>How much unchanged skin differs between two photos, by tone of "
                 "skin</summary><table class=\"narrow\"><tbody>\n");
    for (const struct derm_json *m = derm_json_first(metrics); m; m = derm_json_next(m)) {
        derm_html(h, "<tr><th scope=\"row\"><code>%s</code></th>", derm_page_text(m, "metric"));
        for (const struct derm_json *t = derm_json_first(derm_json_get(m, "tones")); t;
             t = derm_json_next(t)) {
            derm_html(h, "<td>%s: sd ", derm_page_text(t, "tone"));
            if (derm_page_number(t, "null_sd_percent", &percent))
                derm_say_size(h, percent);
            else if (derm_page_number(t, "null_sd", &percent))
                derm_say_number(h, percent, 4);
            if (*derm_page_text(t, "from")) derm_html(h, " (%s)", derm_page_text(t, "from"));
            derm_html(h, "</td>");
        }
        derm_html(h, "</tr>\n");
    }
    derm_html(h,
              "</tbody></table><p>These photos were judged by the figures for the tone "
              "&ldquo;%s&rdquo;.</p></details>\n",
              derm_page_text(precision, "tone"));
}

static void say_hash(struct derm_html *h, const char *label, const char *hash)
{
    if (*hash) derm_html(h, "<dt>%s</dt><dd><code>%s</code></dd>", label, hash);
}

void derm_page_provenance(struct derm_page *p)
{
    const struct derm_json *const provenance = derm_json_get(p->doc, "provenance");
    const struct derm_json *const photos = derm_json_get(p->doc, "photos");
    const struct derm_json *const models = derm_json_get(provenance, "models");
    struct derm_html *const h = &p->html;

    derm_html(
        h, "<section aria-labelledby=\"provenance\"><h2 id=\"provenance\">Where the numbers come "
           "from</h2>\n");
    if (p->pair && !p->series) say_tones(h, derm_json_get(p->doc, "precision"));
    if (*derm_page_text(provenance, "verdict_basis"))
        derm_html(h, "<p>Verdicts rest on: %s.</p>", derm_page_text(provenance, "verdict_basis"));
    derm_html(h,
              "<p>%s %s, document %s. The same photos and settings give the same numbers on every "
              "machine.</p><dl class=\"hashes\">",
              derm_page_text(provenance, "program"), derm_page_text(provenance, "version"),
              derm_page_text(p->doc, "schema"));
    for (const struct derm_json *i = derm_json_first(photos); i; i = derm_json_next(i))
        say_hash(h, derm_page_text(i, "id"), derm_page_text(i, "sha256"));
    say_hash(h, "configuration", derm_page_text(provenance, "configuration_sha256"));
    for (const struct derm_json *i = derm_json_first(models); i; i = derm_json_next(i))
        say_hash(h, derm_page_text(i, "name"), derm_page_text(i, "sha256"));
    derm_html(h, "</dl></section>\n");
}
