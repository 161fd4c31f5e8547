"""`leadrelay lead`: the evidence is shown, and two people are two again only when somebody says so twice."""

from __future__ import annotations

import json

import pytest

from leadrelay.cli import lead as command
from leadrelay.domain.card.deadline import deadline
from leadrelay.ports.records import lead_key
from tests.cli.conftest import Run, Stage
from tests.system import System, default_rules
from tests.workflows.test_unmerge import ADA, ALONE, JOINS, alias, people, told


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = told(*ALONE, JOINS)
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(command, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "200")
    return system


def test_the_story_says_what_told_who_it_is(run: Run, system: System) -> None:
    shown = run("lead", "show", people(system)[ADA].lead.lead_id).out
    assert "known by email" in shown
    assert f"absorbed {alias(system)}" in shown
    assert "because of phone" in shown
    assert "1 known people, 1 of them active" in shown


def test_the_story_says_by_when_and_why_then(run: Run, system: System) -> None:
    lead = people(system)[ADA].lead
    contact = lead.clock("first_contact")
    assert contact is not None
    shown = run("lead", "show", lead.lead_id).out
    assert "first contact due" in shown
    assert deadline(lead, contact, default_rules()) in shown
    reckoned = json.loads(run("lead", "show", lead.lead_id, "--json").out)["deadlines"]
    assert {each["kind"] for each in reckoned} == {clock.kind for clock in lead.clocks}
    assert [each["basis"] for each in reckoned if each["kind"] == "first_contact"] == ["business"]
    assert [each["due_at"] for each in reckoned] == sorted(each["due_at"] for each in reckoned)


def test_an_unmerge_is_told_first_and_done_when_it_is_asked_for(run: Run, system: System) -> None:
    lost, other = alias(system), people(system)[ADA].lead.lead_id
    told = run("lead", "unmerge", lost)
    assert told.code == 0
    assert other in told.out
    assert "phone" in told.out
    assert "nothing was done" in told.out
    assert system.store.load(lead_key(lost)).lead.merged_into == other
    done = run("lead", "unmerge", lost, "--yes")
    assert done.code == 0
    assert system.store.load(lead_key(lost)).lead.merged_into is None
    assert "not" not in done.out.splitlines()[-1]


def test_who_is_nobodys_alias_is_refused_with_what_to_give(run: Run, system: System) -> None:
    refused = run("lead", "unmerge", people(system)[ADA].lead.lead_id, "--yes")
    assert refused.code == 1
    assert "give the id that another lead absorbed" in refused.said
    assert run("lead", "unmerge", "0" * 32).code == 1
