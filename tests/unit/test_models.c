/* SPDX-License-Identifier: Apache-2.0 */
/* The models folder: what is pinned is verified, what is wrong is refused with a sentence. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "nn/mesh.h"
#include "nn/models.h"

static void sha256_matches_the_standard(void **state)
{
    char text[DERM_SHA256_SIZE];

    (void)state;
    derm_sha256_of("abc", 3, text); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void opens_the_pinned_networks(void **state)
{
    struct derm_error err = { 0 };
    struct derm_models *m;
    const struct derm_json *table;

    (void)state;
    assert_int_equal(derm_models_open(&m, DERM_TEST_MODELS, &err), DERM_OK);
    for (int i = 0; i < DERM_NET_COUNT; i++)
        assert_int_equal(strlen(derm_model_sha256(m, (enum derm_network)i)), 64);
    for (int i = 0; derm_models_table_name(m, i); i++) {
        assert_int_equal(derm_models_table(m, derm_models_table_name(m, i), &table, &err), DERM_OK);
        assert_int_equal(strlen(derm_models_table_sha256(m, i)), 64);
    }
    assert_int_equal(derm_models_table(m, "none", &table, &err), DERM_EMODEL);
    assert_non_null(strstr(err.text, "none.json"));
    derm_models_close(m);
}

static const char *const parts[] = { "node_modules", "chromophores.json", "classifier.json",
                                     "gates.json",   "precision.json",    "regions.json",
                                     "swelling.json" };

/* A folder with the given manifest and a file net.bin of four bytes; opening it must fail and the
 * message must contain text. */
static void refused(const char *manifest, const char *text)
{
    char folder[] = "/tmp/derm_models_XXXXXX", path[64];
    struct derm_error err = { 0 };
    struct derm_models *m;
    FILE *f;

    assert_non_null(mkdtemp(folder));
    if (manifest) {
        snprintf(path, sizeof(path), "%s/net.bin", folder);
        assert_non_null(f = fopen(path, "wb"));
        fputs("abcd", f);
        fclose(f);
        snprintf(path, sizeof(path), "%s/manifest.json", folder);
        assert_non_null(f = fopen(path, "wb"));
        fputs(manifest, f);
        fclose(f);
    }
    assert_int_not_equal(derm_models_open(&m, folder, &err), DERM_OK);
    assert_null(m);
    if (!strstr(err.text, text)) fail_msg("\"%s\" lacks \"%s\"", err.text, text);
    snprintf(path, sizeof(path), "%s/net.bin", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/manifest.json", folder);
    unlink(path);
    rmdir(folder);
}

#define NET(offset, size)                                                                          \
    "{\"networks\":[{\"id\":\"face_short\",\"file\":\"net.bin\",\"offset\":" offset                \
    ",\"size\":" size ",\"sha256\":\"00\"}],\"tables\":[]}"

static void bad_folders_are_refused(void **state)
{
    (void)state;
    refused(NULL, "manifest.json cannot be opened");
    refused("{", "not valid JSON near line 1");
    refused("{\"networks\":[]}", "does not list face_short");
    refused(NET("0", "4"), "does not list face_full");
    refused(NET("0", "5"), "size expected");
    refused(NET("4", "1"), "size expected");
    refused(NET("-1", "2"), "range that cannot be");
    refused(NET("0", "1e30"), "range that cannot be");
}

/* The models, but the manifest demands another person network. */
static void make_folder_with_a_wrong_hash(const char *folder)
{
    static char text[1 << 16];
    char path[4096], *digit;
    size_t n;
    FILE *f;

    assert_non_null(f = fopen(DERM_TEST_MODELS "/manifest.json", "rb"));
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    assert_non_null(digit = strstr(text, "8d13b7fae74af625"));
    *digit = '9';
    snprintf(path, sizeof(path), "%s/manifest.json", folder);
    assert_non_null(f = fopen(path, "wb"));
    fputs(text, f);
    fclose(f);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char from[4096];

        snprintf(from, sizeof(from), "%s/%s", DERM_TEST_MODELS, parts[i]);
        snprintf(path, sizeof(path), "%s/%s", folder, parts[i]);
        assert_int_equal(symlink(from, path), 0);
    }
}

static void remove_folder(const char *folder)
{
    char path[4096];

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, parts[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/manifest.json", folder);
    unlink(path);
    rmdir(folder);
}

static void network_with_another_hash_is_not_used(void **state)
{
    char folder[] = "/tmp/derm_models_XXXXXX";
    struct derm_error err = { 0 };
    const struct derm_net *net;
    struct derm_models *m;

    (void)state;
    assert_non_null(mkdtemp(folder));
    make_folder_with_a_wrong_hash(folder);
    assert_int_equal(derm_models_open(&m, folder, &err), DERM_OK);
    for (int again = 0; again < 2; again++) {
        err = (struct derm_error){ 0 };
        assert_int_equal(derm_models_net(m, DERM_NET_PERSON, &net, &err), DERM_EMODEL);
        assert_null(net);
        assert_non_null(strstr(err.text, "different selfie_segmentation"));
    }
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_models_net(m, DERM_NET_FACE_SHORT, &net, &err), DERM_OK);
    assert_int_equal(derm_net_input_count(net), 128 * 128 * 3);
    derm_models_close(m);
    remove_folder(folder);
}

