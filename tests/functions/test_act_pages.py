"""The pages behind the links of notices, byte for byte as a browser gets them."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import wiring
from functions.act.handler import handler
from functions.act.page import HEADERS, outage, page
from leadrelay.domain.link import Action
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.workflows.act import Seen, State
from tests.system import System, noisy_rules
from tests.workflows import lives

STATES: tuple[State, ...] = (
    "unknown", "open", "incomplete", "said", "expired", "merged", "gone", "done", "moved", "late", "closed",
)  # fmt: skip


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """A lead was given to somebody, and they were told with links."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    monkeypatch.setattr(wiring, "telemetry", lambda: system.telemetry)
    monkeypatch.setattr(wiring, "act", lambda: system.act)
    return system


def token(system: System, label: str) -> str:
    [address] = [address for said, address in system.notifier.sent[0].links if said == label]
    return address.rpartition("/")[2]


def ask(token: str, method: str = "GET", body: str = "", *, encoded: bool = False) -> dict[str, Any]:
    """An HTTP API v2 event and its answer."""
    sent = base64.b64encode(body.encode()).decode() if encoded else body
    event = {
        "version": "2.0",
        "rawQueryString": "",
        "pathParameters": {"token": token},
        "requestContext": {"http": {"method": method}},
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "body": sent,
        "isBase64Encoded": encoded,
    }
    return handler(event, None)


def rows(system: System) -> list[str]:
    return sorted(record.model_dump_json() for record in system.records())


def states() -> list[Seen]:
    """Every page there is."""
    found = [Seen(state, action, "Example Ltd, A. E.") for state in STATES for action in get_args(Action)]
    return [*found, Seen("unknown")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
@pytest.mark.parametrize("label", ["Accept", "Pass on to a colleague", "Too early: back to nurture", "Reject"])
def test_only_a_post_says_anything(system: System, method: str, label: str) -> None:
    before = rows(system)
    answer = ask(token(system, label), method, "reason=no_budget")
    assert answer["statusCode"] == 200
    assert (answer["body"] == "") == (method == "HEAD")
    assert rows(system) == before


@pytest.mark.parametrize("encoded", [True, False])
def test_a_form_is_understood_as_browsers_send_it(system: System, encoded: bool) -> None:
    answer = ask(token(system, "Reject"), "POST", "reason=other&words=za+drogo%2C+nie+teraz", encoded=encoded)
    assert answer["statusCode"] == 200
    assert "Rejected" in answer["body"]
    assert system.leads()[0].lead.reason == "too_early"  # "nie teraz" comes first in the rules


@pytest.mark.parametrize("body", ["", "reason=", "words=", "reason=%ff", "reason=no_budget" + "x" * 5000, "%%%", "a;b"])
def test_a_form_without_a_reason_asks_for_it(system: System, body: str) -> None:
    answer = ask(token(system, "Reject"), "POST", body)
    assert answer["statusCode"] == 422
    assert "choose a reason" in answer["body"]
    assert system.leads()[0].lead.disposition is None


def test_a_body_that_is_no_text_chooses_nothing(system: System) -> None:
    event = {
        "pathParameters": {"token": token(system, "Reject")},
        "requestContext": {"http": {"method": "POST"}},
        "body": base64.b64encode(b"reason=\xff\xfe").decode(),
        "isBase64Encoded": True,
    }
    assert handler(event, None)["statusCode"] == 422
    assert handler({**event, "body": "!!"}, None)["statusCode"] == 422


def test_a_second_press_says_that_it_was_done(system: System) -> None:
    given = token(system, "Accept")
    assert "The lead is yours" in ask(given, "POST")["body"]
    assert "Already done" in ask(given, "POST")["body"]
    assert "Already done" in ask(given)["body"]


def test_a_wrong_link_says_nothing(system: System) -> None:
    before = rows(system)
    for wrong in ("x", token(system, "Accept")[:-1] + "_", "%00", "../leads"):
        for method in ("GET", "POST"):
            answer = ask(wrong, method)
            assert answer["statusCode"] == 404
            assert "Example" not in answer["body"]
    assert rows(system) == before


@pytest.mark.parametrize("error", [Retry(1, "away"), Misconfigured("no secret links"), KeyError("a defect")])
def test_an_outage_asks_to_try_again_and_shows_nothing_of_us(
    system: System, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_: object) -> None:
        raise error

    monkeypatch.setattr(wiring, "act", lambda: away)
    answer = ask("x", "POST")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "30")
    assert "try again" in answer["body"]
    assert not re.search("secret|defect|away", answer["body"])
    assert system.telemetry.total("ActFailed", error=type(error).__name__) == 1


@pytest.mark.parametrize("seen", states(), ids=lambda seen: f"{seen.state}-{seen.action}")
def test_every_page_stands_alone(seen: Seen) -> None:
    """Nothing is loaded, nothing runs, and the one style is the one that the browser is told to expect."""
    _, html = page(seen)
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    assert not re.search(r"<script|\bon\w+=|\bstyle=|src=|href=|url\(|@import|http", html)
    assert html.count("<h1>") == 1
    assert html.count("<button") == html.count('<form method="post">') == (seen.state in ("open", "incomplete"))


def test_what_the_browser_is_told() -> None:
    assert HEADERS["Cache-Control"] == "no-store"
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert HEADERS["X-Frame-Options"] == "DENY"
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "Set-Cookie" not in HEADERS
    assert outage()[0] == 503


NASTY = st.text("<>&\"'$%{}abc ${title}`=/\u2028", max_size=40)


@given(NASTY, st.lists(NASTY, max_size=3), NASTY)
def test_no_text_from_outside_becomes_part_of_the_page(who: str, codes: list[str], timing: str) -> None:
    def shape(seen: Seen) -> list[str]:
        return re.findall(r"<[^>]*?(?=[ >])", re.sub(r'"[^"]*"', '""', page(seen)[1]))

    plain = Seen("open", "nurture", "x", None, ["x"] * len(codes), ["x"])
    assert shape(Seen("open", "nurture", who, None, [f"x{each}" for each in codes], [timing])) == shape(plain)
    assert f"<dd>{who}</dd>" in unescape(page(Seen("open", "accept", who))[1]) or not who
