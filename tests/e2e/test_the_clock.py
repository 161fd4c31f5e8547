"""A lead that nobody calls, in accelerated time: warned of, breached, given to somebody else, called, left in peace."""

from __future__ import annotations

from datetime import datetime

import pytest

from leadrelay.domain.facts import Said
from leadrelay.local.cloud import Cloud
from leadrelay.local.lapse import CLOCK
from leadrelay.local.notices import Notice
from leadrelay.local.reps import MANAGER
from leadrelay.local.traffic import Act
from leadrelay.local.verdict import missing
from leadrelay.local.watch import Picture, crm_owner, sweep
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e

LATE = 60
"""Seconds after its deadline within which a breach is discovered."""

STORY = ("LeadAssigned", "SlaWarned", "SlaBreached", "ContactAttempted", "SlaMet")


@pytest.fixture
def act(acts: list[Act]) -> Act:
    return next(act for act in acts if act.scene.part == "impatient")


@pytest.fixture
def ended(cloud: Cloud, acts: list[Act], settle: Settle) -> Picture:
    return settle(lambda seen: missing(cloud, acts, seen))


def story(act: Act, picture: Picture) -> list[Said]:
    """What happened to its contact clock and owner."""
    lead = picture.lead_of(act)
    facts = picture.facts[lead.lead_id] if lead else ()
    return [fact for fact in facts if fact.name in STORY and fact.data.get("kind", CLOCK) == CLOCK]


def test_warning_breach_new_owner_contact_and_met_in_this_order(act: Act, ended: Picture) -> None:
    names = [fact.name for fact in story(act, ended)]
    assert names == ["LeadAssigned", "SlaWarned", "SlaBreached", "LeadAssigned", "ContactAttempted", "SlaMet"]


def test_the_new_owner_is_somebody_else_and_their_clock_is_met(cloud: Cloud, act: Act, ended: Picture) -> None:
    given, *_, again, contact, met = story(act, ended)
    assert given.data["rep"] != again.data["rep"]
    assert (again.data["why"], contact.data["channel"]) == ("breach", "call")
    assert (met.data["hop"], met.data["in_time"]) == (again.data["hop"], True)
    lead = ended.lead_of(act)
    assert lead is not None
    assert lead.clock(CLOCK) is None
    assert ended.contacts_of(act.scene.visit.person.email)[0].owner_id == crm_owner(cloud, str(again.data["rep"]))


def test_the_warning_comes_in_time_and_the_breach_is_discovered_soon(act: Act, ended: Picture) -> None:
    _, warned, breached, *_ = story(act, ended)
    due = datetime.fromisoformat(str(warned.data["due_at"]))
    assert warned.metadata.occurred_at < due <= breached.metadata.occurred_at
    assert (breached.metadata.occurred_at - due).total_seconds() <= LATE


def test_owner_manager_and_new_owner_are_told_each_of_their_own(cloud: Cloud, act: Act, ended: Picture) -> None:
    given, _, _, again, *_ = story(act, ended)
    people = (str(given.data["rep"]), str(again.data["rep"]), MANAGER)
    first, second, manager = (cloud.rules.team.rep(rep).name for rep in people)
    told = [(notice.title.partition(":")[0].partition(" for ")[0], _for(notice)) for notice in _about(cloud, act)]
    assert sorted(told) == sorted(
        [
            ("New lead", first),
            ("Time is running out", first),
            ("No contact in time", manager),
            ("New lead", second),
        ]
    )


def test_who_was_called_is_not_chased_any_more(cloud: Cloud, act: Act, ended: Picture, settle: Settle) -> None:
    before = story(act, ended)
    for _ in range(3):
        sweep(cloud)
    assert story(act, settle(lambda _: [])) == before


def _about(cloud: Cloud, act: Act) -> list[Notice]:
    company = act.scene.visit.person.company
    return [notice for notice in cloud.outside.notices.notices() if company in notice.title]


def _for(notice: Notice) -> str:
    return notice.body.partition("\n")[0].removeprefix("For: ")
