"""Preparing an org: say what is missing, deploy it once, look around."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from connectors.salesforce import metadata
from connectors.salesforce.fields import KINDS, default_maps, description
from connectors.salesforce.metadata import VIEWS, files, full_name, ours, zipped
from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.store import ME
from connectors.salesforce.schema import POLLS
from connectors.salesforce.setup import SalesforceSetup, asking
from leadrelay.local.crm_world import Owner
from leadrelay.ports.crm_setup import CrmOwner, OpenDeal
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.salesforce.org import CREDENTIALS, LEFT, QUEUE, REP, Org, standing

NAMES = [full_name(kind, known) for kind in KINDS for known in ours(default_maps()[kind])]
EVERY_VIEW = [f"{kind}.{name}" for kind in KINDS for name in VIEWS]
PATIENCE = (3.0, 30.0)  # seconds: nothing here is about time


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        yield org


class Pauses(list[float]):
    """How long was waited."""


def account(org: Org, pauses: list[float] | None = None, **options: Any) -> SalesforceSetup:
    asked = asking(CREDENTIALS, org.sandbox.url, PATIENCE, **options)
    return SalesforceSetup(asked, sleep=(pauses if pauses is not None else []).append)


@pytest.fixture
def role(org: Org) -> SalesforceSetup:
    return account(org)


def findings(role: SalesforceSetup) -> dict[str, str]:
    return {check.name: check.fix for check in role.check() if not check.ok}


# -- plan and apply


def test_a_new_org_lacks_everything_of_ours_and_gets_it_once(org: Org, role: SalesforceSetup) -> None:
    assert findings(role) == {"fields": "run `leadrelay crm setup`"}
    plan = role.plan()
    assert [(op.kind, op.name) for op in plan] == [
        *(("field", name) for name in NAMES),
        ("permission", "LeadRelay"),
        *(("view", name) for name in EVERY_VIEW),
    ]
    assert org.world.all("CustomField") == []
    lines = role.apply(plan)
    assert len(lines) == len(plan)
    assert all(line.startswith(("created", "assigned")) for line in lines)
    assert role.plan() == []
    assert findings(role) == {}


def test_what_is_deployed_can_be_written_and_is_what_was_declared(org: Org, role: SalesforceSetup) -> None:
    role.apply(role.plan())
    shown = {one["name"]: one for one in org.client.Lead.describe()["fields"]}
    key, score, stage = (shown[name] for name in ("LR_Key__c", "LR_Score__c", "LR_Stage__c"))
    assert (key["externalId"], key["unique"], key["type"], key["length"]) == (True, True, "string", 64)
    assert (score["type"], shown["LR_Score_Reasons__c"]["type"]) == ("double", "textarea")
    assert [one["value"] for one in stage["picklistValues"]][:2] == ["Subscriber", "Lead"]
    assert stage["restrictedPicklist"]
    made = org.client.restful(
        f"sobjects/Lead/LR_Key__c/{'a' * 32}", method="PATCH", json={"LastName": "A", "Company": "E", "LR_Score__c": 85}
    )
    assert (made["created"], made["success"]) == (True, True)
    again = org.client.restful(f"sobjects/Lead/LR_Key__c/{'a' * 32}", method="PATCH", json={"LR_Score__c": 90})
    assert (again["id"], again["created"]) == (made["id"], False)
    assert org.client.Lead.get_by_custom_id("LR_Key__c", "A" * 32)["LR_Score__c"] == 90


def test_applying_an_old_plan_again_changes_nothing(org: Org, role: SalesforceSetup) -> None:
    plan = role.plan()
    role.apply(plan)
    before = [
        (record.kind, record.id) for kind in ("CustomField", "FieldPermissions") for record in org.world.all(kind)
    ]
    assert all("already" in line for line in role.apply(plan))
    after = [(record.kind, record.id) for kind in ("CustomField", "FieldPermissions") for record in org.world.all(kind)]
    assert after == before
    assert len(org.world.all("PermissionSetAssignment")) == 1


def test_fields_that_nobody_may_see_are_made_visible_not_made_again(org: Org, role: SalesforceSetup) -> None:
    role.apply(role.plan())
    [assigned] = org.world.all("PermissionSetAssignment")
    org.world.delete(assigned.kind, assigned.id)
    org.hands.add(assigned.kind, {**assigned.values, "AssigneeId": REP})  # somebody else may see them
    assert "LR_Key__c" not in {one["name"] for one in org.client.Lead.describe()["fields"]}
    with pytest.raises(Exception, match="No such column 'LR_Key__c'"):
        org.client.query("SELECT LR_Key__c FROM Lead")
    assert [(op.kind, op.name) for op in role.plan()] == [("permission", "LeadRelay")]
    assert role.apply(role.plan()) == ["assigned permission LeadRelay to our user"]
    assert role.plan() == []


def test_a_half_done_account_is_finished(org: Org, role: SalesforceSetup) -> None:
    plan = role.plan()
    first = [op for op in plan if op.name == "Lead.LR_Key__c"]
    with pytest.raises(Reject, match=r"no CustomField named Contact"):
        role.apply(first)  # the permission set that comes along shows fields that are still to be made
    assert role.plan() == plan
    role.apply(plan)
    [key] = [one for one in org.world.all("CustomField") if one.values["FullName"] == "LR_Key__c"][:1]
    org.world.delete("CustomField", key.id)
    assert [
        op.name for op in role.plan() if op.kind == "field"
    ] == []  # still granted: Salesforce would not let go of it
    views = {(one.values["SobjectType"], one.values["DeveloperName"]): one.id for one in org.world.all("ListView")}
    org.world.delete("ListView", views["Contact", "LeadRelay_Today"])
    org.world.delete("ListView", views["Lead", "LeadRelay_Call_List"])
    assert [op.name for op in role.plan()] == ["Lead.LeadRelay_Call_List", "Contact.LeadRelay_Today"]


def test_a_deployment_is_waited_for_but_not_for_ever(org: Org) -> None:
    pauses: list[float] = []
    org.sandbox.dialect.configure({"deploy_polls": 4})
    role = account(org, pauses)
    role.apply(role.plan())
    assert pauses == [5.0] * 6  # four questions for each of the two deployments
    assert role.plan() == []
    org.world.reset()
    org.sandbox.dialect.configure({"deploy_polls": POLLS + 1})
    stuck = account(org, pauses)
    with pytest.raises(Retry, match="still runs"):
        stuck.apply(stuck.plan())


def test_a_refused_deployment_leaves_nothing_and_says_why(org: Org, role: SalesforceSetup) -> None:
    plan = role.plan()
    org.world.create(
        "CustomField", {"Object": "Lead", "FullName": "LR_Score__c", "Label": "Score", "Type": "Text", "Length": "9"}
    )
    with pytest.raises(Reject, match=r"Lead.LR_Score__c: Cannot change the type of LR_Score__c to Number"):
        role.apply(plan)
    assert len(org.world.all("CustomField")) == 1


def test_who_may_not_deploy_is_told_what_to_do(org: Org, role: SalesforceSetup) -> None:
    plan = role.plan()
    org.world.fail("403", match="POST .*deployRequest")
    with pytest.raises(Misconfigured, match="Modify Metadata Through Metadata API Functions"):
        role.apply(plan)
    org.world.fail("503", match="POST .*deployRequest")
    with pytest.raises(Retry):
        role.apply(plan)
    assert role.apply(plan)


def test_an_accounts_own_places_are_not_made(org: Org) -> None:
    role = account(org, properties={"score": "Rating", "message": "Description"})
    names = [op.name for op in role.plan()]
    assert not {"Lead.LR_Score__c", "Contact.LR_Message__c"} & set(names)
    assert "Lead.LR_Key__c" in names
    role.apply(role.plan())
    assert role.plan() == []
    with pytest.raises(Misconfigured, match=r"Salesforce fields: .*shoe_size"):
        account(org, properties={"shoe_size": "Shoe__c"})


def test_the_folder_for_an_admin_is_what_the_api_gets(tmp_path: Path) -> None:
    assert metadata.main([str(tmp_path)]) == 0
    written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    version = description()["api"]["version"]
    assert written == files(default_maps(), version, NAMES, EVERY_VIEW, permission=True)
    assert set(written) == {
        "package.xml", "objects/Lead.object", "objects/Contact.object", "permissionsets/LeadRelay.permissionset"
    }  # fmt: skip
    assert zipped(written) == zipped(dict(reversed(list(written.items()))))
    for data in written.values():
        assert ElementTree.fromstring(data).tag.startswith("{http://soap.sforce.com/2006/04/metadata}")
    assert f"<version>{version}</version>".encode() in written["package.xml"]
    assert metadata.main([]) == 2


# -- check


def test_checks_name_what_is_wrong(org: Org, role: SalesforceSetup) -> None:
    role.apply(role.plan())
    org.world.create("AssignmentRule", {"Name": "Standard", "SobjectType": "Lead", "Active": "true"})
    org.world.create("AssignmentRule", {"Name": "Old", "SobjectType": "Lead", "Active": "false"})
    org.world.create("FlowDefinitionView", {"Label": "Route", "TriggerObjectOrEventLabel": "Lead", "IsActive": "true"})
    org.world.create("ApexTrigger", {"Name": "SetOwner", "TableEnumOrId": "Lead", "Status": "Active"})
    org.world.create("DuplicateRule", {"MasterLabel": "Standard", "SobjectType": "Lead", "IsActive": "true"})
    checks = {check.name: check for check in role.check()}
    assert [name for name, check in checks.items() if not check.ok] == ["assignment rules"]
    assert checks["assignment rules"].detail == "active for leads: Standard"
    assert checks["automations"].detail.endswith("flow Route, trigger SetOwner")
    assert checks["duplicate rules"].detail.endswith("Standard")
    assert checks["owners"].detail == "2 users and 1 queues can own leads"
    assert ME in checks["login"].detail


def test_a_field_of_the_wrong_kind_is_named(org: Org, role: SalesforceSetup) -> None:
    role.apply(role.plan())
    wrong = {
        "LR_Score__c": {"Type": "Text"},
        "LR_Key__c": {"Unique": "false"},
        "LR_Stage__c": {"Values": "Lead\nOther"},
    }
    for record in org.world.all("CustomField"):
        change = wrong.get(record.values["FullName"])
        if change and record.values["Object"] == "Lead":
            org.world.update("CustomField", record.id, change)
    checks = {check.name: check for check in role.check()}
    assert checks["field types"].detail == "unfit: Lead.LR_Key__c, Lead.LR_Score__c"
    assert "Lead.LR_Stage__c=Customer" in checks["list values"].detail
    assert "Lead.LR_Stage__c=Lead" not in checks["list values"].detail


def test_a_wrong_clock_is_noticed(org: Org) -> None:
    late = asking(CREDENTIALS, org.sandbox.url, PATIENCE)
    for minutes, ok in ((0, True), (5, False), (-5, False)):

        def clock_of_ours(off: timedelta = timedelta(minutes=minutes)) -> datetime:
            return datetime.now(UTC) + off

        role = SalesforceSetup(late, now=clock_of_ours)
        [clock] = [check for check in role.check() if check.name == "clock"]
        assert clock.ok is ok


def test_checks_never_raise(org: Org, role: SalesforceSetup) -> None:
    org.sandbox.dialect.configure({"daily_limit": 0})
    assert {"calls left", "objects", "owners", "fields"} <= set(findings(role))
    org.sandbox.dialect.configure({"daily_limit": 15_000})
    stranger = SalesforceSetup(asking({**CREDENTIALS, "consumer_secret": "wrong"}, org.sandbox.url, PATIENCE))
    failing = findings(stranger)
    assert "login" in failing
    assert "External Client App" in failing["login"]
    nobody = SalesforceSetup(asking(CREDENTIALS, "http://127.0.0.1:9", PATIENCE))
    assert all(not check.ok or check.name == "clock" for check in nobody.check())


def test_used_up_calls_are_a_finding(org: Org, role: SalesforceSetup) -> None:
    role.owners()
    used = 15_000 - org.client.limits()["DailyApiRequests"]["Remaining"]
    org.sandbox.dialect.configure({"daily_limit": used + 1})
    [quota] = [check for check in role.check() if check.name == "calls left"]
    assert (quota.ok, quota.detail) == (False, f"0 of {used + 1} in 24 hours")


# -- owners, load, people


def test_owners_are_users_and_queues(org: Org, role: SalesforceSetup) -> None:
    assert role.owners() == [
        CrmOwner(ME, "integration@example.test", "Integration User", active=True),
        CrmOwner(REP, "rep@example.test", "Dana Reyes", active=True),
        CrmOwner(LEFT, "left@example.test", "Lee Left", active=False),
        CrmOwner(QUEUE, "", "Inbound", active=True, kind="queue"),
    ]


def test_load_is_open_leads_and_contacts_with_an_open_deal_in_two_calls(org: Org, role: SalesforceSetup) -> None:
    for status in ("New", "Connected", "Unqualified", "Nurturing"):
        org.lead(OwnerId=REP, Status=status)
    org.lead(OwnerId=QUEUE)
    made = org.hands.convert(org.lead(OwnerId=REP), "Team plan")
    org.hands.add("Opportunity", {"Name": "Old", "StageName": "Closed Won", "CloseDate": "2026-01-01"})
    org.client.Contact.create({"LastName": "Customer", "OwnerId": REP})
    role.load()
    before = len(org.world.journal())
    assert role.load() == {REP: 3, QUEUE: 1}
    assert len(org.world.journal()) - before == 2
    org.hands.change(made["Opportunity"], {"StageName": "Closed Lost"})
    assert role.load() == {REP: 2, QUEUE: 1}


def test_people_come_page_by_page_leads_first_with_their_deals(org: Org, role: SalesforceSetup) -> None:
    org.sandbox.dialect.configure({"multi_currency": True})
    role.apply(role.plan())
    records = [
        {
            "attributes": {"type": "Lead"},
            "LastName": f"L{number}",
            "Company": "E",
            "OwnerId": REP,
            "LR_Score__c": number,
        }
        for number in range(210)
    ]
    for part in (records[:200], records[200:]):
        org.client.restful("composite/sobjects", method="POST", json={"records": part})
    converted = org.hands.convert(org.lead(Email="c@example.com", OwnerId=REP), "Team plan")
    org.hands.change(converted["Opportunity"], {"Amount": "1234.5", "CurrencyIsoCode": "EUR"})
    pages, cursor = [], None
    while True:
        page = role.people(cursor)
        pages.append(page)
        cursor = page.following
        if cursor is None:
            break
    assert [len(page.people) for page in pages] == [200, 10, 1]
    people = [person for page in pages for person in page.people]
    assert len({person.crm_id for person in people}) == 211
    assert (people[7].fields["score"], people[7].owner_id, people[7].lead_key) == ("7", REP, None)
    assert "owner" not in people[7].fields
    assert people[-1].fields["email"] == "c@example.com"
    [deal] = pages[-1].deals
    assert deal == OpenDeal(converted["Opportunity"], converted["Contact"], 123450, "EUR")
    with pytest.raises(Reject):
        role.people("' OR Id != null")


def test_an_org_with_one_currency_does_not_say_what_a_deal_is_worth(org: Org, role: SalesforceSetup) -> None:
    made = org.hands.convert(org.lead(OwnerId=REP), "Team plan")
    org.hands.change(made["Opportunity"], {"Amount": "500.0", "CurrencyIsoCode": "JPY"})
    [deal] = role.people("Contact").deals
    assert (deal.amount, deal.currency) == (None, None)
    org.sandbox.dialect.configure({"multi_currency": True})
    [deal] = account(org).people("Contact").deals
    assert (deal.amount, deal.currency) == (500, "JPY")


def test_an_owner_is_only_who_has_an_id_of_salesforce(org: Org, role: SalesforceSetup) -> None:
    org.world.put_owner(Owner("12", "odd@example.test", "Odd", "One"))
    assert "odd@example.test" not in {owner.email for owner in role.owners()}
    assert shown("User", "77") == REP
