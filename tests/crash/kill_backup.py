#!/usr/bin/env python3
"""Kills `tidemark backup`, `verify` and `restore`, and a server that goes back to a backup, with SIGKILL at random moments. Afterwards every backup under its name must
be whole, and the data folder must hold the old state or the new one, ledger and accounts alike, with nothing left lying about.
Usage: kill_backup.py [--binary PATH] [--kills N] [--seed N]. N kills each. Works in a temporary folder only."""
import argparse
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from kill_accounts import PASSWORD, Client, Refused, Server
from kill_import import Tree


class Program:
    def __init__(self, binary: str, work: str):
        self.binary, self.work = binary, work
        self.data, self.backups = os.path.join(work, "data"), os.path.join(work, "backups")
        self.nothing = os.path.join(work, "nothing")  # a home without transcripts: what is stored is read, nothing more
        os.makedirs(os.path.join(self.nothing, "projects"))
        self.env = {"PATH": os.environ["PATH"], "HOME": os.path.join(work, "home"), "CLAUDE_CONFIG_DIR": self.nothing}

    def command(self, *arguments: str) -> list[str]:
        return [self.binary, *arguments, "--data", self.data]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(self.command(*arguments), env=self.env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, 3), f"{arguments}: exit {done.returncode}: {done.stderr}"
        return done.stdout

    def state(self) -> tuple[str, str]:
        """The ledger's totals and the accounts' names."""
        report = json.loads(self.run("report", "daily", "--json", "--timezone", "UTC", "--breakdown", "--transcripts", self.nothing))
        return json.dumps(report), self.run("user", "list")

    def kill(self, wait: float, *arguments: str) -> bool:
        """True when it was caught at work."""
        process = subprocess.Popen(self.command(*arguments), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        caught = process.poll() is None
        if caught:
            process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        return caught


class Killer:
    """Waits before the kill follow what a command takes here, so that most are caught, at every stage of their work."""

    def __init__(self, program: Program, rng: random.Random, kills: int):
        self.program, self.rng, self.kills = program, rng, kills

    def each(self, arguments: list[str], check) -> int:
        started = time.monotonic()
        self.program.run(*arguments)
        lasts = time.monotonic() - started
        check(True)
        killed = tries = 0
        while killed < self.kills:
            tries += 1
            assert tries < 20 * self.kills + 100, "it cannot be caught at work"
            caught = self.program.kill(self.rng.random() * lasts, *arguments)
            killed += caught
            lasts *= 1 if caught else 0.95
            check(not caught)
        return tries


class Page:
    """What the page System does: a server that goes back to a backup, as ann, who has a password."""

    def __init__(self, program: Program):
        self.program = program

    def set_password(self) -> None:
        link = self.program.run("user", "reset", "ann").strip().split("#")[-1].split()[0]
        server = Server(self.program)
        Client(server).ask("POST", "auth/reset", {"token": link, "password": PASSWORD})
        server.stop()

    @staticmethod
    def signed_in(server: Server) -> Client:
        return Client(server, Client(server).ask("POST", "auth/token", {"name": "ann", "password": PASSWORD})["access_token"])

    def go_back(self, name: str, wait: float | None) -> tuple[bool, float]:
        """Kills the server after so long; without it, waits for the end. True: it had ended. The second: what it took."""
        server = Server(self.program)
        client = self.signed_in(server)
        started = time.monotonic()
        client.ask("POST", f"backups/{name}/restore", {"password": PASSWORD})
        if wait is not None:
            time.sleep(wait)
            server.kill()
            return not self.half_way(), wait
        while True:
            try:
                state = client.ask("GET", "backups")
                assert state["restore_problem"] is None, state["restore_problem"]
            except Refused:  # nobody is signed in any more
                break
            except (http.client.HTTPException, OSError):
                client = Client(server, client.headers["Authorization"].split()[1])
        lasted = time.monotonic() - started
        server.stop()
        return True, lasted

    def half_way(self) -> bool:
        return any(os.path.exists(os.path.join(self.program.data, name)) for name in ("backup.work", "restore.journal"))


def check_backups(program: Program) -> int:
    names = [name for name in os.listdir(program.backups) if name.endswith(".tmbk")]
    for name in names:
        program.run("verify", os.path.join(program.backups, name))
    return len(names)


def check_tidy(program: Program) -> None:
    left = [name for name in os.listdir(program.data) if name in ("backup.work", "restore.journal")]
    left += [name for name in os.listdir(program.backups) if name.endswith(".part")]
    assert not left, f"left behind: {left}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=os.environ.get("TIDEMARK_BINARY", "build/release/tidemark"))
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    work = tempfile.mkdtemp(prefix="tidemark-crash-")
    try:
        program = Program(options.binary, work)
        tree = Tree(os.path.join(work, "claude"), rng)

        def grow(answers: int, name: str) -> tuple[str, str]:
            tree.grow(answers)
            tree.finish()
            program.run("import", "--transcripts", tree.root)
            program.run("user", "add", name, "--role", "enterprise")
            return program.state()

        first = grow(6000, "ann")
        file = program.run("backup", "--to", program.backups).strip()
        second = grow(3000, "ben")
        assert first[0] != second[0] and first[1] != second[1]
        killer = Killer(program, rng, options.kills)

        def after_backup(_finished: bool) -> None:
            check_backups(program)
            assert program.state() == second, "a backup changed what it copies"

        backups = killer.each(["backup", "--to", program.backups], after_backup)
        newest = program.run("backup", "--to", program.backups).strip()
        check_tidy(program)

        def after_verify(_finished: bool) -> None:
            assert program.state() == second, "a check changed the data"

        verifications = killer.each(["verify", newest], after_verify)

        def after_restore_of(path: str, old: tuple[str, str], new: tuple[str, str]):
            def check(finished: bool) -> None:
                now = program.state()
                assert now == new or (not finished and now == old), "half a restore"
                counts[now == new] += 1
                # Back to the old state, for the next one.
                program.run("restore", newest if path == file else file)
                assert program.state() == old
                check_tidy(program)
            return check

        counts = {True: 0, False: 0}
        restores = killer.each(["restore", file], after_restore_of(file, second, first))
        program.run("restore", file)
        restores += killer.each(["restore", newest], after_restore_of(newest, first, second))
        program.run("backup", "--to", program.backups)
        check_tidy(program)
        # The same by a server: it stands beside its databases, prepares, ends them and opens the others.
        page = Page(program)
        program.run("restore", file)
        page.set_password()
        folder = os.path.join(program.data, "backups")
        old_state = program.state()
        old = os.path.basename(program.run("backup").strip())
        new_state = grow(2000, "zoe")
        new = os.path.basename(program.run("backup").strip())
        _, lasts = page.go_back(old, None)
        assert program.state() == old_state, "the server did not go back"
        program.run("restore", new)
        assert program.state() == new_state
        served = {True: 0, False: 0}
        for _ in range(options.kills):
            page.go_back(old, rng.random() * lasts)
            now = program.state()  # what was interrupted is completed or dropped by it
            assert now in (old_state, new_state), "half a restore by the server"
            served[now == old_state] += 1
            for name in os.listdir(folder):
                if name.endswith(".tmbk"):
                    program.run("verify", name)
                    if name not in (old, new):
                        os.unlink(os.path.join(folder, name))
            program.run("restore", new)
            assert program.state() == new_state
            check_tidy(program)
            assert "whole" in program.run("verify")
        print(f"{options.kills} kills of a server that goes back ({served[False]} left the old state, {served[True]} the new one)")
        print(f"{options.kills} kills each of {backups} backups, {verifications} checks, and twice as many of {restores} restores "
              f"({counts[False]} left the old state, {counts[True]} the new one); {check_backups(program)} backups, all whole")
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
