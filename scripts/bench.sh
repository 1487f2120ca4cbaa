#!/usr/bin/env bash
# strata against DuckDB, ClickHouse, scikit-learn, faiss and h5py on generated data, in one go.
# usage: scripts/bench.sh [--rows N] [--threads N] [--runs N] [--stages features,job,kmeans] [--work FOLDER] [--record]
# Defaults: 20000000 rows (2 million customers), 2 threads, 3 runs, features and job, build/bench; --record: also into
# bench/results/. `scripts/bench.sh kmeans` is --stages kmeans.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rows=20000000 work="$root/build/bench" stages=features,job
options=()
while [ $# -gt 0 ]; do
    case $1 in
    kmeans)
        stages=kmeans
        shift
        ;;
    --record)
        options+=(--record "$root/bench/results")
        shift
        ;;
    --rows | --work | --threads | --runs | --stages)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
        --rows) rows=$2 ;;
        --work) work=$2 ;;
        --stages) stages=$2 ;;
        *) options+=("$1" "$2") ;;
        esac
        shift 2
        ;;
    *)
        sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
    esac
done
[[ $rows =~ ^[1-9][0-9]*$ ]] || fail "--rows needs a number"

install_requirements build bench
build_preset release -DSTRATA_BENCH=ON
case ,$stages, in
*,kmeans,*)
    say "comparing k-means"
    /usr/bin/python3 "$root/bench/kmeans_compare.py" --shared-object "$root/build/release/src/libstrata.so" \
        --programs "$root/build/release/bench" "${options[@]}"
    stages=$(tr , '\n' <<<"$stages" | grep -vx kmeans | paste -sd ,) || true
    [ -n "$stages" ] || exit 0
    ;;
esac
if [ ! -d "$root/bench/node_modules/chdb" ] || [ ! -d "$root/bench/node_modules/@duckdb/node-api" ]; then
    say "installing the peers into bench/node_modules"
    (cd "$root/bench" && npm install --no-package-lock --no-audit --no-fund)
fi

strata="$root/build/release/strata"
log="$work/log-$rows.csv"
mkdir -p "$work"
if [ ! -e "$log" ]; then
    say "generating $log"
    # About 11 rows per customer; head ends the generator when it has enough.
    { "$strata" generate --customers $((rows / 10 + 1)) --days 730 --one-time-share 0.3 --orders-per-year 40 \
        --return-share 0 --columns customer,time,amount --output - 2>/dev/null || true; } |
        head -n $((rows + 1)) >"$log.partial"
    [ "$(wc -l <"$log.partial")" -eq $((rows + 1)) ] || fail "the generator gave fewer than $rows rows"
    mv "$log.partial" "$log"
fi
cat "$log" >/dev/null # into the page cache

say "comparing"
/usr/bin/python3 "$root/bench/compare.py" --strata "$strata" --log "$log" --work "$work" --stages "$stages" \
    "${options[@]}"
