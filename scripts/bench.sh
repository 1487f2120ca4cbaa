#!/usr/bin/env bash
# strata against DuckDB, ClickHouse, scikit-learn, faiss and h5py on generated data, in one go.
# usage: scripts/bench.sh [--rows N] [--threads N] [--runs N] [--stages features,job,breakdown,kmeans] [--work FOLDER]
#                         [--record]
# Defaults: 20000000 rows (2 million customers), 2 threads, 3 runs, all but kmeans, build/bench; --record: also into
# bench/results/. `scripts/bench.sh kmeans` is --stages kmeans. breakdown: where strata's time goes, stage by stage.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rows=20000000 threads=2 runs=3 work="$root/build/bench" stages=features,job,breakdown record=
options=()
while [ $# -gt 0 ]; do
    case $1 in
    kmeans)
        stages=kmeans
        shift
        ;;
    --record)
        record="$root/bench/results"
        options+=(--record "$record")
        shift
        ;;
    --rows | --work | --threads | --runs | --stages)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
        --rows) rows=$2 ;;
        --work) work=$2 ;;
        --stages) stages=$2 ;;
        --threads) threads=$2 ;;
        --runs) runs=$2 ;;
        esac
        shift 2
        ;;
    *)
        sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
    esac
done
for number in "$rows" "$threads" "$runs"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] || fail "--rows, --threads and --runs need a number"
done
options+=(--threads "$threads" --runs "$runs")

without() { # without STAGE: the other stages
    tr , '\n' <<<"$stages" | grep -vx "$1" | paste -sd , || true
}

install_requirements build bench
build_preset release -DSTRATA_BENCH=ON
case ,$stages, in
*,kmeans,*)
    say "comparing k-means"
    /usr/bin/python3 "$root/bench/kmeans_compare.py" --shared-object "$root/build/release/src/libstrata.so" "${options[@]}"
    stages=$(without kmeans)
    [ -n "$stages" ] || exit 0
    ;;
esac

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

case ,$stages, in
*,breakdown,*)
    say "stage by stage"
    table=$("$root/build/release/bench/bench_stages" "$log" "$threads" "$runs")
    printf '%s\n' "$table"
    if [ -n "$record" ]; then
        model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
        file="$record/$(date +%F)-$(tr -cs '[:alnum:]\n' - <<<"${model:-$(uname -m)}" | sed 's/-$//')-stages.md"
        mkdir -p "$record"
        printf '# Stage by stage\n\n%s, %s\n\n%s\n' "$(date +%F)" "${model:-$(uname -m)}" "$table" >"$file"
        say "recorded in $file"
    fi
    stages=$(without breakdown)
    [ -n "$stages" ] || exit 0
    ;;
esac

if [ ! -d "$root/bench/node_modules/chdb" ] || [ ! -d "$root/bench/node_modules/@duckdb/node-api" ]; then
    say "installing the peers into bench/node_modules"
    (cd "$root/bench" && npm install --no-package-lock --no-audit --no-fund)
fi
say "comparing"
/usr/bin/python3 "$root/bench/compare.py" --strata "$strata" --log "$log" --work "$work" --stages "$stages" \
    "${options[@]}"
