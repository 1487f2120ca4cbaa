#!/usr/bin/env bash
# Style: clang-format, shellcheck and clang-tidy over the whole tree, whichever of them is installed.
# usage: scripts/check.sh [format|shell|tidy]...      (default: all three)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

check_format() {
    local program
    # Another version formats some lines otherwise.
    program=$(command -v clang-format-14) || { echo "format: skipped, no clang-format-14"; return; }
    git ls-files -co --exclude-standard '*.c' '*.h' | xargs -r "$program" --dry-run --Werror
    echo "format: ok"
}

check_shell() {
    command -v shellcheck >/dev/null || { echo "shell: skipped, no shellcheck"; return; }
    { git ls-files -co --exclude-standard '*.sh' && echo .ci/run; } | xargs -r shellcheck -x -P SCRIPTDIR
    echo "shell: ok"
}

check_tidy() {
    command -v clang-tidy >/dev/null || { echo "tidy: skipped, no clang-tidy"; return; }
    [ -e build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
    git ls-files -co --exclude-standard 'src/*.c' |
        xargs -r -n 4 -P "$(nproc)" clang-tidy --quiet --warnings-as-errors='*' -p build/dev
    echo "tidy: ok"
}

[ $# -gt 0 ] || set -- format shell tidy
for check in "$@"; do
    case $check in
    format | shell | tidy) "check_$check" ;;
    *) fail "unknown check '$check'; checks: format shell tidy" ;;
    esac
done
