# Sourced by ./setup, ./run, ./test and the scripts of tools/: how they talk, and which Node they use.
# shellcheck shell=bash

say() { printf '==> %s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "cannot run '$*': not root, and there is no sudo"
    fi
}

# Node's version is enough for the web application's tools (web/package.json, "engines", and those of Vite).
node_is_enough() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

# A machine with an older Node (Debian 12's is 18) gets one of its own from ./setup.
use_own_node() {
    if [ -x .deps/node/bin/node ]; then
        PATH="$PWD/.deps/node/bin:$PWD/.deps/node/node_modules/.bin:$PATH"
        # Unlike Debian's Node it brings its own list of certificate authorities; a proxy's may be in the machine's only.
        NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
        export PATH NODE_EXTRA_CA_CERTS
    fi
}

# The hash of files (their names and contents), given as NUL-separated names on standard input.
hash_files() { sort -z | xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1; }
