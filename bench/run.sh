#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What everything costs, in one table after the other: stages in ms and in D (the JPEG's bare
# decode), memory in bytes per pixel with page faults, 12 and 24 megapixels, one thread and two;
# kernels in ns per pixel and against what the machine can do; instructions of every stage where
# valgrind is there (a figure without noise); last, the goals of speed, with what is measured. Times
# are of this machine: compare figures of one run.
#
#   bash bench/run.sh [BUILD [ROUNDS]]      BUILD: build/release unless given
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release} rounds=${2:-3}
pipeline=$build/bench/bench_pipeline

for megapixels in 12 24; do
  "$pipeline" --megapixels $megapixels --rounds "$rounds"
  "$pipeline" --megapixels $megapixels --rounds "$rounds" --wall 2
done
"$build/bench/bench_kernels"

if command -v valgrind >/dev/null; then
  echo "million instructions of an analysis, 12 megapixels, AVX2 (jpeg_read_scanlines: those of D)"
  bash bench/instructions.sh "$build/dermetry" analyze --px-per-mm 20 "$pipeline.12.base.jpg"
else
  echo "instructions: not counted, valgrind is not there"
fi
/usr/bin/python3 bench/goals.py "$build" "$rounds" # the one with Debian's modules
