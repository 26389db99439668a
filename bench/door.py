"""What bench/run's group door needs: a team with accounts and a ledger, people who sign in, and a flood of bad log-ins."""
import asyncio
import dataclasses
import datetime
import http.client
import json
import multiprocessing
import pathlib
import random
import threading
import time

import measure

PASSWORD = "harbour lantern ninety two kites"
HOST = "127.0.0.1"
MODELS = ["claude-opus-4-8", "claude-sonnet-4-6", "claude-haiku-4-5-20251001"]


def write_team(root: pathlib.Path, members: list[str], rows: int, end: datetime.datetime) -> None:
    """A config home with a year of about so many requests up to `end`, of as many home folders as there are members."""
    chance = random.Random(3)
    each = rows // len(members)
    for member in members:
        left, number = each, 0
        while left > 0:
            number += 1
            session = f"{member}-{number}"
            project = f"app-{chance.randrange(4)}"
            model = chance.choice(MODELS)
            moment = end - datetime.timedelta(minutes=chance.randrange(60, 365 * 24 * 60))
            lines = []
            for _ in range(min(left, chance.randrange(10, 60))):
                left -= 1
                moment += datetime.timedelta(seconds=chance.randrange(5, 90))
                tool = '{"type":"tool_use","id":"toolu_%s_%d","name":"Bash","input":{}}' % (session, left) if left % 3 else ""
                lines.append('{"isSidechain":false,"type":"assistant","uuid":"u-%s-%d","timestamp":"%s.000Z","sessionId":"%s","cwd":"/home/%s/%s",'
                             '"gitBranch":"main","version":"2.1.330","requestId":"req_%s_%d","message":{"id":"msg_%s_%d","model":"%s",'
                             '"stop_reason":"end_turn","content":[%s],"usage":{"input_tokens":%d,"output_tokens":%d,"cache_read_input_tokens":%d,'
                             '"cache_creation_input_tokens":700}}}\n'
                             % (session, left, moment.strftime("%Y-%m-%dT%H:%M:%S"), session, member, project, session, left, session, left, model, tool,
                                chance.randrange(50), chance.randrange(9, 4000), chance.randrange(90000)))
            folder = root / "projects" / f"-home-{member}-{project}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{session}.jsonl").write_text("".join(lines))


@dataclasses.dataclass
class Person:
    name: str
    token: str = ""    # of access; the cookie is named differently with TLS
    device: str = ""   # the cookie by which the browser is known again
    address: str = ""  # signed in from there

    def cookie(self) -> str:
        return f"tm_access={self.token}"


class Client:
    """One connection, as a page of the server has it. `address`: whom the proxy speaks for."""

    def __init__(self, port: int, address: str = "", token: str = "", device: str = ""):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.headers = {"Content-Type": "application/json", "Origin": f"http://{HOST}:{port}", "X-Tidemark-Request": "1"}
        if address:
            self.headers["X-Forwarded-For"] = address
        cookies = [f"{name}={value}" for name, value in (("tm_access", token), ("tm_device", device)) if value]
        if cookies:
            self.headers["Cookie"] = "; ".join(cookies)

    def ask(self, method: str, path: str, body=None) -> tuple[int, http.client.HTTPMessage, bytes]:
        self.connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def must(self, method: str, path: str, body=None):
        status, headers, text = self.ask(method, path, body)
        if status >= 300:
            raise measure.Failed(f"{method} {path} answered {status}: {text[:200].decode(errors='replace')}")
        return headers, json.loads(text or b"null")


def cookie_in(headers: http.client.HTTPMessage, wanted: str) -> str:
    for cookie in headers.get_all("Set-Cookie") or []:
        name, _, rest = cookie.partition("=")
        if name == wanted:
            return rest.split(";")[0]
    return ""


def set_up(port: int, link: str) -> Person:
    """The first account, which manages everything."""
    headers, _ = Client(port).must("POST", "auth/setup", {"token": link, "username": "manager", "display_name": "Manager", "password": PASSWORD})
    return Person("manager", cookie_in(headers, "tm_access"))


def sign_in(port: int, name: str, address: str, device: str = "") -> tuple[http.client.HTTPMessage, int]:
    """As a patient person: comes back when told to. What the answer sets, and how often one was turned away."""
    turned_away = 0
    client = Client(port, address, device=device)
    while True:
        status, headers, body = client.ask("POST", "auth/sign-in", {"name": name, "password": PASSWORD, "trusted": True})
        if status == 200:
            return headers, turned_away
        if status not in (429, 503) or turned_away > 100:
            raise measure.Failed(f"the right password of {name} was answered with {status}: {body[:200].decode(errors='replace')}")
        turned_away += 1
        time.sleep(float(headers["Retry-After"]))


