#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# snakemake.sh PROGRAM: samples/Snakefile gives what one batch gives, and finishes what was interrupted; skipped (77)
# without Snakemake.
set -euo pipefail
program=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
command -v snakemake >/dev/null || { echo "skipped: snakemake is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PATH=$folder/bin:$PATH HOME=$folder # Snakemake keeps a cache at home
mkdir bin && ln -s "$program" bin/dermetry
ln -s "$root"/samples/series/*.jpg .
# Two subjects, so that more than one part has something to do, and a photo that is not there.
sed '2,$ { p; s/^[^,]*/second/ }' "$root/samples/series/manifest.csv" >"my study.csv"
sed -n '$ { s/[^,]*\.jpg/lost.jpg/; s/^\([^,]*\),[^,]*/\1,lost/; p }' "my study.csv" >>"my study.csv"

run() {
    snakemake --snakefile "$root/samples/Snakefile" --cores 2 --quiet \
        --config manifest="my study.csv" out="my results" shards=4 options="--site body --progress none"
}
run
rm -r "my results/shards/2-of-4.done" "my results/shards/3-of-4.done" "my results/tables" # as if it had been killed
run
dermetry batch "my study.csv" --site body --out alone --progress none && exit 1 || [ $? -eq 3 ]
dermetry merge alone >/dev/null && exit 1 || [ $? -eq 3 ]
without_run() { sed 's/,"run":.*//' "$1/tables/comparisons.ndjson"; }
[ "$(wc -l <alone/tables/comparisons.ndjson)" -eq 5 ]
cmp <(without_run alone) <(without_run "my results")
cmp alone/tables/metrics.csv "my results/tables/metrics.csv"
echo "4 shards under Snakemake equal one batch"
