#!/usr/bin/env bash
# Fuzz targets: builds them and lets each look for inputs that break a law, crash or leak; fails with the input if one
# does. Later inputs of a target are kept in build/fuzz/corpus, so that a longer search goes on where the last one ended.
# usage: scripts/fuzz.sh [SECONDS [TARGET...]]      (default: 60 seconds for each of the targets)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "usage: scripts/fuzz.sh [SECONDS [TARGET...]]"
shift $(($# > 0))
install_requirements build fuzz
build_preset fuzz

programs=$root/build/fuzz/tests/fuzz
findings=$root/build/fuzz/findings
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 OMP_WAIT_POLICY=passive
export root programs findings seconds

fuzz_target() {
    local name=$1 corpus=$root/build/fuzz/corpus/$1 log=$root/build/fuzz/corpus/$1.log options=() patience=20
    mkdir -p "$corpus" "$findings"
    [ -e "$root/tests/fuzz/$name.dict" ] && options+=("-dict=$root/tests/fuzz/$name.dict")
    # The small tables of public test suites, where they are there.
    for folder in "$root"/../shared/data/csv/*/; do
        [ "$name" = number_table ] && [ -d "$folder" ] && options+=("$folder")
    done
    # What HDF5, or who poses as it, asks of the system is more than there is; and HDF5 is let try for a while.
    case $name in hdf5 | wire)
        local -x ASAN_OPTIONS="$ASAN_OPTIONS:allocator_may_return_null=1:max_allocation_size_mb=1024"
        patience=200
        ;;
    esac
    if "$programs/fuzz_$name" -max_total_time="$seconds" -timeout="$patience" -rss_limit_mb=2048 -max_len=16384 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$findings/$name-" \
        "$corpus" "$root/tests/fuzz/seeds/$name" "${options[@]}" >"$log" 2>&1 </dev/null; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
    else
        tail -n 60 "$log"
        echo "$name: found; the input is in $findings, and goes through again with: $programs/fuzz_$name INPUT"
        return 1
    fi
}
export -f fuzz_target

if [ $# -eq 0 ]; then
    for source in "$root"/tests/fuzz/fuzz_*.c; do
        name=${source##*/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi
say "fuzzing $# targets for $seconds s each"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' bash -c 'fuzz_target {}' || fail "the fuzz targets found something"
