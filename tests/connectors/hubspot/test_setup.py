"""Preparing an account: say what is missing, create it once, name the people."""

from __future__ import annotations

import pytest

from connectors.hubspot.setup import setup
from leadrelay.local.crm_world import Owner, Property, Sandbox
from leadrelay.ports.crm import CrmOwner, CrmSetup
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN


@pytest.fixture(params=["v3", "2026-09"])
def role(sandbox: Sandbox, request: pytest.FixtureRequest) -> CrmSetup:
    return setup({"token": TOKEN}, sandbox.url, PATIENCE, request.param)


def failing(role: CrmSetup) -> dict[str, str]:
    return {check.name: check.fix for check in role.check() if not check.ok}


def test_a_new_account_lacks_our_group_and_fields_and_gets_them_once(sandbox: Sandbox, role: CrmSetup) -> None:
    assert list(failing(role)) == ["fields"]
    plan = role.plan()
    assert sandbox.world.groups("contacts").get("leadrelay") is None
    assert (plan[0].kind, plan[0].name) == ("group", "leadrelay")
    lines = role.apply(plan)
    assert len(lines) == len(plan)
    assert all(line.startswith("created") for line in lines)
    made = sandbox.world.properties("contacts")
    assert made["leadrelay_key"].unique
    assert "Do not edit" in made["leadrelay_key"].description
    assert (made["leadrelay_score"].type, made["leadrelay_captured_at"].type) == ("number", "datetime")
    assert {made[op.name].group for op in plan if op.kind == "field"} == {"leadrelay"}
    assert role.plan() == []
    assert failing(role) == {}


def test_applying_an_old_plan_again_changes_nothing(sandbox: Sandbox, role: CrmSetup) -> None:
    plan = role.plan()
    role.apply(plan)
    before = sandbox.world.properties("contacts")
    assert all("there already" in line for line in role.apply(plan))
    assert sandbox.world.properties("contacts") == before


def test_only_what_is_missing_is_planned_and_a_half_done_plan_is_finished(sandbox: Sandbox, role: CrmSetup) -> None:
    role.check()  # the first request makes the account
    sandbox.world.add_group("contacts", "leadrelay", "LeadRelay")
    plan = role.plan()
    assert {op.kind for op in plan} == {"field"}
    sandbox.world.define("contacts", Property("leadrelay_queue", "Queue", group="leadrelay"))
    lines = role.apply(plan)
    assert [line for line in lines if "already" in line] == ["field leadrelay_queue was there already"]
    assert role.plan() == []


def test_a_field_of_the_wrong_kind_is_named(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    sandbox.world.define("contacts", Property("leadrelay_score", "Score", "string", "leadrelay"))
    sandbox.world.define("contacts", Property("leadrelay_key", "Key", "string", "leadrelay", unique=False))
    checks = {check.name: check for check in role.check()}
    assert not checks["field types"].ok
    assert "leadrelay_key" in checks["field types"].detail
    assert "leadrelay_score" in checks["field types"].detail


def test_a_missing_option_is_named(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    options = (("NEW", "New"), ("OPEN", "Open"))
    sandbox.world.define("contacts", Property("hs_lead_status", "Lead status", "enumeration", options=options))
    checks = {check.name: check for check in role.check()}
    assert not checks["list values"].ok
    assert "hs_lead_status=CONNECTED" in checks["list values"].detail
    assert "hs_lead_status=NEW" not in checks["list values"].detail


def test_checks_never_raise_and_say_what_to_do(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    sandbox.dialect.configure({"missing_scopes": ["crm.objects.owners.read"]})
    assert "crm.objects.owners.read" in failing(role)["owners"]
    sandbox.dialect.configure({"missing_scopes": [], "daily_limit": 1})
    assert set(failing(role)) >= {"token and quota", "contacts", "fields"}
    stranger = setup({"token": "wrong"}, sandbox.url, PATIENCE)
    assert all("Service Key" in fix for fix in failing(stranger).values())
    assert len(failing(stranger)) == 8


def test_an_empty_account_needs_people(sandbox: Sandbox, role: CrmSetup) -> None:
    sandbox.world.reset()
    assert failing(role)["owners"] == "add users in HubSpot"


def test_owners_are_listed_page_by_page_with_those_who_left(sandbox: Sandbox, role: CrmSetup) -> None:
    for number in range(230):
        sandbox.world.put_owner(Owner(str(1000 + number), f"rep{number}@example.test", "", ""))
    owners = role.owners()
    assert len(owners) == 232
    assert owners[0] == CrmOwner("7", "rep.one@example.test", "Rep One", active=True)
    assert owners[-1] == CrmOwner("8", "rep.two@example.test", "Rep Two", active=False)
    assert owners[1].name == "rep0@example.test"


def test_trouble_while_planning_is_raised(sandbox: Sandbox, role: CrmSetup) -> None:
    sandbox.world.fail("429")
    with pytest.raises(Retry):
        role.plan()
    sandbox.world.fail("401")
    with pytest.raises(Misconfigured):
        role.owners()
    plan = role.plan()
    sandbox.world.fail("500", match="batch/create")
    with pytest.raises(Retry):
        role.apply(plan)
    sandbox.world.fail("400", match="POST", times=2)
    with pytest.raises(Reject):
        role.apply([op for op in plan if op.kind == "field"][:1])
