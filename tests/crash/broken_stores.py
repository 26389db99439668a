#!/usr/bin/env python3
"""Starts tidemark on stores that cannot work: each must say so in one clear line, exit 1, and change nothing.
Usage: broken_stores.py [--binary PATH]. The full disk and the read-only folder need root (a small tmpfs); else they are left out."""
import argparse
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROW = ('{"isSidechain":false,"type":"assistant","uuid":"u-%d","timestamp":"2026-11-01T10:00:00.000Z","requestId":"req_%d",'
       '"sessionId":"s-1","cwd":"/home/mei/app","version":"2.1.330","gitBranch":"main","message":{"id":"msg_%d",'
       '"model":"claude-opus-5","stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":100}}}\n')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=os.environ.get("TIDEMARK_BINARY", "build/release/tidemark"))
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="tidemark-broken-")
    env = {"PATH": os.environ["PATH"], "HOME": work, "CLAUDE_CONFIG_DIR": os.path.join(work, "none")}
    claude = os.path.join(work, "claude")
    os.makedirs(os.path.join(claude, "projects", "-home-mei-app"))
    with open(os.path.join(claude, "projects", "-home-mei-app", "s-1.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(ROW % (i, i, i) for i in range(20000))

    def run(data: str, kind: str = "import") -> subprocess.CompletedProcess:
        return subprocess.run([options.binary, kind, "--data", data, "--transcripts", claude], env=env, capture_output=True,
                              text=True, timeout=60, check=False)

    failures = []

    def expect(name: str, result: subprocess.CompletedProcess, *words: str) -> None:
        lines = result.stderr.strip().splitlines()
        ok = result.returncode == 1 and len(lines) == 1 and all(word in lines[0] for word in words)
        print(f"{'ok  ' if ok else 'FAIL'} {name}: exit {result.returncode}: {result.stderr.strip()}")
        if not ok:
            failures.append(name)

    mounts = []

    def tmpfs(name: str, size: str) -> str | None:
        path = os.path.join(work, name)
        os.makedirs(path)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=False,
                                               stderr=subprocess.DEVNULL).returncode != 0:
            print(f"left out: {name} (cannot mount a tmpfs)")
            return None
        mounts.append(path)
        return path

    try:
        good = os.path.join(work, "good")
        assert run(good).returncode == 0
        database = os.path.join(good, "tidemark.db")

        newer = os.path.join(work, "newer")
        shutil.copytree(good, newer)
        with contextlib.closing(sqlite3.connect(os.path.join(newer, "tidemark.db"))) as connection:
            connection.execute("PRAGMA user_version = 9999")
        before = open(os.path.join(newer, "tidemark.db"), "rb").read()
        expect("newer database", run(newer), "tidemark.db", "newer")
        if open(os.path.join(newer, "tidemark.db"), "rb").read() != before:
            failures.append("newer database was changed")

        corrupt = os.path.join(work, "corrupt")
        os.makedirs(corrupt)
        text = b"this is no database " * 1000
        open(os.path.join(corrupt, "tidemark.db"), "wb").write(text)
        expect("corrupt database", run(corrupt), "tidemark.db")
        if open(os.path.join(corrupt, "tidemark.db"), "rb").read() != text:
            failures.append("corrupt database was changed")

        file_in_the_way = os.path.join(work, "file")
        open(file_in_the_way, "w", encoding="utf-8").close()
        expect("a file in place of the folder", run(file_in_the_way), file_in_the_way)

        if full := tmpfs("full", "1m"):
            expect("full disk", run(full), "full")
            mounts.remove(full)
            subprocess.run(["umount", full], check=True)
        if partly := tmpfs("partly", "64m"):
            assert run(partly).returncode == 0
            filler = os.path.join(partly, "filler")
            with open(filler, "wb", buffering=0) as file:  # with a buffer, closing would fail again
                try:
                    while True:
                        file.write(b"x" * 65536)
                except OSError:
                    pass
            with open(os.path.join(claude, "projects", "-home-mei-app", "s-1.jsonl"), "a", encoding="utf-8") as file:
                file.writelines(ROW % (i, i, i) for i in range(20000, 21000))
            expect("a disk that became full", run(partly), "full")
            os.remove(filler)
            again = run(partly)
            with contextlib.closing(sqlite3.connect(os.path.join(partly, "tidemark.db"))) as connection:
                count = connection.execute("SELECT count(*) FROM requests").fetchone()[0]
            print(f"{'ok  ' if count == 21000 else 'FAIL'} space again: {count} requests, exit {again.returncode}")
            if count != 21000:
                failures.append("lost requests after a full disk")
        if readonly := tmpfs("readonly", "64m"):
            shutil.copy(database, readonly)
            subprocess.run(["mount", "-o", "remount,ro", readonly], check=True)
            expect("read-only folder", run(readonly), readonly)
    finally:
        for path in mounts:
            subprocess.run(["umount", path], check=False)
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
