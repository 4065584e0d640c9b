#!/bin/bash
# run.sh BUILD SECONDS: every fuzz target for that long, two at a time for each core and one more.
# A target's seeds are the files in tests/fuzz/seeds/TARGET, if any, and what earlier runs found.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1 seconds=$2

one() {
    local target=$1 name corpus log
    name=$(basename "$target")
    corpus=$build/corpus/$name
    log=$build/$name.log
    mkdir -p "$corpus"
    local seeds=()
    [ -d "tests/fuzz/seeds/$name" ] && seeds=("tests/fuzz/seeds/$name")
    if "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$build/$name-" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
        echo "$name: $(grep -o 'number_of_executed_units: .*' "$log" | head -1)"
    else
        tail -40 "$log"
        echo "$name: FAILED"
        return 1
    fi
}
export -f one
export build seconds
find "$build/tests" -maxdepth 1 -name 'fuzz_*' -type f -executable | sort |
    xargs -r -P "$((2 * $(nproc) + 1))" -I{} bash -c 'one {}'
