#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh SOURCE CC CXX: each public header compiles alone, as C99, C11 and C++11, without warnings.
set -euo pipefail
root=$1 cc=$2 cxx=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$root/include"
for header in dermetry/*.h; do
    echo "#include <$header>" >"$folder/alone.c"
    echo "int main(void) { return 0; }" >>"$folder/alone.c"
    for standard in c99 c11; do
        "$cc" -std=$standard -Wall -Wextra -Wpedantic -Werror -I. -fsyntax-only "$folder/alone.c"
    done
    "$cxx" -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -I. -fsyntax-only "$folder/alone.c"
    echo "$header compiles alone"
done
