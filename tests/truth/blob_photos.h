/* SPDX-License-Identifier: Apache-2.0 */
/* Real faces (Face Research Lab London Set): places judged by eye, and spots and moles of known
 * place that are put on plain skin. */
#ifndef DERM_TRUTH_BLOB_PHOTOS_H
#define DERM_TRUTH_BLOB_PHOTOS_H

#include "photo_warp.h"
#include "stages/statistics.h"

#include "blob_table.h"

enum { MOST_EYES = 2000, MOST_PUT = 24 };

struct by_eye { /* a line of clutter_places.csv */
    char photo[64];
    double x, y; /* photo px */
    int klass;
};

static inline int class_by_eye(const char *what)
{
    static const struct {
        const char *what;
        int klass;
    } known[] = { { "stubble", DERM_IS_hair },     { "hair", DERM_IS_hair },
                  { "lash", DERM_IS_hair },        { "lip", DERM_IS_artefact },
                  { "nostril", DERM_IS_artefact }, { "pore", DERM_IS_pore },
                  { "mole", DERM_IS_mole },        { "spot", DERM_IS_pigment },
                  { "scar", DERM_IS_scar } };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i].what, what) == 0) return known[i].klass;
    return BLOB_UNKNOWN;
}

static inline int person_of(const char *photo)
{
    return atoi(strchr(photo, '/') + 1);
}

/* The places of people with odd or even numbers, sorted by photo; -1 when there are no photos. */
static inline int read_by_eye(int odd, struct by_eye *place)
{
    FILE *const data = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    FILE *const f = fopen(DERM_TEST_ROOT "/tests/truth/clutter_places.csv", "r");
    char line[256], what[32];
    int n = 0;

    if (data) fclose(data);
    if (!f) blob_die("there is no clutter_places.csv");
    while (data && fgets(line, sizeof(line), f) && n < MOST_EYES) {
        struct by_eye *const p = &place[n];

        if (sscanf(line, "%63[^,],%lf,%lf,%31[a-z]", p->photo, &p->x, &p->y, what) == 4 &&
            person_of(p->photo) % 2 == odd)
            place[n++].klass = class_by_eye(what);
    }
    fclose(f);
    return data ? n : -1;
}

struct put {                             /* a spot that is put on a photo */
    double x, y, radius, edge, contrast; /* photo px; optical density */
    int klass;
};

/* On cheeks and forehead, at least 7 mm apart; how many found room. */
static inline int choose_places(const struct derm_frame *f, struct derm_random *random,
                                struct put put[MOST_PUT])
{
    /* right and down from the middle between the pupils, in pupil distances */
    static const double area[3][4] = { { -0.78, -0.35, 0.35, 0.85 },
                                       { 0.35, 0.78, 0.35, 0.85 },
                                       { -0.55, 0.55, -0.75, -0.42 } };
    const struct derm_point a = f->face.at[468], b = f->face.at[473];
    const double ex = b.x - a.x, ey = b.y - a.y, px_per_mm = f->scale.px_per_mm;
    int n = 0;

    for (int i = 0; i < 40 * MOST_PUT && n < MOST_PUT; i++) {
        const double *const r = area[i % 3];
        const double u = r[0] + (r[1] - r[0]) * derm_random_uniform(random);
        const double v = r[2] + (r[3] - r[2]) * derm_random_uniform(random);
        const bool mole = i % 2;
        struct put p = { (a.x + b.x) / 2 + u * ex - v * ey,
                         (a.y + b.y) / 2 + u * ey + v * ex,
                         (0.6 + derm_random_uniform(random)) * px_per_mm,
                         (mole ? 0.06 : 0.15) * px_per_mm,
                         0,
                         DERM_IS_pigment };
        const struct derm_point at =
            derm_grid_from_photo(&f->view.grid, (struct derm_point){ p.x, p.y });
        const int x = (int)(at.x + 0.5), y = (int)(at.y + 0.5);
        bool free = x >= 0 && y >= 0 && x < f->view.skin.w && y < f->view.skin.h &&
                    derm_mask_row(&f->view.skin, y)[x];

        p.contrast = (mole ? 0.6 : 0.13) + (mole ? 0.8 : 0.32) * derm_random_uniform(random);
        if (mole) p.klass = DERM_IS_mole;
        for (int k = 0; k < n; k++)
            free = free && hypot(put[k].x - p.x, put[k].y - p.y) > 7 * px_per_mm;
        if (free) put[n++] = p;
    }
    return n;
}

