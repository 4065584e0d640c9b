/* SPDX-License-Identifier: Apache-2.0 */
/* How steady texture.roughness is where nothing changed, and how much of a known change of relief
 * it reads.
 *
 *   truth_texture          odd people and seeds: what is reported
 *   truth_texture even     even ones: what may be looked at while working on the stage
 *
 * Null: people neutral and smiling, the regions that the expression gate leaves; photos against
 * copies in other light, newly compressed; photos against themselves with noise added. Change:
 * phantoms whose fine relief is lowered, against the same skin as it was. All of it through the
 * whole pipeline; what a gate refuses does not count. */
#include "truth/null_pairs.h"

struct reading {
    double percent[1024];
    int n;
};

/* Rows from `first` on of one metric in one region and kind of pair. */
static void read_rows(const struct null_lab *lab, int first, enum derm_metric_id metric,
                      enum derm_region region, enum null_kind kind, struct reading *out)
{
    out->n = 0;
    for (int i = first; i < lab->n; i++) {
        const struct null_row *const r = &lab->row[i];

        if (r->metric != metric || r->region != region || r->kind != kind) continue;
        if (out->n < (int)(sizeof(out->percent) / sizeof(*out->percent)))
            out->percent[out->n++] = r->percent;
    }
}

static void print_reading(const char *name, const struct reading *r)
{
    double squares = 0;

    if (r->n == 0) printf("%-26s    0 rows\n", name);
    if (r->n == 0) return;
    for (int i = 0; i < r->n; i++)
        squares += r->percent[i] * r->percent[i];
    printf("%-26s %4d rows: %+6.1f +- %4.1f %%, rms %4.1f %%\n", name, r->n,
           derm_mean(r->percent, r->n), derm_sd(r->percent, r->n), sqrt(squares / r->n));
    fflush(stdout);
}

static void print_people(const struct null_lab *lab, enum derm_metric_id metric)
{
    static const char *const name[] = { "neutral / smiling", "copies in other light" };

    for (int kind = NULL_SMILE; kind <= NULL_COPY; kind++) {
        printf("\n%s, %s\n", derm_metrics[metric].id, name[kind - NULL_SMILE]);
        for (int region = 0; region < DERM_REGION_ROI; region++) {
            struct reading r;

            read_rows(lab, 0, metric, (enum derm_region)region, (enum null_kind)kind, &r);
            print_reading(derm_region_id((enum derm_region)region), &r);
        }
    }
}

/* ---- noise */

enum { NOISY_PEOPLE = 6 };

static void write_noisy(struct null_lab *lab, int photo, const struct picture *in, double sd)
{
    const struct phantom_file how = { .jpeg_quality = 95 };
    const size_t n = (size_t)in->w * (size_t)in->h * 3;
    struct phantom_rgb8 out = { .w = in->w, .h = in->h };
    struct phantom_rng random;

    phantom_rng_init(&random, 7, 0);
    out.px = malloc(n);
    if (!out.px) abort();
    for (size_t i = 0; i < n; i++)
        out.px[i] = (uint8_t)fmin(fmax(in->rgb[i] + sd * phantom_normal(&random) + 0.5, 0), 255);
    if (phantom_write(lab->path[photo], &out, &how) != 0) exit(1);
    free(out.px);
}

/* sd: of the noise, of 255. */
static void test_noise(struct null_lab *lab, int odd, double sd)
{
    FILE *const f = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    const int first = lab->n;
    char line[256], id[8], path[PATH_TEXT], name[64];
    struct reading r;

    if (!f) return;
    for (int people = 0; people < NOISY_PEOPLE && fgets(line, sizeof(line), f);) {
        struct picture photo;

        if (sscanf(line, "%7[0-9]", id) != 1 || atoi(id) % 2 != odd) continue;
        people++;
        path_of(id, false, path);
        read_jpeg(path, &photo);
        write_noisy(lab, 0, &photo, 0);
        write_noisy(lab, 1, &photo, sd);
        compare_files(lab, NULL_COPY, atoi(id), 0);
        free(photo.rgb);
    }
    fclose(f);
    read_rows(lab, first, DERM_METRIC_TEXTURE_ROUGHNESS, DERM_REGION_FACE, NULL_COPY, &r);
    snprintf(name, sizeof(name), "noise of %.0f / 255", sd);
    print_reading(name, &r);
}

