/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a study, the folder that holds it, its records, and the part that a scheduler gives.
 */
#define _GNU_SOURCE /* mkdtemp, setenv, nftw */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <dermetry/study.h>

#include "base/file.h"
#include "study/record.h"

#define HEAD "subject,visit,date,view,path,repeat,arm\n"

static struct derm_arena arena;
static struct derm_error err;
static struct derm_manifest manifest;
static struct derm_plan plan;
static char folder[] = "/tmp/derm_study_XXXXXX";

static void plan_of(const char *text)
{
    char path[64];

    err = (struct derm_error){ 0 };
    derm_arena_reset(&arena, 0);
    snprintf(path, sizeof(path), "%s/given.csv", folder);
    assert_int_equal(derm_file_write(path, text, strlen(text), &err), DERM_OK);
    assert_int_equal(derm_manifest_read(&manifest, &arena, path, &err), DERM_OK);
    assert_int_equal(derm_plan_make(&plan, &arena, &manifest), DERM_OK);
}

static void expect_pair(int i, const char *baseline, const char *followup)
{
    assert_true(i < plan.records);
    assert_string_equal(plan.record[i].baseline->path, baseline);
    assert_string_equal(plan.record[i].followup->path, followup);
}

/* ---- plan */

static void later_visits_are_compared_with_the_first(void **state)
{
    (void)state;
    plan_of(HEAD "B,3,2026-03-01,left,b3,,\n"
                 "A,x,,front,ax,,\n"
                 "B,1,2026-01-01,left,b1b,2,\n"
                 "B,2,2026-02-01,left,b2,,\n"
                 "B,1,2026-01-01,left,b1a,1,\n"
                 "B,1,2026-01-01,right,only,,\n"
                 "A,w,2025-01-01,front,aw,,\n"
                 "C,2,2026-01-01,f,c2,,\n"
                 "C,1,2026-01-01,f,c1,,\n");
    assert_int_equal(plan.records, 4);
    assert_int_equal(plan.groups, 3);
    expect_pair(0, "ax", "aw"); /* a date is missing: in the order of the manifest */
    expect_pair(1, "b1b", "b2");
    expect_pair(2, "b1b", "b3");
    expect_pair(3, "c2", "c1");
    assert_int_equal(plan.group[1].first, 1);
    assert_int_equal(plan.group[1].n, 2);
}

static void keys_are_hashes_of_names(void **state)
{
    (void)state;
    plan_of(HEAD "A,1,2026-01-01,f,a,,\nA,2,2026-02-01,f,b,1,\n");
    /* printf 'A\0f\0001\0\0002\0001' | sha256sum */
    assert_string_equal(plan.record[0].key, "20252f77ca5343c6");
}

static void order_of_rows_changes_nothing(void **state)
{
    char first[DERM_KEY_SIZE];
    unsigned hash;

    (void)state;
    plan_of(HEAD "A,1,2026-01-01,f,a,,\nA,2,2026-02-01,f,b,,\n");
    memcpy(first, plan.record[0].key, sizeof(first));
    hash = plan.group[0].hash;
    plan_of(HEAD "Z,1,2026-01-01,f,a,,\nA,2,2026-02-01,f,b,,\nA,1,2026-01-01,f,a,,\n");
    assert_string_equal(plan.record[0].key, first);
    assert_int_equal(plan.group[0].hash, hash);
}

static void shards_share_everything(void **state)
{
    char text[32768] = HEAD;
    int count[8] = { 0 };

    (void)state;
    for (int i = 0; i < 400; i++)
        snprintf(text + strlen(text), 80, "S%d,1,,f,a,,\nS%d,2,,f,b,,\n", i, i);
    plan_of(text);
    for (int i = 0; i < plan.groups; i++) {
        const int shard = derm_plan_shard(&plan.group[i], 8);

        assert_in_range(shard, 1, 8);
        count[shard - 1]++;
        assert_int_equal(derm_plan_shard(&plan.group[i], 1), 1);
    }
    for (int i = 0; i < 8; i++) /* 50 expected; 5 sd of a binomial */
        assert_in_range(count[i], 17, 83);
}

/* ---- store and records */

static struct derm_store store_in(const char *where)
{
    struct derm_store s = { .folder = where, .version = "1.2.3", .records = 1, .shards = 2 };

    memset(s.configuration, 'c', DERM_SHA256_SIZE - 1);
    memcpy(s.manifest, manifest.sha256, sizeof(s.manifest));
    return s;
}

