#!/usr/bin/env bash
# clang-tidy over the ledger's core, where a mistake becomes a wrong number, and over what differs from the main branch.
# Needs the build of preset clang (its compile commands).
#
#   tools/tidy.sh [FILE…]     other files than those
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/shell.sh
[ -e build/clang/compile_commands.json ] || fail "build/clang is missing: cmake --preset clang"
if [ $# -gt 0 ]; then
    files=("$@")
else
    base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse --verify --quiet HEAD || true)
    mapfile -t files < <({
        find src/foundation/base src/ledger/{model,pricing,ingest,store,live} src/ledger/sources -name '*.cpp'
        [ -z "$base" ] || git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp'
    } | grep -vE '_(test|bench)\.cpp$' | sort -u)
fi
# g++'s flags that clang does not know are not in this build, so its commands serve as they are.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p build/clang --quiet
