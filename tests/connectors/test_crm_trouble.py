"""Troubles as results and as errors, what a silence means, and a doctor who looks at everything in spite of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.kit.crm_doctor import clock, findings, listed
from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import (
    Doubt,
    Refusal,
    Refused,
    Silence,
    Trouble,
    Wait,
    as_port_errors,
    heard,
    held,
    of_silence,
    stops,
    unsent,
)
from connectors.kit.domains import asked_domain
from leadrelay.ports.crm import Rejected, RetryLater, Unknown
from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_silence_is_doubt_only_when_something_was_sent_and_matters() -> None:
    assert of_silence(Silence("x", sent=True)).result("op") == Unknown("op", "x")
    assert of_silence(Silence("x", sent=False)).result("op") == RetryLater("op", 30.0, "outage", "x")
    assert of_silence(Silence("x", sent=True), reading=True).result("op") == RetryLater("op", 30.0, "outage", "x")
    assert of_silence(held((7.5, "budget", "y"))).result("op") == RetryLater("op", 7.5, "budget", "y")
    assert of_silence(held((0.0, "day", "y"))).result("op") == RetryLater("op", 0.0, "day", "y")


ERRORS: list[tuple[Trouble, type[PortError]]] = [
    (Wait(5.0, "day", "x"), Retry),
    (Wait(5.0, "auth", "x"), Misconfigured),
    (Refusal("PERMISSION", "x"), Misconfigured),
    (Refusal("NOT_FOUND", "x"), Reject),
    (Doubt("x"), Retry),
]


@pytest.mark.parametrize(("trouble", "error"), ERRORS)
def test_a_question_that_was_refused_raises_what_the_port_names(trouble: Trouble, error: type[PortError]) -> None:
    with pytest.raises(error) as raised, as_port_errors():
        raise Refused(trouble)
    if isinstance(raised.value, Retry):
        assert raised.value.scope == (trouble.scope if isinstance(trouble, Wait) else "outage")


def test_a_question_without_an_answer_is_asked_later() -> None:
    def silent() -> str:
        raise Silence("gone", sent=True)

    with pytest.raises(Retry) as later, as_port_errors():
        heard(silent)
    assert (later.value.after, later.value.scope) == (30.0, "outage")
    assert heard(lambda: "said") == "said"


def test_a_code_of_the_connectors_own_is_told_as_one_of_the_ports() -> None:
    assert Refusal("BECAME", "x", told_as="NOT_FOUND").result("op") == Rejected("op", "NOT_FOUND", "x")
    assert Refusal("DUPLICATE", "x", "email", "7").result("op") == Rejected("op", "DUPLICATE", "x", "email", "7")


def test_what_stops_the_rest_and_what_the_rest_is_told() -> None:
    wide, record = Wait(5.0, "10s", "x"), Wait(5.0, "record", "x")
    assert [stops(one) for one in (wide, Doubt("x"), record, Refusal("X", "x"), {"id": "1"})] == [True, True] + [
        False
    ] * 3
    assert unsent(wide) == wide
    assert unsent(Doubt("x")) == Wait(2.0, "outage", "not sent: the one before got no answer")


def test_the_pace_is_held_by_what_was_heard_and_by_the_meter() -> None:
    now, left = [0.0], [0.0]
    pace = Pace(lambda: left[0], lambda: now[0])
    assert pace.hold() is None
    pace.heard((10.0, "10s", "full"))
    pace.heard(None)
    now[0] = 4.0
    assert pace.hold() == (6.0, "10s", "full")
    now[0] = 10.0
    assert pace.hold() is None
    left[0] = 3.0
    assert pace.hold() == (3.0, "budget", "our share of the account's calls is used up")
    deaf = Pace(heed=False)
    deaf.heard((10.0, "10s", "full"))
    assert deaf.hold() is None


# -- the doctor


def _raises(error: PortError) -> Callable[[], Check]:
    def look() -> Check:
        raise error

    return look


def test_every_look_is_a_finding_also_one_that_fails() -> None:
    fine = Check("a", ok=True, detail="fine")
    looks = [
        ("a", lambda: fine),
        ("b", _raises(Misconfigured("renew the token"))),
        ("c", _raises(Retry(30.0, "away", "outage"))),
        ("d", _raises(Reject("NOT_FOUND", "no such thing"))),
        ("e", lambda: fine),
    ]
    first, refused, later, odd, last = findings(looks, "docs/x.md")
    assert (first, last) == (fine, fine)
    assert (refused.name, refused.ok, refused.fix) == ("b", False, "renew the token")
    assert (later.name, later.ok, later.detail, later.fix) == ("c", False, "away", "try again in 30 s")
    assert (odd.name, odd.ok, odd.fix) == ("d", False, "see docs/x.md")


def test_a_list_is_well_while_it_is_empty() -> None:
    assert listed("fields", "missing", [], "all there", "make them") == Check("fields", ok=True, detail="all there")
    assert listed("fields", "missing", ["a", "b"], "all there", "make them") == Check(
        "fields", ok=False, detail="missing: a, b", fix="make them"
    )


@pytest.mark.parametrize(
    ("date", "ok"),
    [
        ("Mon, 02 Mar 2026 09:29:00 GMT", True),
        ("Mon, 02 Mar 2026 09:28:59 GMT", False),
        ("Mon, 02 Mar 2026 09:31:01 GMT", False),
        ("Mon, 02 Mar 2026 10:30:30 +0100", True),
        ("soon", True),
        ("", True),
    ],
)
def test_clocks_may_differ_by_a_minute(date: str, ok: bool) -> None:
    check = clock("Example", date, NOW)
    assert (check.name, check.ok, bool(check.fix)) == ("clock", ok, not ok)
    assert "Example" in check.detail


# -- domains


def test_a_domain_is_asked_for_in_one_spelling() -> None:
    assert asked_domain(" WWW.Example.COM ") == "www.example.com"


@pytest.mark.parametrize("bad", ["", "example", "a b.com", "-a.com", "a..com", "exa%mple.com", "a.com'", "a." * 200])
def test_what_is_no_domain_is_refused(bad: str) -> None:
    with pytest.raises(Reject):
        asked_domain(bad)
