#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh SOURCE BUILD CC: installs into a scratch prefix, moves nothing else, and builds and runs a
# C program against it through pkg-config. The installed program runs without the build tree.
set -euo pipefail
root=$1 build=$2 cc=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/usr" >"$folder/log" || { cat "$folder/log"; exit 1; }
cd "$folder"
libdir=$(dirname "$(find usr -name dermetry.pc)")
export PKG_CONFIG_PATH=$folder/$libdir
flags=$(pkg-config --define-variable=prefix="$folder/usr" --cflags --libs dermetry)
# The file names the configured prefix; the scratch prefix takes its place.
prefix=$(pkg-config --variable=prefix dermetry)
flags=${flags//$prefix/$folder/usr}
"$cc" -std=c99 -Wall -Wextra -Werror "$root/tests/e2e/consumer.c" $flags -o consumer \
    -Wl,-rpath,"$folder/$(dirname "$libdir")"
export DERMETRY_MODELS=$folder/usr/share/dermetry/models
./consumer "$root/samples/closeup_before.jpg" >consumer.json
grep -q '"schema":"dermetry/analysis/1"' consumer.json
usr/bin/dermetry doctor >doctor.txt || { cat doctor.txt; exit 1; }
grep -q "$folder/usr/share/dermetry/models" doctor.txt
usr/bin/dermetry schema analysis | diff - usr/share/dermetry/schema/analysis-1.schema.json
if command -v man >/dev/null; then
    man -l --warnings usr/share/man/man1/dermetry.1 >man.txt 2>man.err || { cat man.err; exit 1; }
    [ ! -s man.err ] || { cat man.err; exit 1; }
    grep -q -- '--px-per-mm' man.txt
else
    echo "skipped: the manual page is not checked, man is not installed"
fi
bash -n usr/share/bash-completion/completions/dermetry
bash -c 'source usr/share/bash-completion/completions/dermetry
    COMP_WORDS=(dermetry compare --followup-r) COMP_CWORD=2; _dermetry; [ "${COMPREPLY[*]}" = --followup-roi ]
    COMP_WORDS=(dermetry analyze --site b) COMP_CWORD=3; _dermetry; [ "${COMPREPLY[*]}" = body ]
    COMP_WORDS=(dermetry sch) COMP_CWORD=1; _dermetry; [ "${COMPREPLY[*]}" = schema ]'
echo "installed, linked and ran"
