/* SPDX-License-Identifier: Apache-2.0 */
/* Ids and numbers in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "base/num.h"
#include "report/headline.h"
#include "report/page.h"

#define MINUS "\xe2\x88\x92"
#define THIN_NBSP "\xe2\x80\xaf" /* between a number and its unit */

/* ---- concerns and reasons */

int derm_concern_index(const char *id)
{
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        if (strcmp(id, derm_concern_id((enum derm_concern)c)) == 0) return c;
    return -1;
}

const char *derm_concern_noun(const char *id)
{
    static const char *const noun[DERM_CONCERN_COUNT] = {
        [DERM_CONCERN_PORES] = "The strength of the visible pores",
        [DERM_CONCERN_PIGMENTATION] = "The area and darkness of the spots",
        [DERM_CONCERN_SCARS] = "The relief of the sunken scars",
        [DERM_CONCERN_WRINKLES] = "The length and depth of the wrinkles",
        [DERM_CONCERN_STRETCH_MARKS] = "The contrast of the stretch marks",
        [DERM_CONCERN_REDNESS] = "The area and strength of red marks and vessels",
        [DERM_CONCERN_TEXTURE] = "The roughness of the skin's fine texture",
        [DERM_CONCERN_TONE] = "The unevenness of the skin's colour",
        [DERM_CONCERN_RADIANCE] = "The share of the skin that shines",
    };
    const int c = derm_concern_index(id);

    return c < 0 ? "This measure" : noun[c];
}

/* Of those whose text does not say it. */
static const char *const advice[DERM_REASON_COUNT] = {
    [DERM_REASON_RESOLUTION_LOW] = "Move the camera closer next time.",
    [DERM_REASON_REGION_NOT_VISIBLE] = "Show this part of the face, free of hair and shadow.",
    [DERM_REASON_NO_SKIN] = "Take a photo that is mostly skin.",
    [DERM_REASON_NO_FACE] = "For a face, take the whole face from the front.",
    [DERM_REASON_SEVERAL_FACES] = "Take photos of one person alone.",
    [DERM_REASON_OVEREXPOSED] = "Expose less, and avoid direct flash.",
    [DERM_REASON_UNDEREXPOSED] = "Use more light.",
    [DERM_REASON_BLURRED] = "Focus on the skin and hold the camera still.",
    [DERM_REASON_NOISY] = "Use more light, so that the camera needs less gain.",
    [DERM_REASON_COMPRESSED] = "Use the camera's original file, not a forwarded copy.",
    [DERM_REASON_GREYSCALE] = "Use a colour photo.",
    [DERM_REASON_TURNED] = "Let the patient face the camera.",
    [DERM_REASON_UNEVEN_LIGHT] = "Light the skin evenly from both sides.",
    [DERM_REASON_TRUNCATED] = "Copy the photo again.",
    [DERM_REASON_NOT_REGISTERED] =
        "Check that both show the same skin; repeat the baseline's view and light.",
    [DERM_REASON_DIFFERENT_SUBJECT] =
        "Check that both photos are of the same person and the same side.",
    [DERM_REASON_RESIDUAL_HIGH] = "Repeat the baseline's pose and distance.",
    [DERM_REASON_NO_COMMON_SKIN] = "Repeat the baseline's view; keep hair away from the skin.",
    [DERM_REASON_POSE_DIFFERS] = "Repeat the baseline's pose of the head.",
    [DERM_REASON_SCALE_DIFFERS] = "Keep the distance of the baseline.",
    [DERM_REASON_SHARPNESS_DIFFERS] = "Use the same camera, and focus on the skin.",
    [DERM_REASON_SHARPNESS_UNKNOWN] = "Include some hair or brows in close-ups.",
    [DERM_REASON_EXPOSURE_DIFFERS] = "Use the same light and exposure.",
    [DERM_REASON_CAST_DIFFERS] = "Use the same light and white balance.",
    [DERM_REASON_LIGHT_DIFFERS] = "Place the lights as for the baseline.",
    [DERM_REASON_DEVICE_DIFFERS] = "Use the same camera and settings.",
    [DERM_REASON_EXPRESSION_DIFFERS] = "Take both photos with a relaxed face, mouth closed.",
    [DERM_REASON_COMPRESSION_DIFFERS] = "Use the camera's original files.",
    [DERM_REASON_PROCESSING_DIFFERS] = "Switch off HDR, beauty and portrait modes.",
    [DERM_REASON_GLOSS_DIFFERS] = "Clean and dry the skin before both photos.",
    [DERM_REASON_DETAIL_DIFFERS] = "Switch off beauty filters, and focus on the skin.",
    [DERM_REASON_SHARPENING_DIFFERS] = "Use the same camera with the same settings, and no filter.",
    [DERM_REASON_SAME_FILE] = "Choose the photo of the later visit.",
};

const char *derm_reason_advice(const char *id)
{
    for (int r = 0; r < DERM_REASON_COUNT; r++)
        if (strcmp(id, derm_reason_id((enum derm_reason)r)) == 0) return advice[r] ? advice[r] : "";
    return "";
}

/* ---- ids */

