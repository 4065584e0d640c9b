/* SPDX-License-Identifier: Apache-2.0 */
/* How well faces are found: pupils against hand-set templates, photos without skin, other views.
 *
 *   truth_face [-v]       -v: a line per photo
 *   truth_face PHOTO...   a line for each of these */
#define _DEFAULT_SOURCE /* scandir */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/face_photo.h"

enum { MAX_PHOTOS = 256, TEMPLATE_POINTS = 189, LEFT_PUPIL = 468, RIGHT_PUPIL = 473 };

struct tally {
    double error[2 * MAX_PHOTOS]; /* pupil centre, % of the template's pupil distance */
    double scale[MAX_PHOTOS];     /* iris over interpupillary px/mm */
    int errors, photos, used, one;
    double yaw, pitch; /* largest */
};

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The first two of the 189 points of a template are the pupils, of the image's left and right. */
static int read_pupils(const char *photo, double pupil[2][2])
{
    char path[1024];
    int points = 0, got;
    FILE *f;

    snprintf(path, sizeof(path), "%.*s.tem", (int)(strlen(photo) - 4), photo);
    f = fopen(path, "r");
    if (!f) return 0;
    got = fscanf(f, "%d %lf %lf %lf %lf", &points, &pupil[0][0], &pupil[0][1], &pupil[1][0],
                 &pupil[1][1]);
    fclose(f);
    return got == 5 && points == TEMPLATE_POINTS;
}

static void compare_pupils(struct tally *t, const struct derm_face *face, const char *path,
                           int verbose)
{
    double pupil[2][2], dx, dy, apart;

    if (!face->used || !read_pupils(path, pupil)) return;
    dx = pupil[1][0] - pupil[0][0];
    dy = pupil[1][1] - pupil[0][1];
    apart = sqrt(dx * dx + dy * dy);
    for (int i = 0; i < 2; i++) {
        const struct derm_point p = face->at[i ? RIGHT_PUPIL : LEFT_PUPIL];
        const double ex = p.x - pupil[i][0], ey = p.y - pupil[i][1];

        t->error[t->errors++] = 100 * sqrt(ex * ex + ey * ey) / apart;
        if (verbose) printf(" pupil %+.1f %+.1f px", ex, ey);
    }
    t->scale[t->used - 1] = face->iris_px / 11.7 / (face->ipd_px / 63);
}

static void one_photo(struct face_photo *f, struct tally *t, const char *path, int verbose)
{
    const struct derm_photo_request request = { .path = path };
    const struct derm_face *face;

    if (face_photo_run(f, &request) != DERM_OK) {
        printf("%s: %s\n", path, f->photo.err.text);
        return;
    }
    face = &f->photo.frame->face;
    t->photos++;
    t->used += face->used;
    t->one += face->count == 1;
    t->yaw = fmax(t->yaw, fabs(face->yaw_deg));
    t->pitch = fmax(t->pitch, fabs(face->pitch_deg));
    if (verbose)
        printf("%-28s faces %d used %d score %.2f yaw %+5.1f pitch %+5.1f roll %+5.1f ipd %.0f "
               "iris %.1f %.2f px/mm",
               strrchr(path, '/') ? strrchr(path, '/') + 1 : path, face->count, face->used,
               face->score, face->yaw_deg, face->pitch_deg, face->roll_deg, face->ipd_px,
               face->iris_px, f->photo.frame->scale.px_per_mm);
    compare_pupils(t, face, path, verbose);
    if (verbose) printf("\n");
}

static int is_photo(const struct dirent *e)
{
    return strstr(e->d_name, ".jpg") != NULL;
}

enum wanted { WHATEVER, ALL_FACES, NO_FACES };

/* False when the faces found are not those wanted. */
static bool folder(struct face_photo *f, const char *name, enum wanted wanted, int verbose)
{
    static struct tally t;
    struct dirent **list;
    char path[1024];
    double mean = 0;
    int n;

    t = (struct tally){ 0 };
    snprintf(path, sizeof(path), "%s/faces/%s", DERM_TEST_DATA, name);
    n = scandir(path, &list, is_photo, alphasort);
    if (n <= 0) {
        printf("%-16s SKIPPED: no photos in %s\n", name, path);
        return true;
    }
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/faces/%s/%s", DERM_TEST_DATA, name, list[i]->d_name);
        if (i < MAX_PHOTOS) one_photo(f, &t, path, verbose);
        free(list[i]);
    }
    free(list);
    printf("%-16s %3d photos, one face %3d, used %3d, |yaw| <= %.1f, |pitch| <= %.1f", name,
           t.photos, t.one, t.used, t.yaw, t.pitch);
    if (t.errors) {
        for (int i = 0; i < t.errors; i++)
            mean += t.error[i] / t.errors;
        qsort(t.error, (size_t)t.errors, sizeof(double), by_value);
        qsort(t.scale, (size_t)t.used, sizeof(double), by_value);
        printf("\n%-16s pupil error, %% of pupil distance: mean %.2f, p95 %.2f, max %.2f; iris / "
               "pupil scale %.3f [%.3f, %.3f]",
               "", mean, t.error[t.errors * 95 / 100], t.error[t.errors - 1], t.scale[t.used / 2],
               t.scale[0], t.scale[t.used - 1]);
    }
    printf("\n");
    return wanted == WHATEVER || t.used == (wanted == ALL_FACES ? n : 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        enum wanted wanted;
    } folders[] = {
        { "frll/neutral", ALL_FACES },   { "frll/smiling", ALL_FACES },
        { "webmorph/zoom", WHATEVER },   { "webmorph/lisa", WHATEVER },
        { "webmorph/canada", WHATEVER }, { "webmorph/rainbow", NO_FACES },
    };
    const int verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    static struct face_photo f;
    bool right = true;

    if (face_photo_open(&f, derm_cpu_detect(), 2) != DERM_OK) {
        printf("%s\n", f.photo.err.text);
        return 1;
    }
    if (argc > 1 && !verbose) {
        static struct tally t;
        for (int i = 1; i < argc && i <= MAX_PHOTOS; i++)
            one_photo(&f, &t, argv[i], 1);
    } else {
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
            if (!folder(&f, folders[i].name, folders[i].wanted, verbose)) right = false;
    }
    face_photo_close(&f);
    return right ? 0 : 1;
}
