#!/bin/sh
# Make docs/strata.1 from the help texts of the program.
#   scripts/make-man.sh STRATA           write it
#   scripts/make-man.sh --check STRATA   is it up to date?
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
check=no
if [ "${1:-}" = --check ]; then
    check=yes
    shift
fi
if [ $# -ne 1 ]; then
    echo "usage: scripts/make-man.sh [--check] path/to/strata" >&2
    exit 2
fi
strata=$1
made=$(mktemp)
trap 'rm -f "$made"' EXIT

# Text as it stands: backslashes, hyphens and leading dots and quotes mean something to troff.
verbatim() {
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\\&\\1/"
}

{
    echo '.\" Made by scripts/make-man.sh from the help texts: edit those.'
    echo '.TH STRATA 1'
    echo '.SH NAME'
    echo 'strata \- customer segmentation from transaction logs'
    echo '.SH SYNOPSIS'
    echo '.B strata'
    echo '.I COMMAND'
    echo '.RI [ options ]'
    echo '.SH DESCRIPTION'
    echo '.nf'
    "$strata" --help | sed '1,2d' | verbatim
    echo '.fi'
    for command in $("$strata" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
        echo ".SH STRATA $(echo "$command" | tr '[:lower:]' '[:upper:]')"
        echo '.nf'
        "$strata" "$command" --help | verbatim
        echo '.fi'
    done
} >"$made"

if [ $check = yes ]; then
    if ! diff -u "$root/docs/strata.1" "$made"; then
        echo "docs/strata.1 is out of date: run scripts/make-man.sh $strata" >&2
        exit 1
    fi
else
    cat "$made" >"$root/docs/strata.1"
fi