static derm_err begin(const struct derm_store *s)
{
    int lock;

    err = (struct derm_error){ 0 };
    const derm_err code = derm_store_begin(s, 1, manifest.text, manifest.size, &lock, &err);

    if (lock >= 0) close(lock);
    return code;
}

static void a_folder_holds_one_study(void **state)
{
    struct derm_store s, there;
    char where[64];

    (void)state;
    plan_of(HEAD "A,1,,f,a,,\nA,2,,f,b,,\n");
    snprintf(where, sizeof(where), "%s/one", folder);
    s = store_in(where);
    assert_int_equal(derm_store_open(&there, &arena, where, &err), DERM_EMISSING);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(derm_store_open(&there, &arena, where, &err), DERM_OK);
    assert_string_equal(there.version, "1.2.3");
    assert_string_equal(there.configuration, s.configuration);
    assert_int_equal(there.shards, 2);
    assert_int_equal(derm_store_manifest(&there, &manifest, &arena, &err), DERM_OK);
    assert_int_equal(manifest.rows, 2);
    s.shards = 3;
    assert_int_equal(begin(&s), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "in 2 shards, not 3"));
    s = store_in(where);
    s.version = "1.2.4";
    assert_int_equal(begin(&s), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "begun by dermetry 1.2.3"));
    s = store_in(where);
    s.configuration[0] = 'd';
    assert_int_equal(begin(&s), DERM_EUSAGE);
}

static void a_study_may_grow(void **state)
{
    struct derm_store s, there;
    char where[64];
    int lock;

    (void)state;
    plan_of(HEAD "A,1,,f,a,,\nA,2,,f,b,,\n");
    snprintf(where, sizeof(where), "%s/grows", folder);
    s = store_in(where);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(derm_store_finish_shard(&s, 2, 1, 0, &err), DERM_OK);
    plan_of(HEAD "A,1,,f,a,,\nA,2,,f,b,,\nA,3,,f,c,,\n");
    s = store_in(where);
    assert_int_equal(derm_store_lock(&s, 2, &lock, &err), DERM_OK);
    assert_int_equal(begin(&s), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "by another manifest"));
    assert_true(derm_store_shard_is_done(&s, 2));
    close(lock);
    assert_int_equal(begin(&s), DERM_OK);
    assert_false(derm_store_shard_is_done(&s, 2));
    assert_int_equal(derm_store_open(&there, &arena, where, &err), DERM_OK);
    assert_int_equal(derm_store_manifest(&there, &manifest, &arena, &err), DERM_OK);
    assert_int_equal(manifest.rows, 3);
}

static void a_shard_has_one_batch(void **state)
{
    struct derm_store s;
    char where[64];
    int first, second;

    (void)state;
    plan_of(HEAD "A,1,,f,a,,\nA,2,,f,b,,\n");
    snprintf(where, sizeof(where), "%s/locks", folder);
    s = store_in(where);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(derm_store_lock(&s, 1, &first, &err), DERM_OK);
    assert_int_equal(derm_store_lock(&s, 1, &second, &err), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "another batch"));
    assert_int_equal(derm_store_lock(&s, 2, &second, &err), DERM_OK);
    close(second);
    close(first);
    assert_int_equal(derm_store_lock(&s, 1, &first, &err), DERM_OK);
    close(first);
    assert_false(derm_store_shard_is_done(&s, 2));
    assert_int_equal(derm_store_finish_shard(&s, 2, 1, 0, &err), DERM_OK);
    assert_true(derm_store_shard_is_done(&s, 2));
    assert_int_equal(derm_store_reopen_shard(&s, 2, &err), DERM_OK);
    assert_false(derm_store_shard_is_done(&s, 2));
}

static enum derm_record_state state_of(const struct derm_store *s, struct derm_record_head *head)
{
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_record_read(head, &arena, s, &plan.record[0], &err), DERM_OK);
    return head->state;
}

