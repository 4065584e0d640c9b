#!/bin/bash
# Format, static analysis, public headers on their own. With the word "analyze" also the checks that
# follow every path through a function: twenty times as long as all the others.
set -euo pipefail
cd "$(dirname "$0")/.."
# By find: a fresh machine or an unpacked archive has no git.
mapfile -t files < <(find bench include pipeline samples tests -path '*/node_modules' -prune -o \
    -name '*.[ch]' -print -o -name '*.[ch]pp' -print)
clang-format-14 --dry-run -Werror "${files[@]}"
echo "format: ${#files[@]} files"

for header in include/dermetry/*.h; do
    for language in c:c99 c:c11 c++:c++17; do
        echo "#include \"$header\"" |
            cc -x "${language%:*}" -std="${language#*:}" -Wall -Wextra -Wpedantic -Werror -Iinclude -I. -fsyntax-only -
    done
done
echo "headers: each compiles alone as C99, C11 and C++17"

cmake --preset dev >/dev/null
checks=()
[ "${1:-}" = analyze ] || checks=('--checks=-clang-analyzer-*')
# -O0: optimised, libc's headers make macros of functions, and their insides would count as ours.
# -w: clang's own warnings are not gcc's, for which the code is written.
mapfile -t units < <(find pipeline -name '*.c' ! -path '*/kernels/row_*' | sort)
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 6 clang-tidy-14 --quiet -p build/dev --extra-arg=-O0 --extra-arg=-w "${checks[@]}" 2>/dev/null
echo "clang-tidy: ${#units[@]} files"
