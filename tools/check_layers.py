#!/usr/bin/env python3
"""Checks the includes of src/ against src/layers.txt, and the headers that only certain modules may use.

Usage: check_layers.py SRC_DIR. Exit 1 when a file includes what the table does not allow."""
import pathlib
import re
import sys

# Headers that stay inside the modules named: what they cost (compile time, coupling) must not spread.
CONFINED = [
    (r"<boost/(asio|beast)", ["foundation/net"]),
    (r"<openssl/", ["foundation/net", "foundation/crypto"]),
    (r"<sqlite3\.h>", ["ledger/store"]),
    (r"<simdjson", ["foundation/crypto", "foundation/json", "ledger/sources/transcripts"]),
    (r"<spdlog/", ["foundation/log"]),
    (r"<toml\+\+/", ["foundation/toml"]),
    (r"<CLI/", ["server/app"]),
    (r"<absl/", ["foundation/base"]),
    (r"<sodium", ["foundation/crypto"]),
    (r"<zstd", ["desk/backup"]),
]


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    allowed: dict[str, set[str]] = {}
    for line in (root / "layers.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, dependencies = line.split(":", 1)
        unknown = [d for d in dependencies.split() if d not in allowed]
        if unknown:
            sys.exit(f"layers.txt: {name} names {unknown} before they are declared")
        allowed[name] = set(dependencies.split()) | {name}
    modules = sorted(allowed, key=len, reverse=True)

    def module_of(path: str) -> str | None:
        return next((m for m in modules if path.startswith(m + "/")), None)

    violations = 0
    for file in sorted(root.rglob("*.[hc]pp")):
        relative = file.relative_to(root).as_posix()
        module = module_of(relative)
        if module is None:
            sys.exit(f"{relative}: its folder is not in layers.txt")
        for number, line in enumerate(file.read_text().splitlines(), 1):
            why = None
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if own:
                target = module_of(own.group(1))
                if target is None:
                    why = "unknown module"
                elif target not in allowed[module]:
                    why = f"{module} may not include {target}"
                elif target != module and own.group(1).startswith(target + "/impl/"):
                    why = f"{target}/impl is private"
            elif re.match(r"\s*#\s*include\s+<", line):
                why = next((f"only {' and '.join(where)} may include this"
                            for pattern, where in CONFINED if re.search(pattern, line) and module not in where), None)
            elif "system_clock::now()" in line and relative != "foundation/base/clock.cpp":
                why = "the system clock is read in foundation/base/clock.cpp only"
            if why:
                violations += 1
                print(f"src/{relative}:{number}: {why}: {line.strip()}")
    print(f"{len(allowed)} modules checked, {violations} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
