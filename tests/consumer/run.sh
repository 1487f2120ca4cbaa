#!/usr/bin/env bash
# Installs a build into a folder of its own, moves it, then builds and runs the consumer by find_package and by
# pkg-config against the installed files alone.
# usage: tests/consumer/run.sh BUILD_FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() {
    grep -qx "$1" "$2" || {
        echo "expected '$1' in:" >&2
        cat "$2" >&2
        exit 1
    }
}

try_consumer() {
    mkdir "$work/data-$1"
    "$2" "$work/data-$1" >"$work/$1.out"
    expect 'customers 1000, rows [1-9][0-9]*' "$work/$1.out"
    expect 'rows: centroids 2 x 2, inertia 1, Calinski-Harabasz 400' "$work/$1.out"
    expect 'columns: centroids 2 x 2, inertia 1, Calinski-Harabasz 400' "$work/$1.out"
    expect 'weighted: centroids 2 x 2, inertia 1.16667, Calinski-Harabasz [0-9.]*' "$work/$1.out"
}

cmake --install "$1" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
pc=$(find "$work/moved" -name strata.pc)

cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" -DCMAKE_BUILD_TYPE=Release >"$work/cmake.log" ||
    { cat "$work/cmake.log" >&2; exit 1; }
cmake --build "$work/build" >"$work/cmake.log" || { cat "$work/cmake.log" >&2; exit 1; }
try_consumer cmake "$work/build/consumer"

PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
read -ra flags < <(pkg-config --cflags --libs strata)
library=$(pkg-config --variable=libdir strata)
"${CC:-cc}" -std=c17 -Wall -Wextra -Werror "$here/consumer.c" -o "$work/by-pkg-config" "${flags[@]}" -Wl,-rpath,"$library"
try_consumer pkg-config "$work/by-pkg-config"

version=$(pkg-config --modversion strata)
"$work/moved/bin/strata" --version >"$work/version.out"
grep -qF "$version" "$work/version.out" || { echo "strata --version is not $version" >&2; exit 1; }

# Nothing but the public interface is visible.
if nm -D --defined-only "$library/libstrata.so" | awk '$2 == "T" && $3 !~ /^strata_/' | grep .; then
    echo "libstrata.so shows names that are not its own" >&2
    exit 1
fi
echo "consumer: ok"
