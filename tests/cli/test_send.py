"""Samples, sent to a door on this machine: the real ingest behind it says whether they are genuine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors import registry
from connectors.email.source import recipients
from leadrelay.aws.clients import client
from leadrelay.aws.mailbox import MailBucket
from leadrelay.cli.send import SAMPLE
from leadrelay.local.samples import trial_secrets
from leadrelay.ports.source import Delivery, Reply, doors_of
from leadrelay.rulebook.compile import Compiled
from leadrelay.workflows.mail import TakeMail
from tests.cli.conftest import Run
from tests.rulebook.editing import RULES, compiled, copied
from tests.system import System

Written = Callable[[str, object], Path]
SECRET = "an-invented-secret-of-32-letters"
SECRETS = {name: SECRET for vendor in registry.vendors() for name in registry.manifest(vendor).secrets}
SECRETS |= trial_secrets("sendgrid")
OPTIONS = {
    "twilio": {"url": "https://leads.example.com/in/twilio"},
    "hubspot": {"url": "https://leads.example.com/in/hubspot"},
    "salesforce": {"organization_id": "00D5e00000000AaEAI"},
}
"""What no vendor can do without."""


def _of_every_vendor() -> list[str]:
    """Vendors that are knocked at by HTTP: found by their folders, whatever sources.yaml has today."""
    known = [vendor for vendor in registry.vendors() if {"source", "sample"} <= set(registry.roles(vendor))]
    return [vendor for vendor in known if "http" in doors_of(registry.load("source", vendor))]


VENDORS = _of_every_vendor()


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's rules with one more source of every vendor, `try_<vendor>`, and nothing switched off."""
    folder = copied(tmp_path_factory.mktemp("rules"))
    file = folder / "sources.yaml"
    text = file.read_text("utf-8").replace("    enabled: false\n", "")
    rows = [
        f"  try_{vendor}: {json.dumps({'vendor': vendor, 'options': OPTIONS.get(vendor, {})})}" for vendor in VENDORS
    ]
    file.write_text(text.replace("\nsources:\n", "\n".join(["", "sources:", *rows, ""])), "utf-8")
    return folder


@cache
def _compiled(folder: Path) -> Compiled:
    return compiled(folder)


@pytest.fixture(autouse=True)
def compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command compiles the same folder once for all tests."""
    monkeypatch.setattr("leadrelay.cli.send.compile_rules", lambda folder, _: _compiled(folder))


@dataclass
class Door:
    """`/in/<source>` over ingest; `instead` answers in its place."""

    url: str
    system: System
    asked: list[str] = field(default_factory=list)
    instead: Reply | None = None

    def answer(self, target: str, headers: dict[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        self.asked.append(parts.path)
        delivery = Delivery("POST", headers, tuple(parse_qsl(parts.query)), body)
        return self.instead or self.system.ingest(parts.path.removeprefix("/stage/in/"), delivery)


@pytest.fixture
def door(every: Path) -> Iterator[Door]:
    system = System(_compiled(every).rules)
    for source in _compiled(every).rules.sources.sources:
        system.secrets.set(f"source/{source}", **SECRETS)
    system.clock.set(datetime.now(UTC))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = there.answer(self.path, headers, body)
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


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_sample_is_genuine_and_counts_once(door: Door, run: Run, written: Written, every: Path, vendor: str) -> None:
    source, secrets = f"try_{vendor}", written("secrets.json", SECRETS)
    ran = run("send", source, "--to", f"{door.url}/", "--times", "3", "--secrets", secrets, "--rules", every)
    assert ran.code == 0, ran.said
    assert door.asked == [f"/stage/in/{source}"] * 3
    assert _touches(door) == [source]
    assert ran.out.count("200") >= 3
    by_id = "fetch" in registry.roles(vendor) and vendor not in {"typeform", "calendly"}
    assert ("names the lead only by its id" in ran.out) == by_id


def test_every_source_that_is_written_down_can_be_sent(door: Door, run: Run, written: Written, every: Path) -> None:
    """With the first form that sources.yaml names: ids of forms that a sender cannot have would fail."""
    secrets = written("secrets.json", SECRETS)
    sources = _compiled(every).rules.sources.sources
    mine = [name for name, policy in sources.items() if policy.vendor in VENDORS and policy.vendor not in OPTIONS]
    assert len(mine) > 2 * (len(VENDORS) - len(OPTIONS)) - 3
    for name in mine:
        ran = run("send", name, "--to", door.url, "--secrets", secrets, "--rules", every)
        assert ran.code == 0, f"{name}: {ran.said}"
    assert sorted(_touches(door)) == sorted(mine)


def test_what_the_source_lacks_is_said_before_anything_is_sent(
    door: Door, run: Run, written: Written, every: Path
) -> None:
    secrets = written("secrets.json", {"app_secret": SECRET})
    ran = run("send", "hubspot", "--to", door.url, "--secrets", secrets, "--rules", every)
    assert ran.code == 1
    assert "takes webhooks only with its option url" in ran.said
    assert door.asked == []


def test_a_sender_that_is_switched_off_is_named(run: Run, written: Written) -> None:
    secrets = written("secrets.json", SECRETS)
    ran = run("send", "tally", "--to", "http://127.0.0.1:9", "--secrets", secrets, "--rules", RULES)
    assert ran.code == 2
    assert "not enabled" in ran.said


def test_the_next_sample_is_another_one(door: Door, run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": [SECRET, "an older one, as long as it must be"]})
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


def test_a_vendor_without_a_sample_is_sent_by_hand(run: Run, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "roles", lambda vendor: ("source",) if vendor == "typeform" else ("source", "sample"))
    ran = run(
        "send", "typeform", "--to", "http://127.0.0.1:9", "--secrets", written("s.json", SECRETS), "--rules", RULES
    )
    assert ran.code == 1
    assert "there is no sample for typeform" in ran.said
    assert "curl --data-binary @body.json" in ran.said


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


class MailStage:
    """A stage of which only the mail bucket is known."""

    def mail_bucket(self) -> str:
        return "mails"


def test_a_mail_is_put_where_the_mail_service_would_put_it(
    run: Run, every: Path, account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadrelay.cli.send.Deployed", lambda _: MailStage())
    client("s3").create_bucket(Bucket="mails", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    ran = run("send", "contact", "--form", "offer", "--times", 2, "--rules", every)
    assert ran.code == 0, ran.err
    names = [item["Key"] for item in client("s3").list_objects_v2(Bucket="mails")["Contents"]]
    assert len(names) == 2
    system = System(_compiled(every).rules)
    take = TakeMail(MailBucket("mails"), system.rules, system.ingest, recipients, system.telemetry)
    for name in names:
        take(name)
    (record,) = system.touches()
    assert (record.touch.source, record.touch.trust, record.touch.origin.form) == ("contact", "verified", "offer")


def test_a_sender_by_http_must_be_told_where(run: Run, every: Path) -> None:
    ran = run("send", "website", "--rules", every)
    assert ran.code == 2
    assert "--to" in ran.said
