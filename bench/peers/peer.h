/* SPDX-License-Identifier: Apache-2.0 */
/* What the peers have in common: each is a process of its own that compare.py asks, in turn with
 * the others, to do a stage. It answers with the seconds of processor time that the stage took. */
#ifndef DERM_BENCH_PEER_H
#define DERM_BENCH_PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"

/* Work whose result is the same for every peer, but for rounding and what compare.py says. */
enum { PEER_SCALES = 5 };
static const double peer_ridge_sigma_px[PEER_SCALES] = { 1, 2, 3, 4, 5 };
static const double peer_blob_sigma_px[PEER_SCALES] = { 2, 3, 4, 5, 6 };
static const double peer_band_sigma_px[2] = { 2, 6 };
static const float peer_blob_floor_od = 0.02f, peer_object_od = 0.05f, peer_od_floor = 0.002f;
static const double peer_halve_from_px = 6; /* of sigma */
enum { PEER_MOST_SHRUNK = 5 };              /* grid px: analysis.txt */
static const float peer_melanin[3] = { 0.9f, -0.2f, 0.3f }, peer_blood[3] = { -0.7f, 1.1f, -0.4f };
/* The photo has 20 px/mm; maps and an analysis see it at 11, as the program does. */
static const double peer_px_per_mm = 20.0, peer_step = 20.0 / 11.0;

static inline void peer_map(float *x, float *y, int i, int j) /* where pixel (i, j) comes from */
{
    *x = 0.99f * (float)i + 0.01f * (float)j + 3.0f;
    *y = 0.98f * (float)j + 0.01f * (float)i;
}

struct peer_stage {
    const char *name;
    void (*run)(void *peer);
    void (*save)(void *peer, FILE *to); /* what the latest run made; NULL: nothing to compare */
};

static inline FILE *peer_open(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, mode);
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

/* Does what stdin asks: a line "run STAGE" or "save STAGE" (runs it, too; the result goes to the
 * file PEER.STAGE of the folder). */
static inline void peer_serve(void *peer, const char *name, const char *folder,
                              const struct peer_stage *stages)
{
    char verb[16], wanted[48], file[80];

    while (scanf("%15s %47s", verb, wanted) == 2) {
        const struct peer_stage *s = stages;
        while (s->name && strcmp(s->name, wanted) != 0)
            s++;
        if (!s->name) exit(64);
        const double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
        s->run(peer);
        const double seconds = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
        if (s->save && strcmp(verb, "save") == 0) {
            snprintf(file, sizeof(file), "%s.%s", name, wanted);
            FILE *const to = peer_open(folder, file, "wb");
            s->save(peer, to);
            fclose(to);
        }
        printf("%.6f\n", seconds);
        fflush(stdout);
    }
}

#endif
