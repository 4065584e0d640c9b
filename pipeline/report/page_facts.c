/* SPDX-License-Identifier: Apache-2.0 */
/* How the photos were taken: the gates between two of them, and each one's own facts. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "report/page.h"

/* ---- gates */

enum { BAR_W = 120 };

/* "pose_difference_deg" -> "pose difference" and "°": quantities carry their unit in their name. */
static const struct {
    const char *end, *unit;
} suffixes[] = {

    { "_deg", "°" },
    { "_mm", "\xe2\x80\xafmm" },
    { "_od", " (optical density)" },
};

static size_t suffix_of(const char *quantity, const char **unit)
{
    const size_t n = strlen(quantity);

    *unit = " px/mm";
    if (strcmp(quantity, "px_per_mm") == 0) return n;

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const size_t k = strlen(suffixes[i].end);

        *unit = suffixes[i].unit;
        if (n > k && strcmp(quantity + n - k, suffixes[i].end) == 0) return n - k;
    }
    *unit = "";
    return n;
}

static void say_quantity(struct derm_html *h, const char *quantity, const char **unit)
{
    char name[80];
    size_t n;

    *unit = "";
    n = suffix_of(quantity, unit);
    if (n >= sizeof(name)) n = sizeof(name) - 1;
    memcpy(name, quantity, n);
    name[n] = '\0';
    derm_say_id(h, strcmp(name, "px_per_mm") == 0 ? "resolution" : name);
}

/* How far along to the limit, or beyond it. */
static void say_bar(struct derm_html *h, double measured, double limit)
{
    const double most = fmax(measured, limit), w = most > 0 ? BAR_W / most : 0;

    derm_html(h,
              "<svg class=\"bar\" viewBox=\"0 0 %d 14\" aria-hidden=\"true\"><rect x=\"0\" y=\"3\" "
              "width=\"%.1f\" height=\"8\"/><path d=\"M%.1f 0v14\"/></svg>",
              BAR_W + 2, clampd(measured * w, 0, BAR_W), clampd(limit * w, 0, BAR_W) + 1);
}

static void say_gate(struct derm_html *h, const struct derm_json *gate)
{
    const struct derm_json *const regions = derm_json_get(gate, "regions");
    const bool fail = derm_page_is(gate, "severity", "fail");
    double measured, limit;
    const char *unit;

    derm_html(h, "<tr><td>");
    derm_say_id(h, derm_page_text(gate, "photo"));
    derm_html(h, "%s%s</td><td>", *derm_page_text(gate, "photo") ? ": " : "",
              derm_page_text(gate, "text"));
    say_quantity(h, derm_page_text(gate, "quantity"), &unit);
    derm_html(h, "</td>");
    if (derm_page_number(gate, "measured", &measured) && derm_page_number(gate, "limit", &limit)) {
        derm_html(h, "<td>");
        derm_say_number(h, measured, 4);
        derm_html(h, "%s</td><td>", unit);
        derm_say_number(h, limit, 4);
        derm_html(h, "%s</td><td>", unit);
        say_bar(h, measured, limit);
        derm_html(h, "</td>");
    } else {
        derm_html(h, "<td></td><td></td><td></td>");
    }
    derm_html(h, "<td>%s ", fail ? "takes the verdict from" : "makes less sure:");
    derm_say_list(h, derm_json_get(gate, "concerns"), derm_say_concern);
    if (derm_json_count(regions)) {
        derm_html(h, " <span class=\"where\">(");
        derm_say_list(h, regions, derm_say_region);
        derm_html(h, ")</span>");
    }
    derm_html(h, "</td></tr>\n");
}

static void say_gates(struct derm_html *h, const struct derm_json *gates, const char *label)
{
    derm_html(
        h,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table "
        "class=\"gates\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Measured "
        "by</th><th scope=\"col\">Measured</th><th scope=\"col\">Limit</th><th scope=\"col\">"
        "<span class=\"hidden\">Measured against limit</span></th><th scope=\"col\">Effect</th>"
        "</tr></thead><tbody>\n",
        label);
    for (const struct derm_json *i = derm_json_first(gates); i; i = derm_json_next(i))
        say_gate(h, i);
    derm_html(h, "</tbody></table></div>\n");
}

