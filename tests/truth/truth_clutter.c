/* SPDX-License-Identifier: Apache-2.0 */
/* What of hair, stubble, lashes, nostrils and lips passes for pores, spots and scars on real faces,
 * and what of true marks is lost, with the test for clutter and without it.
 *
 *   truth_clutter [odd|even|all]
 *
 * The places in clutter_places.csv (photo pixels of the Face Research Lab London Set) were judged
 * by eye by the program's author, on enlarged crops of what an earlier build had found; places of
 * which the eye could not be sure are left out. No dermatologist saw them, and they say nothing of
 * what no build has found. People with even numbers were used to choose settings; report the odd
 * ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"
#include "base/opt.h"
#include "context.h"
#include "stages/place.h"
#include "stages/stages.h"
#include "stages/work.h"

enum { PATH_TEXT = 1024, MOST_PLACES = 2000, KINDS = 8 };
static const char *const kinds[KINDS] = { "stubble", "hair", "lash", "nostril",
                                          "lip",     "pore", "mole", "spot" };
static const double within_px = 4; /* 1.2 mm: the eye sets no finer point */

struct place {
    char photo[64];
    double x, y;
    int kind;
};
enum { COUNTED = DERM_KIND_SCAR + 1 }; /* pores, spots, scars */
struct count {
    int places, hit[2][COUNTED]; /* without, with the test */
    int all[2][COUNTED];         /* of the whole photos */
};

static void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static int kind_of(const char *name)
{
    for (int k = 0; k < KINDS; k++)
        if (strcmp(kinds[k], name) == 0) return k;
    return -1; /* too few to report */
}

static int read_places(const char *which, struct place *place)
{
    FILE *const f = fopen(DERM_TEST_ROOT "/tests/truth/clutter_places.csv", "r");
    char line[256], kind[32];
    int n = 0;

    if (!f) die("there is no clutter_places.csv");
    while (fgets(line, sizeof(line), f) && n < MOST_PLACES) {
        struct place *const p = &place[n];

        if (sscanf(line, "%63[^,],%lf,%lf,%31[a-z]", p->photo, &p->x, &p->y, kind) != 4) continue;
        const int person = atoi(strchr(p->photo, '/') + 1);
        if ((strcmp(which, "odd") == 0 && person % 2 == 0) ||
            (strcmp(which, "even") == 0 && person % 2 == 1))
            continue;
        p->kind = kind_of(kind);
        n += p->kind >= 0;
    }
    fclose(f);
    return n;
}

static bool is_counted(const struct derm_frame *f, enum derm_kind kind, const struct place *p)
{
    const struct derm_objects *const o = &f->objects[kind];
    const struct derm_point at =
        derm_grid_from_photo(&f->view.grid, (struct derm_point){ p->x, p->y });

    for (int i = 0; i < o->n; i++)
        if (!o->item[i].field &&
            hypot(o->item[i].x - at.x, o->item[i].y - at.y) * f->view.grid.step < within_px)
            return true;
    return false;
}

static void set_test(derm_context *ctx, bool on)
{
    struct derm_error err = { 0 };

    for (int i = 0; derm_stages[i]; i++) {
        if (derm_stages[i] != &derm_stage_clutter) continue;
        derm_opt_defaults(derm_stage_clutter.opts, ctx->engine.params[i]);
        if (!on && derm_opt_set(derm_stage_clutter.opts, ctx->engine.params[i], "clutter",
                                "min_contrast", 0, &err) != DERM_OK)
            die(err.text);
    }
}

/* The places of one photo, with the test and without. */
static void one_photo(derm_context *ctx, struct derm_arena *keep, const struct place *place, int n,
                      struct count count[KINDS])
{
    static struct derm_work work;
    struct derm_error err = { 0 };
    char path[PATH_TEXT];

    snprintf(path, sizeof(path), DERM_TEST_DATA "/faces/frll/%s", place->photo);
    for (int on = 0; on < 2; on++) {
        work = (struct derm_work){ .photos = 1 };
        work.request[0] =
            (struct derm_photo_request){ .size = sizeof(work.request[0]), .path = path };
        derm_arena_reset(keep, 0);
        set_test(ctx, on);
        if (derm_run(&ctx->engine, &work, keep, &err) != DERM_OK) die(err.text);
        for (int c = 0; c < COUNTED; c++) {
            count[0].all[on][c] += work.frame[0].objects[c].n;
            for (int i = 0; i < n; i++)
                count[place[i].kind].hit[on][c] +=
                    is_counted(&work.frame[0], (enum derm_kind)c, &place[i]);
        }
    }
    for (int i = 0; i < n; i++)
        count[place[i].kind].places++;
}

static void report(const struct count count[KINDS])
{
    printf("%-10s %7s", "what", "places");
    for (int c = 0; c < COUNTED; c++)
        printf("  %18s", derm_concern_id(derm_kinds[c].concern));
    printf("    (counted without -> with the test)\n");
    for (int k = 0; k < KINDS; k++) {
        printf("%-10s %7d", kinds[k], count[k].places);
        for (int c = 0; c < COUNTED; c++)
            printf("  %9d -> %5d", count[k].hit[0][c], count[k].hit[1][c]);
        putchar('\n');
    }
    printf("%-18s", "whole photos");
    for (int c = 0; c < COUNTED; c++)
        printf("  %9d -> %5d", count[0].all[0][c], count[0].all[1][c]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const struct derm_settings settings = { .size = sizeof(settings), .models = DERM_TEST_MODELS };
    static struct place place[MOST_PLACES];
    struct count count[KINDS] = { 0 };
    const int n = read_places(argc > 1 ? argv[1] : "odd", place);
    FILE *const data = fopen(DERM_TEST_DATA "/faces/frll/people.csv", "r");
    struct derm_error err = { 0 };
    struct derm_arena keep;
    derm_context *ctx;
    int photos = 0;

    if (!data) {
        printf("SKIPPED: no photos in " DERM_TEST_DATA "/faces/frll\n");
        return 0;
    }
    fclose(data);
    if (derm_context_new(&ctx, &settings) != DERM_OK) die(derm_error_text(ctx));
    if (derm_arena_init(&keep, (size_t)4 << 30, &err) != DERM_OK) die(err.text);
    for (int i = 0, end; i < n; i = end, photos++) { /* sorted by photo */
        for (end = i + 1; end < n && strcmp(place[end].photo, place[i].photo) == 0;)
            end++;
        one_photo(ctx, &keep, &place[i], end - i, count);
    }
    printf("%d places judged by eye on %d photos\n", n, photos);
    report(count);
    derm_arena_free(&keep);
    derm_context_free(ctx);
    return 0;
}
