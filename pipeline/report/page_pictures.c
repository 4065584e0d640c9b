/* SPDX-License-Identifier: Apache-2.0 */
/* The photos and what was found on them. Without script they stand side by side; the script lays
 * them on one another. */
#include <string.h>

#include "base/metrics.h"
#include "report/overlay_parts.h"
#include "report/page.h"

static const struct derm_bytes *picture(const struct derm_page *p, enum derm_picture_id id)
{
    return &p->pictures->picture[id];
}

static void say_image(struct derm_page *p, enum derm_picture_id id, const char *klass,
                      const char *alt)
{
    struct derm_html *const h = &p->html;

    derm_html(h, "<img class=\"%s\" alt=\"%s\" src=\"data:%s;base64,", klass, alt,
              derm_picture_type(id));
    derm_html_base64(h, picture(p, id)->data, picture(p, id)->size);
    derm_html(h, "\">");
}

/* The word by which script and style know a layer. */
static const char *layer_name(enum derm_picture_id id)
{
    return id == DERM_PICTURE_REGIONS
               ? "regions"
               : derm_concern_id((enum derm_concern)(id - DERM_PICTURE_CONCERN));
}

/* ---- tools */

static void say_modes(struct derm_html *h)
{
    derm_html_own(
        h, "<fieldset><legend>View</legend>"
           "<label><input type=\"radio\" name=\"mode\" value=\"slider\" checked> slider</label>"
           "<label><input type=\"radio\" name=\"mode\" value=\"beside\"> side by side</label>"
           "<label><input type=\"radio\" name=\"mode\" value=\"blink\"> blink</label></fieldset>");
}

static void say_layer_boxes(struct derm_page *p)
{
    struct derm_html *const h = &p->html;

    derm_html(h, "<fieldset><legend>%s</legend>", p->pair ? "Show changes of" : "Show");
    for (int id = DERM_PICTURE_REGIONS; id < DERM_PICTURE_COUNT; id++) {
        const char *const name = layer_name((enum derm_picture_id)id);

        if (!picture(p, (enum derm_picture_id)id)->size) continue;
        derm_html(h, "<label><input type=\"checkbox\" data-layer=\"%s\"> ", name);
        derm_say_concern(h, name);
        derm_html(h, "</label>");
    }
    derm_html(h, "</fieldset>");
}

static void say_tools(struct derm_page *p)
{
    struct derm_html *const h = &p->html;

    derm_html(h, "<div class=\"tools\">");
    if (p->pictures->aligned) say_modes(h);
    derm_html(h, "<fieldset><legend>Zoom</legend>"
                 "<button type=\"button\" data-move=\"+\" aria-label=\"zoom in\">+</button>"
                 "<button type=\"button\" data-move=\"-\" aria-label=\"zoom out\">&#x2212;</button>"
                 "<button type=\"button\" data-move=\"0\">whole</button></fieldset>");
    say_layer_boxes(p);
    derm_html(h, "</div>\n");
}

/* ---- legend */

static void say_entry(struct derm_html *h, const struct derm_legend *entry)
{
    const uint8_t *const ink = derm_ink[entry->ink];

    derm_html(
        h,
        "<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><circle cx=\"6\" cy=\"6\" r=\"5\" "
        "fill=\"rgb(%d,%d,%d)\" stroke=\"#444\"/></svg>%s</li>",
        ink[0], ink[1], ink[2], entry->text);
}

static void say_legend(struct derm_page *p)
{
    static const struct derm_legend grey = { DERM_INK_GREY, "grey, hatched: not assessed" };
    const int kinds = p->pair ? 1 : DERM_KIND_COUNT; /* in a pair all share those of change */
    struct derm_html *const h = &p->html;

    derm_html(h, "<ul class=\"legend\">");
    for (int kind = 0; kind < kinds; kind++) {
        const struct derm_legend *const entry = derm_overlay_legend((enum derm_kind)kind, p->pair);
        const int id = DERM_PICTURE_CONCERN + (int)derm_kinds[kind].concern;

        if (!p->pair && !picture(p, (enum derm_picture_id)id)->size) continue;
        for (int k = 0; k < DERM_LEGEND_MOST && entry[k].text; k++)
            say_entry(h, &entry[k]);
    }
    say_entry(h, &grey);
    derm_html(h, "</ul>\n");
}

