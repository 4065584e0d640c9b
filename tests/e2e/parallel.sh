#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# parallel.sh PROGRAM: the line for GNU parallel in pipeline/README.md gives what one batch gives; skipped (77) without it.
set -euo pipefail
program=$(realpath "$1")
manifest=$(realpath "$(dirname "$0")/../../samples/series/manifest.csv")
command -v parallel >/dev/null || { echo "skipped: parallel is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PATH=$folder/bin:$PATH
mkdir bin && ln -s "$program" bin/dermetry
cp "$manifest" study.csv && ln -s "$(dirname "$manifest")"/*.jpg .

parallel dermetry batch study.csv --site body --out results --shard {}/4 --progress none ::: 1 2 3 4
dermetry merge results >/dev/null
dermetry batch study.csv --site body --out alone --progress none
dermetry merge alone >/dev/null
without_run() { sed 's/,"run":.*//' "$1/tables/comparisons.ndjson"; }
[ "$(wc -l <alone/tables/comparisons.ndjson)" -eq 2 ]
cmp <(without_run alone) <(without_run results)
cmp alone/tables/metrics.csv results/tables/metrics.csv
echo "4 shards under parallel equal one batch"
