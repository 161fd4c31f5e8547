"""A lifecycle stage only moves forward, and what HubSpot makes of it is seen."""

from __future__ import annotations

import pytest

from leadrelay.ports.crm import Rejected
from tests.connectors.hubspot.conftest import Account
from tests.connectors.hubspot.samples import field, ok, person

STAGES = [
    ("lead", "mql", "mql"),
    ("mql", "lead", "mql"),
    ("mql", "sal", "mql"),
    ("mql", "disqualified", "mql"),
    ("customer", "recycled", "customer"),
    ("opportunity", "customer", "customer"),
]


@pytest.mark.parametrize("rule", ["ignore", "accept", "refuse"])
@pytest.mark.parametrize(("now", "wanted", "then"), STAGES)
def test_a_stage_only_moves_forward(account: Account, now: str, wanted: str, then: str, rule: str) -> None:
    """Whatever HubSpot would make of a step back, we do not ask for one."""
    account.sandbox.dialect.configure({"stage_rule": rule})
    first = ok(account.crm.write([person(1, field("lifecycle_stage", now, "forward_only"))])[0])
    op = person(1, field("lifecycle_stage", wanted, "forward_only"), field("score", 1), crm_id=first.crm_id)
    ok(account.crm.write([op])[0])
    [shown] = account.crm.read([op.key])
    assert shown is not None
    assert shown.fields["lifecycle_stage"] == then


def test_a_stage_the_account_made_for_itself_stays(account: Account) -> None:
    contact = account.world.create("contacts", {"email": "person1@example.com", "lifecyclestage": "98765"})
    result = ok(account.crm.write([person(1, field("lifecycle_stage", "sql", "forward_only"))])[0])
    assert result.applied["lifecycle_stage"] == "98765"
    assert account.world.get("contacts", contact.id).values["lifecyclestage"] == "98765"  # type: ignore[union-attr]


def test_a_stage_that_hubspot_ignores_shows_in_what_was_applied(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "sql"))])[0]).crm_id
    back = person(1, field("lifecycle_stage", "lead", "own"), crm_id=crm_id)
    assert ok(account.crm.write([back])[0]).applied["lifecycle_stage"] != "lead"
    assert account.contacts()[0].values["lifecyclestage"] == "salesqualifiedlead"


def test_a_stage_that_hubspot_refuses_says_so(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "sql"))])[0]).crm_id
    account.sandbox.dialect.configure({"stage_rule": "refuse"})
    result = account.crm.write([person(1, field("lifecycle_stage", "lead", "own"), crm_id=crm_id)])[0]
    assert isinstance(result, Rejected)
    assert (result.code, result.field) == ("STAGE_REFUSED", "lifecycle_stage")
