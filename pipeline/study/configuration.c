/* SPDX-License-Identifier: Apache-2.0 */
#include "study/configuration.h"

#include <string.h>

#include "context.h"
#include "report/document.h"

static const size_t scratch_bytes = (size_t)1 << 20;

static derm_err hash(const derm_context *ctx, const struct derm_batch_request *request,
                     struct derm_arena *scratch, char hex[DERM_SHA256_SIZE], struct derm_error *err)
{
    struct derm_emit e;
    const char *text;

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_text(&e, e.root, "site", request->site == DERM_SITE_BODY ? "body" : "face");
    derm_emit_number(&e, e.root, "px_per_mm", request->px_per_mm);
    derm_write_options(&e, e.root, ctx->engine.stages, ctx->engine.params);
    derm_write_models(&e, e.root, ctx->models);
    DERM_TRY(derm_emit_end(&e, scratch, &text));
    derm_sha256_of(text, strlen(text), hex);
    return DERM_OK;
}

derm_err derm_configuration_hash(const derm_context *ctx, const struct derm_batch_request *request,
                                 char hex[DERM_SHA256_SIZE], struct derm_error *err)
{
    struct derm_arena scratch;
    derm_err code;

    DERM_TRY(derm_arena_init(&scratch, scratch_bytes, err));
    code = hash(ctx, request, &scratch, hex, err);
    derm_arena_free(&scratch);
    return code;
}
