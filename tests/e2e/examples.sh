#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# examples.sh PROGRAM: samples/study.py and samples/study.R on the sample series, where Python has matplotlib and R is
# installed; skipped (77) where neither is.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ran=0

"$program" batch "$root/samples/series/manifest.csv" --out "$folder/study" --site body -q
"$program" merge "$folder/study" >/dev/null
if /usr/bin/python3 -c 'import matplotlib' 2>/dev/null; then
    DERMETRY=$program /usr/bin/python3 "$root/samples/study.py" "$root/samples/series/manifest.csv" "$folder/study" \
        pores.amplitude --site body >"$folder/out.txt"
    file "$(tail -1 "$folder/out.txt")" | grep -q 'PNG image'
    ran=1
else
    echo "skipped: samples/study.py needs matplotlib"
fi
if command -v Rscript >/dev/null; then
    Rscript "$root/samples/study.R" "$folder/study/tables" >"$folder/r.txt"
    grep -q '^pigmentation.load .* -[0-9.]* %' "$folder/r.txt"
    ran=1
else
    echo "skipped: samples/study.R needs R"
fi
[ $ran = 1 ] || exit 77
echo "the examples ran"
