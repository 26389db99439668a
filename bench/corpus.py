#!/usr/bin/env python3
"""Makes a folder of transcripts like those of a busy year, and what a correct reader must count in it.

Usage: corpus.py --out DIR [--bytes 1e9] [--files 2000] [--seed 1] [--single]

Writes DIR/projects/<project>/<session>.jsonl, …/<session>/subagents/agent-<id>.jsonl and DIR/truth.json. The same arguments
give the same bytes. --single: all of it in one session's file.

What is in it, as the client writes it: one row a content block, the rows of an answer repeating message id, request id and
usage (older clients: the output count is final in the last row only), tool results twice in their row, most bytes in rows
without usage, subagents in files of their own, forks that copy rows of another session, side questions that repeat an answer
under a new request id, rows the client made up itself (<synthetic>), text that looks like usage inside tool output, torn lines.

truth.json: per day (UTC), model and folder [input, output, cache5m, cache1h, cacheRead, messages]; each message id once, the
row with most output."""
import argparse
import datetime
import json
import math
import os
import random
import re

COLUMNS = ["input", "output", "cache5m", "cache1h", "cacheRead", "messages"]
WORDS = ("the of and to in that it is for on with as at by this be from or have an not are but we can will one all window limit token "
         "model request cached output input session project branch commit deploy latency thread lock queue index column partition "
         "batch retry schema migration rollback 预算已超出 使用量を確認 größter dépassé 🚀").split()
PROJECTS = [f"/home/dev/{name}" for name in (
    "api", "web-app", "billing.core", "ml_pipeline", "infra", "mobile", "docs", "search", "auth", "etl", "edge", "games", "monorepo",
    "monorepo/packages/ui", "monorepo/packages/server", "legacy_php", "api/.claude/worktrees/fix-login", "web-app/.claude/worktrees/dark")]
BRANCHES = ["main", "main", "develop", "feat/export", "fix/ttl", "release/2026.4"]
TOOLS = ["Bash", "Bash", "Read", "Read", "Edit", "Grep", "Write", "Glob", "WebFetch", "mcp__github__search_code"]
MODELS = [(0.0, ["claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805", "claude-haiku-4-5-20251001"]),
          (0.1, ["claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"]),
          (0.3, ["claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001"]),
          (0.6, ["claude-opus-4-7", "claude-sonnet-4-6", "claude-haiku-4-5-20251001"])]
END = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)
DAYS = 365


