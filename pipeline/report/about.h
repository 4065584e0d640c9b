/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people, made from the tables that the code runs on (Markdown). */
#ifndef DERM_REPORT_ABOUT_H
#define DERM_REPORT_ABOUT_H

#include <stdio.h>

#include "stages/stage.h"

void derm_about_stages(FILE *out, const struct derm_stage *const *stages);
void derm_about_metrics(FILE *out);
void derm_about_options(FILE *out, const struct derm_opt_group *groups);

#endif
