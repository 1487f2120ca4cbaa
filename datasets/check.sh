#!/usr/bin/env bash
# Is the sample what its command makes, byte for byte?
# usage: datasets/check.sh STRATA_PROGRAM
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$1" generate --customers 2000 --days 730 --seed 7 --output "$made/sample.csv" >/dev/null
cmp "$made/sample.csv" "$here/sample.csv"
echo "sample: ok"