static void mesh_is_a_symmetric_face(void **state)
{
    struct derm_error err = { 0 };
    struct derm_models *m;
    const struct derm_mesh *mesh;
    double weights = 0;

    (void)state;
    assert_int_equal(derm_models_open(&m, DERM_TEST_MODELS, &err), DERM_OK);
    mesh = derm_models_mesh(m);
    for (int i = 0; i < DERM_MESH_VERTICES; i++) {
        assert_int_equal(mesh->mirror[mesh->mirror[i]], i);
        weights += (double)mesh->weight[i];
    }
    assert_int_equal(mesh->mirror[33], 263); /* outer corners of the eyes */
    assert_true(mesh->xyz[33][0] < 0);       /* the subject's right */
    assert_true(weights > 0);
    for (int i = 0; i < DERM_MESH_TRIANGLES; i++)
        assert_true(mesh->triangle[i][0] != mesh->triangle[i][1]);
    derm_models_close(m);
}

static void hostile_mesh_is_refused(void **state)
{
    static const unsigned char bad[][6] = {
        { 0x0a, 0x05, 0x1d, 0, 0, 0 },          /* body longer than the bytes */
        { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff }, /* endless length */
        { 0x12, 0x03, 0x08, 0xff, 0x7f, 0 },    /* weight of a vertex that is not there */
        { 0x0b, 0, 0, 0, 0, 0 },                /* group */
    };
    struct derm_mesh mesh;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct derm_error err = { 0 };
        assert_int_equal(derm_mesh_read(&mesh, bad[i], sizeof(bad[i]), &err), DERM_EMODEL);
    }
}

static void json_reads_what_it_promises(void **state)
{
    static const char text[] = "{\"a\": [1, 2.5], \"b\": {\"c\": \"x\"}}";
    struct derm_error err = { 0 };
    struct derm_json *root;
    double pair[2], three[3], number;
    const char *word;

    (void)state;
    assert_int_equal(derm_json_parse(&root, text, strlen(text), "text", &err), DERM_OK);
    assert_int_equal(derm_json_numbers(root, "a", pair, 2, &err), DERM_OK);
    assert_true(pair[0] == 1 && pair[1] == 2.5);
    assert_int_equal(derm_json_text(derm_json_get(root, "b"), "c", &word, &err), DERM_OK);
    assert_string_equal(word, "x");
    assert_string_equal(derm_json_key(derm_json_first(root)), "a");
    assert_int_equal(derm_json_count(root), 2);
    assert_null(derm_json_get(derm_json_get(root, "none"), "c"));
    assert_int_equal(derm_json_numbers(root, "a", three, 3, &err), DERM_EMALFORMED);
    assert_int_equal(derm_json_numbers(root, "a", pair, 1, &err), DERM_EMALFORMED);
    assert_int_equal(derm_json_number(root, "a", &number, &err), DERM_EMALFORMED);
    derm_json_free(root);
    assert_int_equal(derm_json_parse(&root, "1 2", 3, "two", &err), DERM_EMALFORMED);
}

static void a_table_of_the_caller_takes_the_place(void **state)
{
    static const char mine[] = "{\"answer\": 42}";
    const struct derm_json *table;
    struct derm_error err = { 0 };
    struct derm_models *m;
    double answer = 0;
    int i = 0;

    (void)state;
    assert_int_equal(derm_models_open(&m, DERM_TEST_MODELS, &err), DERM_OK);
    while (strcmp(derm_models_table_name(m, i), "precision") != 0)
        i++;
    assert_null(derm_models_table_file(m, i));
    assert_int_equal(derm_models_replace_table(m, "none", mine, strlen(mine), "mine.json", &err),
                     DERM_EMODEL);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_models_replace_table(m, "precision", mine, 5, "mine.json", &err),
                     DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "mine.json"));
    assert_null(derm_models_table_file(m, i)); /* the folder's is still there */
    err = (struct derm_error){ 0 };
    assert_int_equal(
        derm_models_replace_table(m, "precision", mine, strlen(mine), "mine.json", &err), DERM_OK);
    assert_string_equal(derm_models_table_file(m, i), "mine.json");
    assert_int_equal(strlen(derm_models_table_sha256(m, i)), 64);
    assert_int_equal(derm_models_table(m, "precision", &table, &err), DERM_OK);
    assert_true(derm_json_as_number(derm_json_get(table, "answer"), &answer) && answer == 42);
    derm_models_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_the_standard),
        cmocka_unit_test(opens_the_pinned_networks),
        cmocka_unit_test(bad_folders_are_refused),
        cmocka_unit_test(network_with_another_hash_is_not_used),
        cmocka_unit_test(mesh_is_a_symmetric_face),
        cmocka_unit_test(hostile_mesh_is_refused),
        cmocka_unit_test(json_reads_what_it_promises),
        cmocka_unit_test(a_table_of_the_caller_takes_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
