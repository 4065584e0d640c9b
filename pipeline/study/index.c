/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* PATH_MAX */
#include "study/index.h"

#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "report/html.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<title>Pages of a study</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}td,th{padding:.2rem 1rem .2rem 0;"
    "text-align:left;vertical-align:top}</style></head>\n"
    "<body><h1>Pages of a study</h1>\n"
    "<p>All visits of a subject and view on one page, and a page for each visit against the "
    "first. What could not be made has no page: the tables say why.</p>\n"
    "<table><thead><tr><th>Subject</th><th>View</th><th>All visits</th><th>Each visit</th></tr>"
    "</thead><tbody>\n";

static void say_group(struct derm_html *h, const struct derm_plan_record *record, int n)
{
    const struct derm_row *const row = record->followup;
    char key[DERM_KEY_SIZE];

    derm_plan_group_key(row, key);
    derm_html(h,
              "<tr><td><bdi>%s</bdi></td><td><bdi>%s</bdi></td>"
              "<td><a href=\"%s.html\">over time</a></td><td>",
              row->subject, row->view, key);
    for (int i = 0; i < n; i++)
        derm_html(h, "<a href=\"%s.html\"><bdi>%s</bdi></a> ", record[i].key,
                  record[i].followup->visit);
    derm_html(h, "</td></tr>\n");
}

derm_err derm_index_write(const struct derm_plan *plan, const char *folder, struct derm_arena *keep)
{
    char path[PATH_MAX];
    struct derm_html h;

    if (snprintf(path, sizeof(path), "%s/index.html", folder) >= (int)sizeof(path))
        return derm_fail(keep->err, DERM_ECREATE, "the name of the folder %s is too long", folder);
    DERM_TRY(derm_html_begin(&h, keep));
    derm_html_own(&h, head);
    for (int i = 0; i < plan->groups; i++)
        say_group(&h, plan->record + plan->group[i].first, plan->group[i].n);
    derm_html_own(&h, "</tbody></table></body></html>\n");
    if (keep->err->code != DERM_OK) return keep->err->code;
    return derm_file_write(path, h.text, h.used, keep->err);
}