static void records_are_read_back(void **state)
{
    static const char comparison[] =
        "{\"schema\":\"dermetry/comparison/1\",\"photos\":[{\"run\":1}],"
        "\"run\":{\"seconds\":2}}";
    const struct derm_record_inputs inputs = { { "abc", "def" } };
    struct derm_error why = { 0 };
    const struct derm_outcome done = { &inputs, comparison, NULL },
                              failed = { &inputs, NULL, &why };
    struct derm_record_head head;
    struct derm_store s;
    char where[64], path[PATH_MAX];
    const char *line;

    (void)state;
    plan_of(HEAD "A,1,2026-01-01,f,a,,\n\"A\",2,2026-02-01,f,b,1,\"x,\"\"comparison\"\":{y\"\n");
    snprintf(where, sizeof(where), "%s/records", folder);
    s = store_in(where);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(state_of(&s, &head), DERM_RECORD_MISSING);
    assert_int_equal(derm_record_build(&arena, &line, &s, &manifest, &plan.record[0], &done, &err),
                     DERM_OK);
    assert_non_null(strstr(line, "\"days\":31,\"columns\":{\"arm\":\"x,\\\"comparison\\\":{y\"},"
                                 "\"status\":\"done\",\"inputs\":{\"baseline\":\"abc\","
                                 "\"followup\":\"def\"}"));
    assert_non_null(strstr(line, ",\"comparison\":{\"schema\":\"dermetry/comparison/1\",\"photos\":"
                                 "[{\"run\":1}]},\"run\":{\"seconds\":2}}\n"));
    assert_int_equal(derm_store_write(&s, plan.record[0].key, line, &err), DERM_OK);
    assert_int_equal(state_of(&s, &head), DERM_RECORD_DONE);
    assert_string_equal(head.inputs.sha256[DERM_INPUT_BASELINE], "abc");
    assert_string_equal(head.inputs.sha256[DERM_INPUT_FOLLOWUP], "def");
    assert_string_equal(head.inputs.sha256[DERM_INPUT_BASELINE_ROI], "");

    derm_fail(&why, DERM_ETRUNCATED, "ends early");
    assert_int_equal(
        derm_record_build(&arena, &line, &s, &manifest, &plan.record[0], &failed, &err), DERM_OK);
    assert_int_equal(derm_store_write(&s, plan.record[0].key, line, &err), DERM_OK);
    assert_int_equal(state_of(&s, &head), DERM_RECORD_FAILED);
    assert_string_equal(head.code, "truncated_input");
    assert_string_equal(head.text, "ends early");

    s.configuration[0] = 'd'; /* of another configuration: as if it were not there */
    assert_int_equal(state_of(&s, &head), DERM_RECORD_MISSING);
    s.configuration[0] = 'c';
    assert_int_equal(derm_store_path(&s, plan.record[0].key, path, &err), DERM_OK);
    assert_int_equal(truncate(path, (off_t)strlen(line) - 5), 0);
    assert_int_equal(state_of(&s, &head), DERM_RECORD_MISSING);
}

static void leftovers_of_a_record_go_with_it(void **state)
{
    static const char line[] = "{}\n";
    char where[64], path[PATH_MAX], left[PATH_MAX + 16];
    struct derm_store s;

    (void)state;
    plan_of(HEAD "A,1,,f,a,,\nA,2,,f,b,,\n");
    snprintf(where, sizeof(where), "%s/leftovers", folder);
    s = store_in(where);
    assert_int_equal(begin(&s), DERM_OK);
    assert_int_equal(derm_store_write(&s, "0123456789abcdef", line, &err), DERM_OK);
    assert_int_equal(derm_store_path(&s, "0123456789abcdef", path, &err), DERM_OK);
    snprintf(left, sizeof(left), "%s.part-77", path);
    assert_int_equal(derm_file_write(left, "{", 1, &err), DERM_OK);
    assert_int_equal(derm_store_write(&s, "01ffffffffffffff", line, &err), DERM_OK);
    assert_int_equal(access(left, F_OK), 0); /* of another record: its shard may be at work */
    assert_int_equal(derm_store_write(&s, "0123456789abcdef", line, &err), DERM_OK);
    assert_int_not_equal(access(left, F_OK), 0);
}

/* ---- schedulers */

static void leave_array_jobs(void)
{
    static const char *const all[] = { "SLURM_ARRAY_TASK_ID",   "SLURM_ARRAY_TASK_MIN",
                                       "SLURM_ARRAY_TASK_MAX",  "SLURM_ARRAY_TASK_COUNT",
                                       "SLURM_ARRAY_TASK_STEP", "SGE_TASK_ID",
                                       "SGE_TASK_FIRST",        "SGE_TASK_LAST",
                                       "SGE_TASK_STEPSIZE",     "PBS_ARRAY_INDEX",
                                       "PBS_ARRAYID",           "LSB_JOBINDEX",
                                       "LSB_JOBINDEX_END",      "LSB_JOBINDEX_STEP" };

    for (size_t v = 0; v < sizeof(all) / sizeof(*all); v++)
        unsetenv(all[v]);
}

