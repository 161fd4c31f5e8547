"""Calendly's list as its stand-in speaks it: bookings and cancellations as their webhooks would have said them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.calendly import source
from connectors.calendly.fetch import CalendlyMeetings, fetch
from connectors.calendly.sandbox import World, serve
from connectors.kit.sandbox import Fault, Sandbox
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Listed
from leadrelay.ports.source import Delivery, SourceSettings
from tests.connectors.invariants import check_draft

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOKEN = "eyJ-example-access-token"
CASES = Path(source.__file__).parent / "cases"
BOOKED: dict[str, Any] = json.loads((CASES / "booked.json").read_text("utf-8"))["request"]["json"]
PAYLOAD: dict[str, Any] = BOOKED["payload"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox[World]]:
    with serve(access_token=TOKEN) as running:
        yield running


def api(sandbox: Sandbox[World], now: datetime = NOW, **options: object) -> CalendlyMeetings:
    return CalendlyMeetings(TOKEN, sandbox.url, source.Options.model_validate(options), lambda: now)


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def book(
    sandbox: Sandbox[World], number: int, made: datetime, starts: datetime | None = None, people: int = 1, **more: Any
) -> None:
    """A meeting with its invitees, all made at once."""
    uri = f"https://api.calendly.com/scheduled_events/MEET{number:04d}"
    starts = starts or made + timedelta(days=1)
    meeting = {**PAYLOAD["scheduled_event"], "uri": uri, "start_time": written(starts), "updated_at": written(made)}
    sandbox.world.add("meetings", [meeting])
    said = {name: value for name, value in PAYLOAD.items() if name != "scheduled_event"}
    for person in range(people):
        of = {
            "meeting": uri,
            "uri": f"{uri}/invitees/P{person}",
            "created_at": written(made),
            "updated_at": written(made),
        }
        sandbox.world.add("invitees", [{**said, **of, **more}])


def swept(found: CalendlyMeetings, cursor: str | None = None) -> tuple[list[TouchDraft], str]:
    drafts: list[TouchDraft] = []
    while True:
        more, cursor = found.since(cursor)
        drafts += more
        if json.loads(cursor)["end"] is None:
            return drafts, cursor


def test_the_list_says_what_the_webhook_says(sandbox: Sandbox[World]) -> None:
    made = NOW - timedelta(hours=1)
    meeting = {
        **PAYLOAD["scheduled_event"],
        "start_time": written(NOW + timedelta(days=2)),
        "updated_at": written(made),
    }
    uri = "https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ2"
    sandbox.world.add("meetings", [{**meeting, "uri": uri}])
    said = {name: value for name, value in PAYLOAD.items() if name != "scheduled_event"}
    sandbox.world.add("invitees", [{**said, "meeting": uri, "created_at": written(made), "updated_at": written(made)}])
    (listed,), _ = swept(api(sandbox))
    hook = {**BOOKED, "created_at": written(made), "payload": {**PAYLOAD, "scheduled_event": {**meeting, "uri": uri}}}
    settings = SourceSettings("calendly", "calendly")
    (hooked,) = source.parse(Delivery("POST", {}, (), json.dumps(hook).encode()), settings, NOW)
    assert listed == hooked
    check_draft(listed, NOW, {})
    assert (listed.kind, listed.event) == ("activity", "meeting_booked")
    assert isinstance(api(sandbox), Listed)


def test_every_booking_of_every_invitee_is_found_in_pages(sandbox: Sandbox[World]) -> None:
    for number in range(55):
        book(sandbox, number, NOW - timedelta(minutes=number + 1), NOW + timedelta(days=60 - number))
    book(sandbox, 900, NOW - timedelta(minutes=3), people=230)
    drafts, _ = swept(api(sandbox))
    assert len({draft.key for draft in drafts}) == len(drafts) == 285


def test_only_meetings_that_changed_cost_a_question(sandbox: Sandbox[World]) -> None:
    for number in range(30):
        book(sandbox, number, NOW - timedelta(days=20), NOW + timedelta(days=number + 1))
    book(sandbox, 99, NOW - timedelta(minutes=1))
    _, cursor = swept(api(sandbox))
    sandbox.requests.clear()
    later = NOW + timedelta(minutes=5)
    book(sandbox, 100, NOW + timedelta(minutes=2))
    drafts, _ = swept(api(sandbox, now=later), cursor)
    assert {draft.key.rpartition("/scheduled_events/")[2] for draft in drafts} == {
        "MEET0099/invitees/P0",
        "MEET0100/invitees/P0",
    }
    assert sum("/invitees" in asked for asked in sandbox.requests) == 2


def test_a_cancellation_is_found_and_a_move_is_no_loss(sandbox: Sandbox[World]) -> None:
    made, at = NOW - timedelta(days=30), NOW - timedelta(minutes=5)
    gone = {"status": "canceled", "created_at": written(made), "updated_at": written(at)}
    book(sandbox, 1, at, cancellation={"canceler_type": "invitee", "reason": "ill"}, rescheduled=False, **gone)
    book(sandbox, 2, at, rescheduled=True, **gone)
    book(sandbox, 3, at, old_invitee="https://api.calendly.com/scheduled_events/MEET0002/invitees/P0")
    events = sorted(draft.event or "" for draft in swept(api(sandbox))[0])
    assert events == ["meeting_canceled", "meeting_rescheduled"]


def test_who_joins_a_meeting_of_many_later_is_found(sandbox: Sandbox[World]) -> None:
    book(sandbox, 1, NOW - timedelta(days=9), NOW + timedelta(days=5), people=2)
    sandbox.world.meetings["https://api.calendly.com/scheduled_events/MEET0001"]["updated_at"] = written(NOW)
    uri = "https://api.calendly.com/scheduled_events/MEET0001/invitees/P9"
    other = next(iter(sandbox.world.invitees.values()))
    sandbox.world.add("invitees", [{**other, "uri": uri, "created_at": written(NOW - timedelta(minutes=1))}])
    assert [draft.key.rpartition("/")[2] for draft in swept(api(sandbox))[0]] == ["P9"]


def test_a_whole_day_is_listed_and_nothing_else(sandbox: Sandbox[World]) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    times = (timedelta(microseconds=-1), timedelta(), timedelta(hours=23, minutes=59), timedelta(days=1))
    for number, after in enumerate(times):
        book(sandbox, number, day + after)
    drafts, page = api(sandbox).between(day, day + timedelta(days=1), None)
    assert ([draft.key[-len("MEET0000/invitees/P0") :][:8] for draft in drafts], page) == (
        ["MEET0001", "MEET0002"],
        None,
    )


@pytest.mark.parametrize(("fault", "error", "after"), [
    (Fault(1, 401), Misconfigured, None),
    (Fault(1, 403), Misconfigured, None),
    (Fault(1, 429, {"x-ratelimit-reset": "42"}), Retry, 42),
    (Fault(1, 429, {"retry-after": "7"}), Retry, 7),
    (Fault(1, 429, {"x-ratelimit-reset": "0"}), Retry, 1),
    (Fault(1, 503), Retry, None),
    (Fault(1, 0), Retry, None),
    (Fault(1, 200, body="[]"), Retry, None),
    (Fault(1, 200, body='{"collection": {}}'), Retry, None),
    (Fault(1, 200, body='{"collection": [7]}'), Retry, None),
    (Fault(1, 400), Reject, None),
])  # fmt: skip
@pytest.mark.parametrize("call", [0, 1, 2])
def test_what_goes_wrong_anywhere_moves_no_cursor(
    sandbox: Sandbox[World], fault: Fault, error: type[PortError], after: float | None, call: int
) -> None:
    book(sandbox, 1, NOW - timedelta(minutes=1))
    if call:
        sandbox.fail(
            Fault(
                1,
                200,
                body='{"resource": {"uri": "https://api.calendly.com/users/USER1", "current_organization": "https://api.calendly.com/organizations/ORG1"}}',
            )
        )
    if call == 2:
        sandbox.fail(Fault(1, 200, body=json.dumps({"collection": list(sandbox.world.meetings.values())})))
    sandbox.fail(fault)
    reading = api(sandbox)
    with pytest.raises(error) as raised:
        reading.since(None)
    if after is not None:
        assert isinstance(raised.value, Retry)
        assert raised.value.after == after
    assert len(swept(reading)[0]) == 1


def test_a_meeting_that_cannot_be_read_says_so_and_holds_up_no_other(sandbox: Sandbox[World]) -> None:
    book(sandbox, 1, NOW - timedelta(minutes=1))
    book(sandbox, 2, NOW - timedelta(minutes=1))
    meeting = sandbox.world.meetings["https://api.calendly.com/scheduled_events/MEET0001"]
    meeting["uri"] = "https://api.calendly.com/scheduled_events/../users"
    drafts, _ = swept(api(sandbox))
    assert sorted((draft.problem or "")[:10] for draft in drafts) == ["", "unreadable"]


def test_whose_meetings_are_read(sandbox: Sandbox[World]) -> None:
    swept(api(sandbox, scope="user"))
    assert any("user=https" in asked for asked in sandbox.requests)
    assert not any("organization=" in asked for asked in sandbox.requests)


@pytest.mark.parametrize("options", [{"scope": "team"}, {"forms": []}, {"history_days": 91}])
def test_a_wrong_option_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        fetch({"access_token": TOKEN}, None, options)


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(Misconfigured, match="access_token"):
        fetch({}, None, {})


@pytest.mark.parametrize("scope", ["organization", "user"])
def test_the_webhooks_are_told(sandbox: Sandbox[World], scope: str) -> None:
    hooks = [{"callback_url": f"https://{name}.example", "state": name} for name in ("active", "disabled")]
    sandbox.world.add("webhooks", hooks)
    ((about, told),) = api(sandbox, scope=scope).subscriptions()
    assert (about, [(each.url, each.active) for each in told]) == (
        f"the {scope}", [("https://active.example", True), ("https://disabled.example", False)]
    )  # fmt: skip
    asked = sandbox.requests[-1]
    assert "organization=" in asked
    assert ("user=" in asked) == (scope == "user")
