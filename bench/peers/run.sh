#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dermetry against OpenCV (C++) and scikit-image on a photo of 12 megapixels, or another of 20
# px/mm: the same work on the same pixels, in turn, one thread each; see compare.py. What is not
# installed is skipped and said. ImageJ is left out: it has none of these stages but the components.
#
#   bash bench/peers/run.sh [BUILD [ROUNDS [PHOTO [PEER]]]]      BUILD: build/release unless given;
# PEER: only against opencv, only against skimage
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/release} rounds=${2:-3}
photo=${3:-$build/bench/bench_pipeline.12.base.jpg}
python=/usr/bin/python3 # the one with Debian's modules

if ! $python -c 'import numpy' 2>/dev/null; then
  echo "skipped: NumPy is not installed (python3-numpy)"
  exit 0
fi
[ -e "$photo" ] || "$build/bench/bench_pipeline" --rounds 0 >/dev/null # makes it
exec $python bench/peers/compare.py time "$build" "$photo" "$rounds" ${4:-}
