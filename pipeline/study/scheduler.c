/* SPDX-License-Identifier: Apache-2.0 */
/* The variables by which schedulers tell a task of an array job which one it is. */
#include <dermetry/study.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

struct scheduler {
    const char *task;         /* number of this task */
    const char *first;        /* number of the first one; NULL: 1 */
    const char *last, *count; /* number of the last one, how many there are; NULL: not told */
    const char *step;         /* from one number to the next; NULL: 1 */
    long least;               /* a smaller number says that this is no array job */
};

static const struct scheduler schedulers[] = {
    { "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX",
      "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_STEP", 0 },
    { "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", NULL, "SGE_TASK_STEPSIZE", 0 },
    { "PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL, 0 }, /* PBS Pro */
    { "PBS_ARRAYID", NULL, NULL, NULL, NULL, 0 },     /* Torque */
    { "LSB_JOBINDEX", NULL, "LSB_JOBINDEX_END", NULL, "LSB_JOBINDEX_STEP", 1 },
};

/* False where there is no number from 0 to 999999: SGE says "undefined" outside an array. */
static bool number(const char *variable, long *out)
{
    const char *const text = variable ? getenv(variable) : NULL;
    char *end;

    if (!text || !*text) return false;
    errno = 0;
    *out = strtol(text, &end, 10);
    return !*end && errno == 0 && *out >= 0 && *out < 1000000;
}

int derm_shard_from_environment(int *shards)
{
    const long asked = *shards;

    for (size_t i = 0; i < sizeof(schedulers) / sizeof(*schedulers); i++) {
        const struct scheduler *const s = &schedulers[i];
        long task, first = 1, last, step = 1, count = 0;

        if (!number(s->task, &task) || task < s->least) continue;
        if (asked > 0) return task >= 1 && task <= asked ? (int)task : -1;
        if (!number(s->first, &first)) first = 1;
        if (!number(s->step, &step)) step = 1;
        if (!number(s->count, &count) && number(s->last, &last)) count = last - first + 1;
        if (!number(s->last, &last)) last = first + count - 1;
        /* Some tasks of a larger array, done again: they are not the whole study. */
        if (first > 1 || step > 1 || last - first + 1 != count) return -1;
        if (task < first || task > last) return -1;
        *shards = (int)count;
        return (int)(task - first) + 1;
    }
    return 0;
}
