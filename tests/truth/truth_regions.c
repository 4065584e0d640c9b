/* SPDX-License-Identifier: Apache-2.0 */
/* How well skin and regions are found on real photos. Prints, for
 *   faces      (FRLL neutral and smiling) the regions that cannot be assessed, with the share of
 *              skin in them; the expectation is that every frontal region can be
 *   no skin    (webmorph rainbow) the share of the photo taken for skin; expected below 2 %
 *   lesions    (PAD-UFES-20) the share of the photo and of the dermatologist's lesion mask that is
 *              skin: a lesion must stay inside
 * With a folder as argument, writes a picture per photo into it: what is left out is blue, regions
 * are tinted. Looking at them is the real test. Further arguments: folders of photos below the test
 * data to do instead. */
#define _DEFAULT_SOURCE /* scandir */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "base/metrics.h"
#include "cv/cv.h"
#include "io/png_write.h"
#include "run.h"
#include "stages/stages.h"

/* ---- the two stages, with their processor time, which other load on the machine moves less */
static double cpu_skin, cpu_regions; /* s */

static derm_err timed(const struct derm_stage *stage, struct derm_run *run, const void *params,
                      double *seconds)
{
    const clock_t start = clock();
    const derm_err done = stage->run(run, params);

    *seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return done;
}

static derm_err run_skin(struct derm_run *run, const void *params)
{
    return timed(&derm_stage_skin, run, params, &cpu_skin);
}

static derm_err run_regions(struct derm_run *run, const void *params)
{
    return timed(&derm_stage_regions, run, params, &cpu_regions);
}

static struct derm_stage skin, regions;
static const struct derm_stage *const stages[] = {
    &derm_stage_decode,
    &derm_stage_face,
    &derm_stage_scale,
    &derm_stage_grid,
    &skin,
    &regions,
    NULL,
};

static struct derm_engine engine = { .stages = stages };
static struct derm_arena own, keep;
static const char *pictures;

static void stop(const struct derm_error *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static void write_picture(const struct derm_view *v, const struct derm_frame *f, const char *name)
{
    static const uint8_t tint[][3] = { { 230, 159, 0 },  { 86, 180, 233 }, { 0, 158, 115 },
                                       { 240, 228, 66 }, { 0, 114, 178 },  { 213, 94, 0 },
                                       { 204, 121, 167 } };
    struct derm_error err = { 0 };
    struct derm_rgb8 p;
    char path[512];

    if (derm_rgb8_new(&keep, &p, v->grid.w, v->grid.h) != DERM_OK) stop(keep.err);
    for (int y = 0; y < p.h; y++)
        for (int x = 0; x < p.w; x++) {
            const uint8_t *const from =
                derm_rgb8_row(&f->rgb, (int)(v->grid.y0 + (y + 0.5) * v->grid.step)) +
                3 * (int)(v->grid.x0 + (x + 0.5) * v->grid.step);
            uint8_t *const to = derm_rgb8_row(&p, y) + 3 * x;
            const unsigned bits = derm_bits_row(&v->regions, y)[x] & ~(1u << DERM_REGION_ROI);
            const int is = derm_mask_row(&v->skin, y)[x] != 0;

            for (int c = 0; c < 3; c++) {
                to[c] = is ? from[c] : (uint8_t)(c == 2 ? 128 + from[c] / 4 : from[c] / 4);
                for (int r = 1; is && r < DERM_REGION_ROI; r++)
                    if (bits >> r & 1) to[c] = (uint8_t)((3 * from[c] + tint[r % 7][c]) / 4);
            }
        }
    snprintf(path, sizeof(path), "%s/%.80s.png", pictures, name);
    if (derm_png_write_rgb(path, &p, &err) != DERM_OK) stop(&err);
}

static void share(const struct derm_view *v, unsigned bits, double *part)
{
    double n = 0, all = 0;

    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            if (bits && !(derm_bits_row(&v->regions, y)[x] & bits)) continue;
            all++;
            n += derm_mask_row(&v->skin, y)[x] != 0;
        }
    *part = all > 0 ? n / all : 0;
}

static double share_of_lesion(const struct derm_frame *f)
{
    const struct derm_mask *const m = &f->user_control;
    double n = 0, all = 0;

    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            if (derm_mask_row(m, y)[x]) {
                all++;
                n += derm_mask_row(&f->view.skin, y)[x] != 0;
            }
    return all > 0 ? n / all : -1;
}

