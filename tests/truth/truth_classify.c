/* SPDX-License-Identifier: Apache-2.0 */
/* What spot is it?
 *
 *   truth_classify table FILE [scenes]   writes what models/classifier.py learns from: even seeds
 */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include <unistd.h>

#include "blob_photos.h"
#include "blob_scenes.h"

enum { SCENES = 160 };

static void write_table(FILE *out, int scenes, int odd)
{
    static struct blob_lab lab;

    blob_lab_open(&lab);
    print_head(out);
    for (int i = 0; i < scenes; i++) {
        const int seed = 2 * i + odd;
        struct blobs_of b = scene_rows(&lab, (uint64_t)(100000 + seed));

        print_rows(out, "phantom", seed, &b);
        free(b.item);
        fprintf(stderr, ".");
    }
    if (!face_rows(&lab, odd, out)) fprintf(stderr, "no faces in " DERM_TEST_DATA);
    fprintf(stderr, "\n");
    blob_lab_close(&lab);
}

int main(int argc, char **argv)
{
    FILE *const out = argc > 2 ? fopen(argv[2], "w") : NULL;

    if (!out) blob_die("truth_classify table FILE [scenes [1 for odd seeds]]");
    write_table(out, argc > 3 ? atoi(argv[3]) : SCENES, argc > 4);
    return fclose(out) ? 1 : 0;
}
