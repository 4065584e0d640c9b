/* SPDX-License-Identifier: Apache-2.0 */
/* bench_manifest [ROWS]: how long a manifest of so many rows (100,000) takes to be read and
 * planned, and how much memory the process has held by then. The aim: 2 s and 64 MiB. */
#define _DEFAULT_SOURCE /* getrusage, mkstemp */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "study/plan.h"

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may be at work here */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Four visits of each subject, in the order of a clinic's calendar: subjects come mixed. */
static long write_rows(FILE *out, int rows)
{
    const int subjects = rows / 4;

    fprintf(out, "subject,visit,date,view,path,treatment_date,needle_depth_mm,device,px_per_mm,arm,"
                 "note\n");
    for (int i = 0; i < rows; i++) {
        const int visit = i / subjects, subject = (int)(i * 7919L % subjects);

        fprintf(out,
                "SITE-03-%06d,visit %d,2026-%02d-%02d,left,photos/2026/SITE-03-%06d_%d.jpg,"
                "2026-01-02,1.5,\"pen, 12 needles\",14.2,%c,\"said \"\"fine\"\"\"\n",
                subject, visit, visit % 12 + 1, subject % 28 + 1, subject, visit,
                "AB"[subject % 2]);
    }
    return ftell(out);
}

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
    const int rows = argc > 1 ? atoi(argv[1]) : 100000;
    char path[] = "/tmp/derm_manifest_XXXXXX";
    const int fd = mkstemp(path);
    FILE *const out = fd < 0 ? NULL : fdopen(fd, "w");
    struct derm_error err = { 0 };
    struct derm_manifest m;
    struct derm_arena keep;
    struct derm_plan plan;
    double start, read_s, plan_s;
    long bytes;
    derm_err code;

    if (!out || rows < 4) return EXIT_FAILURE;
    bytes = write_rows(out, rows);
    fclose(out);
    code = derm_arena_init(&keep, (size_t)2 << 30, &err);
    start = seconds_now();
    if (code == DERM_OK) code = derm_manifest_read(&m, &keep, path, &err);
    read_s = seconds_now() - start;
    if (code == DERM_OK) code = derm_plan_make(&plan, &keep, &m);
    plan_s = seconds_now() - start - read_s;
    unlink(path);
    if (code == DERM_OK)
        printf(
            "%d rows, %ld KiB: read in %.3f s, %d records planned in %.3f s; %ld KiB of memory\n",
            m.rows, bytes >> 10, read_s, plan.records, plan_s, peak_kib());
    else
        fprintf(stderr, "%s\n", err.text);
    derm_arena_free(&keep);
    return code == DERM_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
