#!/usr/bin/env python3
"""Kills `tidemark import` with SIGKILL at random moments while the transcripts grow; the totals must end equal to those of an
undisturbed import. Usage: kill_import.py [--binary PATH] [--kills N] [--seed N]. Works in a temporary folder only."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MODELS = ["claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5-20251001", "claude-mystery-9"]


class Tree:
    """A projects folder that grows: answers in one to three rows, forks that copy heads, torn ends that are completed later."""

    def __init__(self, root: str, rng: random.Random):
        self.root, self.rng, self.answers, self.lines, self.torn = root, rng, 0, {}, {}

    def path(self, session: int) -> str:
        return os.path.join(self.root, "projects", f"-home-mei-p{session % 7}", f"s-{session}.jsonl")

    def grow(self, answers: int) -> None:
        out: dict[str, list[str]] = {}
        for _ in range(answers):
            session = self.rng.randrange(40)
            path = self.path(session)
            if path not in self.lines and self.lines and self.rng.random() < 0.3:
                head = self.rng.choice(list(self.lines.values()))
                out.setdefault(path, []).extend(head[: len(head) // 2 + 1])
            self.answers += 1
            final = self.rng.randrange(9, 4000)
            rows = self.rng.randrange(1, 4)
            for row in range(rows):
                usage = {"input_tokens": self.answers % 50, "output_tokens": final if row == rows - 1 else 3,
                         "cache_read_input_tokens": self.rng.randrange(90000), "cache_creation_input_tokens": 700}
                if row:
                    usage = {**last, "output_tokens": usage["output_tokens"]}
                last = usage
                stamp = f"2026-{1 + self.answers % 11:02d}-{1 + self.answers % 27:02d}T{self.answers % 24:02d}:{self.answers % 60:02d}:07.123Z"
                out.setdefault(path, []).append(json.dumps({
                    "isSidechain": False, "type": "assistant", "uuid": f"u-{self.answers}-{row}", "timestamp": stamp,
                    "requestId": f"req_{self.answers}", "sessionId": f"s-{session}", "cwd": f"/home/mei/p{session % 7}",
                    "version": "2.1.330", "gitBranch": "main", "message": {
                        "id": f"msg_{self.answers}", "model": MODELS[self.answers % 4],
                        "stop_reason": "end_turn" if row == rows - 1 else None,
                        "content": [{"type": "tool_use", "id": f"toolu_{self.answers}_{row}", "name": "Bash", "input": {}}],
                        "usage": usage}}, separators=(",", ":")))
        for path, rows in out.items():
            self.lines.setdefault(path, []).extend(rows)
            text = self.torn.pop(path, "") + "\n".join(rows) + "\n"
            if self.rng.random() < 0.3:  # the writer is interrupted in the middle of a row
                cut = len(text) - self.rng.randrange(1, len(rows[-1]))
                text, self.torn[path] = text[:cut], text[cut:]
            self.append(path, text)

    def finish(self) -> None:
        for path, rest in self.torn.items():
            self.append(path, rest)
        self.torn = {}

    @staticmethod
    def append(path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=os.environ.get("TIDEMARK_BINARY", "build/release/tidemark"))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    work = tempfile.mkdtemp(prefix="tidemark-crash-")
    env = {"PATH": os.environ["PATH"], "HOME": os.path.join(work, "home"), "CLAUDE_CONFIG_DIR": os.path.join(work, "none")}
    tree = Tree(os.path.join(work, "claude"), rng)

    def command(kind: list[str], data: str) -> list[str]:
        return [options.binary, *kind, "--data", os.path.join(work, data), "--transcripts", tree.root]

    def totals(data: str) -> dict:
        run = subprocess.run(command(["report", "daily", "--json", "--timezone", "UTC", "--breakdown"], data), env=env,
                             capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode in (0, 3), run.stderr
        return json.loads(run.stdout)

    try:
        tree.grow(6000)
        killed = imports = 0
        wait = 0.02  # seconds; follows what an import takes here, so that most are caught in the middle
        while killed < options.kills:
            imports += 1
            process = subprocess.Popen(command(["import"], "killed"), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            tree.grow(rng.randrange(20, 400))
            time.sleep(rng.random() * wait)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
                wait *= 1.05
            else:
                wait *= 0.9
            process.wait(timeout=60)
        tree.finish()
        disturbed, undisturbed = totals("killed"), totals("fresh")
        requests = undisturbed["totals"]["requests"]
        if disturbed != undisturbed or requests != tree.answers:
            print(f"totals differ: {disturbed['totals']} after {killed} kills, {undisturbed['totals']} undisturbed, "
                  f"{tree.answers} answers written")
            return 1
        print(f"{imports} imports, {killed} of them killed in the middle; {requests} requests, totals equal to an undisturbed import")
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
