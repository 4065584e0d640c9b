/* SPDX-License-Identifier: Apache-2.0 */
/* Two contexts at work at once, each with two threads of its own, give what one thread alone gives.
 * The thread sanitizer build runs this: small photos keep it short there. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "small_pair.h"

struct job {
    const struct small_pair *pair;
    int threads;
    char *core; /* NULL: it failed */
};

static void *compare(void *arg)
{
    struct job *const job = arg;
    const struct derm_settings settings = {
        .size = sizeof(settings), .models = DERM_TEST_MODELS, .threads = job->threads, .findings = 1
    };
    const struct derm_photo_request base = small_request(job->pair, 0),
                                    follow = small_request(job->pair, 1);
    derm_context *ctx;
    derm_document *doc;

    if (derm_context_new(&ctx, &settings) == DERM_OK &&
        derm_compare(ctx, &base, &follow, &doc) == DERM_OK) {
        job->core = core_of(doc);
        derm_document_free(doc);
    }
    derm_context_free(ctx);
    return NULL;
}

static void contexts_do_not_disturb_each_other(void **state)
{
    struct job alone = { .pair = *state, .threads = 1 };
    struct job job[2] = { { .pair = *state, .threads = 2 }, { .pair = *state, .threads = 2 } };
    pthread_t thread[2];

    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, compare, &job[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    compare(&alone);
    assert_non_null(alone.core);
    for (int i = 0; i < 2; i++) {
        assert_non_null(job[i].core);
        assert_string_equal(job[i].core, alone.core);
        free(job[i].core);
    }
    /* Else there would have been little to disturb. */
    assert_null(strstr(alone.core, "\"comparability\":{\"verdict\":\"not_comparable\""));
    free(alone.core);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(contexts_do_not_disturb_each_other) };
    return cmocka_run_group_tests(tests, make_small_pair, remove_small_pair);
}
