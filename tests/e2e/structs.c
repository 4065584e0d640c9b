/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the public structs and the ids of the errors, as lines that tests/e2e/bindings.py
 * compares with the Python package's. */
#include <stddef.h>
#include <stdio.h>

#include <dermetry/dermetry.h>

#define FIELD(s, f) printf(#s "." #f " %zu\n", offsetof(struct s, f))

int main(void)
{
    printf("derm_progress %zu\n", sizeof(struct derm_progress));
    FIELD(derm_progress, stage);
    FIELD(derm_progress, step);
    FIELD(derm_progress, steps);
    printf("derm_settings %zu\n", sizeof(struct derm_settings));
    FIELD(derm_settings, size);
    FIELD(derm_settings, models);
    FIELD(derm_settings, config);
    FIELD(derm_settings, cpu);
    FIELD(derm_settings, threads);
    FIELD(derm_settings, max_megapixels);
    FIELD(derm_settings, max_file_bytes);
    FIELD(derm_settings, max_memory_bytes);
    FIELD(derm_settings, findings);
    FIELD(derm_settings, progress);
    FIELD(derm_settings, user);
    FIELD(derm_settings, precision);
    FIELD(derm_settings, eye_bar);
    FIELD(derm_settings, no_pictures);
    printf("derm_photo_request %zu\n", sizeof(struct derm_photo_request));
    FIELD(derm_photo_request, size);
    FIELD(derm_photo_request, path);
    FIELD(derm_photo_request, roi_path);
    FIELD(derm_photo_request, exclude_path);
    FIELD(derm_photo_request, control_path);
    FIELD(derm_photo_request, px_per_mm);
    FIELD(derm_photo_request, site);
    FIELD(derm_photo_request, scar_line_path);
    printf("derm_report_request %zu\n", sizeof(struct derm_report_request));
    FIELD(derm_report_request, size);
    FIELD(derm_report_request, document);
    FIELD(derm_report_request, json);
    FIELD(derm_report_request, pictures);
    FIELD(derm_report_request, name);
#define X(name, id, code, text) puts("error " id);
    DERM_ERROR_LIST(X)
#undef X
    return 0;
}
