#!/bin/bash
# Installs what dermetry needs on Debian 12, once: run again, it only checks. Root or sudo.
#   setup.sh          what the program needs
#   setup.sh tests    also what its tests need
#   setup.sh studies  and what those of them need that run studies on Slurm, under GNU parallel and Snakemake, in
#                     PostgreSQL and beside R; without it they are skipped
set -euo pipefail
cd "$(dirname "$0")"

packages=(build-essential cmake ninja-build pkg-config
    libopencv-core-dev libopencv-imgproc-dev
    libpng-dev libjpeg62-turbo-dev libcjson-dev libexif-dev liblcms2-dev nettle-dev libsqlite3-dev)
tests=
case ${1:-} in tests | studies) tests=1 ;; esac
if [ $tests ]; then
    packages+=(libcmocka-dev clang clang-format-14 clang-tidy-14 libclang-rt-14-dev
        python3-jsonschema python3-numpy python3-pil python3-scipy)
fi
if [ "${1:-}" = studies ]; then
    packages+=(slurm-wlm munge parallel snakemake postgresql r-base-core r-cran-psych r-cran-jsonlite python3-matplotlib)
fi
command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "setup.sh: run as root, or install sudo" >&2; exit 1; }
        as_root=(sudo)
    fi
    echo "setup.sh: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# npm_ci FOLDER: the packages of its lock file, once per content of the lock file.
npm_ci() {
    local lock
    lock=$(sha256sum <"$1/package-lock.json")
    [ "$(cat "$1/node_modules/.lock-installed" 2>/dev/null)" = "$lock" ] && return
    echo "setup.sh: npm packages of $1"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$lock" >"$1/node_modules/.lock-installed"
}
npm_ci models
if [ $tests ]; then
    npm_ci tests/e2e
fi
echo "setup.sh: ready"
