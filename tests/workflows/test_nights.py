"""The night: what fades is brought up to date, once, in its own minute; new rules reach everybody; clocks go first."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.night import night
from leadrelay.domain.scoring.score import scored
from leadrelay.ports.records import (
    LeadRecord,
    LogRecord,
    RescoreRecord,
    SupersededRecord,
    people_key,
    rescore_key,
    superseded_key,
)
from leadrelay.ports.store import Change, Due, Put
from leadrelay.workflows.drain import Drain
from leadrelay.workflows.night_row import is_night
from leadrelay.workflows.nights import Nights
from tests.system import System, default_rules, noisy_rules
from tests.workflows import lives, promises

DAY = timedelta(days=1)


def told(rules: Rules | None = None, **fields: str) -> System:
    """A system with one lead that asked for a demo, and whose owner has called."""
    system = System(rules or default_rules())
    lives.send(system, lives.demo(**fields))
    lives.call(system, "call-1")
    return system


def row(system: System, lead_id: str | None = None) -> RescoreRecord:
    found = system.store.load(rescore_key(lead_id or system.leads()[0].lead.lead_id))
    assert isinstance(found, RescoreRecord)
    return found


def up_to_date(system: System) -> None:
    """The stored score is the ledger's sum at the lead's last night."""
    for record in system.leads():
        now = system.clock.now()
        last = night(record.lead.lead_id, now + timedelta(microseconds=1), system.rules.current()) - DAY
        news = scored(record.lead, record.profile, system.rules.current(), max(last, record.lead.captured_at))
        assert record.lead.score == news.score, f"{record.lead.score.total} is stored, {news.score.total} is right"


def nights(system: System, count: int) -> None:
    """So many days, each with a sweep after the nightly hour."""
    for _ in range(count):
        at = system.clock.now()
        three = at.replace(hour=2, minute=5, second=0) + (DAY if at.hour >= 2 else timedelta())
        system.later(seconds=(three - at).total_seconds())
        system.later(seconds=61)


def faded(system: System) -> None:
    """So long that no points are left to fade and the silence is no news either: what is late is done once."""
    system.later(days=400)
    nights(system, 1)


def changed(rules: Rules, **files: Any) -> Rules:
    return Rules.of(rules.with_(**files))


def test_a_lead_is_due_in_the_night_after_its_next_points_fade() -> None:
    system = told()
    due = row(system).due_at
    assert due is not None
    local = due.astimezone(UTC) + timedelta(hours=1)
    assert local.hour == 2
    assert due > system.clock.now()


def test_points_fade_night_by_night_and_the_card_follows() -> None:
    system = told()
    before = system.leads()[0].lead.score.total
    for _ in range(14):
        nights(system, 1)
        up_to_date(system)
    after = system.leads()[0].lead.score.total
    assert after < before
    [person] = system.crm.people.values()
    assert person.fields["score"] == str(after)
    promises.kept(system)


def test_a_lead_that_time_no_longer_changes_is_never_due() -> None:
    system = told()
    faded(system)
    assert row(system).due_at is None
    judged = len(scores(system))
    nights(system, 3)
    assert (row(system).due_at, len(scores(system))) == (None, judged)
    up_to_date(system)


def scores(system: System) -> list[LogRecord]:
    """The log rows of nightly judgements."""
    return [
        record for record in system.records() if isinstance(record, LogRecord) and is_night(record.cause)
    ]  # fmt: skip


def test_who_did_not_change_is_not_written() -> None:
    """Twenty points over ninety days are a point every four and a half days: the other nights pass by."""
    system = told()
    version = system.leads()[0].version
    nights(system, 9)
    assert len(scores(system)) < 9
    assert system.leads()[0].version - version >= len(scores(system))


def test_a_touch_that_leaves_the_night_where_it_is_writes_no_row() -> None:
    system = told()
    before = row(system)
    lives.send(system, lives.demo("contact", "submission-0002"))
    assert system.leads()[0].lead.touches == 3
    assert row(system) == before


def test_a_doubled_sweep_judges_once() -> None:
    system = told()
    due = row(system).due_at
    assert due is not None
    system.clock.set(due)
    rows = system.store.due("rescore", due, 10)
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 1
    system.store.due = lambda *_: rows  # the index shows what was done already
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 0


def test_a_visitor_has_no_night() -> None:
    system = System()
    system.tell(lives.draft("view-1", event="page_viewed", kind="behaviour", anonymous_id="browser-1"))
    system.settle()
    [record] = system.leads()
    assert system.store.load(rescore_key(record.lead.lead_id)) is None


def test_a_lead_that_became_another_has_no_night_any_more() -> None:
    system = System()
    lives.send(system, lives.demo())
    lives.send(system, lives.demo("offer", "submission-0002", email="other@example.com", phone="+48 22 123 45 67"))
    first, second = (record.lead.lead_id for record in system.leads())
    lives.send(system, lives.demo("contact", "submission-0003", phone="+48 22 123 45 67", email="ada@example.com"))
    records = [record for record in system.records() if isinstance(record, LeadRecord)]
    gone = [record.lead.lead_id for record in records if record.lead.merged_into is not None]
    for lead_id in gone:
        assert (row(system, lead_id).due(), row(system, lead_id).listing()) == (None, None)
    assert {first, second} >= set(gone)


def test_new_rules_reach_everybody_in_the_coming_night() -> None:
    system = told()
    faded(system)  # nothing fades any more: only the deployment can wake it
    assert row(system).due_at is None
    rules = system.rules.current()
    fit = rules.scoring.fit.with_(
        rules=tuple(rule.with_(points=1) if rule.group == "industry" else rule for rule in rules.scoring.fit.rules)
    )
    newer = changed(rules, scoring=rules.scoring.with_(fit=fit))
    system.rules.deploy(newer)
    system.later(seconds=60)
    assert row(system).rules_version == rules.version, "not before the night"
    nights(system, 1)
    assert row(system).rules_version == newer.version
    up_to_date(system)
    superseded = system.store.load(superseded_key())
    assert superseded
    assert set(superseded.former) == {rules.version}
    nights(system, 2)
    superseded = system.store.load(superseded_key())
    assert superseded
    assert (superseded.former, superseded.due_at) == ({}, None)


def test_new_rules_reach_more_leads_than_one_sweep_takes_on() -> None:
    system = System()
    for number in range(7):
        lives.send(system, lives.demo(submission=f"submission-{number:04d}", email=f"person{number}@example.com"))
    system.later(seconds=1)
    rules = system.rules.current()
    newer = changed(rules, scoring=rules.scoring.with_(grades=(60, 30)))
    system.rules.deploy(newer)
    few = Nights(system.store, system.rules, system.clock, system.telemetry, limit=3)
    few()
    known = system.store.load(superseded_key())
    assert known
    assert known.due_at
    system.clock.set(known.due_at)
    assert [few() for _ in range(4)] == [3, 3, 1, 0]
    assert {row(system, record.lead.lead_id).rules_version for record in system.leads()} == {newer.version}


def test_rules_that_are_rolled_back_before_the_night_wake_nobody() -> None:
    system = told()
    faded(system)
    rules = system.rules.current()
    system.rules.deploy(changed(rules, scoring=rules.scoring.with_(grades=(60, 30))))
    system.later(seconds=60)
    system.rules.deploy(rules)
    system.later(seconds=60)
    judged = len(scores(system))
    before = row(system)
    nights(system, 2)
    assert (len(scores(system)), row(system)) == (judged, before)


def test_rules_that_no_sweep_ever_saw_are_found_all_the_same() -> None:
    """In force for less time than lies between two sweeps: whoever they judged meets the next ones at night."""
    system = System()
    first = system.rules.current()
    system.later(seconds=1)  # a sweep
    system.rules.deploy(changed(first, scoring=first.scoring.with_(grades=(60, 30))))
    lives.send(system, {"form": "newsletter", "submission_id": "s-1", "fields": {"email": "ada@example.com"}})
    second = row(system).rules_version
    third = changed(first, scoring=first.scoring.with_(grades=(50, 20)))
    system.rules.deploy(third)
    lives.send(system, lives.demo(email="bob@example.org"))
    assert second not in (first.version, third.version)
    nights(system, 1)
    assert {row(system, record.lead.lead_id).rules_version for record in system.leads()} == {third.version}


def test_an_age_in_a_rule_wakes_the_lead_when_it_is_crossed() -> None:
    rules = noisy_rules()
    stages = tuple(
        rule.with_(if_="age_days(lead.captured_at) >= 200") if rule.id == "evangelist" else rule
        for rule in rules.stages.lifecycle
    )
    system = told(changed(rules, stages=rules.stages.with_(lifecycle=stages)))
    system.later(days=199)
    due = row(system).due_at
    assert due is not None
    [record] = system.leads()
    assert timedelta() <= due - (record.lead.captured_at + 200 * DAY) < DAY + timedelta(minutes=1)
    system.clock.set(due)
    system.sweep()
    assert system.leads()[0].lead.stage == "evangelist"
    assert row(system).due_at != due


def test_clocks_come_first_and_the_night_has_its_own_limit() -> None:
    system = System(noisy_rules())
    for number in range(4):
        lives.send(system, lives.demo(submission=f"submission-{number:04d}", email=f"person{number}@example.com"))
    order: list[str] = []
    real = system.store.due

    def due(kind: Any, now: datetime, limit: int, *after: Any) -> Any:
        order.append(kind)
        return real(kind, now, limit, *after)

    system.store.due = due
    system.clock.set(system.clock.now() + 30 * DAY)
    system.sweep()
    assert order[0] == "clock"
    assert order[-1] == "rescore"


def test_a_sweep_that_takes_long_leaves_the_rest_to_the_next() -> None:
    system = System()
    for number in range(60):
        lives.send(system, lives.demo(submission=f"submission-{number:04d}", email=f"person{number}@example.com"))
    system.clock.set(system.clock.now() + 30 * DAY)

    class Slow:
        """A clock on which two seconds pass at every look."""

        at = system.clock.now()

        def now(self) -> datetime:
            self.at += timedelta(seconds=2)
            return self.at

    slow = Nights(system.store, system.rules, Slow(), system.telemetry)
    assert slow() == 50
    assert slow() == 10


def test_a_lead_that_cannot_be_read_hides_no_other() -> None:
    system = System()
    for number in range(3):
        lives.send(system, lives.demo(submission=f"submission-{number:04d}", email=f"person{number}@example.com"))
    broken = system.leads()[1].key()
    stored = system.store._rows[broken.pk, broken.sk]
    system.store._rows[broken.pk, broken.sk] = dataclasses.replace(stored, body="{}")
    system.clock.set(system.clock.now() + 30 * DAY)
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 2
    failed = system.telemetry.total("SweepFailed", kind="rescore", error="Reject")
    assert failed == 2, "once for its own night, once for that of its company"


def test_who_changes_the_lead_meanwhile_wins() -> None:
    system = told()
    due = row(system).due_at
    assert due is not None
    system.clock.set(due)
    real = system.store.commit

    def raced(change: Change) -> None:
        if change.puts[0].record.kind == "superseded":
            real(change)
            return
        system.store.commit = real
        record = system.leads()[0]
        real(Change("somebody", (Put(record.with_(version=record.version + 1)),)))
        real(change)

    system.store.commit = raced
    before = row(system)
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 0
    assert system.telemetry.total("SweepSkipped", kind="rescore", trouble="Conflict") == 1
    assert row(system) == before
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 1


def test_a_lead_of_a_release_that_knew_no_nights_gets_its_first_with_its_next_clock() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    key = row(system).key()
    del system.store._rows[key.pk, key.sk]
    system.later(minutes=4)  # warned
    made = row(system)
    assert made.due_at is not None
    assert timedelta() < made.due_at - system.clock.now() < DAY
    assert made.rules_version == system.rules.current().version


def test_a_decision_that_looks_at_no_points_never_puts_the_night_off() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    due = row(system).due_at
    assert due is not None
    system.clock.set(due - timedelta(seconds=1))
    sweeps = Nights(system.store, system.rules, system.clock, system.telemetry)
    drain = Drain(system.store, system.rules, system.clock, system.telemetry)
    for minutes in range(0, 2880, 60):  # nobody judges, clocks fire
        system.clock.set(due + timedelta(minutes=minutes))
        for found in system.store.due("clock", system.clock.now(), 9):
            drain._act(found.key, None)
        system.settle()
    assert row(system).due_at == due
    assert sweeps() == 1


def test_a_sequence_that_begins_with_the_owner_ends_in_time() -> None:
    """Nobody judges when a lead is put into a queue; its sequence begins there all the same."""
    system = System()
    rules = system.rules.current()
    nurture = rules.stages.nurture
    first = nurture.sequences[0].with_(if_="True", days=30)
    only = rules.stages.with_(nurture=nurture.with_(sequences=(first,), retire=None))
    system.rules.deploy(changed(rules, stages=only, scoring=unfading(rules)))
    lives.send(system, {"form": "newsletter", "submission_id": "s-1", "fields": {"email": "ada@example.com"}})
    [record] = system.leads()
    assert record.lead.enrolment is not None
    due = row(system).due_at
    assert due is not None
    assert timedelta() <= due - (record.lead.enrolment.since + 30 * DAY) < DAY + timedelta(minutes=1)


def unfading(rules: Rules) -> Any:
    engagement = rules.scoring.engagement
    kept = tuple(rule.with_(fades_days=None) for rule in engagement.rules if rule.kind == "occurrence")
    return rules.scoring.with_(engagement=engagement.with_(rules=kept))


def colleagues(system: System) -> list[LeadRecord]:
    return sorted(system.leads(), key=lambda record: record.lead.captured_at)


def asks(system: System, number: int, form: str = "demo") -> None:
    lives.send(system, lives.demo(form, f"submission-{number:04d}", email=f"person{number}@acme.example"))
    system.clock.set(system.clock.now() + timedelta(minutes=1))


def crowd_of(system: System) -> list[tuple[int | None, int | None]]:
    return [(each.lead.account_people, each.lead.account_active) for each in colleagues(system)]


def test_who_comes_is_news_to_the_others_of_the_company_in_the_coming_night() -> None:
    system = System()
    for number in (1, 2, 3):
        asks(system, number)
    assert crowd_of(system) == [(1, 1), (2, 2), (3, 3)]
    nights(system, 1)
    assert crowd_of(system) == [(3, 3)] * 3
    told_twice = [record.version for record in colleagues(system)]
    people = system.store.load(people_key("acme.example"))
    assert people is not None
    assert people.due_at is not None
    nights(system, 1)
    assert crowd_of(system) == [(3, 3)] * 3
    assert len(told_twice) == 3
    promises.kept(system)


def test_who_falls_silent_is_news_too() -> None:
    system = System()
    asks(system, 1)
    system.later(days=10)
    asks(system, 2)
    days = system.rules.current().scoring.account.within_days
    for _ in range(days - 10):
        nights(system, 1)
    assert crowd_of(system) == [(2, 2), (2, 2)]
    nights(system, 2)
    assert crowd_of(system) == [(2, 1), (2, 1)]
    nights(system, 10)
    assert crowd_of(system) == [(2, 0), (2, 0)]
    people = system.store.load(people_key("acme.example"))
    assert people is not None
    assert people.due_at is None
    promises.kept(system)


def test_an_account_whose_lead_cannot_be_read_tells_the_others_and_stays_due() -> None:
    system = System()
    for number in (1, 2, 3):
        asks(system, number)
    key = colleagues(system)[1].key()
    stored = system.store._rows[key.pk, key.sk]
    system.store._rows[key.pk, key.sk] = dataclasses.replace(stored, body="{}")
    system.clock.set(system.clock.now() + DAY)
    Nights(system.store, system.rules, system.clock, system.telemetry)()
    system.store._rows[key.pk, key.sk] = stored
    assert crowd_of(system) == [(3, 3), (2, 2), (3, 3)]
    Nights(system.store, system.rules, system.clock, system.telemetry)()
    assert crowd_of(system) == [(3, 3)] * 3


def attended(system: System, *numbers: int) -> None:
    mail = lives.ADA["email"]
    system.tell(*(lives.draft(f"web-{n}", event="webinar_attended", kind="behaviour", email=mail) for n in numbers))
    system.settle()


def test_who_changes_a_lead_meanwhile_that_the_night_would_leave_alone_wins_too() -> None:
    system = told()
    Nights(system.store, system.rules, system.clock, system.telemetry)()
    known = row(system)
    early = known.with_(version=known.version + 1, due_at=system.clock.now())
    system.store.commit(Change("due", (Put(early),)))
    real = system.store.commit

    def raced(change: Change) -> None:
        system.store.commit = real
        record = system.leads()[0]
        real(Change("somebody", (Put(record.with_(version=record.version + 1)),)))
        real(change)

    system.store.commit = raced
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 0
    assert row(system) == early
    version = system.leads()[0].version
    assert Nights(system.store, system.rules, system.clock, system.telemetry)() == 1
    assert (row(system).due_at, system.leads()[0].version) == (known.due_at, version)


def test_an_alert_is_taken_back_when_the_score_has_faded_and_told_again_later() -> None:
    system = told(noisy_rules())
    for number, form in enumerate(("offer", "contact", "case-study"), start=2):
        lives.send(system, lives.demo(form, f"submission-{number:04d}"))
    attended(system, 1, 2)
    [record] = system.leads()
    assert record.lead.alerted, record.lead.score
    assert record.lead.listed_on == "2026-11-24"
    system.later(days=80)
    nights(system, 1)
    [record] = system.leads()
    assert record.lead.score.total < 80
    assert not record.lead.alerted
    attended(system, 3, 4)
    for number, form in enumerate(("offer", "demo", "case-study"), start=12):
        lives.send(system, lives.demo(form, f"submission-{number:04d}"))
    [record] = system.leads()
    assert record.lead.alerted, record.lead.score
    assert str(record.lead.listed_on) > "2026-12-31"
    promises.kept(system)


@pytest.mark.parametrize("version", [0, 1])
def test_the_rows_know_when_they_are_due(version: int) -> None:
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    lead = RescoreRecord(version=version, lead_id="1", due_at=at, rules_version="v", since=at)
    assert (lead.due(), lead.with_(due_at=None).due()) == (Due("rescore", at), None)
    all_of_us = SupersededRecord(version=version, current="v", due_at=at)
    assert (all_of_us.due(), all_of_us.with_(due_at=None).due()) == (Due("rescore", at), None)
