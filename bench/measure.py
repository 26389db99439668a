"""What bench/run measures with: processes with what they used, a server with its counters, and an HTTP client for many
connections. Only Python's own library."""
import asyncio
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request


class Failed(Exception):
    """The program under measurement did not do what was asked."""


def clean_environment(home: pathlib.Path, **more: str) -> dict[str, str]:
    """Nothing of the person who measures: no settings, no transcripts, no data folder."""
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", **more}


@dataclasses.dataclass
class Run:
    """One finished process (with the children it waited for): seconds of wall and CPU time, MiB at its largest."""

    wall: float
    cpu: float
    peak: float
    output: bytes = b""


def run(command: list[str], environment: dict[str, str], accept=(0,)) -> Run:
    # Into files: a pipe's reader would take processor time from the command that is timed.
    with open(os.devnull, "rb") as nothing, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=nothing, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode not in accept:
            told = errors.read().decode(errors="replace").strip()[-400:]
            raise Failed(f"{' '.join(command[:4])} … ended with {process.returncode}: {told}")
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read())


def medians_of(times: int, *makes) -> list[Run]:
    """Runs each in turn, so often, and gives the medians of each: when the machine is slower for a while all of them are."""
    rounds = [[make() for make in makes] for _ in range(times)]
    return [Run(*(statistics.median(getattr(run, what) for run in runs) for what in ("wall", "cpu", "peak"))) for runs in zip(*rounds)]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Server:
    """`tidemark serve` on a free port of 127.0.0.1, ready to answer. `more`: further arguments. `certificate`: that of a server
    that speaks TLS."""

    def __init__(self, binary: str, data: pathlib.Path, roots: list[pathlib.Path], home: pathlib.Path, *more: str, certificate: pathlib.Path | None = None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.trust = ssl.create_default_context(cafile=str(certificate)) if certificate else None
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        command = [binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", str(data), *more]
        for root in roots:
            command += ["--transcripts", str(root)]
        self.log = open(home / "serve.log", "wb")
        self.process = subprocess.Popen(command, env=clean_environment(home), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def get(self, path: str, cookie: str = ""):
        request = urllib.request.Request(self.url + path, headers={"Cookie": cookie} if cookie else {})
        with urllib.request.urlopen(request, timeout=30, context=self.trust) as answer:
            return json.loads(answer.read() or b"null")

    def check_running(self) -> None:
        if self.process.poll() is not None:
            raise Failed(f"tidemark serve ended with {self.process.returncode}: {pathlib.Path(self.log.name).read_text(errors='replace').strip()[-400:]}")

    def wait_until_ready(self, seconds: float = 300) -> float:
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            self.check_running()
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(self.url + "/readyz", timeout=5, context=self.trust).close()
                return time.perf_counter() - started
            time.sleep(0.02)
        raise Failed("tidemark serve did not become ready")

    def setup_token(self, seconds: float = 60) -> str:
        """Of the link that the first start prints."""
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            self.check_running()
            if found := re.search(rb"/setup#(\S+)", pathlib.Path(self.log.name).read_bytes()):
                return found.group(1).decode()
            time.sleep(0.005)
        raise Failed("tidemark serve printed no link to set it up")

    def counters(self) -> dict[str, float]:
        """CPU seconds so far, MiB resident, bytes written to disk so far."""
        folder = pathlib.Path("/proc") / str(self.process.pid)
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        resident = next(int(line.split()[1]) for line in (folder / "status").read_text().splitlines() if line.startswith("VmRSS"))
        written = next(int(line.split()[1]) for line in (folder / "io").read_text().splitlines() if line.startswith("write_bytes"))
        return {"cpu": (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), "rss": resident / 1024, "written": written}

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split()[1]), headers


async def read_chunk(reader: asyncio.StreamReader) -> bytes:
    size = int((await reader.readline()).split(b";")[0], 16)
    return (await reader.readexactly(size + 2))[:-2]


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while chunk := await read_chunk(reader):
        body += chunk
    return body


async def load(port: int, paths: list[str], clients: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, int], float]:
    """`clients` connections ask each path `rounds` times in turn. Milliseconds per path, bytes per path, requests a second."""
    times: dict[str, list[float]] = {path: [] for path in paths}
    sizes: dict[str, int] = {}

    async def client(offset: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        for number in range(rounds * len(paths)):
            path = paths[(number + offset) % len(paths)]
            started = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n\r\n".encode())
            status, headers = await read_head(reader)
            body = await read_body(reader, headers)
            times[path].append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise Failed(f"GET {path} answered {status}: {body[:200].decode(errors='replace')}")
            sizes[path] = len(body)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client(n) for n in range(clients)))
    return times, sizes, clients * rounds * len(paths) / (time.perf_counter() - started)


