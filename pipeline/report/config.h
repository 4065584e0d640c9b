/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: {"stage": {"option": value}}, comments allowed. */
#ifndef DERM_REPORT_CONFIG_H
#define DERM_REPORT_CONFIG_H

#include "base/arena.h"
#include "base/opt.h"

/* Overrides in the params of the groups what the text (n bytes) sets; name is for messages. An
 * unknown stage or option, or a value that is not a number in range, is DERM_EUSAGE. */
derm_err derm_config_apply(const struct derm_opt_group *groups, const char *text, size_t n,
                           const char *name, struct derm_arena *scratch,
                           struct derm_error *err) DERM_MUST_CHECK;

#endif