/* ---- change */

static void compare_smoothed(struct null_lab *lab, int seed, double ita_deg, double px_per_mm,
                             double smoothing)
{
    struct phantom_shot shot = phantom_default_shot();
    struct phantom_skin skin;

    lab->random = (struct derm_random){ 200000 + (uint64_t)seed };
    shot.spec.seed = 5000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg, shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = SIDE_MM + 8;
    shot.spec.pores_per_cm2 = between(lab, 5, 40);
    shot.spec.hairs_per_cm2 = 1; /* which sharpness is told by */
    shot.camera.width = shot.camera.height = (int)(SIDE_MM * px_per_mm);
    shot.camera.px_per_mm = px_per_mm;
    write_control(lab, shot.camera.width);
    phantom_skin_init(&skin, &shot.spec);
    for (int i = 0; i < 2; i++) {
        struct phantom_shot other = other_shot(lab, &shot, i);
        struct phantom_rgb8 picture;

        other.camera.defocus_px = 0.6; /* truth_sharpness is about blur */
        skin.spec.smoothing = i * smoothing;
        phantom_shoot(&skin, &other, &picture);
        write_photo(lab, i, &picture);
        free(picture.px);
    }
    lab->truth[DERM_CONCERN_TEXTURE] = phantom_true_smoothing(&skin);
    phantom_skin_free(&skin);
    compare_files(lab, FADED, seed, px_per_mm);
}

static void test_change(struct null_lab *lab, int odd, double px_per_mm, double smoothing)
{
    const int first = lab->n;
    double truth = 0;
    char name[64];
    struct reading r;

    for (int i = 0; i < PHANTOM_TONES; i++)
        compare_smoothed(lab, 2 * i + odd, phantom_itas[i], px_per_mm, smoothing);
    for (int i = first; i < lab->n; i++)
        if (lab->row[i].metric == DERM_METRIC_TEXTURE_ROUGHNESS) truth = lab->row[i].truth;
    read_rows(lab, first, DERM_METRIC_TEXTURE_ROUGHNESS, DERM_REGION_ROI, FADED, &r);
    snprintf(name, sizeof(name), "%4.1f px/mm, truth %+5.1f %%", px_per_mm, truth);
    print_reading(name, &r);
}

int main(int argc, char **argv)
{
    static const double noise[] = { 0, 2, 4, 6 }, smoothing[] = { 0, 0.2, 0.4 };
    const int odd = !(argc > 1 && strcmp(argv[1], "even") == 0);
    struct null_lab lab;

    null_lab_open(&lab, NULL);
    printf("%s people and seeds\n\nphantoms, the fine relief lowered; other light, camera, pose\n",
           odd ? "odd" : "even");
    for (size_t s = 0; s < sizeof(phantom_scales) / sizeof(*phantom_scales); s++)
        for (size_t i = 0; i < sizeof(smoothing) / sizeof(*smoothing); i++)
            test_change(&lab, odd, phantom_scales[s], smoothing[i]);
    printf("\nphotos against the same with noise added\n");
    for (size_t i = 0; i < sizeof(noise) / sizeof(*noise); i++)
        test_noise(&lab, odd, noise[i]);
    lab.n = 0;
    if (!people_pairs(&lab, odd)) printf("SKIPPED: no photos of faces in " DERM_TEST_DATA "\n");
    print_people(&lab, DERM_METRIC_TEXTURE_ROUGHNESS);
    print_people(&lab, DERM_METRIC_TEXTURE_ANISOTROPY);
    free(lab.row);
    null_lab_close(&lab);
    return 0;
}
