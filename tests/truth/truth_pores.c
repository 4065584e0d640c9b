/* SPDX-License-Identifier: Apache-2.0 */
/* How well pores are found and how truly their change is read.
 *
 *   truth_pores          photo with labelled pores (skipped when absent), then phantoms
 *
 * Photo (one face: it checks, nothing was tuned on it): average precision of the detections ranked
 * by z, each matched to the nearest free label whose centroid is within the larger of 0.25 mm and
 * the label's own radius; AP = sum over the matched detections of the precision there, divided by
 * the number of labels inside the region of interest.
 * Phantoms: two pictures of one skin in one pose with different noise, exposure, white balance,
 * defocus; change of the amplitude sum over the united pores against the truth. */
#include "base/num.h"
#include "stage_params.h"
#include "stages/segment.h"
#include "stages/unite.h"

#include "truth/view_bed.h"
#include "unit/decode_photo.h"

/* Pores that stand out from their surround by at least z_min. */
static derm_err find_above(struct view_bed *b, const struct derm_view *v, double z_min,
                           struct derm_objects *out)
{
    struct stage_params p;

    stage_defaults(&derm_stage_pores, &p);
    DERM_TRY(derm_opt_set(derm_stage_pores.opts, p.at, "pores", "z_min", z_min, &b->err));
    return derm_segmenter_pores.find(&b->run, p.at, v, &v->skin, out);
}

/* ---- labelled photo */

struct label {
    double x, y, radius, pixels;
    int used;
};
struct photo {
    struct derm_plane lin[3];
    struct derm_mask inside;
    struct label *label;
    int labels;
};
static const double photo_px_per_mm = 13.7; /* pupil distance of 63 mm */
static const double tolerance_mm = 0.25;

static struct decoded *read_photo(struct view_bed *b, const char *folder)
{
    struct decoded *const d = malloc(sizeof(*d));
    char path[1024];

    snprintf(path, sizeof(path), "%s/lesions/porenet/%s/20190315_144533_white.png", DERM_TEST_DATA,
             folder);
    if (!d) exit(1);
    must(b, decoded_open(d));
    if (decoded_photo(d, path) != DERM_OK) {
        decoded_close(d);
        free(d);
        return NULL;
    }
    return d;
}

static void find_labels(struct view_bed *b, const struct derm_plane *ink,
                        const struct derm_mask *inside, struct photo *out)
{
    const struct derm_filter f = derm_run_filter(&b->run);
    struct derm_labels labels;
    struct derm_mask mask;
    int n, kept = 0;

    must(b, derm_mask_new(&b->scratch, &mask, ink->w, ink->h));
    must(b, derm_labels_new(&b->scratch, &labels, ink->w, ink->h));
    for (int y = 0; y < ink->h; y++)
        for (int x = 0; x < ink->w; x++)
            derm_mask_row(&mask, y)[x] = derm_row(ink, y)[x] > 0 ? 0xff : 0;
    must(b, derm_label(&f, &labels, &mask, &n));
    out->label = calloc((size_t)n + 1, sizeof(*out->label));
    if (!out->label) exit(1);
    for (int y = 0; y < ink->h; y++)
        for (int x = 0; x < ink->w; x++) {
            const int id = derm_labels_row(&labels, y)[x];
            if (!id) continue;
            out->label[id - 1].x += x;
            out->label[id - 1].y += y;
            out->label[id - 1].pixels += 1;
        }
    for (int i = 0; i < n; i++) {
        struct label l = out->label[i];
        l.x /= l.pixels;
        l.y /= l.pixels;
        l.radius = sqrt(l.pixels / 3.141592653589793);
        if (derm_mask_row(inside, (int)l.y)[(int)l.x]) out->label[kept++] = l;
    }
    out->labels = kept;
}

/* AP of objects (ranked) whose grid is `step` photo px wide. */
static double average_precision(struct photo *p, const struct derm_objects *o, double step,
                                double *best_f1)
{
    double hits = 0, sum = 0;

    *best_f1 = 0;
    for (int i = 0; i < p->labels; i++)
        p->label[i].used = 0;
    for (int i = 0; i < o->n; i++) {
        const double x = (o->item[i].x + 0.5) * step - 0.5, y = (o->item[i].y + 0.5) * step - 0.5;
        struct label *best = NULL;
        double nearest = 1e9, f1;

        for (int j = 0; j < p->labels; j++) {
            struct label *const l = &p->label[j];
            const double d = hypot(l->x - x, l->y - y);
            if (l->used || d >= nearest || d > fmax(tolerance_mm * photo_px_per_mm, l->radius))
                continue;
            nearest = d;
            best = l;
        }
        if (best) {
            best->used = 1;
            hits += 1;
            sum += hits / (i + 1);
        }
        f1 = 2 * hits / (i + 1 + p->labels);
        *best_f1 = fmax(*best_f1, f1);
    }
    return sum / p->labels;
}

