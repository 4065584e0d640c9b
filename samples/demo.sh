#!/bin/bash
# Sets up, builds, and runs the main job on the samples: two close-ups of the same (rendered) skin, before and
# after a treatment, compared. Results go to samples/out.
set -euo pipefail
cd "$(dirname "$0")/.."
bash setup.sh

echo "demo: building (release)"
cmake --preset release -DDERM_BUILD_TESTS=OFF >/dev/null
cmake --build build/release -j "$(nproc)" -- --quiet

out=samples/out
rm -rf "$out"
mkdir -p "$out"
dermetry=build/release/dermetry
echo "demo: dermetry compare samples/closeup_before.jpg samples/closeup_after.jpg --site body --px-per-mm 10"
"$dermetry" compare samples/closeup_before.jpg samples/closeup_after.jpg --site body --px-per-mm 10 \
    --findings --overlay "$out/overlay" -o "$out/comparison.json" -v
echo "demo: JSON      $out/comparison.json"
echo "demo: overlays  $out/overlay/"