def wrk(port: int, paths: list[str], seconds: int, folder: pathlib.Path, encoding: str = "identity", *, cookies: list[str] | None = None,
        clients: int = 50, pause_ms: int = 0) -> tuple[float, float, float]:
    """So many connections of wrk ask the paths in turn, each after a pause: p50 and p99 in milliseconds, requests a second.
    With cookies, as many as paths, each path is asked with its own."""
    script = folder / "paths.lua"
    script.write_text("local paths = {" + ", ".join(json.dumps(path) for path in paths) + "}\nlocal headers = {"
                      + ", ".join(f"{{Cookie = {json.dumps(cookie)}, [\"Accept-Encoding\"] = {json.dumps(encoding)}}}" for cookie in cookies or []) + """}
local n = 0
request = function() n = n % #paths + 1; return wrk.format("GET", paths[n], headers[n]) end
""" + (f"delay = function() return {pause_ms} end\n" if pause_ms else ""))
    result = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-H", f"Accept-Encoding: {encoding}", "-s", str(script), f"http://127.0.0.1:{port}"],
                            capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in result or "Socket errors" in result:
        raise Failed(f"wrk: {result}")
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    values = {}
    for share in ("50%", "99%"):
        number, unit = re.search(share + r"\s+([\d.]+)(us|ms|s)", result).groups()
        values[share] = float(number) * units[unit]
    return values["50%"], values["99%"], float(re.search(r"Requests/sec:\s+([\d.]+)", result).group(1))


async def live(port: int, streams: int, rows: int, pause: float, session: str, append) -> tuple[list[float], int]:
    """Opens event streams, appends rows one by one, and gives for each row and stream the milliseconds until the stream told of
    it, and how many were never told. A stream has told of row n when the requests it told of in `session` reach n."""
    appended: list[float] = []
    delays: list[float] = []
    done = asyncio.Event()
    ready = 0
    finished = 0

    async def listen() -> None:
        nonlocal ready, finished
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        writer.write(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n".encode())
        status, headers = await read_head(reader)
        if status != 200:
            raise Failed(f"GET /api/v1/stream answered {status}")
        chunked = headers.get("transfer-encoding") == "chunked"
        pending, seen = b"", 0
        while seen < rows:
            data = await (read_chunk(reader) if chunked else reader.read(65536))
            if not data:
                break
            pending += data
            now = time.perf_counter()
            while b"\n\n" in pending:
                event, pending = pending.split(b"\n\n", 1)
                lines = event.decode().splitlines()
                if "event: hello" in lines:
                    ready += 1
                if "event: usage" in lines:
                    body = json.loads("".join(line[5:] for line in lines if line.startswith("data:")))
                    told = sum(change["measures"]["requests"] for change in body["changes"] if change["session_id"] == session)
                    delays.extend((now - at) * 1000 for at in appended[seen:seen + told])
                    seen += told
        finished += 1
        if finished == streams:
            done.set()
        writer.close()

    listeners = [asyncio.create_task(listen()) for _ in range(streams)]
    while ready < streams:
        failed = next((task for task in listeners if task.done() and task.exception()), None)
        if failed:
            raise failed.exception()
        await asyncio.sleep(0.01)
    for number in range(rows):
        append(number)
        appended.append(time.perf_counter())
        await asyncio.sleep(pause)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(done.wait(), 10)
    for task in listeners:
        task.cancel()
    return delays, streams * rows - len(delays)


def summary(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), percentile(values, 0.99)
