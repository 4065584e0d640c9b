/* SPDX-License-Identifier: Apache-2.0 */
/* Every odd and hostile file of the format collection either decodes, with the pixels listed in
 * tests/golden/formats.csv, or gives the error listed there and one sentence; none may take longer
 * than 10 s. `test_formats list` prints the table for what the program does now. */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "decode_photo.h"

#define FORMATS DERM_TEST_DATA "/formats/"
#define TABLE DERM_TEST_ROOT "/tests/golden/formats.csv"

enum { LINE = 1024, PATH_SIZE = 2 * LINE, SLOW_S = 10 };

static struct decoded photo;

/* outcome,width,height,sha256 of the pixels or error id */
static void outcome(char *out, size_t size, const char *path)
{
    const derm_err code = decoded_photo(&photo, path);
    const struct derm_source *const s = &photo.frame->source;

    if (code == DERM_OK)
        snprintf(out, size, "decoded,%d,%d,%s", s->width, s->height, s->sha256_pixels);
    else
        snprintf(out, size, "refused,,,%s", derm_err_id(code));
}

static void every_file_decodes_or_says_why(void **state)
{
    char line[LINE], path[PATH_SIZE], got[LINE];
    FILE *const table = fopen(TABLE, "r");
    int files = 0, wrong = 0;

    (void)state;
    assert_non_null(table);
    while (fgets(line, sizeof(line), table)) {
        char *const comma = strchr(line, ',');
        const time_t start = time(NULL);

        if (line[0] == '#' || !comma || strncmp(line, "file,", 5) == 0) continue;
        line[strcspn(line, "\r\n")] = 0;
        *comma = 0;
        snprintf(path, sizeof(path), FORMATS "%s", line);
        outcome(got, sizeof(got), path);
        files++;
        if (strcmp(got, comma + 1) != 0) {
            print_message("%s: expected %s, got %s (%s)\n", line, comma + 1, got, photo.err.text);
            wrong++;
        }
        assert_true(time(NULL) - start <= SLOW_S);
        if (photo.err.code != DERM_OK) {
            assert_true(strlen(photo.err.text) > 20);
            assert_null(strchr(photo.err.text, '\n'));
        }
    }
    fclose(table);
    print_message("%d files, %d wrong\n", files, wrong);
    assert_true(files > 500);
    assert_int_equal(wrong, 0);
}

static int print_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    char got[LINE];

    (void)st;
    (void)at;
    if (type != FTW_F) return 0;
    outcome(got, sizeof(got), path);
    printf("%s,%s\n", path + strlen(FORMATS), got);
    if (photo.err.code != DERM_OK) fprintf(stderr, "%s\n", photo.err.text);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_file_decodes_or_says_why) };
    FILE *const present = fopen(DERM_TEST_DATA "/INDEX.md", "r");
    int failed = 0;

    if (!present) {
        printf("skipped: the format collection is not at " DERM_TEST_DATA "\n");
        return 0;
    }
    fclose(present);
    if (decoded_open(&photo) != DERM_OK) return 1;
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        nftw(FORMATS, print_file, 16, FTW_PHYS);
    else
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    decoded_close(&photo);
    return failed;
}
