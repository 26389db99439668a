#!/usr/bin/env bash
# Builds the web application into web/dist, unless it was built from the very same sources before. Called by the build itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/shell.sh
use_own_node
[ -d web/node_modules ] || fail "web/node_modules is missing: run ./setup --run"
readonly stamp=build/web.built-from
want=$(find web -type d \( -name node_modules -o -name dist -o -name .vite \) -prune -o -type f -print0 | hash_files)
if [ -e web/dist/index.html ] && [ "$(cat $stamp 2>/dev/null)" = "$want" ]; then
    # Newer by its time only: it is up to date for the build that asks.
    touch web/dist/index.html
    exit 0
fi
say "building the web application"
npm --prefix web run --silent build >&2 || fail "the web application does not build"
mkdir -p build
printf '%s\n' "$want" >$stamp
