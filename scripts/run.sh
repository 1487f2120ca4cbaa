#!/usr/bin/env bash
# From a fresh clone to a segmented customer base: installs what is missing, builds, runs strata on the sample.
# usage: scripts/run.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_requirements build
build_preset release

say "strata run --transactions datasets/sample.csv --output build/sample.h5"
cd "$root"
build/release/strata run --transactions datasets/sample.csv --output build/sample.h5

cat <<END

The snapshot is $root/build/sample.h5
Its segments again:   build/release/strata show build/sample.h5
Your own data:        build/release/strata run --transactions FILE.csv --output customers.h5
END
