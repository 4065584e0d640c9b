/* SPDX-License-Identifier: Apache-2.0 */
/* What a derm_context holds. */
#ifndef DERM_CONTEXT_H
#define DERM_CONTEXT_H

#include <dermetry/dermetry.h>

#include "run.h"

#define DERM_DEFAULT_MEMORY_BYTES ((uint64_t)16 << 30) /* of address space */

struct derm_context {
    struct derm_error err;
    struct derm_arena own;   /* holds this struct and the parameters of the stages */
    struct derm_arena spare; /* of a document that was freed, for the next: its pages are there */
    struct derm_models *models;
    struct derm_engine engine;
    unsigned cpu; /* DERM_CPU_ flags in use */
    bool findings, eye_bar;
    size_t max_memory; /* bytes */
};

/* The folder that is used when the settings ask for this one (NULL: none asked). */
const char *derm_models_folder(const char *asked);

#endif
