#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Is HEAD slower than BASE? Builds both commits beside each other and lets them compare the same two
# photos in turn. By instructions where valgrind is there; else by time, the median over rounds of
# the ratio within a round, which wants a quiet machine and forgives more. Fails when a stage that
# is 1 % of the whole, or the whole, became slower than the tolerance.
#
#   bash bench/compare.sh BASE [HEAD [PERCENT]]      3 % of instructions, 10 % of time unless given
set -eu
cd "$(dirname "$0")/.."
root=$PWD base=$1 head=${2:-HEAD}
work=$(mktemp -d)
clean() {
  for side in base head; do
    [ ! -e "$work/$side" ] || git worktree remove --force "$work/$side"
  done
  rm -rf "$work"
}
trap clean EXIT

build() { # SIDE COMMIT
  git worktree add --quiet --detach "$work/$1" "$2"
  ln -s "$root/models/node_modules" "$work/$1/models/node_modules"
  (cd "$work/$1" && cmake --preset release -DDERM_BUILD_TESTS=OFF >/dev/null &&
    cmake --build build/release --target dermetry_cli -- --quiet)
}
photos() { # of the work tree, so that both sides see the same
  echo "$root/samples/closeup_before.jpg $root/samples/closeup_after.jpg --site body --px-per-mm 10"
}
milliseconds() { # SIDE: stage and time, those of both photos together
  "$work/$1/build/release/dermetry" compare -q --threads 1 $(photos) |
    python3 -c 'import collections, json, sys
sums = collections.Counter()
for row in json.load(sys.stdin)["run"]["stages"]:
    sums[row["stage"]] += row["ms"]
    sums["all"] += row["ms"]
for stage in sums: print(stage, sums[stage])'
}
# Joins "stage base" and "stage head" to "stage base head".
side_by_side() { join <(sort -k1,1 "$1") <(sort -k1,1 "$2"); }

build base "$base"
build head "$head"
if command -v valgrind >/dev/null; then
  unit="million instructions" percent=${3:-3}
  for side in base head; do
    bash bench/instructions.sh "$work/$side/build/release/dermetry" compare $(photos) >"$work/$side.txt"
  done
  side_by_side "$work/base.txt" "$work/head.txt" >"$work/rounds"
else
  unit="ms" percent=${3:-10}
  for round in 1 2 3 4 5 6 7 8 9; do
    for side in base head; do
      milliseconds $side >"$work/$side.txt"
    done
    side_by_side "$work/base.txt" "$work/head.txt" >>"$work/rounds"
  done
fi

# Of each stage's rounds the one with the median ratio; then the verdict.
awk '{ print $1, $2, $3, ($2 > 0 ? $3 / $2 : 1) }' "$work/rounds" | sort -k1,1 -k4,4g |
  awk '{ row[$1, ++n[$1]] = $0 } END { for (s in n) print row[s, int((n[s] + 1) / 2)] }' |
  sort -k3,3gr | awk -v unit="$unit" -v percent="$percent" '
    NR == 1 { whole = $3; printf "%-22s %10s %10s  (%s)\n", "", "base", "head", unit }
    { slower = $4 > 1 + percent / 100 && $3 > whole / 100
      failed += slower
      printf "%-22s %10.1f %10.1f %+7.1f %%%s\n", $1, $2, $3, 100 * ($4 - 1),
             slower ? "  SLOWER" : "" }
    END { exit failed > 0 }'