static inline void paint(struct picture *picture, const struct put *p, const double pigment[3])
{
    const int reach = (int)(p->radius + 12 * p->edge) + 1;

    for (int y = (int)p->y - reach; y <= (int)p->y + reach; y++)
        for (int x = (int)p->x - reach; x <= (int)p->x + reach; x++) {
            const double r = hypot(x - p->x, y - p->y);
            uint8_t *const px = picture->rgb + 3 * ((ptrdiff_t)y * picture->w + x);

            if (x < 0 || y < 0 || x >= picture->w || y >= picture->h) continue;
            for (int c = 0; c < 3; c++) {
                const double v = px[c] / 255.0;
                const double light =
                    (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)) *
                    exp(-p->contrast * pigment[c] / (1 + exp((r - p->radius) / p->edge)));
                const double e =
                    light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;

                px[c] = (uint8_t)(255 * fmin(e, 1) + 0.5);
            }
        }
}

static inline void name_near(const struct derm_frame *f, double x, double y, double within_px,
                             int klass, struct blobs_of *b)
{
    const struct derm_point at = derm_grid_from_photo(&f->view.grid, (struct derm_point){ x, y });

    for (int i = 0; i < b->n; i++)
        if (hypot(b->item[i].place.x - at.x, b->item[i].place.y - at.y) * f->view.grid.step <
            within_px)
            b->item[i].klass = klass;
}

static inline void run_face(struct blob_lab *l, const char *path, struct blobs_of *b)
{
    blob_lab_run(l, path, 0, DERM_SITE_FACE);
    *b = blobs_found(l, 0);
}

typedef void (*use_rows)(struct blob_lab *l, int person, const struct blobs_of *b, void *arg);

/* Rows of one photo: its n places judged by eye, then spots put on it. */
static inline void photo_rows(struct blob_lab *l, const struct by_eye *place, int n, use_rows use,
                              void *arg)
{
    /* models/chromophores.py: ITA -14, and 11 to 59 */
    static const double dark[3] = { 0.39, 0.52, 0.76 }, fair[3] = { 0.34, 0.50, 0.80 };
    static const double within_px = 4; /* as truth_clutter */
    const struct derm_frame *const f = &l->work.frame[0];
    const int person = person_of(place->photo);
    struct derm_random random = { (uint64_t)person };
    struct put put[MOST_PUT];
    struct picture picture;
    struct blobs_of b;
    char path[PATH_TEXT];

    snprintf(path, sizeof(path), DERM_TEST_DATA "/faces/frll/%s", place->photo);
    run_face(l, path, &b);
    for (int i = 0; i < n; i++)
        name_near(f, place[i].x, place[i].y, within_px, place[i].klass, &b);
    tell_features(l, &b);
    use(l, person, &b, arg);
    free(b.item);
    if (!f->face.used) return;
    const int places = choose_places(f, &random, put);
    const double *const pigment = l->work.tone.ita_deg < 0 ? dark : fair;
    read_jpeg(path, &picture);
    for (int i = 0; i < places; i++)
        paint(&picture, &put[i], pigment);
    write_jpeg(l->path, &picture);
    free(picture.rgb);
    run_face(l, l->path, &b);
    for (int i = 0; i < places; i++)
        name_near(f, put[i].x, put[i].y, put[i].radius, put[i].klass, &b);
    tell_features(l, &b);
    use(l, person, &b, arg);
    free(b.item);
}

/* false: there are no photos. */
static inline bool face_rows(struct blob_lab *l, int odd, use_rows use, void *arg)
{
    static struct by_eye place[MOST_EYES];
    const int n = read_by_eye(odd, place);

    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(place[end].photo, place[i].photo) == 0;)
            end++;
        photo_rows(l, &place[i], end - i, use, arg);
    }
    return n >= 0;
}

#endif
