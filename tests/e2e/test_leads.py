"""Webhooks become owned, timed leads in the CRM."""

from __future__ import annotations

import pytest

from leadrelay.local.cast import Scene
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.reps import MANAGER
from leadrelay.local.traffic import Act, perform
from leadrelay.local.verdict import GENUINE, missing
from leadrelay.local.watch import Picture, crm_owner, waiting
from leadrelay.ports.sample import Person, Visit
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e


def person(name: str, number: int) -> Person:
    return Person(
        first_name=name,
        last_name="Sample",
        email=f"{name.lower()}@{name.lower()}-works.example",
        phone=f"+1202555{number:04d}",
        job_title="Head of Data",
        company=f"{name} Works",
        country="Poland",
        industry="Software",
        employees=120,
    )


def part(acts: list[Act], name: str) -> Act:
    return next(act for act in acts if act.scene.part == name)


def test_every_genuine_lead_reaches_the_crm_once_and_the_forged_one_nowhere(
    cloud: Cloud, acts: list[Act], settle: Settle
) -> None:
    picture = settle(lambda seen: missing(cloud, acts, seen))
    genuine = {act.scene.visit.person for act in acts if act.scene.part in GENUINE}
    assert len(genuine) >= 20
    assert {person.name: len(picture.of_person(person)) for person in genuine} == {each.name: 1 for each in genuine}
    leads = [picture.lead_of(act) for act in acts if act.scene.part in GENUINE]
    assert len({lead.lead_id for lead in leads if lead}) == len(genuine)
    for name in ("forged", "riddle"):
        assert picture.contacts_of(part(acts, name).scene.visit.person.email) == []


def test_whom_a_manager_takes_over_in_the_crm_stays_theirs(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    act = part(acts, "taken")
    picture = settle(lambda seen: missing(cloud, acts, seen))
    lead = picture.lead_of(act)
    assert lead is not None
    [said] = picture.said(lead.lead_id, "OwnerOverridden")
    assert (lead.ownership.rep, lead.ownership.why, said.data["rep"]) == (MANAGER, "override", MANAGER)
    assert picture.contacts_of(act.scene.visit.person.email)[0].owner_id == crm_owner(cloud, MANAGER)


def test_a_call_that_a_rep_logs_in_the_crm_stops_the_clock(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    act = part(acts, "called")
    picture = settle(lambda seen: missing(cloud, acts, seen))
    lead = picture.lead_of(act)
    assert lead is not None
    assert [fact.data["channel"] for fact in picture.said(lead.lead_id, "ContactAttempted")] == ["call"]
    met = {fact.data["kind"]: fact.data["in_time"] for fact in picture.said(lead.lead_id, "SlaMet")}
    assert met == {"first_contact": True, "lead": True}
    assert lead.clock("first_contact") is None


def test_a_demo_request_from_linkedin_is_hot_and_assigned(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    act = part(acts, "linkedin")
    picture = settle(lambda seen: missing(cloud, acts, seen))
    lead = picture.lead_of(act)
    assert lead is not None
    assert lead.temperature == "hot"
    assert lead.ownership.rep is not None
    assert {"demo_request", "demo_request@linkedin"} <= set(lead.signals)
    assert "demo_linkedin" in {line.rule for line in lead.score.lines}


def test_the_same_delivery_sixteen_times_at_once_is_one_touch_lead_contact_and_owner(
    cloud: Cloud, settle: Settle
) -> None:
    visit = Visit("website", person("Echo", 181), "demo", "website-demo-echo")
    courier = Courier(cloud.api, in_flight=8)
    [act] = perform([Scene(visit, times=16)], cloud.outside, cloud.rules, courier)
    courier.close()
    assert {receipt.status for receipt in act.receipts} == {200}
    picture = settle(lambda seen: _not_in_crm(seen, act))
    lead = picture.lead_of(act)
    assert lead is not None
    assert lead.touches == 1
    assert len(picture.said(lead.lead_id, "LeadCreated")) == 1
    assert len(picture.said(lead.lead_id, "LeadAssigned")) == 1
    assert len(picture.contacts_of(visit.person.email)) == 1


def test_the_same_person_through_two_sources_at_once_is_one_lead_with_two_touches(
    cloud: Cloud, courier: Courier, settle: Settle
) -> None:
    who = person("Twice", 182)
    visits = [
        Visit("google_ads", who, "40000000001", "google-ads-twice"),
        Visit("typeform", who, "demoFrm1", "typeform-twice"),
    ]
    acts = perform([Scene(visit) for visit in visits], cloud.outside, cloud.rules, courier)
    picture = settle(lambda seen: [problem for act in acts for problem in _not_in_crm(seen, act)])
    one, other = (picture.lead_of(act) for act in acts)
    assert one is not None
    assert one == other
    assert one.touches == 2
    assert len(picture.contacts_of(who.email)) == 1


def test_nothing_is_left_in_a_dead_letter_queue(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    settle(lambda seen: missing(cloud, acts, seen))
    assert waiting(cloud) == {}


def _not_in_crm(seen: Picture, act: Act) -> list[str]:
    who = act.scene.visit.person.email
    return [] if seen.lead_of(act) and seen.contacts_of(who) else [f"{who} is not in the CRM yet"]
