/* SPDX-License-Identifier: Apache-2.0 */
/* A program of someone else's: analyses one photo through the installed library. */
#include <stdio.h>

#include <dermetry/dermetry.h>

int main(int argc, char **argv)
{
    struct derm_settings settings = { 0 };
    struct derm_photo_request photo = { 0 };
    derm_context *ctx = NULL;
    derm_document *doc = NULL;
    int failed = 1;

    if (argc != 2) return 64;
    settings.size = sizeof(settings);
    photo.size = sizeof(photo);
    photo.path = argv[1];
    photo.px_per_mm = 10;
    if (derm_context_new(&ctx, &settings) == DERM_OK &&
        derm_analyze(ctx, &photo, &doc) == DERM_OK) {
        puts(derm_document_line(doc));
        failed = 0;
    } else {
        fprintf(stderr, "%s\n", derm_error_text(ctx));
    }
    derm_document_free(doc);
    derm_context_free(ctx);
    return failed;
}