class Corpus:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        # JSON-escaped pieces; any run of them is valid inside a JSON string.
        self.pieces = [self.piece() for _ in range(20000)]
        self.truth: dict[str, tuple] = {}  # message id -> (output, final, day, model, folder, usage)
        self.files = self.bytes = self.lines = self.bad = 0

    def piece(self) -> str:
        r = self.random
        if r.random() < 0.01:
            text = '{"type":"assistant","message":{"id":"msg_decoy","usage":{"input_tokens":999999,"output_tokens":999999}}}'
        else:
            text = " ".join(r.choices(WORDS, k=r.randint(6, 14))) + r.choice(["", ".", ";", ' "quoted" {', "\t}", " \\path\\to"])
        return json.dumps(text + "\n", ensure_ascii=False)[1:-1]

    def text(self, median: int) -> str:
        """About a log-normal number of bytes of text, ready to stand between quotes."""
        count = max(1, int(median * math.exp(self.random.gauss(0, 1.0))) // 70)
        start = self.random.randrange(len(self.pieces))
        return "".join(self.pieces[start:start + min(count, 1500)])

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def write(self, path: str, rows: list[str]) -> None:
        if self.random.random() < 0.01 and len(rows) > 5:
            rows.insert(self.random.randrange(2, len(rows)), '{"type":"assistant","message":{"id":"msg_torn","usage":{"input_tok')
            self.bad += 1
        data = "\n".join(rows).encode() + b"\n"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        self.files += 1
        self.bytes += len(data)
        self.lines += len(rows)


class Conversation:
    """One transcript file in the making: the main conversation of a session, or a subagent's."""

    def __init__(self, corpus: Corpus, folder: str, age: float, agent: str = "", parent: "Conversation | None" = None):
        r = corpus.random
        self.c, self.folder, self.age, self.agent = corpus, folder, age, agent
        self.session = parent.session if parent else corpus.uuid()
        self.minor = parent.minor if parent else int(age * 330)
        self.branch = parent.branch if parent else r.choice(BRANCHES)
        choices = [models for since, models in MODELS if since <= age][-1]
        self.model = r.choices(choices, [55, 30, 15] if not agent else [20, 20, 60])[0]
        self.time = parent.time if parent else END - datetime.timedelta(days=(1 - age) * DAYS, seconds=r.randint(0, 86399))
        self.rows: list[str] = []
        self.size = 0
        self.parent_uuid = "null"
        self.context, self.cached = r.randint(12000, 26000), 0
        self.hour_cache = not agent and r.random() < 0.6

    def add(self, row: str) -> None:
        self.rows.append(row)
        self.size += len(row) + 1

    def row(self, kind: str, body: str, seconds: float) -> str:
        """Appends a row with the fields all rows share, `seconds` after the last one."""
        self.time += datetime.timedelta(seconds=seconds)
        stamp = self.time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.time.microsecond // 1000:03d}Z"
        uuid = self.c.uuid()
        self.add(f'{{"parentUuid":{self.parent_uuid},"isSidechain":{"true" if self.agent else "false"},'
                 + (f'"agentId":"{self.agent}",' if self.agent else "") +
                 f'{body},"type":"{kind}","uuid":"{uuid}","timestamp":"{stamp}","userType":"external","entrypoint":"cli",'
                 f'"cwd":"{self.folder}","sessionId":"{self.session}","version":"2.1.{self.minor}","gitBranch":"{self.branch}"}}')
        self.parent_uuid = f'"{uuid}"'
        return stamp

    def answer(self, last: bool) -> None:
        """One request: its rows, and the results of the tools it calls."""
        c, r = self.c, self.c.random
        message, request = "msg_01" + c.hex(22), "req_011" + c.hex(21)
        tools = [] if last else [(r.choice(TOOLS), "toolu_01" + c.hex(22)) for _ in range(r.choices([1, 2, 3], [80, 15, 5])[0])]
        contents = []
        if r.random() < 0.45:
            contents.append(f'{{"type":"thinking","thinking":"","signature":"{c.hex(r.randint(300, 1500))}"}}')
        if last or r.random() < 0.6:
            contents.append(f'{{"type":"text","text":"{c.text(500)}"}}')
        for name, tool in tools:
            contents.append(f'{{"type":"tool_use","id":"{tool}","name":"{name}","input":{{"description":"{c.text(400)}"}}}}')
        miss = r.random() < 0.03
        fresh = self.context if miss else max(1, self.context - self.cached)
        final = max(9, min(30000, int(260 * math.exp(r.gauss(0, 1.1)))))
        usage = (r.randint(1, 12), final, 0 if self.hour_cache else fresh, fresh if self.hour_cache else 0, 0 if miss else self.cached)
        self.cached = self.context
        unfinished = 11 <= self.minor <= 52 and r.random() < 0.9  # clients that never wrote the final output
        delay = r.uniform(2, 40)
        for number, content in enumerate(contents):
            is_last = number == len(contents) - 1
            output = final if self.minor >= 98 or (is_last and not unfinished) else min(final, 1 + number)
            stop = f'"{"end_turn" if last else "tool_use"}"' if is_last and not unfinished else "null"
            stamp = self.row("assistant", f'"message":{{"model":"{self.model}","id":"{message}","type":"message","role":"assistant","content":[{content}],'
                             f'"stop_reason":{stop},"stop_sequence":null,"usage":{{"input_tokens":{usage[0]},"cache_creation_input_tokens":{fresh},'
                             f'"cache_read_input_tokens":{usage[4]},"cache_creation":{{"ephemeral_5m_input_tokens":{usage[2]},'
                             f'"ephemeral_1h_input_tokens":{usage[3]}}},"output_tokens":{output},"server_tool_use":{{"web_search_requests":0,'
                             f'"web_fetch_requests":0}},"service_tier":"standard","speed":"standard"}}}},"requestId":"{request}"', delay)
            delay = 0.01
            kept = c.truth.get(message)
            if kept is None or (output, stop != "null") >= kept[:2]:
                c.truth[message] = (output, stop != "null", stamp[:10], self.model, self.folder, usage)
        for name, tool in tools:
            body = c.text(3500)
            self.row("user", f'"message":{{"role":"user","content":[{{"tool_use_id":"{tool}","type":"tool_result","content":"{body}",'
                     f'"is_error":{"true" if r.random() < 0.04 else "false"}}}]}},"toolUseResult":{{"stdout":"{body}","stderr":"","interrupted":false}}',
                     r.uniform(0.05, 20))
            self.context += len(body) // 4
        self.context += final + r.randint(40, 300)
        if self.context > 165000:
            self.row("system", f'"subtype":"compact_boundary","compactMetadata":{{"trigger":"auto","preTokens":{self.context}}}', 20)
            self.context, self.cached = r.randint(18000, 32000), 0

    def talk(self, size: int) -> list[datetime.datetime]:
        """Turns until the file has `size` bytes; gives when subagents were started."""
        c, r = self.c, self.c.random
        started = []
        while self.size < size:
            self.row("user", f'"message":{{"role":"user","content":"{c.text(300)}"}}', r.uniform(5, 600))
            if r.random() < 0.5:
                self.row("attachment", f'"attachment":{{"type":"file","content":"{c.text(6000)}"}}', 0.01)
            for _ in range(r.randint(1, 12)):
                self.answer(last=False)
            if not self.agent and r.random() < 0.06:
                started.append(self.time)
            self.answer(last=True)
            self.row("system", f'"subtype":"turn_duration","durationMs":{r.randint(900, 900000)}', 0.01)
            if r.random() < 0.01:
                self.row("assistant", f'"message":{{"id":"{c.uuid()}","model":"<synthetic>","role":"assistant","type":"message","usage":{{"input_tokens":0,'
                         '"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0},"content":[{"type":"text","text":"API Error"}]},'
                         '"isApiErrorMessage":true,"error":"overloaded","apiErrorStatus":529', 3)
            if r.random() < 0.1:
                self.time += datetime.timedelta(seconds=r.uniform(600, 9000))
        return started


def copied(row: str, **fields) -> str:
    value = json.loads(row)
    value.update(fields)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def generate(out: str, size: int, files: int, seed: int, single: bool) -> dict:
    corpus = Corpus(seed)
    r = corpus.random
    sizes = [math.exp(r.gauss(0, 1.2)) for _ in range(1 if single else files)]
    scale = size / sum(sizes)
    earlier: list[Conversation] = []
    for weight in sizes:
        if corpus.bytes >= size:
            break
        folder = r.choices(PROJECTS, [1 / (n + 1) ** 0.6 for n in range(len(PROJECTS))])[0]
        main = Conversation(corpus, folder, min(0.999, r.betavariate(1.6, 1.1)))
        place = os.path.join(out, "projects", re.sub("[^A-Za-z0-9]", "-", folder))
        if earlier and r.random() < 0.04:  # a fork begins with the rows of another session
            source = r.choice(earlier)
            place = os.path.join(out, "projects", re.sub("[^A-Za-z0-9]", "-", source.folder))
            main.folder, main.time = source.folder, max(main.time, source.time)
            for row in source.rows[:r.randint(2, len(source.rows))]:
                uuid = json.loads(row)["uuid"]
                main.add(copied(row, sessionId=main.session, requestSessionId=source.session,
                                forkedFrom={"sessionId": source.session, "messageUuid": uuid}))
        agents = main.talk(max(3000, int(weight * scale)))
        if len(main.rows) < 300:
            earlier = earlier[-40:] + [main]
        for at in [] if single else agents:
            agent = Conversation(corpus, main.folder, main.age, "a" + corpus.hex(16), main)
            agent.time = at
            agent.talk(int(min(weight * scale, 400_000) / 2))
            if r.random() < 0.2:  # a side question repeats the answer before it under a new request id
                answers = [row for row in main.rows if '"type":"assistant"' in row and '"<synthetic>"' not in row]
                agent.rows.insert(0, copied(answers[-1], isSidechain=True, agentId=agent.agent, requestId="req_011" + corpus.hex(21), uuid=corpus.uuid()))
            corpus.write(os.path.join(place, main.session, "subagents", f"agent-{agent.agent}.jsonl"), agent.rows)
        corpus.write(os.path.join(place, main.session + ".jsonl"), list(main.rows))

    truth = {"seed": seed, "files": corpus.files, "bytes": corpus.bytes, "lines": corpus.lines, "malformed_lines": corpus.bad,
             "columns": COLUMNS, "totals": [0] * 6, "days": {}, "models": {}, "projects": {}}
    for output, _, day, model, folder, usage in corpus.truth.values():
        values = [usage[0], output, *usage[2:], 1]
        for sums in (truth["totals"], truth["days"].setdefault(day, [0] * 6), truth["models"].setdefault(model, [0] * 6),
                     truth["projects"].setdefault(folder, [0] * 6)):
            for column, value in enumerate(values):
                sums[column] += value
    truth["totals"] = dict(zip(COLUMNS, truth["totals"]))
    with open(os.path.join(out, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=1)
    return truth


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--bytes", type=float, default=1e9)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--single", action="store_true")
    options = parser.parse_args()
    result = generate(options.out, int(options.bytes), options.files, options.seed, options.single)
    print(f"{result['files']} files, {result['lines']} rows, {result['bytes'] / 1e9:.3f} GB, {result['totals']['messages']} requests in {options.out}")
