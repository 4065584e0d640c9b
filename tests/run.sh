#!/bin/bash
# Sets up, builds and runs the tests. Without arguments all of them, about 20 minutes on two cores;
# else the parts named: lint release dev scalar asan tsan fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
bash setup.sh tests

all=(lint release dev scalar asan tsan fuzz)
parts=("${@:-${all[@]}}")
fuzz_seconds=${FUZZ_SECONDS:-60}
jobs=$(nproc)

say() { printf '\n=== %s (%s)\n' "$1" "$(date +%T)"; }
build() { # build PRESET [TARGET]
    cmake --preset "$1" >build-"$1".log 2>&1 || { cat build-"$1".log; exit 1; }
    rm -f build-"$1".log
    cmake --build "build/$1" --target "${2:-all}" -j "$jobs" -- -k 0 --quiet
}
suite() { # suite PRESET [ctest arguments]
    say "$1"
    build "$1"
    (cd "build/$1" && ctest --output-on-failure -j "$jobs" "${@:2}")
}

for part in "${parts[@]}"; do
    case $part in
    release) suite release ;;
    dev) suite dev -LE slow ;;
    scalar) suite scalar -LE slow -E '^e2e_' ;;
    asan) ASAN_OPTIONS=detect_leaks=1 suite asan -LE slow ;;
    tsan) suite tsan -L threads ;;
    fuzz)
        say "fuzz, $fuzz_seconds s each"
        build fuzz fuzzers
        bash tests/fuzz/run.sh build/fuzz "$fuzz_seconds"
        ;;
    lint)
        say lint
        bash tests/lint.sh
        ;;
    *)
        echo "run.sh: no part called $part; there are: ${all[*]}" >&2
        exit 64
        ;;
    esac
done
say "all passed: ${parts[*]}"
