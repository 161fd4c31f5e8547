"""Reading from HubSpot: records as they are now, and what changed, through the real client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.hubspot import fetch as fetching
from connectors.hubspot import sweep
from connectors.hubspot.fetch import fetch
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.hubspot.hubspot_now import AT, CONTACT, Room, room

KEY = f"{7:032x}"


@pytest.fixture(params=["v3", "2026-09"])
def now(request: pytest.FixtureRequest) -> Iterator[Room]:
    with room(request.param) as made:
        yield made


def said(now: Room, fetch_id: str) -> dict[str, str]:
    return {one.key: one.values[0] for one in now.complete(fetch_id).words.answers}


# -- a contact


def test_a_contact_is_told_in_our_words(now: Room) -> None:
    values = {"email": "ann@example.com", "firstname": "Ann", "lastname": "Example", "jobtitle": "Buyer"}
    more = {"phone": "+48 22 555 01 02", "company": "Example Ltd", "country": "Poland", "leadrelay_key": KEY}
    ours = {"hubspot_owner_id": "61000002", "hs_lead_status": "CONNECTED", "lifecyclestage": "salesqualifiedlead"}
    made = now.enter(CONTACT, **values, **more, **ours)
    assert said(now, f"contact:{made.id}") == {
        "lead.email": "ann@example.com",
        "lead.first_name": "Ann",
        "lead.last_name": "Example",
        "lead.job_title": "Buyer",
        "lead.phone": "+48 22 555 01 02",
        "account.name": "Example Ltd",
        "account.country": "Poland",
    }
    record = now.complete(f"contact:{made.id}").record
    assert record is not None
    assert (record.person, record.owner, record.status, record.stage) == (made.id, "61000002", "connected", "sql")
    assert now.complete(f"contact:{made.id}").event is None, "what the webhook said stays"


@pytest.mark.parametrize(
    ("ticked", "refuses"),
    [
        ({}, ()),
        ({"hs_email_optout": "true"}, ("mail",)),
        ({"hs_email_optout": "false", "leadrelay_do_not_call": "true"}, ("calls",)),
        ({"leadrelay_do_not_contact": "true", "leadrelay_do_not_call": "false"}, ("contact",)),
    ],
)
def test_what_people_tick_there_is_told_and_so_is_that_nothing_is_ticked(
    now: Room, ticked: dict[str, str], refuses: tuple[str, ...]
) -> None:
    made = now.enter(CONTACT, email="ann@example.com", **ticked)
    record = now.complete(f"contact:{made.id}").record
    assert record is not None
    assert record.refuses == refuses


def test_what_a_rep_knows_of_a_lead_that_is_too_early_is_told(now: Room) -> None:
    known = {
        "leadrelay_reason": "too early",
        "leadrelay_timing": "next_quarter",
        "leadrelay_decision_maker": "involved",
    }
    made = now.enter(CONTACT, email="ann@example.com", hs_lead_status="BAD_TIMING", **known)
    record = now.complete(f"contact:{made.id}").record
    assert record is not None
    assert (record.status, record.reason, record.timing, record.decision_maker) == (
        "nurturing",
        "too early",
        "next_quarter",
        "involved",
    )


def test_a_value_of_the_accounts_own_comes_as_it_is(now: Room) -> None:
    made = now.enter(CONTACT, hs_lead_status="OPEN_DEAL", lifecyclestage="other")
    record = now.complete(f"contact:{made.id}").record
    assert record is not None
    assert (record.status, record.stage, record.owner) == ("OPEN_DEAL", "other", None)


def test_a_merged_contact_answers_for_both(now: Room) -> None:
    one, other = now.enter(CONTACT, email="one@example.com"), now.enter(CONTACT, email="two@example.com")
    now.world.by_hand("merge", CONTACT, one.id, links=[(CONTACT, other.id)])
    for asked in (one.id, other.id):
        record = now.complete(f"contact:{asked}").record
        assert record is not None
        assert (record.person, record.was) == (one.id, (other.id,))


def test_where_merged_ids_are_gone_the_other_record_still_tells_of_them(now: Room) -> None:
    one, other = now.enter(CONTACT, email="one@example.com"), now.enter(CONTACT, email="two@example.com")
    now.world.by_hand("merge", CONTACT, one.id, links=[(CONTACT, other.id)])
    now.sandbox.dialect.configure({"merged_ids": "gone"})
    assert now.complete(f"contact:{other.id}").event == "deleted"
    record = now.complete(f"contact:{one.id}").record
    assert record is not None
    assert record.was == (other.id,)


def test_what_is_gone_was_deleted(now: Room) -> None:
    made, deal = now.enter(CONTACT, email="ann@example.com"), now.enter("deals", dealstage="closedwon")
    now.world.by_hand("delete", CONTACT, made.id)
    now.world.by_hand("delete", "deals", deal.id)
    for fetch_id, person in ((f"contact:{made.id}", made.id), (f"deal:{deal.id}", "")):
        found = now.complete(fetch_id)
        assert found.event == "deleted"
        assert found.record is not None
        assert (found.record.person, found.words.answers) == (person, ())


@pytest.mark.parametrize("bad", ["contact:", "contact:1/../2", "company:1", "1", "contact:١", "deal:" + "1" * 21])
def test_only_ids_are_asked_for(bad: str) -> None:
    with room() as now:
        with pytest.raises(Reject):
            now.complete(bad)
        assert now.world.journal() == []


# -- a deal


@pytest.mark.parametrize(
    ("pipeline", "stage", "state"),
    [
        ("default", "qualifiedtobuy", "open"), ("default", "closedwon", "won"), ("default", "closedlost", "lost"),
        ("73510009", "73510011", "won"), ("73510009", "73510012", "lost"), ("73510009", "73510010", "open"),
        ("default", "a_stage_that_was_removed", "open"), ("73510009", "closedwon", "open"),
    ],
)  # fmt: skip
def test_a_deals_state_is_its_stages(pipeline: str, stage: str, state: str) -> None:
    with room() as now:
        made = now.enter("deals", pipeline=pipeline, dealstage=stage, closed_lost_reason="price")
        record = now.complete(f"deal:{made.id}").record
        assert record is not None
        assert record.deal is not None
        assert (record.deal.state, record.reason) == (state, "price")


def test_a_deal_counts_for_the_contact_that_is_ours(now: Room) -> None:
    others = [now.enter(CONTACT, email=f"other{n}@example.com") for n in range(2)]
    ours = now.enter(CONTACT, email="ann@example.com", leadrelay_key=KEY)
    links = [(CONTACT, one.id) for one in (*others, ours)]
    made = now.enter("deals", *links, dealstage="closedwon", pipeline="default", amount="1200.5")
    found = now.complete(f"deal:{made.id}")
    assert found.record is not None
    assert (found.record.kind, found.record.person, found.record.record_id) == ("deal", ours.id, made.id)
    assert (found.record.owner, found.record.status, found.record.stage) == (None, None, None)
    assert found.record.deal is not None
    assert (found.record.deal.amount, found.record.deal.currency) == (120_050, "EUR")
    assert found.words.value("lead.email") == "ann@example.com"
    now.edit(CONTACT, ours.id, leadrelay_key="")
    assert now.complete(f"deal:{made.id}").record.person == others[0].id  # type: ignore[union-attr]


def test_a_deal_of_nobody_is_nobodys(now: Room) -> None:
    made = now.enter("deals", dealstage="closedwon", pipeline="default", amount="10", deal_currency_code="JPY")
    record = now.complete(f"deal:{made.id}").record
    assert record is not None
    assert record.deal is not None
    assert (record.person, record.deal.amount, record.deal.currency) == ("", 10, "JPY")


def test_the_stages_and_the_currency_are_asked_once() -> None:
    with room() as now:
        for number in range(3):
            made = now.enter("deals", dealstage="closedwon", pipeline="default", amount=str(number))
            now.complete(f"deal:{made.id}")
        lines = [asked.path for asked in now.world.journal()]
        assert sum("pipelines" in line for line in lines) == 1
        assert sum("details" in line for line in lines) == 1


def test_an_amount_in_no_currency_is_no_amount() -> None:
    with room() as now:
        now.sandbox.dialect.configure({"currency": ""})
        made = now.enter("deals", dealstage="closedwon", pipeline="default", amount="10")
        record = now.complete(f"deal:{made.id}").record
        assert record is not None
        assert record.deal is not None
        assert (record.deal.state, record.deal.amount, record.deal.currency) == ("won", None, None)


# -- trouble


@pytest.mark.parametrize(
    ("kind", "error"),
    [("429", Retry), ("500", Retry), ("reset", Retry), ("401", Misconfigured), ("403", Misconfigured)],
)
def test_trouble_has_the_names_of_the_ports(kind: str, error: type[Exception]) -> None:
    with room() as now:
        made = now.enter(CONTACT, email="ann@example.com")
        now.world.fail(kind)
        with pytest.raises(error) as caught:
            now.complete(f"contact:{made.id}")
        assert "ann@" not in str(caught.value)


def test_a_source_without_a_token_or_with_wrong_options_says_so() -> None:
    token = {"token": "t"}
    for secret, options, said in (
        ({}, {}, "token"),
        (token, {"colour": "red"}, "colour"),
        (token, {"version": "latest"}, "latest"),
    ):
        with pytest.raises(Misconfigured, match=said):
            fetch(secret, None, options)


# -- what changed


def started(now: Room) -> str:
    drafts, cursor = now.records.since(None)
    assert list(drafts) == []
    return cursor


def test_the_first_cursor_is_now(now: Room) -> None:
    now.enter(CONTACT, email="before@example.com")
    now.wait(3600)
    cursor = started(now)
    now.wait(5)
    new = now.enter(CONTACT, email="after@example.com")
    drafts, _ = now.poll(cursor)
    assert [(draft.fetch_id, draft.event) for draft in drafts] == [(f"contact:{new.id}", "created")]


def test_a_contact_is_new_only_when_made_here_and_not_by_us(now: Room) -> None:
    old = now.enter(CONTACT, email="old@example.com")
    now.wait(3600)
    cursor = started(now)
    now.wait(5)
    ours, theirs = now.enter(CONTACT, leadrelay_key=KEY), now.enter(CONTACT, email="new@example.com")
    now.edit(CONTACT, old.id, phone="1")
    drafts, _ = now.poll(cursor)
    assert {draft.fetch_id: draft.event for draft in drafts} == {
        f"contact:{ours.id}": "edited",
        f"contact:{theirs.id}": "created",
        f"contact:{old.id}": "edited",
    }


def test_a_contact_made_during_an_outage_of_ours_is_still_new() -> None:
    """It was edited again and again since, and 450 others were made before and after."""
    with room() as now:
        cursor = started(now)
        now.wait(10)
        new = now.enter(CONTACT, email="new@example.com")
        for number in range(450):
            now.wait(30)
            now.enter(CONTACT, email=f"person{number}@example.com")
        now.edit(CONTACT, new.id, phone="1")
        events: dict[str | None, str | None] = {}
        for _ in range(4):
            drafts, cursor = now.poll(cursor)
            events |= {draft.fetch_id: draft.event for draft in drafts}
        assert events[f"contact:{new.id}"] == "created"
        assert len(events) == 451


def logged(now: Room, kind: str, **values: str) -> list[tuple[str | None, str]]:
    """What a record logged now means: events, and whose."""
    cursor = started(now)
    now.wait(5)
    ann = now.enter(CONTACT, email="ann@example.com", leadrelay_key=KEY)
    now.enter(kind, (CONTACT, ann.id), hs_timestamp="2026-03-02T09:30:04Z", **values)
    drafts, _ = now.poll(cursor)
    return [(draft.event, str(draft.record and draft.record.person)) for draft in drafts if draft.kind == "activity"]


OWNER = {"hubspot_owner_id": "7"}
MAIL = {"hs_email_direction": "EMAIL", **OWNER}
FUTURE, PAST = {"hs_meeting_start_time": "2026-03-05T10:00:00Z"}, {"hs_meeting_start_time": "2026-03-01T10:00:00Z"}
WORK = [
    ("calls", {"hs_call_direction": "OUTBOUND", "hs_call_status": "NO_ANSWER"}, "call"),
    ("calls", {"hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED"}, "call"),
    ("calls", {}, "call"),
    ("calls", {"hs_call_direction": "OUTBOUND", "hs_call_status": "CANCELED"}, None),
    ("calls", {"hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED"}, "call"),
    ("calls", {"hs_call_direction": "INBOUND", "hs_call_status": "MISSED"}, None),
    ("calls", {"hs_call_direction": "INBOUND"}, None),
    ("emails", MAIL, "email"),
    ("emails", {**MAIL, "hs_email_direction": "INCOMING_EMAIL"}, None),
    ("emails", {**MAIL, "hs_email_direction": "FORWARDED_EMAIL"}, None),
    ("emails", {**MAIL, "hs_sequence_id": "3300001"}, None),
    ("emails", {**MAIL, "hs_email_status": "BOUNCED"}, None),
    ("emails", {**MAIL, "hs_email_status": "SENT"}, "email"),
    ("emails", {"hs_email_direction": "EMAIL"}, None),
    ("meetings", {**FUTURE, "hs_meeting_outcome": "SCHEDULED"}, "meeting_booked"),
    ("meetings", FUTURE, "meeting_booked"),
    ("meetings", {**FUTURE, "hs_meeting_outcome": "CANCELED"}, None),
    ("meetings", PAST, None),
    ("meetings", {**PAST, "hs_meeting_outcome": "COMPLETED"}, "meeting"),
    ("meetings", {**PAST, "hs_meeting_outcome": "NO_SHOW"}, None),
    ("communications", {"hs_communication_channel_type": "LINKEDIN_MESSAGE"}, "social"),
    ("communications", {"hs_communication_channel_type": "SMS"}, "sms"),
    ("communications", {"hs_communication_channel_type": "WHATS_APP"}, "whatsapp"),
]


@pytest.mark.parametrize(("kind", "values", "event"), WORK)
def test_only_what_a_rep_did_counts(kind: str, values: dict[str, str], event: str | None) -> None:
    with room() as now:
        found = logged(now, kind, **values)
        assert [one for one, _ in found] == ([event] if event else [])


def test_a_call_counts_for_everybody_it_was_about(now: Room) -> None:
    cursor = started(now)
    now.wait(5)
    people = [now.enter(CONTACT, email=f"person{n}@example.com") for n in range(3)]
    links = [(CONTACT, person.id) for person in people[:2]]
    call = now.enter("calls", *links, hs_timestamp="2026-03-02T09:30:04Z", hs_call_direction="OUTBOUND")
    now.enter("calls", hs_timestamp="2026-03-02T09:30:04Z", hs_call_direction="OUTBOUND")
    drafts, _ = now.poll(cursor)
    calls = [draft for draft in drafts if draft.kind == "activity"]
    assert [draft.key for draft in calls] == [f"call:{call.id}:{person.id}" for person in people[:2]]
    assert {draft.occurred_at for draft in calls} == {AT + timedelta(seconds=4)}
    assert all(draft.record and draft.record.owner is None and draft.fetch_id is None for draft in calls)


def test_a_meeting_that_was_agreed_on_and_then_held_is_two_touches(now: Room) -> None:
    cursor = started(now)
    now.wait(5)
    ann = now.enter(CONTACT, email="ann@example.com")
    start = {"hs_timestamp": "2026-03-02T10:30:00Z", "hs_meeting_start_time": "2026-03-02T10:30:00Z"}
    meeting = now.enter("meetings", (CONTACT, ann.id), **start)
    first, cursor = now.poll(cursor)
    now.wait(7200)
    now.edit("meetings", meeting.id, hs_meeting_outcome="COMPLETED")
    second, _ = now.poll(cursor)
    told = {draft.key: draft.occurred_at for draft in (*first, *second) if draft.kind == "activity"}
    assert told == {
        f"meeting_booked:{meeting.id}:{ann.id}": AT + timedelta(seconds=5),
        f"meeting:{meeting.id}:{ann.id}": AT + timedelta(hours=1),
    }


def test_a_failure_half_way_leaves_the_cursor_where_it_was() -> None:
    with room() as now:
        cursor = started(now)
        now.wait(5)
        ann = now.enter(CONTACT, email="ann@example.com")
        now.enter("calls", (CONTACT, ann.id), hs_timestamp="2026-03-02T09:30:04Z")
        for part in ("contacts/search", "calls/search", "associations", "communications/search"):
            now.world.fail("500", match=part)
            with pytest.raises(Retry):
                now.records.since(cursor)
        drafts, _ = now.poll(cursor)
        assert {draft.kind for draft in drafts} == {"crm_change", "activity"}


def test_a_quiet_account_is_not_read_again_and_again() -> None:
    with room() as now:
        cursor = started(now)
        now.wait(5)
        now.enter(CONTACT, email="ann@example.com")
        counts = []
        for _ in range(12):
            drafts, cursor = now.poll(cursor)
            counts.append(len(drafts))
            now.wait(60)
        assert counts[0] == 1
        assert counts[-2:] == [0, 0]


@pytest.mark.parametrize("bad", ["", "x", "{}x", "[]", '{"contacts": 5}', '{"contacts": {"at": 1}}', "{" * 5000])
def test_a_cursor_that_is_none_of_ours_is_refused(bad: str) -> None:
    with room() as now, pytest.raises(Reject):
        now.records.since(bad)


def test_the_oldest_comes_first_and_the_cursor_stays_small(now: Room) -> None:
    cursor = started(now)
    for number in range(5):
        now.wait(3)
        now.enter(CONTACT, email=f"person{number}@example.com")
        now.enter("deals", dealname=str(number))
    drafts, cursor = now.poll(cursor)
    times = [draft.occurred_at for draft in drafts]
    assert len(times) == 10
    assert times == sorted(times, key=lambda at: at or AT)
    assert len(cursor) < 1000


# -- nothing is missed

steps = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.integers(1, 5)),
        st.tuples(st.just("edit"), st.integers(0, 30)),
        st.tuples(st.just("call"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.sampled_from([0.001, 0.002, 1, 7, 30, 61, 400])),
        st.tuples(st.just("poll"), st.integers(1, 4)),
        st.tuples(st.just("fail"), st.integers(0, 3)),
    ),
    min_size=5,
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
)
@given(
    plan=steps, lag=st.sampled_from([0, 1, 20, 59]), ragged=st.booleans(), skew=st.sampled_from([-600, -60, 0, 59, 239])
)
def test_nothing_is_missed(plan: list[tuple[str, float]], lag: int, ragged: bool, skew: int) -> None:
    """Whatever is changed whenever, in the same millisecond or while we read, under an index that lags and overtakes
    itself, with failures and a wrong clock: each record's last change is told, and each call."""
    with room() as now, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "PAGE", 3)
        patch.setattr(fetching, "FOLLOWED", ("contacts", "calls"))
        now.sandbox.dialect.configure({"search_lag": lag, "search_ragged": ragged, "limit_per_10s": 100_000})
        now.skew = timedelta(seconds=skew)
        _Story(now, started(now)).tell(plan)


