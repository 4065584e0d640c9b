// SPDX-License-Identifier: Apache-2.0
// No exception leaves the wrapper: each becomes an error code and a message.
#ifndef DERM_CV_GUARD_HPP
#define DERM_CV_GUARD_HPP

#include <new>
#include <stdexcept>

extern "C" {
#include "base/error.h"
}

template <typename Body> derm_err guarded(struct derm_error *err, Body &&body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return derm_fail(err, DERM_ENOMEM, "OpenCV: out of memory");
    } catch (const std::exception &e) {
        return derm_fail(err, DERM_ECV, "OpenCV: %s", e.what());
    } catch (...) {
        return derm_fail(err, DERM_ECV, "OpenCV: unknown exception");
    }
}

#endif
