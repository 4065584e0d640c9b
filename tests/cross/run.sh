#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD PHOTO...: our network interpreter against TensorFlow.js on the faces of these photos. Not
# part of the test suite: its npm packages are 119 MB, which nobody else needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --build "$build" --target cross_net -- --quiet
[ -d "$here/node_modules" ] || (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
"$build/tests/cross_net" "$folder" "$@"
node "$here/compare.mjs" "$folder"