/* The photo at a lower resolution, through a JPEG file when quality > 0. */
static void photo_view(struct view_bed *b, const struct photo *p, double px_per_mm, int quality,
                       struct derm_view *v)
{
    const struct derm_filter f = derm_run_filter(&b->run);
    const double step = photo_px_per_mm / px_per_mm;
    const int w = (int)(p->lin[0].w / step), h = (int)(p->lin[0].h / step);
    struct phantom_rgb8 picture = { .w = w, .h = h };
    struct derm_plane jpeg[3];
    struct decoded d;

    bed_view(b, v, w, h, px_per_mm);
    for (int c = 0; c < 3; c++)
        must(b, derm_resample_area(&f, &v->od[c], &p->lin[c], 0, 0, step));
    if (quality > 0) {
        const struct phantom_file how = { .jpeg_quality = quality };
        picture.px = malloc((size_t)w * (size_t)h * 3);
        if (!picture.px) exit(1);
        for (int i = 0; i < w * h * 3; i++) {
            const double l = (double)derm_row(&v->od[i % 3], i / 3 / w)[i / 3 % w];
            const double e = l <= 0.0031308 ? 12.92 * l : 1.055 * pow(l, 1 / 2.4) - 0.055;
            picture.px[i] = (uint8_t)(255 * clampd(e, 0, 1) + 0.5);
        }
        if (phantom_write("truth_pores.jpg", &picture, &how)) exit(1);
        must(b, decoded_open(&d));
        must(b, decoded_photo(&d, "truth_pores.jpg"));
        must(b, decoded_planes(&d, jpeg));
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < h; y++)
                memcpy(derm_row(&v->od[c], y), derm_row(&jpeg[c], y), (size_t)w * sizeof(float));
        decoded_close(&d);
        free(picture.px);
        remove("truth_pores.jpg");
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int px = imin((int)((x + 0.5) * step), p->inside.w - 1);
            const int py = imin((int)((y + 0.5) * step), p->inside.h - 1);
            derm_mask_row(&v->skin, y)[x] = derm_mask_row(&p->inside, py)[px];
            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] = bed_density((double)derm_row(&v->od[c], y)[x]);
        }
    bed_clutter(b, v);
}

static void test_photo(struct view_bed *b)
{
    static const double z_list = 2, /* deep enough for a precision-recall curve */
        z_counted = 3.5;
    static const struct {
        double px_per_mm;
        int quality;
    } cases[] = { { photo_px_per_mm, 0 },  { 8, 0 },  { 6, 0 }, { 5, 0 }, { 4, 0 },
                  { photo_px_per_mm, 75 }, { 8, 75 }, { 6, 75 } };
    struct decoded *const input = read_photo(b, "input_cropped");
    struct decoded *const ink = input ? read_photo(b, "label_cropped") : NULL;
    struct decoded *const roi = input ? read_photo(b, "mask_cropped") : NULL;
    struct derm_plane inks[3], rois[3];
    struct photo p;

    if (!input || !ink || !roi) {
        printf("SKIP: no labelled photo at %s/lesions/porenet\n", DERM_TEST_DATA);
        return;
    }
    must(b, decoded_planes(input, p.lin));
    must(b, decoded_planes(ink, inks));
    must(b, decoded_planes(roi, rois));
    must(b, derm_mask_new(&input->keep, &p.inside, p.lin[0].w, p.lin[0].h));
    for (int y = 0; y < p.inside.h; y++)
        for (int x = 0; x < p.inside.w; x++)
            derm_mask_row(&p.inside, y)[x] = derm_row(&rois[0], y)[x] > 0.5f ? 0xff : 0;
    find_labels(b, &inks[0], &p.inside, &p);
    printf("labelled photo, %d pores in the region\n", p.labels);
    printf("%8s %5s %6s %6s %8s %8s\n", "px/mm", "jpeg", "AP", "F1max", "at z>3.5", "detected");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct derm_objects o, counted;
        struct derm_view v;
        double f1, unused, at_z;

        bed_clear(b);
        photo_view(b, &p, cases[i].px_per_mm, cases[i].quality, &v);
        must(b, find_above(b, &v, z_list, &o));
        must(b, find_above(b, &v, z_counted, &counted));
        at_z = average_precision(&p, &counted, photo_px_per_mm / cases[i].px_per_mm, &unused);
        printf("%8.1f %5d %6.3f", cases[i].px_per_mm, cases[i].quality,
               average_precision(&p, &o, photo_px_per_mm / cases[i].px_per_mm, &f1));
        printf(" %6.3f %8.3f %8d\n", f1, at_z, counted.n);
    }
    bed_clear(b);
    free(p.label);
    decoded_close(input), free(input);
    decoded_close(ink), free(ink);
    decoded_close(roi), free(roi);
}

/* ---- phantoms */

struct nuisance {
    const char *name;
    double gain, cast, gradient, defocus_px, azimuth_deg, oil;
};
static const struct nuisance nuisances[] = {
    { "noise alone", 1, 1, 0, 0, 0, 1 },       { "exposure -20 %", 0.8, 1, 0, 0, 0, 1 },
    { "colour 5 %", 1, 1.05, 0, 0, 0, 1 },     { "gradient 0.3", 1, 1, 0.3, 0, 0, 1 },
    { "light turned 10", 1, 1, 0, 0, 10, 1 },  { "oil x1.5", 1, 1, 0, 0, 0, 1.5 },
    { "defocus +0.3 px", 1, 1, 0, 0.3, 0, 1 }, { "all but defocus", 0.85, 1.04, 0.2, 0, 6, 1.2 },
};
enum { NUISANCES = sizeof(nuisances) / sizeof(*nuisances), SEEDS = 7 };