/* ---- how the two fit together */

static void say_fact(struct derm_html *h, const char *label, double value, const char *unit)
{
    derm_html(h, "<div><dt>%s</dt><dd>", label);
    derm_say_number(h, value, 4);
    derm_html(h, "%s</dd></div>", unit);
}

static void say_alignment(struct derm_html *h, const struct derm_json *registration)
{
    double x;

    derm_html(h, "<dl class=\"facts\">");
    if (derm_page_number(registration, "residual_mm", &x))
        say_fact(h, "Alignment: what is left", x, "\xe2\x80\xafmm");
    if (derm_page_number(registration, "residual_px", &x))
        say_fact(h, "Alignment: what is left", x, "\xe2\x80\xafpx");
    if (derm_page_number(registration, "coverage_fraction", &x))
        say_fact(h, "Skin that both photos show", 100 * x, "\xe2\x80\xaf%");
    if (derm_page_number(registration, "agreeing_fraction", &x))
        say_fact(h, "Places that agree", 100 * x, "\xe2\x80\xaf%");
    if (derm_page_number(registration, "correlation", &x)) say_fact(h, "Correlation", x, "");
    derm_html(h, "</dl>\n");
}

void derm_page_gates(struct derm_page *p)
{
    const struct derm_json *const comparability = derm_json_get(p->doc, "comparability");
    const struct derm_json *const reasons = derm_json_get(comparability, "reasons");
    struct derm_html *const h = &p->html;

    if (!p->pair) return;
    derm_html(h, "<section aria-labelledby=\"gates\"><h2 id=\"gates\">Were the photos taken alike?"
                 "</h2>\n");
    say_alignment(h, derm_json_get(p->doc, "registration"));
    if (derm_json_count(reasons))
        say_gates(h, reasons, "Checks that did not pass");
    else
        derm_html(h, "<p>Every check of pose, distance, sharpness, exposure, light, colour, "
                     "expression and processing passed.</p>");
    derm_html(h, "</section>\n");
}

/* ---- each photo */

static void say_size(struct derm_html *h, const struct derm_json *photo)
{
    double w, height, quality;

    derm_page_number(photo, "width", &w);
    derm_page_number(photo, "height", &height);
    derm_html(h, "%d × %d px, %s", (int)w, (int)height, derm_page_text(photo, "format"));
    if (derm_page_number(photo, "jpeg_quality", &quality))
        derm_html(h, " of quality %d", (int)quality);
    derm_html(h, ", %s", derm_page_text(photo, "colour_space"));
}

static void say_camera(struct derm_html *h, const struct derm_json *photo)
{
    const struct derm_json *const camera = derm_json_get(photo, "camera");
    double x;

    if (!derm_json_count(camera)) {
        derm_html(h, "not in the file");
        return;
    }
    derm_html(h, "%s %s %s", derm_page_text(camera, "make"), derm_page_text(camera, "model"),
              derm_page_text(camera, "lens"));
    if (derm_page_number(camera, "focal_mm", &x)) derm_html(h, ", %.1f mm", x);
    if (derm_page_number(camera, "f_number", &x)) derm_html(h, ", f/%.1f", x);
    if (derm_page_number(camera, "exposure_s", &x) && x > 0) derm_html(h, ", 1/%.0f s", 1 / x);
    if (derm_page_number(camera, "iso", &x)) derm_html(h, ", ISO %.0f", x);
}

static void say_scale(struct derm_html *h, const struct derm_json *scale)
{
    double px_per_mm, sd;

    if (!derm_page_number(scale, "px_per_mm", &px_per_mm)) {
        derm_html(h, "unknown");
        return;
    }
    derm_say_number(h, px_per_mm, 4);
    derm_html(h, " px/mm");
    if (derm_page_number(scale, "relative_sd", &sd)) derm_html(h, " ± %.1f %%", 100 * sd);
    derm_html(h, " (%s)",
              derm_page_is(scale, "source", "iris")
                  ? "from the size of the irises and the distance of the pupils, which "
                    "are alike in adults"
              : derm_page_is(scale, "source", "user") ? "as given"
                                                      : derm_page_text(scale, "source"));
}

