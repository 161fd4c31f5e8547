"""Preparing an account: say what is missing, create it once, name the people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.hubspot.asking import Asking
from connectors.hubspot.crm import connect, crm
from connectors.hubspot.fields import default_map
from connectors.hubspot.setup import HubSpotSetup, setup
from connectors.hubspot.transport import Answer
from connectors.hubspot.workflows import Workflows
from connectors.kit.crm_pace import Pace
from leadrelay.local.crm_world import Owner, Property, Sandbox
from leadrelay.ports.crm_setup import CrmOwner, CrmSetup, OpenDeal
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN
from tests.connectors.hubspot.samples import field, key, ok, person


@pytest.fixture(params=["v3", "2026-09"])
def version_of(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def role(sandbox: Sandbox, version_of: str) -> CrmSetup:
    return setup({"token": TOKEN}, sandbox.url, PATIENCE, version_of)


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
    assert [option[0] for option in made["leadrelay_timing"].options] == [
        "next_month",
        "next_quarter",
        "next_half_year",
        "next_year",
    ]
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
    assert len(failing(stranger)) == len(stranger.check()) - 1  # the view is a word of advice


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("crm.objects.contacts.write", ["scopes"]),
        ("crm.schemas.contacts.write", ["scopes"]),
        ("crm.objects.deals.read", ["deals"]),
        ("crm.objects.companies.read", ["companies"]),
        ("automation", ["workflows"]),
    ],
)
def test_a_missing_scope_is_named_and_trying_writes_nothing(
    sandbox: Sandbox, role: CrmSetup, scope: str, names: list[str]
) -> None:
    role.apply(role.plan())
    before = sandbox.world.state()
    sandbox.dialect.configure({"missing_scopes": [scope]})
    told = failing(role)
    assert list(told) == names
    assert all(scope in fix for fix in told.values())
    assert sandbox.world.state() == before


@pytest.mark.parametrize(("ahead", "fine"), [(0, True), (50, True), (-50, True), (90, False), (-3600, False)])
def test_a_clock_that_differs_is_told_in_seconds(sandbox: Sandbox, ahead: int, fine: bool) -> None:
    wire = connect({"token": TOKEN}, sandbox.url, PATIENCE, None, Pace(heed=False))
    role = HubSpotSetup(wire, default_map(), now=lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    [clock] = [check for check in role.check() if check.name == "clock"]
    assert clock.ok is fine
    assert abs(int(clock.detail.split()[0]) - ahead) <= 2
    assert ("NTP" in clock.fix) is not fine


def test_the_accounts_own_stages_are_named_and_a_changed_order_is_a_finding(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    known = sandbox.world.properties("contacts")["lifecyclestage"]
    sandbox.world.define("contacts", replace(known, options=(*known.options, ("98765", "Partner"))))
    [fine] = [check for check in role.check() if check.name == "stage order"]
    assert (fine.ok, "98765" in fine.detail) == (True, True)
    sandbox.world.define("contacts", replace(known, options=(known.options[1], known.options[0], *known.options[2:])))
    assert "subscriber, lead" in failing(role)["stage order"]


SETS_OWNER = {"type": "SINGLE_CONNECTION", "fields": {"property_name": "hubspot_owner_id", "value": "7"}}
ROTATES = {"type": "SINGLE_CONNECTION", "fields": {"target_property": "hubspot_owner_id", "user_ids": ["7"]}}
ASKS = {"type": "LIST_BRANCH", "listBranches": [{"filterBranch": {"property": "hubspot_owner_id"}}]}


def test_workflows_that_set_the_owner_are_named(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    common = {"objectTypeId": "0-1", "isEnabled": True}
    flows = [
        {**common, "name": "Give to Dana", "actions": [SETS_OWNER]},
        {**common, "name": "Round robin", "actions": [ASKS, ROTATES]},
        {**common, "name": "Only asks", "actions": [ASKS]},
        {**common, "name": "Off", "isEnabled": False, "actions": [SETS_OWNER]},
        {**common, "name": "Of companies", "objectTypeId": "0-2", "actions": [SETS_OWNER]},
    ]
    sandbox.dialect.configure({"flows": flows})
    [check] = [check for check in role.check() if check.name == "workflows"]
    assert not check.ok
    assert [name for name in ("Give", "Round", "Only", "Off", "Of companies") if name in check.detail] == [
        "Give", "Round"
    ]  # fmt: skip
    sandbox.dialect.configure({"flows": flows[2:]})
    assert failing(role) == {}


def test_workflows_without_their_actions_are_read_in_a_batch_and_linked() -> None:
    class Listing:
        def get(self, path: str, **query: object) -> Answer:
            if path.endswith("/details"):
                return Answer(200, {}, {"portalId": 4711})
            page: dict[str, object] = {"results": [{"id": "12", "isEnabled": True, "objectTypeId": "0-1"}]}
            return Answer(200, {}, page if query.get("after") else {**page, "paging": {"next": {"after": "x"}}})

        def post(self, path: str, body: Mapping[str, Any]) -> Answer:
            assert path == "/automation/v4/flows/batch/read"
            assert {one["type"] for one in body["inputs"]} == {"FLOW_ID"}
            flows = [{"id": one["flowId"], "name": "Rotate", "actions": [ROTATES]} for one in body["inputs"]]
            return Answer(200, {}, {"results": flows})

    wire: Any = Listing()
    first, second = Workflows(Asking(wire, default_map())).setting("hubspot_owner_id")
    assert str(first) == "Rotate (https://app.hubspot.com/workflows/4711/platform/flow/12/edit)"
    assert second == first


def test_a_manager_is_told_which_view_to_make(role: CrmSetup) -> None:
    [view] = [check for check in role.check() if check.name == "view"]
    labels = {known.label for known in default_map().fields.values()}
    assert {"Urgency", "Next step due at"} <= {label for label in labels if label and label in view.detail}
    assert view.ok


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


def test_open_contacts_are_counted_for_everybody_who_can_own_one(sandbox: Sandbox, version_of: str) -> None:
    pauses: list[float] = []
    wire = connect({"token": TOKEN}, sandbox.url, PATIENCE, version_of, Pace(heed=False))
    role = HubSpotSetup(wire, default_map(), sleep=pauses.append)
    role.apply(role.plan())
    sandbox.world.put_owner(Owner("9", "rep.three@example.test", "Rep", "Three"))
    shown = [("", ""), ("NEW", ""), ("UNQUALIFIED", "lead"), ("", "customer"), ("CONNECTED", "salesqualifiedlead")]
    for number, (status, stage) in enumerate(shown):
        values = {"email": f"p{number}@example.com", "hs_lead_status": status, "lifecyclestage": stage}
        sandbox.world.create("contacts", {**values, "hubspot_owner_id": "7"})
    sandbox.world.create("contacts", {"email": "left@example.com", "hubspot_owner_id": "8"})
    sandbox.world.create("contacts", {"email": "nobodys@example.com"})
    sandbox.world.fail("429_second", match="search")
    assert role.load() == {"7": 3, "9": 0}
    assert len(pauses) == 4  # before each of three searches, and for the refusal
    sandbox.world.fail("429_second", match="search", times=9)
    with pytest.raises(Retry):
        role.load()


def test_people_come_in_pages_with_their_open_deals(sandbox: Sandbox, role: CrmSetup) -> None:
    role.apply(role.plan())
    account = crm({"token": TOKEN}, sandbox.url, PATIENCE)
    mine = ok(account.write([person(1, field("score", 5), field("lifecycle_stage", "sql"))])[0]).crm_id
    others = [sandbox.world.create("contacts", {"email": f"p{n}@example.com"}).id for n in range(204)]
    deal = {"dealname": "Team plan", "pipeline": "default", "dealstage": "contractsent"}
    deals = [
        sandbox.world.create("deals", {**deal, "amount": "1234.5", "deal_currency_code": "EUR"}),
        sandbox.world.create("deals", {**deal, "dealstage": "closedwon", "amount": "10"}),
        sandbox.world.create("deals", {**deal, "dealstage": "73510011", "pipeline": "73510009"}),
        sandbox.world.create("deals", deal),
    ]
    for one in deals:
        sandbox.world.link(("contacts", mine), ("deals", one.id))
    sandbox.world.link(("contacts", others[-1]), ("deals", deals[3].id))
    pages = [role.people(None)]
    while pages[-1].following:
        pages.append(role.people(pages[-1].following))
    assert [len(page.people) for page in pages] == [100, 100, 5]
    assert [shown.crm_id for page in pages for shown in page.people] == [mine, *others]
    first = pages[0].people[0]
    assert (first.lead_key, first.fields["score"], first.fields["lifecycle_stage"]) == (key(1), "5", "sql")
    assert pages[0].deals == (
        OpenDeal(deals[0].id, mine, 123_450, "EUR"), OpenDeal(deals[3].id, mine)
    )  # fmt: skip
    assert pages[1].deals == ()
    assert pages[2].deals == (OpenDeal(deals[3].id, others[-1]),)


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