static int count_failing(const struct derm_frame *f)
{
    int failing = 0;

    for (int r = DERM_REGION_FOREHEAD; r < DERM_REGION_ROI; r++) {
        double part;

        if (f->view.regions_visible >> r & 1) continue;
        share(&f->view, 1u << r, &part);
        printf(" %s (%.0f %%)", derm_region_id((enum derm_region)r), 100 * part);
        failing++;
    }
    return failing;
}

static void one(const char *path, const char *lesion, const char *name, int *good)
{
    static struct derm_work work;
    struct derm_error err = { 0 };
    double part;

    memset(&work, 0, sizeof(work));
    work.photos = 1;
    work.request[0] = (struct derm_photo_request){ .size = sizeof(work.request[0]),
                                                   .path = path,
                                                   .control_path = lesion };
    if (derm_run(&engine, &work, &keep, &err) != DERM_OK) stop(&err);
    share(&work.frame[0].view, 0, &part);
    printf("%-30.30s %5.1f %% skin, %3.0f + %2.0f ms ", name, 100 * part, 1e3 * cpu_skin,
           1e3 * cpu_regions);
    if (work.frame[0].face.used)
        *good += count_failing(&work.frame[0]) == 0;
    else if (lesion)
        printf(" lesion %5.1f %% inside", 100 * share_of_lesion(&work.frame[0]));
    else
        *good += part < 0.02;
    putchar('\n');
    if (pictures) write_picture(&work.frame[0].view, &work.frame[0], name);
    derm_arena_reset(&keep, 0);
}

static int is_photo(const struct dirent *e)
{
    return strstr(e->d_name, ".jpg") || strstr(e->d_name, ".png");
}

static void folder(const char *name, const char *lesions)
{
    struct dirent **entry;
    char path[1024];
    int n, good = 0;

    snprintf(path, sizeof(path), "%s/%s", DERM_TEST_DATA, name);
    printf("== %s\n", name);
    n = scandir(path, &entry, is_photo, alphasort);
    if (n < 0) {
        printf("SKIPPED: there is no %s\n", path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char photo[2048], mask[2048];
        FILE *f = NULL;

        snprintf(photo, sizeof(photo), "%s/%s", path, entry[i]->d_name);
        snprintf(mask, sizeof(mask), "%s/%s/%s", DERM_TEST_DATA, lesions ? lesions : "",
                 entry[i]->d_name);
        if (lesions) f = fopen(mask, "rb");
        if (f) fclose(f);
        one(photo, f ? mask : NULL, entry[i]->d_name, &good);
        free(entry[i]);
    }
    free(entry);
    if (lesions)
        printf("%d photos\n", n);
    else
        printf("%d photos, %d as expected\n", n, good);
}

int main(int argc, char **argv)
{
    struct derm_error err = { 0 };
    struct derm_models *models = NULL;

    skin = derm_stage_skin;
    skin.run = run_skin;
    regions = derm_stage_regions;
    regions.run = run_regions;
    pictures = argc > 1 ? argv[1] : NULL;
    derm_kernels_init(&engine.kernels, derm_cpu_detect());
    engine.limits = (struct derm_limits){ 200, (uint64_t)512 << 20, (size_t)16 << 30 };
    if (derm_arena_init(&own, (size_t)16 << 20, &err) != DERM_OK ||
        derm_arena_init(&keep, (size_t)16 << 30, &err) != DERM_OK ||
        derm_arena_init(&engine.scratch, (size_t)16 << 30, &err) != DERM_OK ||
        derm_engine_defaults(&engine, &own) != DERM_OK ||
        derm_models_open(&models, DERM_TEST_MODELS, &err) != DERM_OK ||
        derm_pool_new(&engine.pool, 1, &err) != DERM_OK)
        stop(&err);
    engine.models = models;
    for (int i = 2; i < argc; i++)
        folder(argv[i], NULL);
    if (argc <= 2) {
        folder("faces/frll/neutral", NULL);
        folder("faces/frll/smiling", NULL);
        folder("faces/webmorph/rainbow", NULL);
        folder("lesions/padufes/images", "lesions/padufes/masks_dermatologist");
        folder("lesions/porenet/input_cropped", NULL);
    }
    derm_pool_free(engine.pool);
    derm_models_close(models);
    return 0;
}
