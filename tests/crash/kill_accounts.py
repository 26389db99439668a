#!/usr/bin/env python3
"""Kills tidemark with SIGKILL at random moments: while accounts change and sessions are refreshed, while the master key is
rotated (with and without a server that runs), while the first start makes the databases, and while an older ledger is migrated. Afterwards the server must start,
everything that was confirmed must be there, what was under way must be there wholly or not at all, the audit log must be whole
and every sealed value must open. In the end the files of the data folder are searched for what they must not tell without the
master key. Usage: kill_accounts.py [--binary PATH] [--kills N] [--seed N]. N kills each. Works in a temporary folder only."""
import argparse
import base64
import contextlib
import copy
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

from kill_import import Tree

PASSWORD = "harbour lantern ninety two kites"


class Refused(Exception):
    """The server answered, but with an error."""


class Server:
    def __init__(self, program: "Program"):
        self.process = subprocess.Popen(program.command("serve", "--listen", "127.0.0.1:0", "--transcripts", program.nothing), env=program.env,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, f"it does not start: {line}{self.process.stderr.read()}"
        self.port = int(found.group(1))

    def link(self) -> str:
        return re.search(r"#(\S+)", self.process.stdout.readline()).group(1)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


class Client:
    def __init__(self, server: Server, access: str = ""):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {access}"} if access else {})}
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body=None):
        self.connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.split(";")[0]
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {text[:300].decode(errors='replace')}")
        return json.loads(text or b"null")