/* ---- stage */

static void say_layers(struct derm_page *p)
{
    for (int id = DERM_PICTURE_REGIONS; id < DERM_PICTURE_COUNT; id++) {
        char klass[64] = "layer ";

        if (!picture(p, (enum derm_picture_id)id)->size) continue;
        strncat(klass, layer_name((enum derm_picture_id)id), sizeof(klass) - 7);
        say_image(p, (enum derm_picture_id)id, klass, "");
    }
}

static void say_pane(struct derm_page *p, enum derm_picture_id id, const char *klass,
                     const char *caption, const char *alt)
{
    struct derm_html *const h = &p->html;

    if (!picture(p, id)->size) return;
    derm_html(h, "<figure class=\"pane %s\"><div class=\"view\">", klass);
    say_image(p, id, "", alt);
    if (id == DERM_PICTURE_BASELINE) say_layers(p);
    derm_html(h, "</div><figcaption>%s</figcaption></figure>\n", caption);
}

static void say_stage(struct derm_page *p)
{
    struct derm_html *const h = &p->html;
    const bool aligned = p->pictures->aligned;

    derm_html(h,
              "<div class=\"stage%s%s\" role=\"group\" aria-label=\"Photos: plus and minus zoom, "
              "arrow keys move, 0 shows the whole\">\n",
              aligned ? " aligned" : "", p->pair ? "" : " single");
    say_pane(p, DERM_PICTURE_BASELINE, "base", p->pair ? "Baseline" : "Photo",
             p->pair ? "The skin in the baseline photo" : "The skin in the photo");
    say_pane(p, DERM_PICTURE_FOLLOWUP, "follow",
             aligned ? "Follow-up, aligned" : "Follow-up, NOT aligned",
             aligned ? "The same skin in the follow-up photo, laid on the baseline"
                     : "The follow-up photo, which could not be laid on the baseline");
    if (aligned) derm_html(h, "<div class=\"edge\"></div>");
    derm_html(h, "</div>\n");
    if (aligned)
        derm_html(h, "<div class=\"sweep\"><span aria-hidden=\"true\">Baseline</span><input "
                     "type=\"range\" min=\"0\" max=\"100\" value=\"50\" aria-label=\"Edge between "
                     "baseline and follow-up, percent from the left\"><span aria-hidden=\"true\">"
                     "Follow-up</span></div>\n");
}

static void say_about(struct derm_page *p)
{
    struct derm_html *const h = &p->html;

    if (p->pictures->relit)
        derm_html(h,
                  "<p class=\"small\">For display alone, the follow-up&rsquo;s light was made like "
                  "the baseline&rsquo;s; nothing is measured on this picture. Even changes of "
                  "colour do not show on it.</p>");
    else if (p->pictures->aligned)
        derm_html(h, "<p class=\"small\">The follow-up is laid on the baseline; its light is as it "
                     "was.</p>");
}

void derm_page_pictures(struct derm_page *p)
{
    struct derm_html *const h = &p->html;

    derm_html(h, "<section aria-labelledby=\"pictures\"><h2 id=\"pictures\">Pictures</h2>\n");
    if (p->pictures && picture(p, DERM_PICTURE_BASELINE)->size) {
        say_tools(p);
        say_stage(p);
        say_legend(p);
        say_about(p);
    } else {
        derm_html(h,
                  "<p class=\"none\">This page was made from the document alone, which holds no "
                  "photos. With the folder that --overlay wrote, &ldquo;dermetry report DOCUMENT "
                  "--overlay DIR&rdquo; shows them.</p>");
    }
    derm_html(h, "</section>\n");
}