void derm_say_id(struct derm_html *h, const char *id)
{
    char text[128];

    snprintf(text, sizeof(text), "%s", id);
    for (char *c = text; *c; c++)
        if (*c == '_') *c = ' ';
    derm_html(h, "%s", text);
}

void derm_say_concern(struct derm_html *h, const char *id)
{
    const int c = derm_concern_index(id);
    char title[80];

    if (c < 0) {
        derm_say_id(h, id);
        return;
    }
    derm_headline_title(title, sizeof(title), (enum derm_concern)c, false);
    derm_html(h, "%s", title);
}

void derm_say_region(struct derm_html *h, const char *id)
{
    static const char *const words[DERM_PLACE_COUNT] = {
        [DERM_REGION_FACE] = "whole face",
        [DERM_REGION_GLABELLA] = "between the brows",
        [DERM_REGION_NASOLABIAL] = "nasolabial folds",
        [DERM_REGION_PERIORAL] = "around the mouth",
        [DERM_REGION_LEFT_PERIORBITAL] = "around the left eye",
        [DERM_REGION_RIGHT_PERIORBITAL] = "around the right eye",
        [DERM_REGION_LEFT_CROWSFEET] = "left crow\xe2\x80\x99s feet",
        [DERM_REGION_RIGHT_CROWSFEET] = "right crow\xe2\x80\x99s feet",
        [DERM_REGION_ROI] = "measured area",
        [DERM_REGION_CONTROL] = "untreated skin",
    };

    for (int r = 0; r < DERM_PLACE_COUNT; r++)
        if (words[r] && strcmp(id, derm_region_id((enum derm_region)r)) == 0) {
            derm_html(h, "%s", words[r]);
            return;
        }
    derm_say_id(h, id);
}

void derm_say_list(struct derm_html *h, const struct derm_json *list,
                   void (*say)(struct derm_html *h, const char *id))
{
    for (const struct derm_json *i = derm_json_first(list); i; i = derm_json_next(i)) {
        if (i != derm_json_first(list)) derm_html(h, ", ");
        if (derm_json_as_text(i)) say(h, derm_json_as_text(i));
    }
}

/* UCUM writes powers as digits after a letter. */
void derm_say_unit(struct derm_html *h, const char *ucum)
{
    char text[64];
    size_t n = 0;

    if (!ucum || !*ucum || strcmp(ucum, "1") == 0) return;
    for (const char *u = ucum; *u && n + 4 < sizeof(text); u++) {
        const bool power = *u == '2' || *u == '3';

        if (power) text[n++] = '\xc2';
        text[n++] = (char)(*u == '2' ? '\xb2' : *u == '3' ? '\xb3' : *u);
    }
    text[n] = '\0';
    if (strcmp(text, "deg") == 0)
        derm_html(h, "°");
    else if (text[0] == '/')
        derm_html(h, " per %s", text + 1);
    else
        derm_html(h, THIN_NBSP "%s", text);
}

/* ---- numbers */

void derm_say_number(struct derm_html *h, double value, int digits)
{
    const int magnitude = value != 0 ? (int)floor(log10(fabs(value))) : 0;

    derm_html(h, value < 0 ? MINUS : "");
    derm_html_decimal(h, fabs(value), clampi(digits - 1 - magnitude, 0, 9));
}

/* One decimal says nothing beyond 100 %. */
void derm_say_size(struct derm_html *h, double percent)
{
    if (fabs(percent) < 9.95)
        derm_html(h, "%.1f" THIN_NBSP "%%", fabs(percent));
    else
        derm_html(h, "%.0f" THIN_NBSP "%%", fabs(percent));
}

void derm_say_percent(struct derm_html *h, double percent)
{
    const bool none = fabs(percent) < 0.05;

    derm_html(h, none ? "" : percent < 0 ? MINUS : "+");
    derm_say_size(h, percent);
}

void derm_say_change(struct derm_html *h, double percent)
{
    if (fabs(percent) < 0.05) {
        derm_html(h, "the same");
        return;
    }
    derm_say_size(h, percent);
    derm_html(h, percent < 0 ? " lower" : " higher");
}

void derm_say_interval(struct derm_html *h, double lo, double hi)
{
    derm_say_percent(h, lo);
    derm_html(h, " to ");
    derm_say_percent(h, hi);
}

void derm_say_date(struct derm_html *h, const char *iso)
{
    char text[17];

    snprintf(text, sizeof(text), "%s", iso);
    if (strlen(text) > 10 && text[10] == 'T') text[10] = ' ';
    derm_html(h, "%s", text);
}

/* ---- verdicts */

static const struct {
    const char *id, *words;
} verdicts[] = {
    { "improved", "Improved" },
    { "worsened", "Worsened" },
    { "no_detectable_change", "No detectable change" },
    { "not_comparable", "Cannot be compared" },
};

const char *derm_verdict_words(const char *verdict)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (strcmp(verdict, verdicts[i].id) == 0) return verdicts[i].words;
    return "";
}

/* The marks are symbols of page.html. */
void derm_say_mark(struct derm_html *h, const char *verdict)
{
    if (!*derm_verdict_words(verdict)) return;
    derm_html(h, "<svg class=\"mark\" aria-hidden=\"true\"><use href=\"#mark-%s\"/></svg>",
              verdict);
}
