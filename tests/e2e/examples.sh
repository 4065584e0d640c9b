#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# examples.sh LIBRARY PROGRAM: samples/study.py and samples/study.R on the sample series, where Python has matplotlib
# and R is installed; skipped (77) where neither is.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
library=$(realpath "$1") program=$(realpath "$2")
manifest=$root/samples/series/manifest.csv
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

plots=0 r=0
/usr/bin/python3 -c 'import matplotlib' 2>/dev/null && plots=1 || echo "skipped: samples/study.py needs matplotlib"
command -v Rscript >/dev/null && r=1 || echo "skipped: samples/study.R needs R"
[ $plots$r != 00 ] || exit 77

if [ $plots = 1 ]; then
    DERMETRY_LIBRARY=$library PYTHONPATH=$root/pipeline/bindings/python /usr/bin/python3 "$root/samples/study.py" \
        "$manifest" "$folder/study" --metric pores.amplitude --site body >"$folder/out"
    head -c 4 "$(tail -1 "$folder/out")" | grep -q PNG
else
    "$program" batch "$manifest" --out "$folder/study" --site body -q
    "$program" merge "$folder/study" >/dev/null
fi
if [ $r = 1 ]; then
    Rscript "$root/samples/study.R" "$folder/study/tables" >"$folder/out"
    grep -q '^pigmentation.load .* -[0-9.]* %' "$folder/out"
    if Rscript --vanilla -e 'quit(status = !requireNamespace("jsonlite", quietly = TRUE))'; then
        grep -q '^2 records, 2 of them done' "$folder/out"
    else
        echo "skipped: samples/study.R reads the NDJSON with jsonlite (Debian: r-cran-jsonlite)"
    fi
fi
echo "the examples ran"
