/* SPDX-License-Identifier: Apache-2.0 */
/* How well photos are lined up and how surely other skin is refused, on real photos.
 *
 *     truth_registration [-v] [part ...]      parts: see below; none: all
 *
 * -v prints every pair. Thresholds were chosen on pairs with an even number; the table gives those
 * and the others apart. */
#include <math.h>

#include "base/num.h"
#include "cut.h"
#include "photo_pairs.h"
#include "stages/field.h"

enum { MOST_FILES = 64, MOST_ROWS = 1024 };

struct row {
    bool accepted;
    double agree, zncc, residual_mm, seconds, tre_median_mm, tre_p95_mm;
    int inliers;
};

struct part {
    const char *name;
    void (*run)(struct bench *b, struct part *part);
    bool same_skin; /* should be accepted */
    struct row row[MOST_ROWS];
    int rows;
    bool verbose;
};

static const char *file_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static double skin_share(const struct derm_view *v)
{
    long long n = 0;

    for (int y = 0; y < v->skin.h; y++)
        for (int x = 0; x < v->skin.w; x++)
            n += derm_mask_row(&v->skin, y)[x] != 0;
    return (double)n / ((double)v->skin.w * v->skin.h);
}

static struct row *compare(struct bench *b, struct part *part, const char *base, const char *follow)
{
    const struct derm_registration *const r = &b->pair.registration;
    struct row *const row = &part->row[part->rows++];

    if (part->rows == MOST_ROWS) exit(1);
    bench_pair(b, base, follow);
    *row = (struct row){ .accepted = r->accepted && b->pair.comparability != DERM_INCOMPARABLE,
                         .agree = r->agree_fraction,
                         .zncc = r->zncc,
                         .residual_mm = b->base.scale.source == DERM_SCALE_UNKNOWN
                                            ? r->residual_mm / b->base.view.grid.px_per_mm
                                            : r->residual_mm,
                         .seconds = b->seconds,
                         .inliers = b->pair.match.inliers };
    if (part->verbose) {
        printf("%-14s %3d %-24s %-24s %-8s agree %.3f zncc %.3f residual %.3f inliers %d skin %.2f "
               "%.2f "
               " %.2f s ",
               part->name, part->rows - 1, file_name(base), file_name(follow),
               row->accepted ? "accepted" : "refused", row->agree, row->zncc, row->residual_mm,
               row->inliers, skin_share(&b->base.view), skin_share(&b->follow.view), row->seconds);
        for (int i = 0; i < b->pair.n; i++)
            printf(" %d:%s=%.3f", (int)b->pair.finding[i].severity, b->pair.finding[i].quantity,
                   b->pair.finding[i].measured);
        putchar('\n');
    }
    return row;
}

static char neutral[MOST_FILES][PATH_TEXT], smiling[MOST_FILES][PATH_TEXT];
static char lesions[MOST_FILES][PATH_TEXT], skinless[MOST_FILES][PATH_TEXT];
static int neutrals, smilings, lesion_count, skinless_count;
static const char pores[] =
    DERM_TEST_DATA "/lesions/porenet/input_cropped/20190315_144533_white.png";

static bool same_person(const char *a, const char *b)
{
    return strncmp(file_name(a), file_name(b), 3) == 0;
}

static void run_smile(struct bench *b, struct part *part)
{
    for (int i = 0; i < smilings; i++)
        for (int j = 0; j < neutrals; j++)
            if (same_person(smiling[i], neutral[j])) compare(b, part, neutral[j], smiling[i]);
}

static void run_other_faces(struct bench *b, struct part *part)
{
    for (int i = 0; i < neutrals; i++)
        for (int step = 1; step <= 3; step++)
            compare(b, part, neutral[i], neutral[(i + step * 5) % neutrals]);
}

/* Cheeks cut from the photos as close-ups with no face in them. */
static void run_other_cheeks(struct bench *b, struct part *part)
{
    char cut[MOST_FILES][PATH_TEXT];

    for (int i = 0; i < neutrals; i++) {
        temporary(cut[i], "cheek", i);
        must(b, cut_cheek(b, neutral[i], cut[i]));
    }
    for (int i = 0; i < neutrals; i++)
        for (int step = 1; step <= 3; step++)
            compare(b, part, cut[i], cut[(i + step * 7) % neutrals]);
}

static void run_same_cheeks(struct bench *b, struct part *part)
{
    for (int i = 0; i < smilings; i++)
        for (int j = 0; j < neutrals; j++) {
            char before[PATH_TEXT], after[PATH_TEXT];
            if (!same_person(smiling[i], neutral[j])) continue;
            temporary(before, "cheek", j);
            temporary(after, "smiling_cheek", i);
            must(b, cut_cheek(b, neutral[j], before));
            must(b, cut_cheek(b, smiling[i], after));
            compare(b, part, before, after);
        }
}

