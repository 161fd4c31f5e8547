"""The sweep: late, doubled or skipped it misses nothing, and one bad record stops nobody's clock."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Retry
from tests.system import System, noisy_rules
from tests.workflows import lives, promises

CHECKED = ("SlaWarned", "SlaBreached")


def names(system: System, name: str) -> int:
    return [said.name for said in system.said].count(name)


@pytest.mark.parametrize("ticks", [(1,) * 12, (12,), (3, 0, 0, 9), (6, 6, 0), (4, 1, 7)], ids=str)
def test_warned_at_most_once_and_breached_once_per_owner_whenever_the_sweep_comes(ticks: tuple[int, ...]) -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    for minutes in ticks:
        system.later(minutes=minutes)
        system.later(minutes=0)
    breaches = [str(said.data["hop"]) for said in system.said if said.name == "SlaBreached"]
    warnings = [str(said.data["hop"]) for said in system.said if said.name == "SlaWarned"]
    assert breaches == sorted(set(breaches))
    assert breaches[0] == "1"
    assert len(warnings) == len(set(warnings))
    promises.kept(system)


def test_reassignment_ends_with_the_manager() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    for _ in range(60 * 4):
        system.later(minutes=1)
    [record] = system.leads()
    owners = (*record.lead.ownership.previous, record.lead.ownership.rep)
    assert owners[-1] == "nina"
    assert len(owners) == len(set(owners)) == 4
    assert names(system, "LeadUnassignable") == 1
    promises.kept(system)


def test_a_contact_in_time_leaves_nothing_to_breach() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    system.later(minutes=3)
    lives.call(system, "call-1")
    for _ in range(30):
        system.later(minutes=1)
    assert (names(system, "SlaMet"), names(system, "SlaBreached"), names(system, "SlaWarned")) == (2, 0, 0)
    [met] = [said for said in system.said if said.name == "SlaMet" and said.data["kind"] == "first_contact"]
    assert (met.data["in_time"], met.data["owner_seconds"], met.data["lead_seconds"]) == (True, 180, 180)


def test_who_asks_again_after_a_call_and_is_not_answered_goes_to_somebody_with_a_clock() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    lives.call(system, "call-1")
    lives.send(system, lives.demo(submission="submission-0002"))
    system.later(minutes=6)
    [record] = system.leads()
    assert (record.lead.ownership.hop, record.lead.ownership.why) == (2, "breach")
    assert record.lead.clock("first_contact") is not None


def test_a_record_that_cannot_be_read_stops_nobody_elses_clock() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    lives.send(system, lives.demo(submission="submission-0002", email="bob@example.org"))
    first, second = (record.key() for record in system.leads())
    row = system.store._rows[first.pk, first.sk]
    system.store._rows[first.pk, first.sk] = dataclasses.replace(row, body="{}")
    system.later(minutes=6)
    broken = system.telemetry.total("SweepFailed", kind="clock", error="Reject")
    assert broken == 1
    assert {said.metadata.lead_id for said in system.said if said.name == "SlaBreached"} == {
        second.pk.removeprefix("LEAD#")
    }


def without(rules: Rules, rep: str) -> Rules:
    """The rules after a rep left the company and the calendar of their country was removed."""
    pools = tuple(
        pool.with_(members=tuple(member for member in pool.members if member.rep != rep)) for pool in rules.team.pools
    )
    team = rules.team.with_(reps=tuple(each for each in rules.team.reps if each.id != rep), pools=pools)
    return Rules.of(rules.with_(team=team))


def test_a_rep_who_left_the_rules_still_loses_their_leads_by_the_clock() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    owner = system.leads()[0].lead.ownership.rep or ""
    system.rules.deploy(without(system.rules.current(), owner))
    lives.send(system, lives.demo("contact", "submission-0002"))
    assert not system.failed
    system.later(minutes=6)
    [record] = system.leads()
    assert record.lead.ownership.rep not in (owner, None)
    promises.kept(system)


def test_a_queue_that_was_closed_does_not_strand_its_leads() -> None:
    system = System(noisy_rules())
    lives.send(
        system, {"form": "newsletter", "submission_id": "submission-0001", "fields": {"email": "ada@example.com"}}
    )
    assert system.leads()[0].lead.ownership.queue == "nurture"
    rules = system.rules.current()
    renamed = tuple(each.with_(id="education") if each.id == "nurture" else each for each in rules.team.queues)
    routes = tuple(rule.with_(queue="education") if rule.queue == "nurture" else rule for rule in rules.routing.rules)
    team = rules.team.with_(queues=renamed)
    system.rules.deploy(Rules.of(rules.with_(team=team, routing=rules.routing.with_(rules=routes))))
    system.later(days=15)
    assert names(system, "NextStepMissed") == 1
    lives.send(system, {"event": "email_opened", "event_id": "event-0001", "fields": {"email": "ada@example.com"}})
    assert system.leads()[0].lead.ownership.queue == "education"
    assert not system.failed
    promises.kept(system)


@pytest.mark.parametrize(
    ("ahead", "warned", "breached"), [(0, [240], [300]), (10, [220], [300]), (60, [180], [300])], ids=str
)
def test_a_warning_comes_with_the_last_sweep_before_its_instant_and_a_breach_never_early(
    ahead: int, warned: list[int], breached: list[int]
) -> None:
    """The warning lies at 225 s; a sweep that comes every so many seconds looks as far ahead."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    begun, every = system.clock.now(), max(ahead, 60 if ahead == 0 else 1)
    system.sweep = dataclasses.replace(system.sweep, ahead=timedelta(seconds=ahead))
    for _ in range(360 // every):
        system.later(seconds=every)
    hop = [said for said in system.said if said.data.get("hop") == 1 and said.data.get("kind") == "first_contact"]
    at = {name: [(s.metadata.occurred_at - begun).total_seconds() for s in hop if s.name == name] for name in CHECKED}
    assert at == {"SlaWarned": warned, "SlaBreached": breached}
    promises.kept(system)


def test_looking_ahead_writes_nothing_before_there_is_something_to_say() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    system.sweep = dataclasses.replace(system.sweep, ahead=timedelta(seconds=10))
    system.later(seconds=215)
    assert names(system, "SlaWarned") == 1
    [before] = system.leads()
    system.later(seconds=77)
    assert system.leads() == [before], "the breach lies eight seconds ahead"


def test_after_an_outage_the_oldest_is_said_first_and_no_warning_of_what_is_over_already() -> None:
    system = System(noisy_rules())
    due: dict[str, datetime] = {}
    for number in range(6):
        lives.send(system, lives.demo(submission=f"submission-{number:04}", email=f"person{number}@example.com"))
        system.clock.advance(timedelta(seconds=20))
    for record in system.leads():
        clock = record.lead.clock("first_contact")
        assert clock is not None
        due[record.lead.lead_id] = clock.over_at
    before = len(system.said)
    system.later(hours=1)
    told = [said for said in system.said[before:] if said.data.get("kind") == "first_contact"]
    assert [said.name for said in told if said.name in CHECKED] == ["SlaBreached"] * 6, "and nobody is warned any more"
    assert [said.metadata.lead_id for said in told if said.name == "SlaBreached"] == sorted(due, key=due.__getitem__)


def test_a_sweep_of_which_a_part_is_away_does_the_rest_and_is_no_heartbeat() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    real, away = system.store.due, True

    def due(kind: Any, *asked: Any) -> Any:
        if kind == "poll" and away:
            raise Retry(1, "throttled")
        return real(kind, *asked)

    system.store.due = due
    system.clock.set(system.clock.now() + timedelta(minutes=6))
    with pytest.raises(Retry):
        system.sweep()
    assert (names(system, "SlaBreached"), system.telemetry.total("SlaTick")) == (1, 0)
    away = False
    system.sweep()
    assert system.telemetry.total("SlaTick") == 1
