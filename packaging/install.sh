#!/usr/bin/env bash
# Installs the built program with its manual page, shell completions and services: one for a server (docs/guide/server.md),
# one for a person's own account.
#
#   packaging/install.sh [--prefix DIR] [--uninstall]     DIR: default /usr/local; DESTDIR is honoured
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/shell.sh
prefix=/usr/local
uninstall=
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix)
            [ $# -ge 2 ] || fail "--prefix needs a folder"
            prefix=$2
            shift
            ;;
        --uninstall) uninstall=1 ;;
        *) fail "unknown option '$1'" ;;
    esac
    shift
done
program=build/release/tidemark
root=${DESTDIR-}$prefix
files=(
    "$root/bin/tidemark"
    "$root/share/man/man1/tidemark.1"
    "$root/share/bash-completion/completions/tidemark"
    "$root/share/zsh/site-functions/_tidemark"
    "$root/share/fish/vendor_completions.d/tidemark.fish"
    "$root/lib/systemd/user/tidemark.service"
    "$root/lib/systemd/system/tidemark.service"
    "$root/lib/sysusers.d/tidemark.conf"
)
if [ -n "$uninstall" ]; then
    rm -f "${files[@]}"
    say "removed from $root (what is in ~/.local/share/tidemark and /var/lib/tidemark is kept)"
    exit 0
fi
[ -x $program ] || fail "$program is missing: ./run builds it"
for file in "${files[@]}"; do mkdir -p "$(dirname "$file")"; done
install -m 755 $program "${files[0]}"
$program manual >"${files[1]}"
$program completion bash >"${files[2]}"
$program completion zsh >"${files[3]}"
$program completion fish >"${files[4]}"
sed "s|@PREFIX@|$prefix|" packaging/tidemark-user.service >"${files[5]}"
sed "s|@PREFIX@|$prefix|" packaging/tidemark.service >"${files[6]}"
cp packaging/tidemark.sysusers "${files[7]}"
chmod 644 "${files[@]:1}"
say "installed to $root"