static struct phantom_shot pore_shot(int seed)
{
    static const double ita_deg[7] = { 60, 45, 30, 15, 0, -15, -30 };
    struct phantom_shot shot = phantom_default_shot();

    shot.spec.seed = (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg[seed / 2 % 7], shot.spec.fb);
    shot.spec.scars_per_cm2 = 0.15;
    shot.spec.width_mm = shot.spec.height_mm = 40;
    shot.camera.width = shot.camera.height = 400;
    shot.camera.noise_seed = (uint64_t)(2 * seed);
    return shot;
}

static void disturb(struct phantom_shot *shot, const struct nuisance *n, double sign)
{
    shot->light.gain *= sign > 0 ? n->gain : 1 / n->gain;
    shot->light.cast[0] *= sign > 0 ? n->cast : 1 / n->cast;
    shot->light.cast[2] *= sign > 0 ? 1 / n->cast : n->cast;
    shot->light.gradient_x += sign * n->gradient;
    shot->light.azimuth_deg += sign * n->azimuth_deg;
    shot->light.oil *= sign > 0 ? n->oil : 1 / n->oil;
    shot->camera.defocus_px += n->defocus_px;
    shot->camera.noise_seed += 1;
}

static void shoot(struct view_bed *b, const struct phantom_shot *shot, struct derm_view *v,
                  double *true_change)
{
    struct phantom_rgb8 picture;
    struct phantom_skin skin;

    phantom_skin_init(&skin, &shot->spec);
    phantom_shoot(&skin, shot, &picture);
    if (true_change) *true_change = phantom_true_change(&skin, PHANTOM_PORE);
    bed_picture(b, v, &picture, shot->camera.px_per_mm);
    free(picture.px);
    phantom_skin_free(&skin);
}

/* Change in percent of the amplitude sum over pores of at least z_min in either view. */
static double read_change(struct view_bed *b, const struct derm_view v[2], double z_min)
{
    struct derm_objects found[2] = { 0 }, all = { 0 };
    struct stage_params p;
    double sum[2] = { 0 };

    stage_defaults(&derm_stage_pores, &p);
    for (int i = 0; i < 2; i++)
        must(b, find_above(b, &v[i], z_min, &found[i]));
    must(b, derm_unite(&b->run, &found[0], &found[1], &v[0],
                       derm_segmenter_pores.merge_mm * v[0].grid.px_per_mm, &all));
    for (int i = 0; i < 2; i++) {
        double *const value = calloc((size_t)all.n + 1, sizeof(double));
        double *const area = calloc((size_t)all.n + 1, sizeof(double));
        if (!value || !area) exit(1);
        must(b,
             derm_segmenter_pores.sample(&b->run, p.at, &v[i], &v[i].skin, &all, 0, value, area));
        for (int k = 0; k < all.n; k++)
            sum[i] += value[k];
        free(value);
        free(area);
    }
    return 100 * (sum[1] / sum[0] - 1);
}

static void test_changes(struct view_bed *b, double fade)
{
    static const double z_min[3] = { 3.5, 5, 7 };

    printf("\nphantoms, odd seeds, depth fade %.0f %%: reading minus truth, mean and sd\n",
           100 * fade);
    printf("%-18s %7s %16s %16s %16s\n", "", "truth", "z > 3.5", "z > 5", "z > 7");
    for (int i = 0; i < NUISANCES; i++) {
        double sum[3] = { 0 }, sum2[3] = { 0 }, truth_sum = 0;
        int n = 0;

        for (int seed = 1; seed < 2 * SEEDS; seed += 2, n++) {
            struct phantom_shot shot = pore_shot(seed);
            struct derm_view v[2];
            double truth;

            bed_clear(b);
            shoot(b, &shot, &v[0], NULL);
            shot.spec.fade[PHANTOM_PORE] = fade;
            disturb(&shot, &nuisances[i], seed % 4 == 1 ? 1 : -1);
            shoot(b, &shot, &v[1], &truth);
            truth_sum += truth;
            for (int k = 0; k < 3; k++) {
                const double d = read_change(b, v, z_min[k]) - truth;
                sum[k] += d;
                sum2[k] += d * d;
            }
        }
        printf("%-18s %7.1f", nuisances[i].name, truth_sum / n);
        for (int k = 0; k < 3; k++)
            printf("   %+6.1f +- %4.1f", sum[k] / n,
                   sqrt((sum2[k] - sum[k] * sum[k] / n) / (n - 1)));
        printf("\n");
        fflush(stdout);
    }
}

int main(void)
{
    struct view_bed bed;

    bed_open(&bed);
    test_photo(&bed);
    fflush(stdout);
    test_changes(&bed, 0);
    test_changes(&bed, 0.25);
    bed_close(&bed);
    return 0;
}
