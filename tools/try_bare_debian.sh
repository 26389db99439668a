#!/usr/bin/env bash
# Tries the tree as it stands (committed or not) on a bare Debian 12: makes one with debootstrap, copies the tree into it, and
# runs a command there. Needs root, debootstrap and a network; packages come from the mirror this machine's apt uses.
#
#   tools/try_bare_debian.sh DIR [COMMAND…]     DIR: where the Debian is or shall be made (about 5 GB)
#
# Default command: ./setup --run, a release build, and the version of what was built.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/shell.sh
[ $# -ge 1 ] || fail "usage: tools/try_bare_debian.sh DIR [COMMAND…]"
[ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root"
root=$(realpath -m "$1")
shift
[ $# -gt 0 ] || set -- bash -c './setup --run && cmake --preset release && cmake --build --preset release && build/release/tidemark version'

if [ ! -e "$root/etc/debian_version" ]; then
    # shellcheck disable=SC2016  # $(…) are apt's own fields
    mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^bookworm main //p' | head -n 1)
    [ -n "$mirror" ] || fail "this machine's apt knows no mirror of Debian 12 (bookworm)"
    debootstrap --variant=minbase --include=ca-certificates,git bookworm "$root" "$mirror" >&2
    # Downloads go the way this machine's go: its apt options, certificates and npm settings, but no packages of its own.
    cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
    [ ! -d /usr/local/share/ca-certificates ] || cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    [ ! -e "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$root/root/.npmrc"
fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"

unmount() { umount -l "$root/proc" "$root/dev" 2>/dev/null || true; }
trap unmount EXIT
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"

tree=$root/root/tidemark
mkdir -p "$tree"
find "$tree" -mindepth 1 -maxdepth 1 ! -name build ! -name .deps ! -name web -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
done | tar -c --null -T - | tar -x -C "$tree"
say "running in $root: $*"
chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    sh -c 'cd /root/tidemark && exec "$@"' sh "$@"
