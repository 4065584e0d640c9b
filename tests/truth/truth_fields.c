/* SPDX-License-Identifier: Apache-2.0 */
/* How well diffuse fields of pigment (melasma-like) are found: phantoms with patches without a rim
 * over a known share of the skin, analysed as close-up photos.
 *
 *   truth_fields even|odd
 *
 * Of the skin that is assessed: IoU of what is labelled a field with the pixels that have at least
 * half of the patches' pigment; the share of skin under either; and what is called a field on skin
 * without patches. Even seeds are for tuning. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "null_pairs.h"

enum { SHOTS_OF_A_KIND = 6, FIELD_SIDE_MM = 80 };
static const double itas[] = { 55, 35, 15, -10 }, shares[] = { 0, 0.1, 0.2, 0.35 };
enum {
    ITAS = sizeof(itas) / sizeof(*itas),
    SHARES = sizeof(shares) / sizeof(*shares),
};

struct overlap {
    double both, either, found, truth, skin;
    int n;
};

static struct phantom_shot shot_of(struct null_lab *lab, int seed, double ita_deg, double share)
{
    struct phantom_shot shot = phantom_default_shot();

    lab->random = (struct derm_random){ 300000 + (uint64_t)seed };
    shot.spec.seed = 9000 + (uint64_t)seed;
    shot.spec.fm = phantom_fm_of_ita(ita_deg, shot.spec.fb);
    shot.spec.width_mm = shot.spec.height_mm = FIELD_SIDE_MM + 4;
    shot.spec.radius_mm = between(lab, 75, 150);
    shot.spec.melasma = share;
    shot.spec.spots_per_cm2 = between(lab, 0.1, 0.6);
    shot.camera.px_per_mm = between(lab, 3.5, 7);
    shot.camera.width = shot.camera.height = (int)(FIELD_SIDE_MM * shot.camera.px_per_mm);
    shot.light.azimuth_deg = between(lab, 50, 130);
    shot.light.gradient_x = between(lab, -0.25, 0.25);
    shot.light.gradient_y = between(lab, -0.25, 0.25);
    return shot;
}

static void count(const struct null_lab *lab, const struct phantom_grey16 *truth, struct overlap *o)
{
    const struct derm_view *const view = &lab->work.frame[0].view;
    const struct derm_objects *const spots = &lab->work.frame[0].objects[DERM_KIND_SPOT];

    for (int y = 0; y < view->skin.h; y++)
        for (int x = 0; x < view->skin.w; x++) {
            const int tx = (int)(view->grid.x0 + (x + 0.5) * view->grid.step);
            const int ty = (int)(view->grid.y0 + (y + 0.5) * view->grid.step);
            const int label = spots->labels.px ? derm_label_at(spots, x, y) : 0;
            const bool is = truth->px[(ptrdiff_t)ty * truth->w + tx] > 0;
            const bool found = label > 0 && spots->item[label - 1].field;

            if (!derm_mask_row(&view->skin, y)[x]) continue;
            if (label > 0 && !found) continue; /* a spot lies there, on either */
            o->skin++;
            o->truth += is;
            o->found += found;
            o->both += is && found;
            o->either += is || found;
        }
}

static void read_field(struct null_lab *lab, int seed, double ita_deg, double share,
                       struct overlap *sum)
{
    const struct phantom_shot shot = shot_of(lab, seed, ita_deg, share);
    struct derm_photo_request *const r = &lab->work.request[0];
    struct derm_error err = { 0 };
    struct phantom_skin skin;
    struct phantom_rgb8 picture;
    struct phantom_grey16 truth;
    struct overlap o = { .n = 1 };

    phantom_skin_init(&skin, &shot.spec);
    phantom_shoot(&skin, &shot, &picture);
    write_photo(lab, 0, &picture);
    truth = phantom_labels(&skin, &shot.camera, PHANTOM_MELASMA);
    lab->work = (struct derm_work){ .photos = 1 };
    derm_arena_reset(&lab->keep, 0);
    r->size = sizeof(*r);
    r->path = lab->path[0];
    r->px_per_mm = shot.camera.px_per_mm;
    if (derm_run(&lab->ctx->engine, &lab->work, &lab->keep, &err) != DERM_OK) die(err.text);
    count(lab, &truth, &o);
    printf(
        "seed %3d ITA %3.0f %4.1f px/mm  patches +%3.0f %% melanin  true %4.1f %%  found %4.1f %%  "
        "IoU %.2f\n",
        seed, ita_deg, shot.camera.px_per_mm,
        100 * phantom_wide_strength(&skin, PHANTOM_MELASMA) / shot.spec.fm, 100 * o.truth / o.skin,
        100 * o.found / o.skin, o.either > 0 ? o.both / o.either : 1);
    sum->n++;
    sum->both += o.both / o.skin;
    sum->either += o.either / o.skin;
    sum->found += o.found / o.skin;
    sum->truth += o.truth / o.skin;
    free(truth.px);
    free(picture.px);
    phantom_skin_free(&skin);
}

static void print_overlap(const char *what, double of, const struct overlap *o)
{
    printf("%s %5.2f: %2d skins, true %4.1f %%, found %4.1f %%, IoU %.2f\n", what, of, o->n,
           100 * o->truth / o->n, 100 * o->found / o->n, o->either > 0 ? o->both / o->either : 1);
}

int main(int argc, char **argv)
{
    const int odd = argc > 1 && strcmp(argv[1], "odd") == 0;
    struct overlap by_share[SHARES];
    struct null_lab lab;

    memset(by_share, 0, sizeof(by_share));
    null_lab_open(&lab, NULL);
    for (int i = 0; i < SHARES * SHOTS_OF_A_KIND; i++) {
        const int share = i / SHOTS_OF_A_KIND, ita = i % ITAS;

        read_field(&lab, 2 * i + odd, itas[ita], shares[share], &by_share[share]);
    }
    for (int i = 0; i < SHARES; i++)
        print_overlap("share", shares[i], &by_share[i]);
    null_lab_close(&lab);
    return 0;
}