def make_people(port: int, manager: Person, members: list[str]) -> list[Person]:
    """An account for each, that sees what was recorded under the name, and is signed in from an address of its own."""
    client = Client(port, "10.255.0.1", manager.token)
    people = []
    for number, member in enumerate(members):
        _, made = client.must("POST", "people", {"username": member, "display_name": member, "password": PASSWORD, "role": "user"})
        client.must("POST", "identities", {"kind": "os_user", "value": member, "account": made["id"]})
        person = Person(member, address=f"10.{number // 250}.{number % 250}.7")
        headers, _ = sign_in(port, member, person.address)
        person.token, person.device = cookie_in(headers, "tm_access"), cookie_in(headers, "tm_device")
        people.append(person)
    return people


async def _flood(port: int, rate: int, seconds: float, names: list[str]) -> dict[int, int]:
    chance = random.Random(5)
    answers: dict[int, int] = {}
    free: asyncio.Queue = asyncio.Queue()
    waiting = set()
    for _ in range(400):
        free.put_nowait(await asyncio.open_connection(HOST, port))

    async def guess() -> None:
        reader, writer = await free.get()
        # From anywhere in 16 million addresses, at somebody's account or at a name nobody has.
        address = f"11.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
        name = chance.choice(names) if chance.random() < 0.5 else f"guess{chance.randrange(10**6)}"
        body = json.dumps({"name": name, "password": f"wrong password {chance.random()}", "trusted": False})
        # One of four claims to be a browser that is known.
        claim = f"Cookie: tm_device={chance.getrandbits(250):x}\r\nOrigin: http://{HOST}:{port}\r\nX-Tidemark-Request: 1\r\n" if chance.random() < 0.25 else ""
        writer.write(f"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: {HOST}:{port}\r\nX-Forwarded-For: {address}\r\nContent-Type: application/json\r\n{claim}"
                     f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        status, headers = await measure.read_head(reader)
        await measure.read_body(reader, headers)
        answers[status] = answers.get(status, 0) + 1
        free.put_nowait((reader, writer) if headers.get("connection") != "close" else await asyncio.open_connection(HOST, port))

    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        task = asyncio.create_task(guess())
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    answers[0] = round((time.perf_counter() - started) * 1000)
    await asyncio.gather(*waiting)
    return answers


class Flood:
    """Bad log-ins at a steady rate, in a process of its own, while the `with` lasts; at most for so many seconds."""

    def __init__(self, port: int, rate: int, seconds: float, names: list[str]):
        context = multiprocessing.get_context("fork")
        self.ours, theirs = context.Pipe()
        self.process = context.Process(target=lambda: theirs.send(asyncio.run(_flood(port, rate, seconds, names))), daemon=True)

    def __enter__(self) -> "Flood":
        self.process.start()
        time.sleep(1)  # until it is under way
        return self

    def result(self) -> tuple[dict[int, int], float]:
        """Answers by status, and how many were asked a second."""
        if not self.ours.poll(60):
            raise measure.Failed("the flood did not end")
        answers = self.ours.recv()
        return answers, sum(count for status, count in answers.items() if status) / (answers.pop(0) / 1000)

    def __exit__(self, *_) -> None:
        self.process.join(1)
        if self.process.is_alive():
            self.process.terminate()
            self.process.join()


class SignIns(threading.Thread):
    """One good log-in a second for so long: milliseconds until each person was in, and how often they were turned away.
    `known`: "device" (and its address), "address" alone, or "" for a new one each time."""

    def __init__(self, port: int, people: list[Person], seconds: int, known: str):
        super().__init__(daemon=True)
        self.port, self.people, self.seconds, self.known = port, people, seconds, known
        self.times: list[float] = []
        self.turned_away = 0
        self.error: Exception | None = None

    def run(self) -> None:
        tries = []
        for number in range(self.seconds):
            one = threading.Thread(target=self.one, args=(number,), daemon=True)
            one.start()
            tries.append(one)
            time.sleep(1)
        for one in tries:
            one.join(120)

    def one(self, number: int) -> None:
        person = self.people[number % len(self.people)]
        address = person.address if self.known else f"12.{number % 256}.{number // 256}.9"
        started = time.perf_counter()
        try:
            _, away = sign_in(self.port, person.name, address, person.device if self.known == "device" else "")
            self.times.append((time.perf_counter() - started) * 1000)
            self.turned_away += away
        except (measure.Failed, OSError, http.client.HTTPException) as error:
            self.error = error

    def finished(self) -> list[float]:
        self.join()
        if self.error:
            raise measure.Failed(str(self.error))
        return self.times
