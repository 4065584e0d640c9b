// SPDX-License-Identifier: Apache-2.0
#include "cv/guard.hpp"