class _Story:
    def __init__(self, now: Room, cursor: str) -> None:
        self.now, self.cursor = now, cursor
        self.seen: dict[str, TouchDraft] = {}
        self.people: list[str] = []

    def tell(self, plan: list[tuple[str, float]]) -> None:
        for action, how in plan:
            getattr(self, action)(how)
        for _ in range(3):
            self.now.wait(61)
            self.poll_to_the_end()
        expected = {f"contact:{one.id}:{sweep.milliseconds(one.updated_at)}" for one in self.now.world.all(CONTACT)}
        missed = expected - set(self.seen)
        assert not missed
        calls = {f"call:{one.id}:" for one in self.now.world.all("calls")}
        assert calls == {key.rpartition(":")[0] + ":" for key, draft in self.seen.items() if draft.kind == "activity"}

    def enter(self, how: float) -> None:
        self.people += [self.now.enter(CONTACT, firstname="Ann").id for _ in range(int(how))]

    def edit(self, how: float) -> None:
        if self.people:
            self.now.edit(CONTACT, self.people[int(how) % len(self.people)], phone=str(how))

    def call(self, how: float) -> None:
        if self.people:
            person = self.people[int(how) % len(self.people)]
            self.now.enter("calls", (CONTACT, person), hs_timestamp="2026-03-02T09:30:04Z")

    def wait(self, how: float) -> None:
        self.now.wait(how)

    def poll(self, how: float) -> None:
        for _ in range(int(how)):
            drafts, self.cursor = self.now.poll(self.cursor)
            for draft in drafts:
                assert self.seen.setdefault(draft.key, draft).fetch_id == draft.fetch_id

    def poll_to_the_end(self) -> None:
        """Until every sweep begins anew, in a number of pages that the records allow for."""
        for _ in range(2 * len(self.people) + 20):
            self.poll(1)
            places = json.loads(self.cursor).values()
            if all(place["at"] == place["start"] and place["tie"] is None for place in places):
                return
        raise AssertionError("the sweep does not end")

    def fail(self, how: float) -> None:
        self.now.world.fail("500", times=1)
        with pytest.raises(Retry):
            self.poll(1)


@pytest.mark.parametrize("pause", [1, 5, 20])
def test_an_index_that_overtakes_itself_loses_nothing(pause: int) -> None:
    """Somebody is entered every few seconds and we look every few seconds; who came first is often found last."""
    with room() as now:
        now.sandbox.dialect.configure({"search_lag": 59, "search_ragged": True, "limit_per_10s": 100_000})
        _Story(now, started(now)).tell([("enter", 1), ("wait", pause), ("poll", 1)] * 20)
