/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_BASE_FETCH_H
#define DERM_BASE_FETCH_H

/* Tells the processor that at[0] will soon be read: for places that come in no order. */
static inline void derm_fetch(const void *at)
{
#if defined(__GNUC__)
    __builtin_prefetch(at);
#else
    (void)at;
#endif
}

#endif
