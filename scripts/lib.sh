# shellcheck shell=bash
# What the scripts of this folder share: the list of packages, and how to install what is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# group | Debian package | how to see that it is there
# command:NAME on the PATH, library:NAME for pkg-config, file:PATH or pattern, python:MODULE for Debian's Python,
# clang:FILE of clang's own, @ for the machine.
requirements='
build | gcc               | command:gcc
build | libc6-dev         | file:/usr/include/stdio.h
build | cmake             | command:cmake
build | ninja-build       | command:ninja
build | pkg-config        | command:pkg-config
build | libgsl-dev        | library:gsl
build | libhdf5-dev       | command:h5cc
build | libcyaml-dev      | library:libcyaml
build | libyaml-dev       | library:yaml-0.1
build | libdeflate-dev    | library:libdeflate
build | libisal-dev       | library:libisal
build | libzstd-dev       | library:libzstd
build | libxxhash-dev     | library:libxxhash
build | libpq-dev         | library:libpq
build | tzdata            | file:/usr/share/zoneinfo/Asia/Shanghai
test  | libcriterion-dev  | library:criterion
test  | python3-h5py      | python:h5py
test  | python3-pandas    | python:pandas
test  | python3-xarray    | python:xarray
test  | python3-h5netcdf  | python:h5netcdf
test  | python3-sklearn   | python:sklearn
test  | python3-tables    | python:tables
test  | strace            | command:strace
test  | zstd              | command:zstd
test  | tabix             | command:bgzip
test  | nodejs            | command:node
test  | npm               | command:npm
test  | postgresql        | file:/usr/lib/postgresql/*/bin/initdb
server | postgresql       | file:/usr/lib/postgresql/*/bin/initdb
fuzz  | clang             | command:clang
fuzz  | libomp-dev        | clang:include/omp.h
fuzz  | libclang-rt-dev   | clang:libclang_rt.fuzzer-@.a
check | clang-format-14   | command:clang-format-14
bench | nodejs            | command:node
bench | npm               | command:npm
bench | python3-h5py      | python:h5py
bench | python3-sklearn   | python:sklearn
bench | time              | file:/usr/bin/time
bench | zstd              | command:zstd
bench | tabix             | command:bgzip
'

is_there() {
    local name=${1#*:}
    case $1 in
    command:*) command -v "$name" >/dev/null ;;
    library:*) command -v pkg-config >/dev/null && pkg-config --exists "$name" ;;
    file:*) compgen -G "$name" >/dev/null ;;
    clang:*) command -v clang >/dev/null && [ -e "$(clang -print-file-name="${name/@/$(uname -m)}")" ] ;;
    python:*) /usr/bin/python3 -c \
        "import importlib.util, sys; sys.exit(importlib.util.find_spec('$name') is None)" 2>/dev/null ;;
    esac
}

# The packages of these groups that are missing, one per line.
missing_packages() {
    local group package probe wanted
    while read -r group _ package _ probe; do
        for wanted in "$@"; do
            if [ "$group" = "$wanted" ] && ! is_there "$probe"; then
                echo "$package"
            fi
        done
    done <<<"$requirements"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

can_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }
}

# install_requirements GROUP...: exit 2 with the list of what is missing if it cannot be installed.
install_requirements() {
    local packages log
    mapfile -t packages < <(missing_packages "$@")
    [ ${#packages[@]} -eq 0 ] && return
    if can_install; then
        say "installing ${packages[*]}"
        log=$(mktemp)
        if ! { as_root apt-get update -q &&
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 </dev/null; then
            tail -n 20 "$log" >&2
        fi
        rm -f "$log"
        hash -r
        mapfile -t packages < <(missing_packages "$@")
        [ ${#packages[@]} -eq 0 ] && return
    fi
    {
        echo "error: these packages are missing and could not be installed (Debian's names):"
        printf '  %s\n' "${packages[@]}"
        echo "Install them, as root: apt-get update && apt-get install --no-install-recommends ${packages[*]}"
    } >&2
    exit 2
}

# install_duckdb: DuckDB's library of the version that the benchmarks compare with, as build/duckdb/libduckdb.so. Tests
# that need it are skipped, and say so, where it cannot be had: on a machine without a network, say. Node.js trusts the
# machine's own certificates, too.
install_duckdb() {
    local folder=$root/build/duckdb version log
    version=$(sed -n 's/.*"@duckdb\/node-api": "\(.*\)".*/\1/p' "$root/bench/package.json")
    [ -e "$folder/libduckdb.so" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && return
    say "installing DuckDB's library $version into build/duckdb"
    mkdir -p "$folder"
    log=$(mktemp)
    export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    if timeout 300 npm install --fetch-retries 1 --fetch-timeout 60000 --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund \
        "@duckdb/node-bindings@$version" >"$log" 2>&1 </dev/null &&
        ln -sf "$(cd "$folder" && ls node_modules/@duckdb/node-bindings-*/libduckdb.so)" "$folder/libduckdb.so"; then
        echo "$version" >"$folder/version"
        rm -f "$log"
        return
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "DuckDB's library could not be installed: the tests that need it will be skipped"
}

# build_preset PRESET [cmake options]: configure and build into build/PRESET; quiet unless something fails.
build_preset() {
    local preset=$1 log
    shift
    say "building build/$preset"
    log=$(mktemp)
    if ! (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "cmake could not configure the preset $preset"
    fi
    rm -f "$log"
    cmake --build "$root/build/$preset" --parallel "$(nproc)"
}
