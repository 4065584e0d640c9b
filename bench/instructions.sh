#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Million instructions of every stage, of the JPEG's bare decode (jpeg_read_scanlines) and of all,
# under callgrind, which has no AVX-512: a figure without noise.
#
#   bash bench/instructions.sh PROGRAM analyze|compare ARGUMENT...
set -eu
program=$1 command=$2
shift 2
out=$(mktemp)
trap 'rm -f "$out"' EXIT
valgrind --quiet --tool=callgrind --callgrind-out-file="$out" "$program" "$command" --cpu avx2 \
  --threads 1 "$@" >/dev/null
callgrind_annotate --inclusive=yes --threshold=100 "$out" |
  sed -nE 's/^ *([0-9,]+) \([^)]*\) .*:(run_[a-z_]+|jpeg_read_scanlines)( .*)?$/\1 \2/p;
           s/^ *([0-9,]+) \([^)]*\) +PROGRAM TOTALS$/\1 all/p' |
  tr -d , | grep -vE " run_(at|passes|area|masked|coarse|stage)$" | sort -u -k2 | sort -rn |
  awk '{ printf "%-22s %10.1f\n", $2, $1 / 1e6 }'
