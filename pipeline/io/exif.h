/* SPDX-License-Identifier: Apache-2.0 */
/* The EXIF facts that matter to a comparison. GPS, serial numbers, owners and maker notes are not
 * read. */
#ifndef DERM_IO_EXIF_H
#define DERM_IO_EXIF_H

#include "io/codec.h"

struct derm_exif {        /* "" or 0 when absent; texts are valid UTF-8 on one line */
    int orientation;      /* 1..8; 1 when absent or wrong */
    char captured_at[40]; /* ISO 8601, with the offset from UTC when the file has it */
    char make[64], model[64], lens[64];
    double exposure_s, f_number, focal_mm;
    int iso;
    int flash_fired;     /* -1 unknown, 0, 1 */
    int white_balance;   /* -1 unknown, 0 automatic, 1 manual */
    int custom_rendered; /* 0 plain or absent; else processed: 1, or Apple's HDR and portrait */
};

/* Unreadable EXIF counts as absent. */
void derm_exif_read(struct derm_exif *out, struct derm_bytes tiff);

#endif
