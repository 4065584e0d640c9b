/* SPDX-License-Identifier: Apache-2.0 */
/* A seeded synthetic close-up of skin, 12 or 24 megapixels, and the same skin on a later day. Made
 * to cost a decoder and an analysis what a photo does, not to be measured: it has no stated truth.
 */
#ifndef DERM_BENCH_FIXTURE_H
#define DERM_BENCH_FIXTURE_H

enum { FIXTURE_W = 4000, FIXTURE_H = 3000, FIXTURE_24_W = 6000, FIXTURE_24_H = 4000 };
extern const double fixture_px_per_mm;

/* Writes a JPEG, 4:2:0. later: turned, shifted, relit, spots faded. 0 on success. */
int fixture_write(const char *path, int later, int w, int h);

#endif
