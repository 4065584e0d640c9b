/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file and whole-file reading and writing. */
#define _XOPEN_SOURCE 700 /* mkdtemp, symlink, RLIMIT_FSIZE */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "report/config.h"

struct params {
    float fine_mm;
    int rounds;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, fine_mm, 0.5, 0, 1, "a length"),
    DERM_OPT(struct params, rounds, 3, 1, 9, "a count"),
    { 0 },
};
static derm_err apply(const char *text, struct params *p, struct derm_error *err)
{
    const struct derm_opt_group groups[] = { { "plain", NULL, NULL }, { "sieve", opts, p }, { 0 } };
    struct derm_arena scratch;
    derm_err done;

    *err = (struct derm_error){ 0 };
    derm_opt_defaults(opts, p);
    assert_int_equal(derm_arena_init(&scratch, 1 << 20, err), DERM_OK);
    done = derm_config_apply(groups, text, strlen(text), "my.json", &scratch, err);
    derm_arena_free(&scratch);
    return done;
}

static void config_sets_options(void **state)
{
    struct derm_error err;
    struct params p;

    (void)state;
    assert_int_equal(apply("{}", &p, &err), DERM_OK);
    assert_int_equal(p.rounds, 3);
    assert_int_equal(apply("{\"sieve\": {}, \"plain\": {}}", &p, &err), DERM_OK);
    assert_int_equal(
        apply("// why\n{ \"sieve\": { /* more */ \"rounds\": 7, \"fine_mm\": 0.25 } }", &p, &err),
        DERM_OK);
    assert_true(p.rounds == 7 && p.fine_mm == 0.25f);
}

static void config_mistakes_get_a_sentence(void **state)
{
    static const struct {
        const char *text, *sentence;
        derm_err code;
    } cases[] = {
        { "", "my.json", DERM_EMALFORMED },
        { "{\"sieve\": {}", "my.json", DERM_EMALFORMED },
        { "{} x", "line 1", DERM_EMALFORMED },
        { "/* a\n comment */\n{\"sieve\" 3}", "line 3", DERM_EMALFORMED },
        { "[1]", "must hold", DERM_EUSAGE },
        { "3", "must hold", DERM_EUSAGE },
        { "{\"sive\": {}}", "no stage sive", DERM_EUSAGE },
        { "{\"sieve\": 3}", "must hold", DERM_EUSAGE },
        { "{\"sieve\": []}", "must hold", DERM_EUSAGE },
        { "{\"sieve\": null}", "must hold", DERM_EUSAGE },
        { "{\"sieve\": {\"raunds\": 3}}", "no option sieve.raunds", DERM_EUSAGE },
        { "{\"plain\": {\"x\": 3}}", "no option plain.x", DERM_EUSAGE },
        { "{\"sieve\": {\"rounds\": \"3\"}}", "must be a number", DERM_EUSAGE },
        { "{\"sieve\": {\"rounds\": 3.5}}", "whole number", DERM_EUSAGE },
        { "{\"sieve\": {\"rounds\": 10}}", "must lie in", DERM_EUSAGE },
        { "{\"sieve\": {\"rounds\": 1e999}}", "", DERM_EUSAGE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct derm_error err;
        struct params p;
        const derm_err code = apply(cases[i].text, &p, &err);

        if (code != cases[i].code || !strstr(err.text, cases[i].sentence))
            print_error("%s: %d \"%s\"\n", cases[i].text, code, err.text);
        assert_int_equal(code, cases[i].code);
        assert_non_null(strstr(err.text, cases[i].sentence));
    }
}

static void a_device_is_not_replaced(void **state)
{
    struct derm_error err = { 0 };
    char part[DERM_PATH_SIZE];

    (void)state;
    assert_int_equal(derm_file_part(part, "/dev/null", &err), DERM_ECREATE);
    assert_non_null(strstr(err.text, "/dev/null"));
}

static int count_files(const char *folder)
{
    DIR *const dir = opendir(folder);
    int n = 0;

    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

static void files_appear_whole_or_not_at_all(void **state)
{
    char folder[] = "/tmp/dermetry-test-XXXXXX", path[64], link[64], *text;
    struct derm_error err = { 0 };
    struct derm_arena keep;
    struct stat st;
    size_t size;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.json", folder);
    snprintf(link, sizeof(link), "%s/link.json", folder);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(derm_file_write(path, "first", 5, &err), DERM_OK);
    assert_int_equal(derm_file_write(link, "other", 5, &err), DERM_OK);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(derm_arena_init(&keep, 1 << 20, &err), DERM_OK);
    assert_int_equal(derm_file_read(&keep, path, 100, &text, &size, &err), DERM_OK);
    assert_true(size == 5 && strcmp(text, "other") == 0);
    assert_int_equal(derm_file_read(&keep, path, 4, &text, &size, &err), DERM_ELIMIT);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_file_write("/dev/full", "x", 1, &err), DERM_EIO);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_file_write(folder, "x", 1, &err), DERM_ECREATE);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_file_write("/nowhere/x", "x", 1, &err), DERM_ECREATE);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_file_read(&keep, folder, 4, &text, &size, &err), DERM_EMISSING);
    assert_int_equal(count_files(folder), 2);
    unlink(path);
    unlink(link);
    rmdir(folder);
    derm_arena_free(&keep);
}

/* A limit on the size of files stands in for a full disk. */
static void a_full_disk_leaves_nothing(void **state)
{
    char folder[] = "/tmp/dermetry-test-XXXXXX", path[64];
    struct derm_error err = { 0 };
    struct rlimit limit, small;
    derm_err code;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.json", folder);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){ .rlim_cur = 4, .rlim_max = limit.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    code = derm_file_write(path, "too long", 8, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(code, DERM_EIO);
    assert_non_null(strstr(err.text, "a.json"));
    assert_int_equal(count_files(folder), 0);
    rmdir(folder);
}

static void files_that_belong_together_appear_together(void **state)
{
    char folder[] = "/tmp/derm_set_XXXXXX", inner[64], path[DERM_PATH_SIZE + 8];
    struct derm_error err = { 0 };
    struct derm_file_set set;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(inner, sizeof(inner), "%s/new", folder);
    for (int whole = 0; whole < 2; whole++) {
        assert_int_equal(derm_file_set_begin(&set, inner, &err), DERM_OK);
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof(path), "%s/%d", set.part, i);
            assert_int_equal(derm_file_write(path, "x", 1, &err), DERM_OK);
        }
        if (whole)
            assert_int_equal(derm_file_set_finish(&set, &err), DERM_OK);
        else
            derm_file_set_drop(&set);
        assert_int_not_equal(rmdir(set.part), 0); /* it is gone */
        assert_int_equal(count_files(whole ? inner : folder), whole ? 2 : 0);
    }
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%d", inner, i);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(derm_file_set_begin(&set, inner, &err), DERM_OK);
    derm_file_set_drop(&set);
    assert_int_equal(rmdir(inner), 0); /* a folder that was there stays */
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_sets_options),
        cmocka_unit_test(config_mistakes_get_a_sentence),
        cmocka_unit_test(files_appear_whole_or_not_at_all),
        cmocka_unit_test(a_full_disk_leaves_nothing),
        cmocka_unit_test(a_device_is_not_replaced),
        cmocka_unit_test(files_that_belong_together_appear_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
