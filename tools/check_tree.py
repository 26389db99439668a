#!/usr/bin/env python3
"""Checks what no compiler sees: links in the documents, lock files, sizes, left-over markers, and the coroutine rule.

Usage: check_tree.py        over the files git knows or would add; exit 1 on a finding"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_BYTES = 600_000
TEXT = {".cpp", ".hpp", ".md", ".py", ".sh", ".cmake", ".txt", ".json", ".toml", ".sql", ".ts", ".tsx", ".mjs", ".cjs", ".css", ".html", ".yml", ".service", ""}
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|(?:src|srcset)=\"([^\"]+)\"")
# Markers that say the work is not done (spelt so that this file does not find itself).
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
# g++ 12.2 destroys a lambda's captures twice when it is made inside the expression: name it first, then move it.
COROUTINE_LAMBDA = re.compile(r"\bco_(?:await|spawn)\b[^;]*\[[^\]\s]+\]\s*[({]")


def findings(path: pathlib.Path):
    name = path.relative_to(ROOT).as_posix()
    size = path.stat().st_size
    if size > MAX_BYTES:
        yield name, 0, f"{size} bytes: more than {MAX_BYTES}; does it belong into the tree?"
    if path.suffix not in TEXT:
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    if path.name == "package-lock.json":
        for number, line in enumerate(text.splitlines(), 1):
            if '"resolved": "http' in line:
                yield name, number, "a lock file must not name download addresses (omit-lockfile-registry-resolved)"
                return
        return
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield name, number, "unfinished: " + line.strip()[:80]
        if path.suffix == ".md":
            for link in LINK.finditer(line):
                target = link.group(1) or link.group(2)
                if not re.match(r"[a-z]+:|/", target) and not (path.parent / target).exists():
                    yield name, number, f"link to {target}, which does not exist"
    if path.suffix in (".cpp", ".hpp"):
        for match in COROUTINE_LAMBDA.finditer(text):
            yield name, text.count("\n", 0, match.start()) + 1, "a capturing lambda inside co_await or co_spawn: name it first"


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True).stdout.decode().split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    count = 0
    for path in sorted(files):
        for name, number, why in findings(path):
            count += 1
            print(f"{name}:{number}: {why}")
    print(f"{len(files)} files checked, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
