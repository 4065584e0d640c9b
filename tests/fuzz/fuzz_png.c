/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes behind a PNG signature: an error with a text, or pixels. Seeds: the format collection.
 */
#include "decode_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8 || memcmp(data, "\x89PNG\r\n\x1a\n", 8) != 0) return -1;
    fuzz_decode(data, size);
    return 0;
}
