"""Following what changes: nothing missed, nothing twice, nobody waiting behind somebody else's mass change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from connectors.salesforce import soap, source, sweep
from connectors.salesforce.fetch import SalesforceRecords
from connectors.salesforce.sandbox.store import ME
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.source import Delivery, SourceSettings
from tests.connectors.salesforce.reading_world import KEY, OTHER, REP, START, Org, org, quiet_org

MINUTE = 60


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


def rest(records: SalesforceRecords, cursor: str | None, looks: int = 60) -> tuple[list[TouchDraft], str]:
    """Everything that is to be had now."""
    found: list[TouchDraft] = []
    for _ in range(looks):
        drafts, cursor = records.since(cursor)
        if not drafts:
            return found, cursor
        found += drafts
    raise AssertionError("it never ends")


def told(drafts: Sequence[TouchDraft]) -> list[tuple[str | None, str]]:
    return [(draft.event, draft.record.record_id if draft.record else "") for draft in drafts]


def test_the_first_look_is_now(here: Org) -> None:
    here.lead()
    here.task(here.contact(), TaskSubtype="Call")
    here.clock.ahead(2 * MINUTE)
    records = here.records()
    drafts, cursor = records.since(None)
    assert drafts == ()
    here.clock.ahead(2 * MINUTE)
    assert rest(records, cursor)[0] == []


def test_the_second_of_the_first_look_is_looked_at_again(here: Org) -> None:
    """Whatever was changed in it before; who was made in it is not taken for new."""
    lead = here.lead()
    records = here.records()
    _, cursor = records.since(None)
    here.hands.give(lead, OTHER)
    here.clock.ahead(MINUTE + 1)
    drafts, _ = rest(records, cursor)
    assert [draft.record.owner for draft in drafts if draft.record] == [OTHER]


def test_each_change_is_a_touch(here: Org) -> None:
    records, lead = here.records(default_currency="EUR"), here.lead(LR_Key__c=KEY)
    here.clock.ahead(1)
    _, cursor = records.since(None)
    here.clock.ahead(1)
    here.hands.give(lead, OTHER)
    contact = here.contact()
    deal = here.deal(contact, Amount="10.0")
    call = here.hands.log_call(lead, "Call")
    meeting = here.event(lead, START + timedelta(days=1))
    drafts, cursor = rest(records, cursor)
    assert told(drafts) == [
        ("edited", lead),
        ("created", contact),
        ("deal", deal),
        ("deal", deal),
        ("call", call),
        ("meeting_booked", meeting),
    ]
    edited = drafts[0].record
    assert edited is not None
    assert (edited.owner, edited.person) == (OTHER, lead)
    assert [draft.kind for draft in drafts] == ["crm_change"] * 4 + ["activity"] * 2
    assert drafts[3].fetch_id == f"Opportunity:{deal}", "somebody was put on it: it is read again"
    assert all(draft.occurred_at == here.clock() for draft in drafts)


def test_a_task_is_one_touch_whoever_tells_it(here: Org) -> None:
    """By an outbound message, by polling, and again after somebody added a comment."""
    records, lead = here.records(), here.lead()
    here.clock.ahead(1)
    _, cursor = records.since(None)
    call = here.task(lead, TaskSubtype="Call")
    said = f"<x:Id>{call}</x:Id><x:Status>Completed</x:Status><x:TaskSubtype>Call</x:TaskSubtype>"
    body = (
        f'<e:Envelope xmlns:e="{soap.ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>'
        f'<notifications xmlns="{source.OUTBOUND}"><Notification><Id>04l5e0000000001AAA</Id>'
        f'<sObject xsi:type="x:Task" xmlns:x="urn:x">{said}</sObject></Notification></notifications>'
        "</e:Body></e:Envelope>"
    )
    sent = Delivery("POST", {}, (), body.encode())
    [heard] = source.parse(sent, SourceSettings("salesforce", "salesforce"), here.clock())
    polled, cursor = rest(records, cursor)
    here.clock.ahead(5)
    here.hands.change(call, {"Description": "she will think about it"})
    again, _ = rest(records, cursor)
    assert {draft.key for draft in (heard, *polled, *again)} == {heard.key}
    assert (len(polled), len(again)) == (1, 1)


def test_deleted_merged_and_converted_records_are_found(here: Org) -> None:
    records = here.records()
    gone, lead, winner, loser = (here.lead(LR_Key__c=f"{number:032x}") for number in range(4))
    _, cursor = records.since(None)
    here.clock.ahead(1)
    here.hands.delete(gone)
    contact = here.hands.convert(lead)["Contact"]
    here.hands.merge(winner, loser)
    drafts, _ = rest(records, cursor)
    found = {(draft.event, draft.record.person, draft.record.was) for draft in drafts if draft.record}
    assert {
        ("deleted", gone, ()),
        ("edited", contact, (lead,)),
        ("edited", winner, (loser,)),
        ("edited", winner, ()),
    } <= found
    assert ("created", contact, ()) not in found, "who was a lead is nobody new"


def test_what_we_made_ourselves_is_no_news_until_somebody_changes_it(here: Org) -> None:
    records = here.records()
    _, cursor = records.since(None)
    lead = here.lead(ME, LR_Key__c=KEY)
    drafts, cursor = rest(records, cursor)
    assert drafts == []
    here.clock.ahead(1)
    here.hands.give(lead, OTHER)
    here.clock.ahead(1)
    here.store.change("Lead", lead, {"LR_Score__c": "50.0"}, ME)
    drafts, cursor = rest(records, cursor)
    assert [draft.record.owner for draft in drafts if draft.record] == [OTHER], "below our own write lies a person's"


def test_who_was_there_before_the_watch_is_not_new(here: Org) -> None:
    lead = here.lead()
    here.clock.ahead(1)
    records = here.records()
    _, cursor = records.since(None)
    here.clock.ahead(1)
    here.hands.change(lead, {"Title": "CTO"})
    assert told(rest(records, cursor)[0]) == [("edited", lead)]


def test_two_changes_within_one_second_are_two_touches(here: Org) -> None:
    records, lead = here.records(), here.lead(LR_Key__c=KEY)
    _, cursor = records.since(None)
    here.clock.ahead(MINUTE)
    seen: list[TouchDraft] = []
    for owner, seconds in ((OTHER, 0), (REP, MINUTE + 1)):
        here.hands.give(lead, owner)
        here.clock.ahead(seconds)
        drafts, cursor = rest(records, cursor)
        seen += drafts
    assert {draft.record.owner for draft in seen if draft.record} == {OTHER, REP}
    assert len({draft.key for draft in seen}) == 2


def test_a_failure_half_way_leaves_the_cursor_where_it_was(here: Org) -> None:
    records = here.records()
    _, cursor = records.since(None)
    here.clock.ahead(1)
    lead, contact = here.lead(), here.contact()
    for kind in ("Lead", "Contact", "Opportunity", "OpportunityContactRole", "Task", "Event"):
        _fail_at(here, kind)
        with pytest.raises(Retry):
            records.since(cursor)
    assert told(rest(records, cursor)[0]) == [("created", lead), ("created", contact)]


def _fail_at(here: Org, kind: str) -> None:
    """The next question about this kind gets no answer."""
    genuine = here.reading.select

    def failing(names: Sequence[str], asked: str, rest: str, **values: object) -> object:
        if asked != kind:
            return genuine(names, asked, rest, **values)
        here.reading.select = genuine  # type: ignore[method-assign]
        raise Retry(30, "away", "outage")

    here.reading.select = failing  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("size", [2000, 200])
def test_a_mass_change_in_one_second_comes_whole_and_keeps_nobody_waiting(here: Org, size: int) -> None:
    """However Salesforce cuts its answers."""
    here.configure(page_size=size)
    records = here.records()
    lead = here.lead(LR_Key__c=KEY)
    _, cursor = records.since(None)
    here.clock.ahead(1)
    many = {here.contact(LR_Key__c=f"{number:032x}") for number in range(900)}
    call = here.hands.log_call(lead, "Call")
    seen: list[TouchDraft] = []
    for look in range(1, 10):
        drafts, cursor = records.since(cursor)
        assert len(drafts) <= sweep.PAGE
        seen += drafts
        if ("call", call) in told(drafts):
            assert look <= 2
    assert {record for _, record in told(seen)} == {*many, call}
    assert len({draft.key for draft in seen}) == len(seen) == 901


def test_what_comes_to_light_late_is_found(here: Org) -> None:
    """A long transaction shows its change under the time at which it saved it, behind what was read already."""
    records, late = here.records(), here.lead(LR_Key__c=KEY)
    _, cursor = records.since(None)
    here.clock.ahead(1)
    here.clock.ahead(20)
    here.contact()
    here.lead()
    drafts, cursor = rest(records, cursor)
    assert len(drafts) == 2
    here.clock.ahead(-10)
    here.hands.give(late, OTHER)
    here.clock.ahead(10)
    drafts, cursor = rest(records, cursor)
    assert drafts == [], "behind us now"
    here.clock.ahead(MINUTE)
    drafts, cursor = rest(records, cursor)
    assert ("edited", late) in told(drafts)


def test_the_second_look_skips_nothing_that_is_too_young_for_it() -> None:
    """It has caught up with what is a minute old; what is younger is still to be looked at again."""
    here = quiet_org()
    records, late = here.records(), here.lead(LR_Key__c=KEY)
    here.clock.ahead(2 * MINUTE)
    _, cursor = records.since(None)
    here.lead()
    _, cursor = rest(records, cursor)
    here.clock.ahead(MINUTE + 1)
    here.store.before[late] = here.store.row("Lead", late) or {}
    here.hands.give(late, OTHER)
    here.clock.ahead(1)
    here.lead()
    drafts, cursor = rest(records, cursor)
    assert late not in {record for _, record in told(drafts)}
    here.store.before.clear()
    assert late not in {record for _, record in told(rest(records, cursor)[0])}, "behind the first reader"
    here.clock.ahead(MINUTE)
    assert ("edited", late) in told(rest(records, cursor)[0])


def test_a_quiet_account_costs_six_questions(here: Org) -> None:
    records = here.records()
    here.lead()
    _, cursor = records.since(None)
    here.clock.ahead(2 * MINUTE)
    _, cursor = rest(records, cursor)
    before = len(here.world.journal())
    records.since(cursor)
    assert len(here.world.journal()) - before == 6


def test_many_tasks_that_concern_nobody_do_not_end_the_look(here: Org) -> None:
    records, lead = here.records(), here.lead()
    here.clock.ahead(1)
    _, cursor = records.since(None)
    here.clock.ahead(1)
    for _ in range(450):
        here.task(lead, TaskSubtype="Cadence")
    call = here.hands.log_call(lead, "Call")
    assert told(records.since(cursor)[0]) == [("call", call)]


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "{}", "[]", "x" * 9000, '{"turn":"Lead","began":"now","tracks":{}}'),
        '{"turn":"Lead","began":"2026-03-02T09:00:00.000Z","tracks":{"Lead":[["2026-03-02T09:00:00.000Z","x"],["",""]]}}',
        '{"turn":"Lead","began":"2026-03-02T09:00:00.000Z","tracks":{"Lead":[["1 OR Id != null",""],["",""]]}}',
        '{"turn":"Lead","began":"2026-03-02T09:00:00.000Z","tracks":{"Lead":[]}}',
    ],
)
def test_an_unreadable_cursor_is_for_a_person(here: Org, cursor: str) -> None:
    with pytest.raises(Misconfigured, match="cursor"):
        here.records().since(cursor)


def test_a_kind_that_the_cursor_does_not_know_begins_now(here: Org) -> None:
    records, contact = here.records(), here.contact()
    _, cursor = records.since(None)
    kept = json.loads(cursor)
    del kept["tracks"]["Task"]
    here.task(contact, TaskSubtype="Call")
    here.clock.ahead(1)
    drafts, cursor = rest(records, json.dumps(kept))
    assert drafts == []
    call = here.task(contact, TaskSubtype="Call")
    assert told(rest(records, cursor)[0]) == [("call", call)]
