#!/usr/bin/env bash
# From a fresh clone to a segmented customer base: installs what is missing, builds, runs strata on the sample.
# usage: scripts/run.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_requirements build
build_preset release

strata="$root/build/release/strata"
snapshot="$root/build/sample.h5"
say "strata run --transactions datasets/sample.csv --output build/sample.h5"
(cd "$root" && "$strata" run --transactions datasets/sample.csv --output build/sample.h5)
say "strata show build/sample.h5"
"$strata" show "$snapshot"
printf '\nThe snapshot is %s\n' "$snapshot"
