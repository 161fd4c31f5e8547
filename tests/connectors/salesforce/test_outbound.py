"""Outbound messages: what changed is told until it was acknowledged, in the words that the source understands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.salesforce import source
from connectors.salesforce.sandbox.outbound import is_ack
from connectors.salesforce.sandbox.store import ORG
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings
from tests.connectors.salesforce.org import QUEUE, REP, Org, standing

TOKEN = "token-example-0123456789abcdef"
ACK = source.acknowledge("stored").body.encode()
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = 20.0  # seconds: how long a busy machine may take


class Ear:
    """Somebody who listens: keeps every message, and answers as told."""

    def __init__(self, answers: list[tuple[int, bytes]]) -> None:
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((self.path, dict(self.headers.items()), body))
                status, answer = answers.pop(0) if answers else (200, ACK)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/in/salesforce?token={TOKEN}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


Listen = Callable[..., Ear]


@pytest.fixture
def listen() -> Iterator[Listen]:
    ears: list[Ear] = []

    def made(*answers: tuple[int, bytes]) -> Ear:
        ears.append(Ear(list(answers)))
        return ears[-1]

    yield made
    for ear in ears:
        ear.server.shutdown()
        ear.server.server_close()


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        yield org


def told(org: Org, ear: Ear, **manners: object) -> None:
    org.sandbox.dialect.configure({"outbound": {"url": ear.url, "retry_seconds": 0.01, **manners}})


def quiet(org: Org) -> None:
    assert org.sandbox.dialect.telling.idle(LONG)  # type: ignore[attr-defined]


def drafts(ear: Ear) -> list[TouchDraft]:
    """What our own source makes of everything that was heard."""
    settings = SourceSettings(name="salesforce", vendor="salesforce", options={"organization_id": ORG})
    found: list[TouchDraft] = []
    for path, headers, body in ear.heard:
        query = tuple(tuple(pair.split("=", 1)) for pair in urlsplit(path).query.split("&"))
        named = {name.lower(): value for name, value in headers.items()}
        delivery = Delivery(method="POST", headers=named, query=query, body=body)  # type: ignore[arg-type]
        assert source.verify(delivery, settings, {"token": (TOKEN,)}, NOW) == "verified"
        found += source.parse(delivery, settings, NOW)
    return found


def test_what_a_person_changes_is_told_as_our_source_reads_it(org: Org, listen: Listen) -> None:
    ear = listen()
    lead = org.lead(OwnerId=REP)
    told(org, ear)
    org.hands.give(lead, QUEUE)
    call = org.hands.log_call(lead, "asked")
    quiet(org)
    assert {draft.fetch_id for draft in drafts(ear)} == {f"Lead:{lead}", f"Task:{call}"}
    assert all(headers["Content-Type"] == "text/xml; charset=utf-8" for _, headers, _ in ear.heard)
    lead_message = next(body for _, _, body in ear.heard if b"sf:Lead" in body)
    assert QUEUE.encode() in lead_message


def test_what_is_not_acknowledged_is_told_again(org: Org, listen: Listen) -> None:
    no = ACK.replace(b"true", b"false")
    ear = listen((200, b""), (500, b"oops"), (200, no), (200, b"<Ack>true</Ack>"))
    told(org, ear)
    lead = org.lead()
    quiet(org)
    assert len(ear.heard) == 5
    found = drafts(ear)
    assert {draft.fetch_id for draft in found} == {f"Lead:{lead}"}
    assert len({draft.key for draft in found}) == 1  # a repeat is known by its notification


def test_it_is_given_up_in_the_end(org: Org, listen: Listen) -> None:
    ear = listen(*[(503, b"")] * 50)
    told(org, ear, attempts=3)
    org.lead()
    quiet(org)
    assert len(ear.heard) == 3


def test_a_message_is_about_one_object_and_shows_it_as_it_is_now(org: Org, listen: Listen) -> None:
    ear = listen()
    told(org, ear, batch=2)
    with org.world.lock:  # nothing can be told before all of it has happened
        leads = [org.hands.add("Lead", {"LastName": str(number), "Company": "E"}) for number in range(5)]
        org.hands.add("Contact", {"LastName": "C"})
        for lead in leads:
            org.hands.change(lead, {"OwnerId": QUEUE})
    quiet(org)
    for _, _, body in ear.heard:
        assert not (b"sf:Lead" in body and b"sf:Contact" in body)
        assert body.count(b"xsi:type=") <= 2
        assert body.count(b'xsi:type="sf:Lead"') == body.count(QUEUE.encode())
    assert {draft.fetch_id for draft in drafts(ear)} >= {f"Lead:{lead}" for lead in leads}


def test_messages_stay_on_this_machine(org: Org) -> None:
    for url in ("http://evil.example:80/x", "https://127.0.0.1:80/x", "file:///etc/passwd", ""):
        with pytest.raises(ValueError, match="this machine"):
            org.sandbox.dialect.configure({"outbound": {"url": url}})
    with pytest.raises(ValueError, match="notifications"):
        org.sandbox.dialect.configure({"outbound": {"url": "http://127.0.0.1:9/", "batch": 101}})


def test_telling_can_be_switched_off(org: Org, listen: Listen) -> None:
    ear = listen()
    told(org, ear)
    org.sandbox.dialect.configure({"outbound": {}})
    org.lead()
    assert ear.heard == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"true", b"<a>", ACK.replace(b"true", b"TRUE"), ACK.replace(b"Body", b"Head"), b"<!DOCTYPE a>" + ACK],
)
def test_only_the_exact_envelope_acknowledges(answer: bytes) -> None:
    assert is_ack(ACK)
    assert not is_ack(answer)
