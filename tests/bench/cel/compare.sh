#!/bin/sh
# Runs the benchmark and the same expressions in JavaScript engines, in one session, and prints the ratio.
#
#   tests/bench/cel/compare.sh PATH/OF/kulanz-cel-bench
#
# Installs the engines of package.json into a temporary folder. Exit 77 where there is no node or npm, 1
# when an expression is less than ten times as fast as the fastest engine.
set -eu
if [ $# -ne 1 ]; then
  echo "usage: compare.sh PATH/OF/kulanz-cel-bench" >&2
  exit 2
fi
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
  echo "SKIPPED: no node and npm here; nothing was compared" >&2
  exit 77
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/compare.mjs" "$work"
(cd "$work" && npm install --no-audit --no-fund --silent)
"$1" --json >"$work/ours.json"
cd "$work" && node compare.mjs ours.json
