#!/usr/bin/env bash
# All tests: installs what is missing, builds, runs. With CI=true warnings are errors.
# usage: scripts/test.sh [ctest options, say -R unit.generate]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_requirements build test
install_duckdb
werror=OFF
[ "${CI:-}" = true ] && werror=ON
build_preset dev -DSTRATA_WERROR=$werror

say "running the tests"
ctest --test-dir "$root/build/dev" --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
