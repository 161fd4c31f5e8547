"""Samples, sent to a door on this machine: the real ingest behind it says whether they are genuine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from leadrelay.cli.send import SAMPLE
from leadrelay.ports.source import Delivery, Reply
from tests.cli.conftest import Run
from tests.rulebook.editing import RULES
from tests.system import System

Written = Callable[[str, object], Path]
SECRET = "an-invented-secret-of-32-letters"
SECRETS = dict.fromkeys(("signing_secret", "app_secret", "google_key", "api_key", "verify_token"), SECRET)
SOURCES = ("website", "meta", "google_ads", "typeform")


@dataclass
class Door:
    """`/in/<source>` over ingest; `instead` answers in its place."""

    url: str
    system: System
    asked: list[str] = field(default_factory=list)
    instead: Reply | None = None

    def answer(self, path: str, delivery: Delivery) -> Reply:
        self.asked.append(path)
        return self.instead or self.system.ingest(urlsplit(path).path.removeprefix("/stage/in/"), delivery)


@pytest.fixture
def door() -> Iterator[Door]:
    system = System()
    for source in SOURCES:
        system.secrets.set(f"source/{source}", **SECRETS)
    system.clock.set(datetime.now(UTC))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = there.answer(self.path, Delivery("POST", headers, (), body))
            self.send_response(reply.status)
            for name, value in {**reply.headers, "content-length": str(len(reply.body.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Door(f"http://127.0.0.1:{server.server_port}/stage", system)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


def _touches(door: Door) -> list[str]:
    return [str(fact.data["source"]) for fact in door.system.said if fact.name == "TouchReceived"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_sample_is_genuine_and_counts_once(door: Door, run: Run, written: Written, source: str) -> None:
    secrets = written("secrets.json", SECRETS)
    ran = run("send", source, "--to", f"{door.url}/", "--times", "3", "--secrets", secrets, "--rules", RULES)
    assert ran.code == 0, ran.said
    assert door.asked == [f"/stage/in/{source}"] * 3
    assert _touches(door) == [source]
    assert ran.out.count("200") >= 3
    assert ("names the lead only by its id" in ran.out) == (source == "meta")


def test_the_next_sample_is_another_one(door: Door, run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": [SECRET, "an older one"]})
    for _ in range(2):
        ran = run(
            "send", "website", "--to", f"{door.url}/in", "--form", "offer", "--secrets", secrets, "--rules", RULES
        )
        assert ran.code == 0, ran.said
        assert "form offer" in ran.out
    assert _touches(door) == ["website"] * 2


def test_another_secret_is_not_taken(door: Door, run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": "a secret of somebody else, 32 long"})
    ran = run("send", "website", "--to", door.url, "--secrets", secrets, "--rules", RULES)
    assert ran.code == 1
    assert "401" in ran.out
    assert "1 of 1 not taken" in ran.said
    assert _touches(door) == []


def test_the_secret_never_follows_a_redirect(door: Door, run: Run, written: Written) -> None:
    door.instead = Reply(307, f"moved, {SAMPLE.email}", headers={"location": f"{door.url}/elsewhere"})
    secrets = written("secrets.json", SECRETS)
    ran = run("send", "google_ads", "--to", door.url, "--secrets", secrets, "--rules", RULES)
    assert ran.code == 1
    assert door.asked == ["/stage/in/google_ads"]
    assert SAMPLE.email not in ran.out + ran.err


@pytest.mark.parametrize(
    "to",
    [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "https://user@example.com",
        "ftp://127.0.0.1",
        "example.com",
        "https://",
        "https://example.com?x=1",
        "https://example.com/#x",
        "https://[::1",
        "http://127.0.0.1:port",
    ],
)
def test_it_goes_only_where_nobody_reads_along(
    run: Run, written: Written, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadrelay.cli.send._posted", lambda *_: pytest.fail("it was sent"))
    ran = run("send", "website", "--to", to, "--secrets", written("secrets.json", SECRETS), "--rules", RULES)
    assert ran.code == 2
    assert "--to" in ran.said


@pytest.mark.parametrize(
    ("source", "options", "code", "why"),
    [
        ("websit", (), 2, "did you mean 'website'?"),
        ("nobody", (), 2, "there are website"),
        ("trade_fair", (), 2, "leadrelay upload csv FILE --source trade_fair"),
        ("hubspot", (), 1, "there is no sample for hubspot"),
        ("hubspot", (), 1, "curl --data-binary @body.json"),
        ("google_ads", ("--form", "one"), 2, "'one' is no id of a form"),
        ("website", (), 1, "does not answer"),
    ],
)
def test_what_cannot_be_sent_is_said(
    run: Run, written: Written, source: str, options: tuple[str, ...], code: int, why: str
) -> None:
    secrets = written("secrets.json", SECRETS)
    ran = run("send", source, "--to", "http://127.0.0.1:9", "--secrets", secrets, "--rules", RULES, *options)
    assert ran.code == code
    assert why in ran.said


def test_secrets_that_are_none(run: Run, written: Written) -> None:
    for content, code, why in (
        ({}, 1, "needs the secret"),
        (b"{", 2, "is not JSON"),
        (["a"], 2, "is not a JSON object"),
    ):
        secrets = written("secrets.json", content)
        ran = run("send", "website", "--to", "http://127.0.0.1:9", "--secrets", secrets, "--rules", RULES)
        assert ran.code == code
        assert why in ran.said


def test_the_stages_own_secrets(account: None, door: Door, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadrelay.cli.deployed.Deployed.secrets", lambda _: door.system.secrets)
    ran = run("send", "typeform", "--to", door.url, "--rules", RULES)
    assert (ran.code, _touches(door)) == (0, ["typeform"])