static void array_jobs_name_their_shard(void **state)
{
    static const struct {
        const char *set[4][2];
        int shard, shards;
    } cases[] = {
        { { { NULL, NULL } }, 0, 0 },
        { { { "SLURM_ARRAY_TASK_ID", "3" },
            { "SLURM_ARRAY_TASK_MIN", "0" },
            { "SLURM_ARRAY_TASK_COUNT", "4" } },
          4,
          4 },
        { { { "SLURM_ARRAY_TASK_ID", "5" }, /* 1-9:2 */
            { "SLURM_ARRAY_TASK_MIN", "1" },
            { "SLURM_ARRAY_TASK_COUNT", "5" },
            { "SLURM_ARRAY_TASK_STEP", "2" } },
          -1,
          0 },
        { { { "SLURM_ARRAY_TASK_ID", "1" }, /* 1, 5, 9 */
            { "SLURM_ARRAY_TASK_MAX", "9" },
            { "SLURM_ARRAY_TASK_MIN", "1" },
            { "SLURM_ARRAY_TASK_COUNT", "3" } },
          -1,
          0 },
        { { { "SLURM_ARRAY_TASK_ID", "3" }, /* that task alone */
            { "SLURM_ARRAY_TASK_MAX", "3" },
            { "SLURM_ARRAY_TASK_MIN", "3" },
            { "SLURM_ARRAY_TASK_COUNT", "1" } },
          -1,
          0 },
        { { { "SLURM_ARRAY_TASK_ID", "9" },
            { "SLURM_ARRAY_TASK_MIN", "1" },
            { "SLURM_ARRAY_TASK_COUNT", "3" } },
          -1,
          0 },
        { { { "SGE_TASK_ID", "undefined" } }, 0, 0 },
        { { { "SGE_TASK_ID", "2" }, { "SGE_TASK_FIRST", "1" }, { "SGE_TASK_LAST", "8" } }, 2, 8 },
        { { { "SGE_TASK_ID", "7" }, /* 1-10:3 */
            { "SGE_TASK_FIRST", "1" },
            { "SGE_TASK_LAST", "10" },
            { "SGE_TASK_STEPSIZE", "3" } },
          -1,
          0 },
        { { { "PBS_ARRAY_INDEX", "2" } }, -1, 0 },
        { { { "PBS_ARRAY_INDEX", "0" } }, -1, 0 },
        { { { "PBS_ARRAYID", "2" } }, -1, 0 },
        { { { "LSB_JOBINDEX", "0" } }, 0, 0 },
        { { { "LSB_JOBINDEX", "5" }, { "LSB_JOBINDEX_END", "6" } }, 5, 6 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int shards = 0;

        leave_array_jobs();
        for (int v = 0; v < 4 && cases[i].set[v][0]; v++)
            setenv(cases[i].set[v][0], cases[i].set[v][1], 1);
        assert_int_equal(derm_shard_from_environment(&shards), cases[i].shard);
        assert_int_equal(shards, cases[i].shards);
    }
}

/* Then the number of the task is the shard, whichever tasks were asked for. */
static void array_jobs_are_told_how_many_they_are(void **state)
{
    static const struct {
        const char *variable, *task;
        int shard;
    } cases[] = {
        { "PBS_ARRAY_INDEX", "2", 2 },  { "PBS_ARRAY_INDEX", "9", -1 },
        { "PBS_ARRAY_INDEX", "0", -1 }, { "PBS_ARRAYID", "8", 8 },
        { "LSB_JOBINDEX", "0", 0 },     { "SLURM_ARRAY_TASK_ID", "7", 7 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int shards = 8;

        leave_array_jobs();
        setenv("SLURM_ARRAY_TASK_MIN", "3", 1); /* 3,7 are done again */
        setenv("SLURM_ARRAY_TASK_COUNT", "2", 1);
        setenv(cases[i].variable, cases[i].task, 1);
        assert_int_equal(derm_shard_from_environment(&shards), cases[i].shard);
        assert_int_equal(shards, 8);
    }
    leave_array_jobs();
}

static int set_up(void **state)
{
    (void)state;
    return !mkdtemp(folder) || derm_arena_init(&arena, (size_t)1 << 30, &err) != DERM_OK;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_visits_are_compared_with_the_first),
        cmocka_unit_test(keys_are_hashes_of_names),
        cmocka_unit_test(order_of_rows_changes_nothing),
        cmocka_unit_test(shards_share_everything),
        cmocka_unit_test(a_folder_holds_one_study),
        cmocka_unit_test(a_study_may_grow),
        cmocka_unit_test(a_shard_has_one_batch),
        cmocka_unit_test(records_are_read_back),
        cmocka_unit_test(leftovers_of_a_record_go_with_it),
        cmocka_unit_test(array_jobs_name_their_shard),
        cmocka_unit_test(array_jobs_are_told_how_many_they_are),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
