/* SPDX-License-Identifier: Apache-2.0 */
/* How truly the fading of real pores is read: the labelled pores of one photo (labelled_pores.h)
 * are filled towards their surround by 0, 20 and 40 % in linear light, both photos then get other
 * light, noise and JPEG, the follow-up another pose, and the whole pipeline compares them.
 *
 *   truth_faded_pores [even]     even: draws for tuning; else those for reporting
 *
 * Truth is the change of contrast in optical density, green, inside the labels against a ring, as
 * for phantoms. What was not labelled does not fade: "at labels" reads the labelled pores alone.
 * One face: it checks, nothing is tuned on it. */
#include "null_pairs.h"

#include "labelled_pores.h"

static const double fadings[] = { 0, 0.2, 0.4 };
enum { FADINGS = sizeof(fadings) / sizeof(*fadings), DRAWS = 3 };

static const double around_mm = 0.5; /* sigma of what is taken for the surround */
static const double rim_mm = 0.1;    /* of a pore beyond its label */
static const double noise_codes = 1; /* sd, of 255 */

struct canvas {
    struct photo photo;
    struct derm_plane around[3]; /* the skin without its pores, linear light */
    struct derm_plane pore;      /* 1 in a pore, soft at its rim */
};

static void canvas_open(struct view_bed *b, struct canvas *c)
{
    const struct derm_filter f = derm_run_filter(&b->run);
    const int w = c->photo.lin[0].w, h = c->photo.lin[0].h;
    struct derm_mask label, wide, skin;
    struct derm_plane ink[3];

    must(b, decoded_planes(c->photo.file[1], ink));
    must(b, derm_mask_new(&b->keep, &label, w, h));
    must(b, derm_mask_new(&b->keep, &wide, w, h));
    must(b, derm_mask_new(&b->keep, &skin, w, h));
    must(b, derm_plane_new(&b->keep, &c->pore, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            derm_mask_row(&label, y)[x] = derm_row(&ink[0], y)[x] > 0 ? 0xff : 0;
    must(b, derm_dilate(&f, &wide, &label, rim_mm * photo_px_per_mm));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            derm_mask_row(&skin, y)[x] = (uint8_t)~derm_mask_row(&wide, y)[x];
            derm_row(&c->pore, y)[x] = derm_mask_row(&wide, y)[x] ? 1.0f : 0.0f;
        }
    must(b, derm_gaussian(&f, &c->pore, &c->pore, rim_mm / 2 * photo_px_per_mm));
    for (int i = 0; i < 3; i++) {
        must(b, derm_plane_new(&b->keep, &c->around[i], w, h));
        must(b, derm_gaussian_masked(&f, &c->around[i], &c->photo.lin[i], &skin,
                                     around_mm * photo_px_per_mm));
    }
}

static double faded(const struct canvas *c, double fading, int x, int y, int channel)
{
    const double own = (double)derm_row(&c->photo.lin[channel], y)[x];
    const double share = fading * (double)derm_row(&c->pore, y)[x];

    return own + share * ((double)derm_row(&c->around[channel], y)[x] - own);
}

/* Mean optical density inside a label less that of the ring between 1.5 and 2.5 radii. */
static double contrast_of(const struct canvas *c, const struct label *l, double fading)
{
    const int reach = (int)ceil(2.5 * l->radius), x0 = (int)(l->x + 0.5), y0 = (int)(l->y + 0.5);
    double sum[2] = { 0 };
    int n[2] = { 0 };

    if (x0 < reach || y0 < reach || x0 + reach >= c->pore.w || y0 + reach >= c->pore.h) return 0;
    for (int y = y0 - reach; y <= y0 + reach; y++)
        for (int x = x0 - reach; x <= x0 + reach; x++) {
            const double r = hypot(x - l->x, y - l->y) / l->radius;
            const int part = r > 1;

            if ((r > 1 && r < 1.5) || r > 2.5) continue;
            sum[part] += (double)bed_density(faded(c, fading, x, y, 1));
            n[part]++;
        }
    return n[0] && n[1] ? sum[0] / n[0] - sum[1] / n[1] : 0;
}

static double true_fading(const struct canvas *c, double fading)
{
    double before = 0, now = 0;

    for (int i = 0; i < c->photo.labels; i++) {
        before += contrast_of(c, &c->photo.label[i], 0);
        now += contrast_of(c, &c->photo.label[i], fading);
    }
    return 100 * (now / before - 1);
}

static void draw_picture(struct null_lab *lab, const struct canvas *c, double fading,
                         struct picture *out)
{
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++)
            for (int i = 0; i < 3; i++) {
                double code = 255 * derm_srgb_encode(faded(c, fading, x, y, i));

                for (int k = 0; k < 12; k++) /* about normal, sd 1 */
                    code += noise_codes * (derm_random_uniform(&lab->random) - 0.5);
                out->rgb[3 * ((size_t)y * (size_t)out->w + (size_t)x) + (size_t)i] =
                    (uint8_t)clampd(code + 0.5, 0, 255);
            }
}

