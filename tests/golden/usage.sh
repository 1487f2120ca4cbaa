#!/bin/sh
# What the command line says to wrong use, word for word.
#   tests/golden/usage.sh STRATA            compare with usage.expected
#   tests/golden/usage.sh --write STRATA    write usage.expected
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mode=${1:?path to strata}
strata=$mode
if [ "$mode" = --write ]; then
    strata=$2
fi
strata=$(cd "$(dirname "$strata")" && pwd)/$(basename "$strata")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >misspelt.yaml <<'YAML'
transactions: orders.csv
scores:
  methd: mean
YAML
cat >overlap.yaml <<'YAML'
segments:
  rules:
    - {name: Best, r: 4-5}
    - {name: Rest, r: 1-4}
YAML
cat >words.yaml <<'YAML'
seed: one
YAML

printf 'x,y\n1,2\n3,four\n' >table.csv
"$strata" cluster table.csv --columns x --clusters 2 --output clusters.h5 --quiet >out

# One command with its standard output, its standard error and its exit code.
say() {
    echo "\$ strata $*"
    code=0
    "$strata" "$@" >out 2>err || code=$?
    sed 's/^/1| /' out
    sed 's/^/2| /' err
    echo "exit $code"
}

{
    say rnu
    say hello
    say run
    say run --outptu x.h5
    say run --zzzzzz
    say run -x
    say run --threads
    say run --quiet=yes
    say run --segment-map r-vignete
    say run --threads two
    say run --as-of 2025-02-30
    say run --window -5
    say run one.yaml two.yaml
    say run nowhere.yaml
    say run misspelt.yaml
    say run words.yaml --log json
    say run --transactions a.csv --quantity q
    say run --transactions a.csv --cluster-columns recensy
    say run --transactions a.csv --score-levels 5 --segment-map chinese-8
    say check --segment-map own
    say check --quiet
    say check overlap.yaml --quiet
    say check overlap.yaml --quiet --score-levels 3
    say check --quiet --segment-map r-vignette
    say features recency
    say show
    say show a.h5 b.h5
    say show nowhere.h5
    say show --lang fr a.h5
    say cluster
    say cluster a.csv b.csv
    say cluster nowhere.csv
    say cluster table.csv --columns x,z
    say cluster table.csv --columns x,
    say cluster table.csv --clusters many
    say cluster table.csv --clusters 0
    say cluster table.csv --scaling standart
    say cluster table.csv --log json
    say assign clusters.h5
    say assign clusters.h5 --table table.csv
    say assign clusters.h5 --transactions table.csv --quiet
    say generate log.csv
    say generate --ids shrt
    say generate --days many
    say generate --one-time-share half
} >said

if [ "$mode" = --write ]; then
    cp said "$here/usage.expected"
else
    diff -u "$here/usage.expected" said
fi
