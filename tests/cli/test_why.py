"""`leadrelay lead why`: the decision of each hop, and that it comes out the same when it is computed again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.cli import why as command
from leadrelay.ports.records import LeadRecord, LogRecord, SyncRecord, WordsRecord
from tests.cli.conftest import Run
from tests.cli.test_lead import Stage
from tests.system import System
from tests.workflows import lives
from tests.workflows.test_from_crm import another, from_crm, heard

FORM: dict[str, Any] = {
    "form": "demo",
    "submission_id": "submission-0001",
    "fields": {"email": "ada@example.com", "company": "Example", "employees": "30"},
}


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System()
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(system))
    monkeypatch.setenv("COLUMNS", "200")
    lives.send(system, FORM)
    return system


def lead(system: System) -> LeadRecord:
    (record,) = system.leads()
    return record


def row(system: System, hop: int) -> LogRecord:
    rows = [each for each in system.records() if isinstance(each, LogRecord)]
    return next(
        each for each in rows if any(said.data.get("hop") == hop and "rule" in said.data for said in each.facts)
    )


def test_the_decision_is_told_with_its_rules_its_candidates_its_time_and_that_it_is_the_same(
    run: Run, system: System
) -> None:
    told = run("lead", "why", lead(system).lead.lead_id)
    assert told.code == 0
    for expected in (
        "An owner was needed: new lead.",
        "routing rules: Asked for a demo or an offer",
        "lead.relation is missing",
        "candidates: Sales development (hot leads, weighted round robin)",
        "has it: next to be a whole lead behind, of those who may take it",
        "captured",
        "fetched",
        "scored",
        "routed",
        "delivered",
        "the same",
        system.rules_now.version,
    ):
        assert expected in told.out


def test_an_earlier_hop_is_told_as_it_was_although_more_was_learnt_since(run: Run, system: System) -> None:
    first = lead(system).lead.ownership
    system.later(minutes=10)  # nobody called: the next rep has it
    assert lead(system).lead.ownership.hop == 2
    lives.send(system, {**FORM, "submission_id": "submission-0002", "fields": {**FORM["fields"], "employees": "5000"}})
    told = json.loads(run("lead", "why", lead(system).lead.lead_id, "--hop", "1", "--json").out)
    assert told["same"] is True
    assert (told["fact"]["rep"], told["decision"]["rep"], told["fact"]["why"]) == (first.rep, first.rep, "new")
    assert [lap["step"] for lap in told["laps"]] == ["captured", "fetched", "scored", "routed", "delivered"]
    second = json.loads(run("lead", "why", lead(system).lead.lead_id, "--hop", "2", "--json").out)
    assert second["same"] is True
    assert second["laps"][0]["step"] == "asked"
    assert second["decision"]["skipped"] == {}
    assert {each["failed"] for each in second["decision"]["candidates"]} == {None, "recent_owner"}


def test_a_changed_record_does_not_pass_for_the_same(run: Run, system: System) -> None:
    kept = row(system, 1)
    other = next(each["rep"] for each in kept.decision["candidates"] if each["rep"] != kept.decision["rep"])
    system.store.put(kept.with_(decision={**kept.decision, "rep": other}))
    told = run("lead", "why", lead(system).lead.lead_id)
    assert told.code == 1
    assert f"then it was {other}" in told.out


def test_what_was_removed_since_is_named(run: Run, system: System) -> None:
    system.later(minutes=1)
    lives.send(system, {**FORM, "submission_id": "submission-0002", "fields": {**FORM["fields"], "employees": "5000"}})
    words = [each for each in system.records() if isinstance(each, WordsRecord)]
    for each in words:
        system.store.put(each.with_(words=each.words.with_(answers=())))
    told = run("lead", "why", lead(system).lead.lead_id, "--hop", "1")
    assert "known then, and removed since:" in told.out
    assert "account.employees" in told.out


def test_a_persons_choice_is_said_to_be_one(run: Run, system: System) -> None:
    lead_id = lead(system).lead.lead_id
    crm_id = next(each.crm_id for each in system.records() if isinstance(each, SyncRecord))
    rep, owner = another(system, lead_id)
    heard(system, from_crm(crm_id or "", owner=owner))
    assert lead(system).lead.ownership.rep == rep
    told = run("lead", "why", lead_id)
    assert told.code == 0
    assert "A person chose the owner in the CRM." in told.out
    assert system.rules_now.team.rep(rep).name in told.out
    assert "the same" not in told.out


def test_who_is_unknown_is_refused_with_what_there_is(run: Run, system: System) -> None:
    refused = run("lead", "why", lead(system).lead.lead_id, "--hop", "7")
    assert refused.code == 1
    assert "no hop 7; it has 1" in refused.said
    assert "no lead has this id" in run("lead", "why", "0" * 32).said


def test_a_row_of_a_former_release_is_told_as_far_as_it_goes(run: Run, system: System) -> None:
    kept = row(system, 1)
    former = {"rule": "hot", "candidates": {"anna": None}, "given": {"anna": 0}, "unassignable": None}
    system.store.put(kept.with_(decision=former))
    told = run("lead", "why", lead(system).lead.lead_id)
    assert told.code == 0
    assert "keeps no choice" in told.out
    assert json.loads(run("lead", "why", lead(system).lead.lead_id, "--json").out)["same"] is None


def test_the_time_is_split_at_the_rows_that_the_steps_left(run: Run, system: System) -> None:
    told = json.loads(run("lead", "why", lead(system).lead.lead_id, "--json").out)
    assert all(lap["seconds"] >= 0 for lap in told["laps"])
    assert timedelta(seconds=sum(lap["seconds"] for lap in told["laps"])) < timedelta(minutes=1)