static bool at_label(const struct canvas *c, const struct derm_grid *g, const struct derm_object *o)
{
    const double x = g->x0 + (o->x + 0.5) * g->step - 0.5;
    const double y = g->y0 + (o->y + 0.5) * g->step - 0.5;

    for (int i = 0; i < c->photo.labels; i++) {
        const struct label *const l = &c->photo.label[i];
        if (hypot(l->x - x, l->y - y) <= fmax(tolerance_mm * photo_px_per_mm, l->radius))
            return true;
    }
    return false;
}

struct score {
    double error, square, at_labels, half;
    int n, judged, covered;
};

static void compare_faded(struct null_lab *lab, const struct canvas *c, double fading, double truth,
                          struct score *s)
{
    struct derm_error err = { 0 };
    const struct derm_objects *const found = &lab->work.pair.objects[DERM_CONCERN_PORES];
    double base = 0, follow = 0;
    int strong = 0, labelled = 0;

    lab->work = (struct derm_work){ .photos = 2 };
    derm_arena_reset(&lab->keep, 0);
    for (int i = 0; i < 2; i++)
        lab->work.request[i] = (struct derm_photo_request){ .size = sizeof(lab->work.request[i]),
                                                            .path = lab->path[i],
                                                            .px_per_mm = photo_px_per_mm,
                                                            .site = DERM_SITE_BODY,
                                                            .roi_path = i ? NULL : lab->mask };
    if (derm_run(&lab->ctx->engine, &lab->work, &lab->keep, &err) != DERM_OK) die(err.text);
    for (int i = 0; i < found->n; i++) {
        const struct derm_object *const o = &found->item[i];
        if (!o->strong) continue;
        strong++;
        if (!at_label(c, &lab->work.frame[0].view.grid, o)) continue;
        labelled++;
        base += o->base_value;
        follow += o->follow_value;
    }
    for (int i = 0; i < lab->work.results.n; i++) {
        const struct derm_result *const r = &lab->work.results.item[i];
        if (r->metric != DERM_METRIC_PORES_AMPLITUDE || r->status != DERM_MEASURED) continue;
        printf(
            "  %3.0f %% truth %6.1f reads %6.1f [%6.1f, %6.1f] %-12s at labels %6.1f, %d of %d\n",
            100 * fading, truth, r->percent, r->percent_lo, r->percent_hi,
            r->verdict == DERM_NOT_COMPARABLE ? "not judged" : "",
            base > 0 ? 100 * (follow / base - 1) : 0, labelled, strong);
        s->n++;
        s->judged += r->verdict != DERM_NOT_COMPARABLE;
        s->covered += r->percent_lo <= truth && truth <= r->percent_hi;
        s->error += r->percent - truth;
        s->square += (r->percent - truth) * (r->percent - truth);
        s->at_labels += base > 0 ? 100 * (follow / base - 1) - truth : 0;
        s->half += (r->percent_hi - r->percent_lo) / 2;
    }
    fflush(stdout);
}

static void test_fading(struct null_lab *lab, const struct canvas *c, double fading, int odd)
{
    struct picture picture = { .w = c->pore.w, .h = c->pore.h };
    const double truth = fading > 0 ? true_fading(c, fading) : 0;
    struct score s = { .n = 0 };

    picture.rgb = malloc((size_t)picture.w * (size_t)picture.h * 3);
    if (!picture.rgb) abort();
    for (int k = 0; k < DRAWS; k++) {
        struct other other[2];

        lab->random = (struct derm_random){ (uint64_t)(2 * k + odd) };
        for (int photo = 0; photo < 2; photo++) {
            other[photo] = draw_other(lab, photo == 1);
            draw_picture(lab, c, photo == 0 ? 0 : fading, &picture);
            write_other(lab, photo, &picture, &other[photo]);
        }
        compare_faded(lab, c, fading, truth, &s);
    }
    if (s.n > 0)
        printf("%.0f %%: bias %+.1f, RMSE %.1f, at labels %+.1f; %d of %d covered (+-%.1f), %d "
               "judged\n",
               100 * fading, s.error / s.n, sqrt(s.square / s.n), s.at_labels / s.n, s.covered, s.n,
               s.half / s.n, s.judged);
    free(picture.rgb);
}

int main(int argc, char **argv)
{
    const int odd = argc > 1 && strcmp(argv[1], "even") == 0 ? 0 : 1;
    struct canvas canvas = { .photo = { .labels = 0 } };
    struct view_bed bed;
    struct null_lab lab;

    bed_open(&bed);
    if (!photo_open(&bed, &canvas.photo)) {
        printf("SKIP: no labelled photo at %s/lesions/porenet\n", DERM_TEST_DATA);
        return 0;
    }
    canvas_open(&bed, &canvas);
    null_lab_open(&lab, NULL);
    must(&bed, derm_png_write_grey(lab.mask, &canvas.photo.inside, &bed.err));
    for (int i = 0; i < FADINGS; i++)
        test_fading(&lab, &canvas, fadings[i], odd);
    null_lab_close(&lab);
    photo_close(&canvas.photo);
    bed_close(&bed);
    return 0;
}
