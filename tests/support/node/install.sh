#!/bin/sh
# Installs the packages of a package.json beside the scripts that use them.
#
#   tests/support/node/install.sh FOLDER-WITH-PACKAGE.JSON DESTINATION
#
# Fetches nothing when DESTINATION has them already. Exit 77 where there is no node, no npm, or no way to
# the packages: the tests that need them then say that they skip.
set -eu
if [ $# -ne 2 ]; then
  echo "usage: install.sh FOLDER-WITH-PACKAGE.JSON DESTINATION" >&2
  exit 2
fi
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
  echo "SKIPPED: no node and npm here; what is written with them is not tested" >&2
  exit 77
fi
mkdir -p "$2"
for script in "$1"/*.mjs; do
  [ ! -f "$script" ] || cp "$script" "$2"
done
if [ -f "$2/installed" ] && cmp -s "$1/package.json" "$2/installed"; then
  exit 0
fi
rm -rf "$2/node_modules" "$2/installed"
cp "$1/package.json" "$2"
if ! (cd "$2" && npm install --no-audit --no-fund --no-package-lock --silent --fetch-retries 2 --fetch-timeout 30000); then
  echo "SKIPPED: npm could not fetch the packages; what is written with them is not tested" >&2
  exit 77
fi
cp "$1/package.json" "$2/installed"