class Program:
    def __init__(self, binary: str, work: str, name: str):
        self.binary, self.data = binary, os.path.join(work, name)
        self.nothing = os.path.join(work, "nothing")
        os.makedirs(os.path.join(self.nothing, "projects"), exist_ok=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": os.path.join(work, "home"), "CLAUDE_CONFIG_DIR": os.path.join(work, "none")}

    def command(self, *arguments: str) -> list[str]:
        return [self.binary, *arguments, "--data", self.data]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(self.command(*arguments), env=self.env, capture_output=True, text=True, timeout=120, check=False)
        # 3: a model without a price, which is meant.
        assert done.returncode in (0, 3), f"{arguments}: exit {done.returncode}: {done.stdout[-400:]}{done.stderr[-400:]}"
        return done.stdout

    def caught(self, wait: float, *arguments: str) -> bool:
        """Runs the command and kills it after so long. False: it had ended."""
        process = subprocess.Popen(self.command(*arguments), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        caught = process.poll() is None
        if caught:
            process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        return caught


def totp(secret: str, step: int) -> str:
    """RFC 6238: HMAC-SHA-1, 6 digits."""
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step), hashlib.sha1).digest()
    return f"{(struct.unpack('>I', digest[(at := digest[-1] & 15):at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def codes_now(secret: str) -> list[str]:
    return [totp(secret, int(time.time()) // 30 + offset) for offset in (-1, 0, 1)]


class House:
    """A server with people, and what its pages must show of them."""

    def __init__(self, program: Program, rng: random.Random):
        self.program, self.rng, self.made = program, rng, 0
        self.secrets: dict[str, str] = {"a password": PASSWORD}
        self.model: dict = {"people": {}, "teams": {}, "keys": {}, "identities": {}, "invitations": 0, "audit_days": 0}
        self.ids: dict[str, dict[str, int]] = {}
        server = Server(program)
        browser = Client(server)
        browser.ask("POST", "auth/setup", {"token": server.link(), "username": "manager", "display_name": "Manager", "password": PASSWORD})
        self.access, self.refresh = browser.cookies["tm_access"], browser.cookies["tm_refresh"]
        self.model["people"]["manager"] = ("Manager", "enterprise", "active", None)
        manager = self.client(server)
        for name in ("vera", "rob"):
            manager.ask("POST", "people", {"username": name, "display_name": name, "password": PASSWORD, "role": "user"})
            self.model["people"][name] = (name, "user", "active", None)
        vera = Client(server, self.tokens(server, "vera")["access_token"])
        vera.ask("PUT", "auth/me", {"display_name": "vera", "email": "vera.secret@mail.example"})
        self.model["people"]["vera"] = ("vera", "user", "active", "vera.secret@mail.example")
        self.seed = vera.ask("POST", "auth/me/second-factor")["secret"]
        recovery = vera.ask("POST", "auth/me/second-factor/confirm", {"code": codes_now(self.seed)[0]})["codes"]
        self.secrets |= {"a mail address": "vera.secret@mail.example", "a seed": self.seed, "a recovery code": recovery[0]}
        self.rob = self.tokens(server, "rob")["refresh_token"]
        self.secrets["a refresh token"] = self.rob
        for number in range(1200):  # more than a rotation seals at once
            manager.ask("POST", "identities", {"kind": "mail", "value": f"alias{number}@mail.example",
                                               "account": self.person_id(manager, "vera")})
            self.model["identities"][f"mail alias{number}@mail.example"] = "vera"
        self.secrets["a mapped address"] = "alias17@mail.example"
        self.require(self.seen(manager) == self.model, "the pages show something else than what was done")
        server.stop()

    def require(self, condition: bool, what: str) -> None:
        if not condition:
            raise AssertionError(what)

    def client(self, server: Server) -> Client:
        """The manager's. A refresh each time: the session must outlive every kill."""
        fresh = Client(server).ask("POST", "auth/refresh", {"refresh_token": self.refresh})
        self.refresh = fresh.get("refresh_token") or self.refresh
        return Client(server, fresh["access_token"])

    @staticmethod
    def tokens(server: Server, name: str, code: str = "") -> dict:
        return Client(server).ask("POST", "auth/token", {"name": name, "password": PASSWORD, "trusted": True, **({"code": code} if code else {})})

    def person_id(self, manager: Client, name: str) -> int:
        if name not in self.ids.setdefault("people", {}):
            self.ids["people"] = {person["username"]: person["id"] for person in manager.ask("GET", "people")["people"]}
        return self.ids["people"][name]

    @staticmethod
    def seen(manager: Client) -> dict:
        keys = {}
        for key in manager.ask("GET", "keys")["keys"]:
            keys[key["name"]] = ("ended" if key["revoked_at"] else "works", sorted(key["scopes"]))
        return {"people": {p["username"]: (p["display_name"], p["role"], p["state"], p["email"]) for p in manager.ask("GET", "people")["people"]},
                "teams": {t["name"]: sorted((m["username"], m["manages"]) for m in t["members"]) for t in manager.ask("GET", "teams")["teams"]},
                "identities": {f"{i['kind']} {i['value']}": i["username"] for i in manager.ask("GET", "identities")["identities"]},
                "keys": keys, "invitations": len(manager.ask("GET", "invitations")["invitations"]), "audit_days": manager.ask("GET", "policy")["audit_days"]}

    def next_change(self, manager: Client) -> tuple[tuple, dict]:
        """A request, and what the pages show when it is done."""
        rng, after = self.rng, copy.deepcopy(self.model)
        self.made += 1
        name = f"new{self.made}"
        others = [n for n in self.model["people"] if n.startswith("new")]
        kinds = ["person", "person", "mail", "team", "key", "invitation", "policy", "profile"]
        active = [n for n in others if self.model["people"][n][2] == "active"]
        kinds += ["active", "os_user"] * 2 if others else []
        kinds += ["role"] * 2 if active else []
        kinds += ["member"] if others and self.model["teams"] else []
        kinds += ["end_key"] if any(state == "works" for state, _ in self.model["keys"].values()) else []
        kind = rng.choice(kinds)
        if kind == "person":  # without a password: the hash would take most of the time
            after["people"][name] = (name, "user", "active", None)
            return ("POST", "people", {"username": name, "display_name": name, "role": "user"}), after
        if kind in ("mail", "os_user"):
            whose = rng.choice(others or ["vera"])
            value = f"{name}@mail.example" if kind == "mail" else name
            after["identities"][f"{kind} {value}"] = whose
            return ("POST", "identities", {"kind": kind, "value": value, "account": self.person_id(manager, whose)}), after
        if kind == "team":
            after["teams"][name] = []
            return ("POST", "teams", {"name": name}), after
        if kind == "member":
            team, whose = rng.choice(list(self.model["teams"])), rng.choice(others)
            ids = {t["name"]: t["id"] for t in manager.ask("GET", "teams")["teams"]}
            after["teams"][team] = sorted({**dict(after["teams"][team]), whose: True}.items())
            return ("PUT", f"teams/{ids[team]}/members/{self.person_id(manager, whose)}", {"manages": True}), after
        if kind == "key":
            after["keys"][name] = ("works", ["manage", "read"])
            return ("POST", "keys", {"name": name, "scopes": ["read", "manage"], "teams": [], "projects": []}), after
        if kind == "end_key":
            key = rng.choice([n for n, (state, _) in self.model["keys"].items() if state == "works"])
            ids = {k["name"]: k["id"] for k in manager.ask("GET", "keys")["keys"]}
            after["keys"][key] = ("ended", after["keys"][key][1])
            return ("DELETE", f"keys/{ids[key]}"), after
        if kind == "invitation":
            after["invitations"] += 1
            return ("POST", "invitations", {"role": "user"}), after
        if kind == "policy":
            policy = manager.ask("GET", "policy")
            after["audit_days"] = policy["audit_days"] = 1000 + self.made
            return ("PUT", "policy", policy), after
        if kind == "profile":
            mail = f"manager{self.made}@mail.example"
            after["people"]["manager"] = (name, "enterprise", "active", mail)
            return ("PUT", "auth/me", {"display_name": name, "email": mail}), after
        whose = rng.choice(active if kind == "role" else others)
        display, role, state, mail = self.model["people"][whose]
        if kind == "role":
            role = rng.choice([r for r in ("user", "admin", "enterprise") if r != role])
            after["people"][whose] = (display, role, state, mail)
            return ("PUT", f"people/{self.person_id(manager, whose)}/role", {"role": role}), after
        state = "active" if state == "deactivated" else "deactivated"
        after["people"][whose] = (display, role, state, mail)
        return ("PUT", f"people/{self.person_id(manager, whose)}/active", {"active": state == "active"}), after

    def keep_refreshing(self, server: Server, ended: threading.Event) -> None:
        """Rob's program refreshes all the time; he has the last token that reached him."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            client = Client(server)
            while not ended.is_set():
                fresh = client.ask("POST", "auth/refresh", {"refresh_token": self.rob})
                self.rob = fresh.get("refresh_token") or self.rob

    def killed_while_changing(self, wait: float) -> tuple[int, bool]:
        """How many changes were confirmed, and whether the one under way was made."""
        server = Server(self.program)
        manager = self.client(server)
        ended = threading.Event()
        refreshing = threading.Thread(target=self.keep_refreshing, args=(server, ended))
        refreshing.start()
        killer = threading.Timer(wait, server.kill)
        killer.start()
        confirmed, under_way = 0, self.model
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                under_way = self.model
                request, under_way = self.next_change(manager)
                manager.ask(*request)
                self.model = under_way
                confirmed += 1
        killer.join()
        ended.set()
        refreshing.join()
        now = self.look()
        made = now == under_way and now != self.model
        self.require(made or now == self.model, f"half a change, or a lost one: {difference(self.model, now)} under way: {difference(self.model, under_way)}")
        self.model = now
        return confirmed, made

    def look(self) -> dict:
        """Starts anew, and what the pages show then. Rob goes on too."""
        server = Server(self.program)
        fresh = Client(server).ask("POST", "auth/refresh", {"refresh_token": self.rob})
        if not fresh.get("refresh_token"):  # the token had reached nobody: he signs in again when the access token ends
            fresh = self.tokens(server, "rob")
        self.rob = fresh["refresh_token"]
        manager = self.client(server)
        now = self.seen(manager)
        self.require(manager.ask("GET", "audit/verdict")["intact"], "the audit log is not whole")
        server.stop()
        self.require("is whole" in self.program.run("verify"), "verify finds a fault")
        return now

    def seed_works(self) -> None:
        server = Server(self.program)
        for code in codes_now(self.seed):
            with contextlib.suppress(Refused):
                self.tokens(server, "vera", code)
                break
        else:
            raise AssertionError("the second factor does not work any more")
        server.stop()


def difference(a: dict, b: dict) -> str:
    return "; ".join(f"{part}: {json.dumps(a[part])[:400]} -> {json.dumps(b[part])[:400]}" for part in a if a[part] != b[part]) or "nothing"


def sealed_values(data: str) -> list[str]:
    values = []
    with contextlib.closing(sqlite3.connect(os.path.join(data, "accounts.db"))) as database:
        database.text_factory = lambda raw: raw.decode(errors="replace")  # some digests are stored raw
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):
                values += [value for value in row if isinstance(value, str) and value.startswith("tm1:")]
    return values


def change(house: House, kills: int) -> str:
    confirmed = made = 0
    for _ in range(kills):
        count, under_way = house.killed_while_changing(0.02 + house.rng.random() * 0.6)
        confirmed, made = confirmed + count, made + under_way
    house.require(confirmed > kills, "hardly anything was changed: the kills came too early")
    return f"{kills} kills among {confirmed} confirmed changes; {made} of those under way were made, {kills - made} were not"


def rotate(house: House, kills: int) -> str:
    program = house.program
    started = time.monotonic()
    program.run("key", "rotate-master")
    lasts = time.monotonic() - started
    killed = tries = mixed = 0
    while killed < kills:
        tries += 1
        house.require(tries < 20 * kills + 100, "it cannot be caught at work")
        caught = program.caught(house.rng.random() * lasts, "key", "rotate-master")
        killed += caught
        lasts *= 1 if caught else 0.95
        mixed += len({value.split(":")[1] for value in sealed_values(program.data)}) > 1
        house.require(house.look() == house.model, "a rotation changed what the pages show")
    told = program.run("key", "rotate-master")
    current = re.search(r"master key is ([0-9a-f]{8})", told).group(1)
    values = sealed_values(program.data)
    house.require(len(values) > 1200 and all(value.split(":")[1] == current for value in values), "some values are still sealed with an old key")
    house.require(f" {len(values)} values" in told, f"{len(values)} are sealed, it says: {told}")
    house.require(house.look() == house.model, "a rotation changed what the pages show")
    house.seed_works()
    return f"{kills} kills of {tries} rotations, {mixed} of which left values under several keys; all {len(values)} values open, under the newest"


def rotate_beside(house: House, kills: int) -> str:
    """The same beside a running server, which is what is killed, while people sign in and go on."""
    program = house.program

    def run(wait: float) -> tuple[bool, float, int]:
        """Whether the kill came before the end, how long it took, and how many signed in meanwhile."""
        server = Server(program)
        ended, signed_in = threading.Event(), []

        def sign_in() -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                while not ended.is_set():
                    house.tokens(server, "rob")
                    signed_in.append(True)

        others = [threading.Thread(target=house.keep_refreshing, args=(server, ended)), threading.Thread(target=sign_in)]
        for other in others:
            other.start()
        program.run("key", "reseal")  # waits for what the last kill left
        started = time.monotonic()
        rotation = subprocess.Popen(program.command("key", "rotate-master"), env=program.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            rotation.wait(timeout=wait)
        caught = rotation.poll() is None
        took = time.monotonic() - started
        server.kill()
        ended.set()
        for other in others:
            other.join()
        told = rotation.communicate(timeout=60)[1]
        house.require(caught or rotation.returncode == 0, f"the rotation failed: {told}")
        house.require(not caught or rotation.returncode in (0, 1), f"it ended with {rotation.returncode}: {told}")
        return caught, took, len(signed_in)

    _, lasts, came = run(60)
    killed = tries = mixed = 0
    while killed < kills:
        tries += 1
        house.require(tries < 20 * kills + 100, "it cannot be caught at work")
        caught, _, more = run(house.rng.random() * lasts)
        killed, came = killed + caught, came + more
        lasts *= 1 if caught else 0.95
        mixed += len({value.split(":")[1] for value in sealed_values(program.data)}) > 1
        house.require(house.look() == house.model, "a rotation beside the server changed what the pages show")
    server = Server(program)
    # What the last kill left is sealed first.
    manager = house.client(server)
    while (change := manager.ask("GET", "system")["master_key"]["change"]) is not None:
        house.require(change["left"] <= change["total"], f"more is left than there was: {change}")
    told = program.run("key", "rotate-master")
    current = re.search(r"master key is ([0-9a-f]{8})", told).group(1)
    keys = manager.ask("GET", "system")["master_key"]["keys"]
    house.require(keys[0]["id"] == current and sum(key["values"] for key in keys[1:]) == 0, f"old keys are in use: {keys}")
    server.stop()
    values = sealed_values(program.data)
    house.require(len(values) > 1200 and all(value.split(":")[1] == current for value in values), "some values are still sealed with an old key")
    actions = [row["action"] for row in audited(house, "master_key.")]
    house.require(actions.count("master_key.rotated") >= 2 and actions[0] == "master_key.rotated", f"the audit log does not tell of it: {actions[:4]}")
    house.require(house.look() == house.model, "a rotation beside the server changed what the pages show")
    house.seed_works()
    return f"{kills} kills of {tries} rotations beside a server, {mixed} of which left values under several keys; {came} sign-ins meanwhile"


def audited(house: House, prefix: str) -> list[dict]:
    """The newest first."""
    server = Server(house.program)
    rows = house.client(server).ask("GET", f"audit?action={prefix}&limit=1000")["rows"]
    server.stop()
    return rows


def first_start(binary: str, work: str, rng: random.Random, kills: int) -> str:
    killed = tries = 0
    lasts = 0.0
    while killed < kills:
        tries += 1
        assert tries < 20 * kills + 100, "it cannot be caught at work"
        program = Program(binary, work, f"first{tries}")
        if not lasts:
            started = time.monotonic()
            server = Server(program)
            lasts = time.monotonic() - started
            server.kill()
        else:
            killed += program.caught(rng.random() * lasts, "serve", "--listen", "127.0.0.1:0", "--transcripts", program.nothing)
        server = Server(program)
        browser = Client(server)
        browser.ask("POST", "auth/setup", {"token": server.link(), "username": "manager", "display_name": "Manager", "password": None})
        Client(server, browser.cookies["tm_access"]).ask("GET", "overview")
        server.stop()
        assert "is whole" in program.run("verify")
        shutil.rmtree(program.data)
    return f"{kills} kills of {tries} first starts; each next start could be set up"


def migrate(binary: str, work: str, rng: random.Random, kills: int) -> str:
    program = Program(binary, work, "older")
    tree = Tree(os.path.join(work, "claude"), rng)
    tree.grow(20_000)
    tree.finish()
    program.run("import", "--transcripts", tree.root)
    report = ["report", "daily", "--json", "--timezone", "UTC", "--breakdown", "--transcripts", program.nothing]
    want = json.loads(program.run(*report))
    # The first schema kept the keys in the requests; its sums are made anew from the requests.
    with contextlib.closing(sqlite3.connect(os.path.join(program.data, "tidemark.db"))) as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.executescript("""
            CREATE INDEX keys_by_id ON request_keys (id);
            ALTER TABLE requests ADD COLUMN key INTEGER NOT NULL DEFAULT 0;
            UPDATE requests SET key = (SELECT key FROM request_keys k WHERE k.id = requests.id);
            DROP TABLE request_keys;
            CREATE UNIQUE INDEX requests_by_key ON requests (key);
            PRAGMA user_version = 1;""")
    older = program.data
    killed = tries = 0
    lasts = 0.0
    while killed < kills:
        tries += 1
        assert tries < 20 * kills + 100, "it cannot be caught at work"
        program = Program(binary, work, f"migrated{tries}")
        shutil.copytree(older, program.data)
        if not lasts:
            started = time.monotonic()
            program.run(*report)
            lasts = time.monotonic() - started
        else:
            caught = program.caught(rng.random() * lasts, *report)
            killed += caught
            lasts *= 1 if caught else 0.95
        assert json.loads(program.run(*report)) == want, "a migration lost something"
        with contextlib.closing(sqlite3.connect(os.path.join(program.data, "tidemark.db"))) as database:
            assert database.execute("PRAGMA user_version").fetchone()[0] == version
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            keys, requests = "SELECT count(*) FROM request_keys k JOIN requests r ON r.id = k.id", "SELECT count(*) FROM requests"
            assert database.execute(keys).fetchone() == database.execute(requests).fetchone()
        shutil.rmtree(program.data)
    return f"{kills} kills of {tries} migrations from schema 1 to {version}; the report stayed the same"


def search(house: House) -> str:
    """As killed: with the write-ahead logs as they lie there."""
    server = Server(house.program)
    manager = house.client(server)
    house.secrets["an API key"] = manager.ask("POST", "keys", {"name": "searched", "scopes": ["read"], "teams": [], "projects": []})["text"]
    house.secrets["an invitation"] = manager.ask("POST", "invitations", {"role": "user"})["url_path"].split("#")[1]
    house.secrets["the own address"] = "searched.for@mail.example"
    manager.ask("PUT", "auth/me", {"display_name": "Manager", "email": house.secrets["the own address"]})
    house.secrets["the mail server's password"] = "opal-smtp-secret"
    manager.ask("PUT", "system/mail", {"enabled": True, "host": "mail.example", "port": 465, "security": "tls", "user": "tide",
                                       "password": house.secrets["the mail server's password"],
                                       "from_address": "tidemark@mail.example", "from_name": "Tidemark"})
    house.secrets["the provider's client secret"] = "opal-meadow-secret"
    manager.ask("PUT", "auth/provider", {"enabled": False, "name": "", "issuer": "https://id.example", "client_id": "tidemark",
                                         "client_secret": house.secrets["the provider's client secret"], "scopes": ["openid"],
                                         "create_accounts": False, "mail_domains": [], "groups_claim": "groups", "roles": [], "teams": []})
    house.secrets |= {"an access token": manager.headers["Authorization"].split()[1], "the newest refresh token": house.refresh}
    server.kill()
    files = {}
    for folder, _, names in os.walk(house.program.data):
        for name in names:
            if name not in ("master.key", "control.sock"):
                with open(os.path.join(folder, name), "rb") as file:
                    files[name] = file.read()
    seed = base64.b32decode(house.seed + "=" * (-len(house.seed) % 8))
    forms = {what: [text.encode(), text.encode("utf-16-le"), text.encode().hex().encode(), base64.b64encode(text.encode())[:-4]]
             for what, text in house.secrets.items()}
    forms["a seed"] += [seed, seed.hex().encode(), base64.b64encode(seed).rstrip(b"="), base64.urlsafe_b64encode(seed).rstrip(b"=")]
    with open(os.path.join(house.program.data, "master.key"), encoding="ascii") as file:
        forms["a master key"] = [line.strip().encode() for line in file if not line.startswith("#") and line.strip()]
    assert len(forms["a master key"][0]) > 40
    found = [f"{what} in {name}" for what, ways in forms.items() for name, data in files.items()
             if any(way.lower() in data.lower() for way in ways)]
    assert not found, f"to be read without the key: {', '.join(found)}"
    assert any(b"manager" in data for data in files.values()), "the search finds nothing at all"
    house.look()
    return f"{len(files)} files hold none of {len(forms)} secrets: {', '.join(forms)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=os.environ.get("TIDEMARK_BINARY", "build/release/tidemark"))
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    work = tempfile.mkdtemp(prefix="tidemark-crash-")
    try:
        house = House(Program(options.binary, work, "data"), rng)
        for name, told in (("changes", lambda: change(house, options.kills)), ("master key", lambda: rotate(house, options.kills)),
                           ("master key beside the server", lambda: rotate_beside(house, options.kills)),
                           ("first start", lambda: first_start(options.binary, work, rng, options.kills)),
                           ("migration", lambda: migrate(options.binary, work, rng, options.kills)), ("files", lambda: search(house))):
            print(f"{name}: {told()}", flush=True)
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
