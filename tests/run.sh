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
build() { # build PRESET TARGET...
    cmake --preset "$1" >build-"$1".log 2>&1 || { cat build-"$1".log; exit 1; }
    rm -f build-"$1".log
    cmake --build "build/$1" --target "${@:2}" -j "$jobs" -- -k 0 --quiet
}
suite() { # suite PRESET TARGET [ctest arguments]
    say "$1"
    build "$1" "$2"
    (cd "build/$1" && ctest --output-on-failure -j "$jobs" "${@:3}")
}

# Targets that the whole of `acceptance` last missed, and figures that have none: a suite that passes
# says nothing of them.
red_rows() {
    say "red rows of tests/golden/acceptance.csv, and those that are only reported"
    /usr/bin/python3 -c 'import csv, sys
for row in csv.DictReader(sys.stdin):
    if row["status"] != "met":
        print("{row} {what}: {figure} ({status}; target {target})".format(**row))' <tests/golden/acceptance.csv
}

trap red_rows EXIT
for part in "${parts[@]}"; do
    case $part in
    release) suite release all ;;
    dev) suite dev tested -LE slow -E '^e2e_' ;; # these run in release and under asan
    scalar) suite scalar tested -LE slow -E '^e2e_' ;;
    asan) ASAN_OPTIONS=detect_leaks=1 suite asan tested -LE slow ;;
    tsan) suite tsan tested_threads -L threads ;;
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
