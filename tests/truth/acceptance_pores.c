/* SPDX-License-Identifier: Apache-2.0 */
/* Row 10: how precisely pores are ranked, on the photo with labels and on phantoms. */
#include "labelled_pores.h"

#include "acceptance.h"

static const double z_list = 2; /* deep enough for a precision-recall curve */

enum { SIDE_BLOCKS = 5, BLOCKS = SIDE_BLOCKS * SIDE_BLOCKS, MOST_FOUND = 20000 };
struct ranking { /* units: blocks of the photo, about 15 mm wide */
    int n, block[MOST_FOUND];
    bool right[MOST_FOUND];
    int labels[BLOCKS];
};

static double precision_drawn(const int *times, const void *of)
{
    const struct ranking *const r = of;
    double sum = 0;
    int hits = 0, objects = 0, labels = 0;

    for (int i = 0; i < r->n; i++) {
        const int drawn = times[r->block[i]];

        objects += drawn;
        if (!r->right[i] || drawn == 0) continue;
        hits += drawn;
        sum += drawn * (double)hits / objects;
    }
    for (int b = 0; b < BLOCKS; b++)
        labels += times[b] * r->labels[b];
    return labels > 0 ? sum / labels : 0;
}

static int block_of(const struct photo *p, double x, double y)
{
    return clampi((int)(y * SIDE_BLOCKS / p->inside.h), 0, SIDE_BLOCKS - 1) * SIDE_BLOCKS +
           clampi((int)(x * SIDE_BLOCKS / p->inside.w), 0, SIDE_BLOCKS - 1);
}

static struct estimate photo_precision(struct view_bed *b, struct photo *p, double px_per_mm)
{
    const double step = photo_px_per_mm / px_per_mm;
    static struct ranking r;
    struct derm_objects found;
    struct derm_view v;

    bed_clear(b);
    photo_view(b, p, px_per_mm, 0, &v);
    must(b, find_above(b, &v, z_list, &found));
    r = (struct ranking){ .n = imin(found.n, MOST_FOUND) };
    for (int j = 0; j < p->labels; j++) {
        p->label[j].used = 0;
        r.labels[block_of(p, p->label[j].x, p->label[j].y)]++;
    }
    for (int i = 0; i < r.n; i++) {
        const double x = (found.item[i].x + 0.5) * step - 0.5;
        const double y = (found.item[i].y + 0.5) * step - 0.5;
        struct label *const label = free_label(p, x, y);

        r.block[i] = block_of(p, x, y);
        r.right[i] = label != NULL;
        if (label) label->used = 1;
    }
    return estimate_by_units(BLOCKS, p->labels, precision_drawn, &r);
}

/* One face: the error is that of its skin, not over people. */
static void add_photo(struct table *t, struct view_bed *b)
{
    struct figure *const f =
        table_row(t, "10", "pore AP at 8 px/mm, photo with labels", AT_LEAST, 0.6, 0.6);
    struct photo p;

    if (!photo_open(b, &p)) {
        f->skipped = true;
        return;
    }
    figure_set(f, photo_precision(b, &p, 8));
    figure_limit(f, "one face; %.3f at its own %.1f px/mm",
                 photo_precision(b, &p, photo_px_per_mm).value, photo_px_per_mm);
    photo_close(&p);
}

/* In pixels of the labelled photo, which the tolerance is in. */
static void label_phantom(const struct phantom_skin *skin, const struct phantom_camera *camera,
                          struct photo *p)
{
    const double step = photo_px_per_mm / camera->px_per_mm;

    p->labels = 0;
    for (int i = 0; i < skin->n; i++) {
        const struct phantom_object *const o = &skin->object[i];
        double x, y;

        if (o->kind != PHANTOM_PORE) continue;
        phantom_to_image(skin, camera, o->x_mm, o->y_mm, &x, &y);
        if (x < 0 || y < 0 || x > camera->width - 1 || y > camera->height - 1) continue;
        p->label[p->labels++] = (struct label){ .x = (x + 0.5) * step - 0.5,
                                                .y = (y + 0.5) * step - 0.5,
                                                .radius = o->radius_mm * photo_px_per_mm };
    }
}

static double phantom_precision(struct view_bed *b, enum half half, int tone, int number)
{
    const struct phantom_pair pair = draw_pair(tone, number, half);
    const struct phantom_camera *const camera = &pair.shot[0].camera;
    struct phantom_skin skin;
    struct phantom_rgb8 picture;
    struct derm_objects found;
    struct derm_view v;
    struct photo p = { .labels = 0 };
    double f1, precision;

    bed_clear(b);
    phantom_skin_init(&skin, &pair.shot[0].spec);
    phantom_shoot(&skin, &pair.shot[0], &picture);
    bed_picture(b, &v, &picture, camera->px_per_mm);
    must(b, find_above(b, &v, z_list, &found));
    p.label = phantom_alloc((size_t)skin.n, sizeof(*p.label));
    label_phantom(&skin, camera, &p);
    precision = average_precision(&p, &found, photo_px_per_mm / camera->px_per_mm, &f1);
    free(p.label);
    free(picture.px);
    phantom_skin_free(&skin);
    return precision;
}

static void add_phantoms(struct table *t, struct view_bed *b, enum half half, int rounds)
{
    enum { FIRST = 6000 };
    struct figure *const f =
        table_row(t, "10", "pore AP at 9 to 11 px/mm, phantoms", AT_LEAST, 0.75, 0.75);
    double ap[MOST_PAIRS];

    for (int i = 0; i < rounds * TONES; i++)
        ap[i] = phantom_precision(b, half, i % TONES, FIRST + i);
    figure_set(f, estimate_mean(ap, rounds * TONES));
    for (int tone = 0; tone < TONES; tone++) {
        double sum = 0;

        for (int k = 0; k < rounds; k++)
            sum += ap[k * TONES + tone];
        figure_limit(f, "%s %.2f", tone_name[tone], sum / rounds);
    }
}

void rows_of_pores(struct table *t, const struct scope *scope)
{
    struct view_bed bed;

    bed_open(&bed);
    if (!scope->quick) add_photo(t, &bed);
    add_phantoms(t, &bed, scope->half, scope->quick ? 1 : 3);
    bed_close(&bed);
}
