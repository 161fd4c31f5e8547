"""What the demo says of its short-staffed team must be able to be no: every promise, broken once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from leadrelay.domain.facts import Metadata, Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.skipped import Skip
from leadrelay.local.demo_rules import local_rules
from leadrelay.local.short_staffed import AWAY, CAP, FULL, problems, short_staffed
from leadrelay.local.watch import Contact, Picture
from leadrelay.ports.records import LeadRecord

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOUD: Any = SimpleNamespace(rules=short_staffed(local_rules(date(2026, 3, 2), 20)))
SKIPS = {AWAY: Skip(test="away", until=datetime(2026, 3, 10, tzinfo=UTC)), FULL: Skip(test="cap", open=CAP, cap=CAP)}
NOTES = {
    AWAY: "Skipped: Milica (AE), away until Tue 10 Mar.",
    FULL: "Skipped: Sofia (Enterprise AE), open leads: 1 of 1.",
}


def given(lead_id: str, rep: str) -> Said:
    metadata = Metadata(
        fact_id="f", lead_id=lead_id, correlation_id="c", causation_id="c", rules_version="r", occurred_at=NOW
    )
    return Said(name="LeadAssigned", metadata=metadata, data={"rep": rep})


def picture() -> Picture:
    """One lead that passed by each of the two, one that the full one has."""
    leads, facts, contacts = {}, {}, []
    for skipped in (AWAY, FULL, None):
        lead_id = skipped or "first"
        rep = "tomasz" if skipped else FULL
        skips = {skipped: SKIPS[skipped]} if skipped else {}
        lead = Lead(lead_id=lead_id, ownership=Ownership(rep=rep, since=NOW, hop=1, skipped=skips))
        leads[lead_id] = LeadRecord(lead=lead, profile=Profile())
        facts[lead_id] = (given(lead_id, rep),)
        notes = (f"LeadRelay gave this lead to somebody. {NOTES[skipped]}",) if skipped else ()
        contacts.append(Contact(lead_id, f"{lead_id}@x.example", lead_id, "1", NOW, notes))
    return Picture({}, leads, {}, facts, contacts)


def test_a_team_that_shared_as_it_should_has_no_problems() -> None:
    assert list(problems(CLOUD, picture())) == []


def test_who_is_away_gets_nothing() -> None:
    shown = picture()
    wrong = replace(shown, facts={**shown.facts, "first": (given("first", AWAY),)})
    assert list(problems(CLOUD, wrong)) == [f"{AWAY} is away and was given a lead"]


def test_who_is_full_gets_no_more() -> None:
    shown = picture()
    wrong = replace(shown, facts={**shown.facts, AWAY: (given(AWAY, FULL),)})
    assert list(problems(CLOUD, wrong)) == [f"{FULL} was given 2 leads and can have {CAP}"]


def test_somebody_must_have_passed_by_each() -> None:
    shown = picture()
    assert f"no lead passed by {AWAY} (away)" in list(
        problems(CLOUD, replace(shown, leads={name: each for name, each in shown.leads.items() if name != AWAY}))
    )


def test_the_note_must_name_the_reason() -> None:
    shown = picture()
    silent = [replace(contact, notes=("LeadRelay gave this lead to somebody.",)) for contact in shown.contacts]
    assert list(problems(CLOUD, replace(shown, contacts=silent))) == [
        f"no note in the CRM says why {AWAY} was skipped",
        f"no note in the CRM says why {FULL} was skipped",
    ]
