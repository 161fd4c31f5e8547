"""The commands, the real connectors and their sandboxes: an account from its first day to its last imported person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.hubspot import sandbox as hubspot
from connectors.salesforce import sandbox as salesforce
from connectors.salesforce.sandbox.hands import Hands
from connectors.salesforce.sandbox.store import Store
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.local.crm_world import Owner, Sandbox
from tests.cli.conftest import Run
from tests.cli.crm_stage import SECRETS, StageInMemory, cells, stage_in_memory, stored_touches

PEOPLE = 230


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with hubspot.serve(token=SECRETS["hubspot"]["token"]) as running:
        yield running


@pytest.fixture
def org() -> Iterator[Sandbox]:
    told = SECRETS["salesforce"]
    with salesforce.serve(key=told["consumer_key"], secret=told["consumer_secret"]) as running:
        yield running


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with stage_in_memory(monkeypatch) as there:
        yield there


def _team(sandbox: Sandbox, stage: StageInMemory, crm: str = "hubspot") -> None:
    for rep in stage.rules.team.reps:
        sandbox.world.put_owner(Owner(rep.crm[crm], rep.email, rep.name, "Rep"))


def test_an_account_is_prepared_and_looked_after(run: Run, stage: StageInMemory, sandbox: Sandbox) -> None:
    at = ("--endpoint", sandbox.url)
    first = run("crm", "doctor", *at)
    assert first.code == 1
    marks = {row[1]: row[0] for row in cells(first)}
    assert (marks["fields"], marks["owners that do not exist"]) == ("✗", "✗")

    _team(sandbox, stage)
    planned = run("crm", "setup", "--plan", *at)
    assert "leadrelay_score" in planned.out
    assert "leadrelay_score" not in sandbox.world.properties("contacts")
    assert run("crm", "setup", *at).code == 0
    assert "leadrelay_score" in sandbox.world.properties("contacts")
    assert run("crm", "setup", *at).out == "hubspot: nothing is missing\n"
    assert run("crm", "doctor", *at).code == 0

    owners = cells(run("crm", "owners", *at))
    assert {row[6] for row in owners} == {rep.id for rep in stage.rules.team.reps}


def test_everybody_is_imported_through_throttling_and_a_lost_answer(
    run: Run, stage: StageInMemory, sandbox: Sandbox
) -> None:
    at = ("--endpoint", sandbox.url)
    _team(sandbox, stage)
    assert run("crm", "setup", *at).code == 0
    world = sandbox.world
    owner = stage.rules.team.reps[0].crm["hubspot"]
    said = {"firstname": "Pat", "hubspot_owner_id": owner, "lifecyclestage": "salesqualifiedlead"}
    people = [world.create("contacts", {**said, "email": f"p{n}@example.com"}) for n in range(PEOPLE)]
    deal = {"dealname": "Plan", "pipeline": "default", "dealstage": "contractsent", "amount": "10"}
    world.link(("contacts", people[7].id), ("deals", world.create("deals", deal).id))
    world.fail("429", times=2, match="GET .*contacts")
    world.fail("reset_after_commit", match="GET .*contacts")
    world.fail("503", match="POST .*deals")

    ran = run("crm", "import", *at)
    assert ran.code == 0, ran.err
    assert world.faults.left() == 0
    assert f"{PEOPLE} people in 3 pages: {PEOPLE} new, 0 known as they are; 1 deal" in ran.out
    touches = [record.touch for record in stored_touches(stage)]
    records = [touch.record for touch in touches if touch.record is not None]
    assert len(records) == len(touches) == PEOPLE + 1
    assert {record.person for record in records} == {person.id for person in people}
    assert {record.owner for record in records if record.kind == "person"} == {owner}
    assert {record.stage for record in records if record.kind == "person"} == {"sql"}


def test_another_crm_by_the_same_commands(run: Run, stage: StageInMemory, org: Sandbox) -> None:
    stage.deploy(_moved_to_salesforce(stage.rules))
    at = ("--endpoint", org.url)
    assert run("crm", "doctor", *at).code == 1
    _team(org, stage, "salesforce")
    assert run("crm", "setup", *at).code == 0
    assert run("crm", "setup", *at).out == "salesforce: nothing is missing\n"
    doctor = run("crm", "doctor", *at)
    assert doctor.code == 0, doctor.out

    owner = stage.rules.team.reps[0].crm["salesforce"]
    hands = Hands(Store(org.world))
    said = {"OwnerId": owner, "LastName": "Doe", "Company": "Example"}
    people = [hands.add("Lead", {**said, "Email": f"p{n}@example.com"}, owner) for n in range(PEOPLE)]
    org.world.fail("503", match="GET .*query")
    ran = run("crm", "import", *at)
    assert ran.code == 0, ran.err
    assert f"{PEOPLE} new" in ran.out
    records = [record.touch.record for record in stored_touches(stage)]
    assert {record.person for record in records if record is not None} == set(people)
    assert {record.owner for record in records if record is not None} == {owner}


def _moved_to_salesforce(rules: Rules) -> Rules:
    sources = {name: one for name, one in rules.sources.sources.items() if one.vendor != "hubspot"}
    sources["crm"] = SourcePolicy(vendor="salesforce", channel="crm", poll_seconds=60)
    crm = rules.crm.with_(vendor="salesforce")
    return Rules.of(rules.with_(crm=crm, sources=rules.sources.with_(sources=sources)))