static void say_pose(struct derm_html *h, const struct derm_json *face)
{
    double yaw, pitch, roll;

    if (!derm_page_number(face, "yaw_deg", &yaw)) {
        derm_html(h, "measured as a close-up, without a face");
        return;
    }
    derm_page_number(face, "pitch_deg", &pitch);
    derm_page_number(face, "roll_deg", &roll);
    derm_html(h, "turned ");
    derm_say_number(h, yaw, 2);
    derm_html(h, "°, nodding ");
    derm_say_number(h, pitch, 2);
    derm_html(h, "°, tilted ");
    derm_say_number(h, roll, 2);
    derm_html(h, "°");
}

static void say_exposure(struct derm_html *h, const struct derm_json *skin)
{
    double high, low;

    derm_page_number(skin, "clipped_high_fraction", &high);
    derm_page_number(skin, "clipped_low_fraction", &low);
    derm_html(h, "%.2f %% of the skin clipped to white, %.2f %% to black", 100 * high, 100 * low);
}

static void say_sharpness(struct derm_html *h, const struct derm_json *skin)
{
    double blur, noise;

    if (derm_page_number(skin, "blur_mm", &blur)) {
        derm_html(h, "blur of ");
        derm_say_number(h, blur, 2);
        derm_html(h, "\xe2\x80\xafmm; ");
    }
    derm_page_number(skin, "noise", &noise);
    derm_html(h, "noise of ");
    derm_say_number(h, noise, 2);
    derm_html(h, " (optical density)");
}

static void say_photo(struct derm_page *p, const struct derm_json *photo,
                      const struct derm_json *scale)
{
    struct derm_html *const h = &p->html;
    const struct derm_json *const skin = derm_json_get(photo, "skin");

    derm_html(h, "<div class=\"photo\"><h3><bdi>%s</bdi></h3><p><bdi>%s</bdi></p><dl>",
              derm_page_is(photo, "id", "followup")   ? "Follow-up"
              : derm_page_is(photo, "id", "baseline") ? "Baseline"
              : p->series                             ? derm_page_text(photo, "id")
                                                      : "Photo",
              derm_page_text(photo, "file"));
    derm_html(h, "<dt>File</dt><dd>");
    say_size(h, photo);
    derm_html(h, "</dd><dt>Camera</dt><dd>");
    say_camera(h, photo);
    derm_html(h, "</dd><dt>Scale</dt><dd>");
    say_scale(h, scale);
    derm_html(h, "</dd><dt>Head</dt><dd>");
    say_pose(h, derm_json_get(photo, "face"));
    derm_html(h, "</dd><dt>Exposure</dt><dd>");
    say_exposure(h, skin);
    derm_html(h, "</dd><dt>Sharpness</dt><dd>");
    say_sharpness(h, skin);
    derm_html(h, "</dd></dl></div>\n");
}

static const struct derm_json *scale_of(const struct derm_page *p, int photo)
{
    const struct derm_json *const scale = derm_json_get(p->doc, "scale");

    if (p->series) return derm_json_at(derm_json_get(scale, "photos"), photo);
    return photo ? derm_json_get(scale, "followup") : scale;
}

void derm_page_photos(struct derm_page *p)
{
    const struct derm_json *const photos = derm_json_get(p->doc, "photos");
    const struct derm_json *const quality = derm_json_get(p->doc, "quality");
    struct derm_html *const h = &p->html;

    derm_html(h,
              "<section aria-labelledby=\"quality\"><h2 id=\"quality\">Quality of the photo%s</h2>"
              "<div class=\"pair\">\n",
              p->pair ? "s" : "");
    for (int i = 0; i < derm_json_count(photos); i++)
        say_photo(p, derm_json_at(photos, i), scale_of(p, i));
    derm_html(h, "</div>\n");
    if (derm_json_count(quality)) say_gates(h, quality, "Findings on the photos");
    derm_html(h, "</section>\n");
}
