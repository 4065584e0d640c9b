/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_IO_INPUT_H
#define DERM_IO_INPUT_H

#include "io/codec.h"

/* The file at path, a photo or a table, "-" for stdin, into the arena. DERM_EMISSING when it cannot
 * be opened or is a folder, DERM_ELIMIT above max_bytes, DERM_EMALFORMED when empty. */
derm_err derm_input_read(struct derm_bytes *out, struct derm_arena *arena, const char *path,
                         uint64_t max_bytes, struct derm_error *err) DERM_MUST_CHECK;

#endif
