"""The page: the most urgent first, strangers' words harmless."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from connectors.hubspot.crm import crm
from connectors.hubspot.sandbox import serve
from connectors.hubspot.sandbox.cards import text_of
from connectors.hubspot.setup import setup
from leadrelay.local.crm_world import Card, Owner, Sandbox, TaskView, World
from leadrelay.local.crm_world.page import ordered, span, urgency
from leadrelay.ports.crm import PutNote, PutTask, WriteOp
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.samples import field, ok, owner, person

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def get(sandbox: Sandbox, path: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", sandbox.url + path)


@pytest.fixture
def shown() -> object:
    with serve(token=TOKEN, world=World(lambda: NOW)) as sandbox:
        sandbox.world.put_owner(Owner("7", "rep@example.test", "Dana", "Reyes"))
        role = setup({"token": TOKEN}, sandbox.url)
        role.apply(role.plan())
        account = crm({"token": TOKEN}, sandbox.url)
        for number, minutes in enumerate((90, -5, None, 10)):
            op = person(
                number, field("first_name", f"Lead{number}"), field("message", EVIL), field("company", EVIL),
                field("score", 50 + number), field("score_reasons", f"+30 asked for a demo; +5 {EVIL}"),
                field("channel", "ads"), field("campaign", "spring_demo"), field("product", "Team plan"),
                field("lifecycle_stage", "mql"), field("next_step", "Call"),
            )  # fmt: skip
            contact = ok(account.write([op])[0]).crm_id
            if minutes is not None:
                due = NOW + timedelta(minutes=minutes)
                ops: list[WriteOp] = [
                    owner(contact, "7"),
                    PutTask(f"t{number}", contact, EVIL, EVIL, due, "7"),
                ]
                account.write([*ops, PutNote(f"n{number}", contact, EVIL, NOW)])
        yield sandbox


def test_overdue_comes_first_then_what_is_due_soonest_then_the_rest(shown: Sandbox) -> None:
    text = get(shown, "/").data.decode()
    assert re.findall(r'class="card (\w+)"', text) == ["late", "soon", "planned", "none"]
    assert re.findall(r">(Lead\d)</a>", text) == ["Lead1", "Lead3", "Lead0", "Lead2"]
    assert "<b>1</b> overdue" in text


def test_a_card_tells_the_rep_what_matters(shown: Sandbox) -> None:
    text = get(shown, "/").data.decode()
    for words in ("Dana Reyes", "mql", "asked for a demo", "spring demo", "Team plan", "Call", "due 5 min ago"):
        assert words in text


def test_strangers_words_are_only_words(shown: Sandbox) -> None:
    for path in ("/", *(f"/contacts/{record.id}" for record in shown.world.all("contacts"))):
        text = get(shown, path).data.decode()
        assert "&lt;script&gt;alert(1)" in text
        assert "<script" not in text
        assert "<img" not in text
        assert " style=" not in text


def test_the_page_allows_nothing_but_its_own_style(shown: Sandbox) -> None:
    page, style = get(shown, "/"), get(shown, "/__page/style.css")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    links = set(re.findall(r'(?:src|href)="([^"]+)"', page.data.decode()))
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    assert 'http-equiv="refresh"' in page.data.decode()
    assert "@import" not in style.data.decode()
    assert "url(" not in style.data.decode()


def test_each_contact_has_its_own_address(shown: Sandbox) -> None:
    contact = shown.world.all("contacts")[1]
    page = get(shown, f"/contacts/{contact.id}")
    assert page.status == 200
    assert re.findall(r">(Lead\d)</a>", page.data.decode()) == ["Lead1"]
    assert "leadrelay_key" in page.data.decode()
    missing = get(shown, "/contacts/999999")
    assert missing.status == 404
    assert "no such contact" in missing.data.decode()


def test_an_empty_crm_says_so() -> None:
    with serve(token=TOKEN) as sandbox:
        assert "No contacts yet" in get(sandbox, "/").data.decode()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "in 5 s"),
        (60, "in 1 min"),
        (90, "in 90 s"),
        (150, "in 2 min"),
        (-3600, "1 h ago"),
        (200_000, "in 2 d"),
        (0, "0 s ago"),
    ],
)
def test_a_distance_in_time_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert span(NOW + timedelta(seconds=seconds), NOW) == words


def test_done_tasks_hurry_nobody() -> None:
    late, soon = NOW - timedelta(hours=1), NOW + timedelta(minutes=5)
    done = TaskView("x", "", late, True, "", "")
    assert urgency(Card("1", {}, "", (done,)), NOW) == "none"
    assert urgency(Card("1", {}, "", (done, TaskView("y", "", soon, False, "", ""))), NOW) == "soon"
    assert urgency(Card("1", {"next_step_due_at": soon.isoformat()}, "", ()), NOW) == "soon"


def test_what_is_due_alike_is_ordered_by_score() -> None:
    cards = [Card("1", {"score": "x"}, ""), Card("2", {"score": "40"}, ""), Card("3", {"score": "90"}, "")]
    assert [card.crm_id for card in ordered(cards)] == ["3", "2", "1"]


def test_markup_becomes_text() -> None:
    assert text_of("<div>a &lt;b&gt;<br/>c</div><p>d</p>") == "a <b>\nc\nd"
