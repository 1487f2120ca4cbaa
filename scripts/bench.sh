#!/usr/bin/env bash
# strata against DuckDB, ClickHouse, scikit-learn, faiss and h5py on generated data, in one go.
# usage: scripts/bench.sh [--rows N] [--threads N] [--runs N] [--stages STAGE,...] [--parts PART,...] [--work FOLDER]
#                         [--record]
# Stages: features, quoted (fields), parquet, job, breakdown (where strata's time goes), compressed (against decompressing
# alone), scaling (one thread, a memory limit of 1G), kmeans, postgresql (against psql, a server of its own). Defaults:
# 20000000 rows (2 million customers), 2 threads, 3 runs, features,quoted,parquet,job,breakdown, build/bench; --record:
# also into bench/results/. `scripts/bench.sh kmeans` is --stages kmeans; compressed, scaling and postgresql likewise.
# --parts: some of those of kmeans (the record keeps what it has of the others)
# (lloyd,large,fit,sweep: speed; best: how good the fits are).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rows=20000000 threads=2 runs=3 work="$root/build/bench" stages=features,quoted,parquet,job,breakdown record=
parts=lloyd,large,fit,sweep,best
while [ $# -gt 0 ]; do
    case $1 in
    kmeans | compressed | scaling | postgresql)
        stages=$1
        shift
        ;;
    --record)
        record="$root/bench/results"
        shift
        ;;
    --rows | --work | --threads | --runs | --stages | --parts)
        [ $# -ge 2 ] || fail "$1 needs a value"
        printf -v "${1#--}" %s "$2"
        shift 2
        ;;
    *)
        sed -n '2,10s/^# //p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
    esac
done
for number in "$rows" "$threads" "$runs"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] || fail "--rows, --threads and --runs need a number"
done
options=(--threads "$threads" --runs "$runs" ${record:+--record "$record"})
strata="$root/build/release/strata"

wants() { [[ ,$stages, == *,$1,* ]]; }

# The log, once, in the page cache.
need_log() {
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
    cat "$log" >/dev/null
}

need_peers() {
    if [ ! -d "$root/bench/node_modules/chdb" ] || [ ! -d "$root/bench/node_modules/@duckdb/node-api" ]; then
        say "installing the peers into bench/node_modules"
        (cd "$root/bench" && npm install --no-package-lock --no-audit --no-fund)
    fi
    STRATA_DUCKDB_LIBRARY=$(ls "$root"/bench/node_modules/@duckdb/node-bindings-*/libduckdb.so)
    export STRATA_DUCKDB_LIBRARY
}

break_down() {
    local table model file
    table=$("$root/build/release/bench/bench_stages" "$log" "$threads" "$runs")
    printf '%s\n' "$table"
    [ -n "$record" ] || return 0
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    model=${model:-$(uname -m)}
    file="$record/$(date +%F)-$(tr -cs '[:alnum:]\n' - <<<"$model" | sed 's/-$//')-stages.md"
    mkdir -p "$record"
    printf '# Stage by stage\n\n%s, %s\n\n%s\n' "$(date +%F)" "$model" "$table" >"$file"
    say "recorded in $file"
}

install_requirements build bench
wants postgresql && install_requirements server
build_preset release -DSTRATA_BENCH=ON
speed_parts=$(tr , '\n' <<<"$parts" | grep -vx best | paste -sd ,) || true
if wants kmeans && [ -n "$speed_parts" ]; then
    say "comparing k-means"
    /usr/bin/python3 "$root/bench/kmeans_compare.py" --shared-object "$root/build/release/src/libstrata.so" \
        --programs "$root/build/release/bench" --parts "$speed_parts" "${options[@]}"
fi
if wants kmeans && [[ ,$parts, == *,best,* ]]; then
    say "comparing how good k-means is"
    cdnow=${STRATA_TEST_DATA:-$root/../shared/data}/cdnow/CDNOW_master.txt
    [ -e "$cdnow" ] || { say "skipped: CDNOW's data not found" && cdnow=; }
    /usr/bin/python3 "$root/bench/kmeans_best.py" --shared-object "$root/build/release/src/libstrata.so" \
        --threads "$threads" ${cdnow:+--cdnow "$cdnow"} ${record:+--record "$record"}
fi
if wants postgresql; then
    need_log
    say "comparing with psql"
    /usr/bin/python3 "$root/bench/postgresql_compare.py" --strata "$strata" --log "$log" --work "$work" "${options[@]}"
fi
if wants compressed; then
    need_log
    say "comparing with decompressing alone"
    /usr/bin/python3 "$root/bench/compressed_compare.py" --strata "$strata" \
        --decompress "$root/build/release/bench/bench_decompress" --log "$log" --work "$work" "${options[@]}"
fi
if wants scaling; then
    need_log
    say "one thread, and a memory limit"
    /usr/bin/python3 "$root/bench/scaling_compare.py" --strata "$strata" --log "$log" --work "$work" "${options[@]}"
fi
if wants breakdown; then
    need_log
    say "stage by stage"
    break_down
fi
others=$(tr , '\n' <<<"$stages" | grep -vxE 'kmeans|postgresql|compressed|scaling|breakdown' | paste -sd ,) || true
if [ -n "$others" ]; then
    need_log
    need_peers
    say "comparing"
    /usr/bin/python3 "$root/bench/compare.py" --strata "$strata" --log "$log" --work "$work" --stages "$others" \
        "${options[@]}"
fi
