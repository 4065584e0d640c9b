/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written bit by bit and appears when it is finished. */
#ifndef DERM_STUDY_STREAM_H
#define DERM_STUDY_STREAM_H

#include <stdio.h>

#include "base/file.h"

struct derm_stream {
    FILE *file; /* NULL: not open. Its errors are asked for once, at the end */
    char path[DERM_PATH_SIZE], part[DERM_PATH_SIZE];
};

derm_err derm_stream_open(struct derm_stream *s, const char *folder, const char *name,
                          struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_stream_open_path(struct derm_stream *s, const char *path,
                               struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_stream_finish(struct derm_stream *s, struct derm_error *err) DERM_MUST_CHECK;
void derm_stream_drop(struct derm_stream *s); /* also one that is not open */

#endif