static bool same_patient(const char *a, const char *b)
{
    const char *const x = strchr(file_name(a) + 4, '_');
    const size_t n = (size_t)(x - file_name(a));
    return strncmp(file_name(a), file_name(b), n + 1) == 0;
}

static void run_other_lesions(struct bench *b, struct part *part)
{
    for (int i = 0; i < lesion_count; i++)
        for (int step = 1; step <= 3; step++) {
            const int j = (i + step * 11) % lesion_count;
            if (!same_patient(lesions[i], lesions[j])) compare(b, part, lesions[i], lesions[j]);
        }
}

static void run_skinless(struct bench *b, struct part *part)
{
    for (int i = 0; i < skinless_count; i++) {
        compare(b, part, neutral[i % neutrals], skinless[i]);
        compare(b, part, skinless[i], skinless[(i + 1) % skinless_count]);
        compare(b, part, skinless[i], lesions[i % lesion_count]);
    }
}

static void run_repeats(struct bench *b, struct part *part)
{
    static const char folder[] = DERM_TEST_DATA "/lesions/padufes/";
    char line[256], a[128], c[128], path[2][PATH_TEXT];
    FILE *f;

    snprintf(path[0], PATH_TEXT, "%srepeat_views.csv", folder);
    f = fopen(path[0], "r");
    if (!f) return;
    while (fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%127[^,],%127[^\r\n]", a, c) != 2 || strcmp(a, "view_a") == 0) continue;
        snprintf(path[0], PATH_TEXT, "%simages/%s.png", folder, a);
        snprintf(path[1], PATH_TEXT, "%simages/%s.png", folder, c);
        compare(b, part, path[0], path[1]);
    }
    fclose(f);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Target registration error against the known view, over the common skin. Grids of close-ups start
 * at the photo's corner. */
static void measure_tre(const struct bench *b, const struct view *view, struct row *row)
{
    const struct derm_grid *const g = &b->base.view.grid, *const h = &b->follow.view.grid;
    const struct derm_field *const map = &b->pair.registration.map;
    double *e;
    size_t n = 0;

    if (!b->pair.registration.accepted || !b->pair.common.px) return;
    e = malloc(sizeof(double) * (size_t)(g->w * g->h));
    if (!e) abort();
    for (int j = 0; j < g->h; j += 2)
        for (int i = 0; i < g->w; i += 2) {
            struct derm_point at = derm_field_at(map, i, j);
            if (!derm_mask_row(&b->pair.common, j)[i]) continue;
            at = view_back(view, at.x * h->step + 0.5 * h->step - 0.5 + h->x0,
                           at.y * h->step + 0.5 * h->step - 0.5 + h->y0);
            e[n++] = hypot((at.x + 0.5 - g->x0) / g->step - 0.5 - i,
                           (at.y + 0.5 - g->y0) / g->step - 0.5 - j) /
                     g->px_per_mm;
        }
    qsort(e, n, sizeof(*e), by_value);
    if (n > 0) {
        row->tre_median_mm = e[n / 2];
        row->tre_p95_mm = e[n * 95 / 100];
    }
    free(e);
}

static void one_view(struct bench *b, struct part *part, const char *path, int number)
{
    /* Every other view is turned the other way; three quarters are 30 to 42 degrees. */
    const struct view_setting setting = { .yaw_deg =
                                              (number % 2 ? -1.0 : 1.0) * (30 + number % 4 * 4),
                                          .roll_deg = number % 5 * 4 - 8,
                                          .gain = number % 3 ? 0.8 : 1.15,
                                          .gradient = number % 2 ? 0.35 : -0.35,
                                          .seed = (uint64_t)number };
    char turned[PATH_TEXT];
    struct view view;
    struct row *row;

    temporary(turned, "view", part->rows);
    must(b, cut_view(b, path, &setting, turned, &view));
    row = compare(b, part, path, turned);
    measure_tre(b, &view, row);
    if (part->verbose)
        printf("                   TRE median %.3f p95 %.3f mm\n", row->tre_median_mm,
               row->tre_p95_mm);
}

static void run_views(struct bench *b, struct part *part)
{
    char path[PATH_TEXT];

    for (int i = 0; i < lesion_count; i++)
        one_view(b, part, lesions[i], i);
    for (int i = 0; i < neutrals; i += 2) {
        temporary(path, "cheek", i);
        must(b, cut_cheek(b, neutral[i], path));
        one_view(b, part, path, i);
    }
    for (int i = 0; i < 6; i++) {
        temporary(path, "pores", i);
        must(b, cut_square(b, pores, 150 + i % 3 * 320, 200 + i / 3 * 600, 600, path));
        one_view(b, part, path, i);
    }
}

/* Two places of one person's skin, same camera, same light. */
static void run_other_places(struct bench *b, struct part *part)
{
    char cut[4][PATH_TEXT];

    for (int i = 0; i < 4; i++) {
        temporary(cut[i], "place", i);
        must(b, cut_square(b, pores, 150 + i % 2 * 660, 200 + i / 2 * 660, 600, cut[i]));
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (i != j) compare(b, part, cut[i], cut[j]);
}

static double quantile(const struct part *part, size_t offset, double q)
{
    double value[MOST_ROWS];
    int n = 0;

    for (int i = 0; i < part->rows; i++)
        if (part->row[i].accepted)
            memcpy(&value[n++], (const char *)&part->row[i] + offset, sizeof(double));
    qsort(value, (size_t)n, sizeof(*value), by_value);
    return n ? value[imin(n - 1, (int)(q * n))] : 0.0;
}

/* False when it accepted a pair that it should refuse. */
static bool summarise(const struct part *part)
{
    int n[2] = { 0 }, accepted[2] = { 0 };

    for (int i = 0; i < part->rows; i++) {
        n[i % 2]++;
        accepted[i % 2] += part->row[i].accepted;
    }
    printf("| %-14s | %-6s | %3d | %3d / %3d | %3d / %3d | %3d |", part->name,
           part->same_skin ? "accept" : "refuse", part->rows, accepted[0], n[0], accepted[1], n[1],
           accepted[0] + accepted[1]);
    if (part->same_skin)
        printf(" %.3f | %.3f | %.3f | %.3f |",
               quantile(part, offsetof(struct row, residual_mm), 0.5),
               quantile(part, offsetof(struct row, residual_mm), 1.0),
               quantile(part, offsetof(struct row, tre_median_mm), 0.5),
               quantile(part, offsetof(struct row, tre_p95_mm), 0.5));
    else
        printf("       |       |       |       |");
    printf(" %.2f |\n", quantile(part, offsetof(struct row, seconds), 0.5));
    return part->same_skin || accepted[0] + accepted[1] == 0;
}

static struct part parts[] = {
    { .name = "smile", .run = run_smile, .same_skin = true },
    { .name = "same_cheeks", .run = run_same_cheeks, .same_skin = true },
    { .name = "repeats", .run = run_repeats, .same_skin = true },
    { .name = "views", .run = run_views, .same_skin = true },
    { .name = "other_faces", .run = run_other_faces },
    { .name = "other_cheeks", .run = run_other_cheeks },
    { .name = "other_lesions", .run = run_other_lesions },
    { .name = "other_places", .run = run_other_places },
    { .name = "skinless", .run = run_skinless },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static bool asked(const char *name, int argc, char **argv)
{
    bool any = false;

    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') continue;
        if (strcmp(argv[i], name) == 0) return true;
        any = true;
    }
    return !any;
}

int main(int argc, char **argv)
{
    static const char frll[] = DERM_TEST_DATA "/faces/frll/";
    struct bench *const b = bench_new(1);
    char folder[PATH_TEXT];
    bool right = true;

    snprintf(folder, sizeof(folder), "%sneutral", frll);
    neutrals = list_files(folder, ".jpg", neutral, MOST_FILES);
    snprintf(folder, sizeof(folder), "%ssmiling", frll);
    smilings = list_files(folder, ".jpg", smiling, MOST_FILES);
    lesion_count =
        list_files(DERM_TEST_DATA "/lesions/padufes/images", ".png", lesions, MOST_FILES);
    skinless_count =
        list_files(DERM_TEST_DATA "/faces/webmorph/rainbow", ".jpg", skinless, MOST_FILES);
    if (!neutrals || !smilings || !lesion_count || !skinless_count) {
        printf("skipped: no photos in %s\n", DERM_TEST_DATA);
        return 0;
    }
    for (int i = 0; i < PARTS; i++) {
        parts[i].verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
        if (asked(parts[i].name, argc, argv)) parts[i].run(b, &parts[i]);
    }
    printf("| part           | should | pairs | accepted, tuning half | other half | all | "
           "residual mm, "
           "median | max | TRE mm, median | p95 | s "
           "|\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < PARTS; i++)
        if (parts[i].rows && !summarise(&parts[i])) right = false;
    bench_free(b);
    return right ? 0 : 1;
}
