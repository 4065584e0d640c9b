#!/bin/bash
# Sets up, builds, and runs the main jobs on the samples: two close-ups of the same (rendered) skin, before and
# after a treatment, compared; and three visits of another skin as a series. Results go to samples/out.
set -euo pipefail
cd "$(dirname "$0")/.."
bash setup.sh

echo "demo: building (release)"
cmake --preset release -B build/demo -DDERM_BUILD_TESTS=OFF >/dev/null
cmake --build build/demo -j "$(nproc)" -- --quiet

out=samples/out
rm -rf "$out"
mkdir -p "$out"
dermetry=build/demo/dermetry
echo "demo: dermetry compare samples/closeup_before.jpg samples/closeup_after.jpg --site body --px-per-mm 10 --followup-px-per-mm 10.4"
"$dermetry" compare samples/closeup_before.jpg samples/closeup_after.jpg --site body \
    --px-per-mm 10 --followup-px-per-mm 10.4 --findings --overlay "$out/overlay" \
    --report "$out/report.html" -o "$out/comparison.json"
echo "demo: true changes: pores -20 %, pigmentation -35 %, scars -31 % (samples/truth.json)"
echo "demo: page      $out/report.html (open it in a browser; it needs no network)"
echo "demo: JSON      $out/comparison.json"
echo "demo: overlays  $out/overlay/"
echo "demo: dermetry series samples/series/manifest.csv --site body"
"$dermetry" series samples/series/manifest.csv --site body -o "$out/series.json"
echo "demo: true changes at the last visit: pores -25 %, pigmentation -39 %, scars -36 % (samples/truth.json)"
echo "demo: JSON      $out/series.json"
