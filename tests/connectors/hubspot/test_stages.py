"""A lifecycle stage only moves forward, and what HubSpot makes of it is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.hubspot.transport import Answer, Wire
from leadrelay.ports.crm import RetryLater
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


@pytest.mark.parametrize("rule", ["ignore", "refuse"])
@pytest.mark.parametrize("looked", [True, False])
def test_a_stage_goes_back_in_two_requests(account: Account, rule: str, looked: bool) -> None:
    """Whether HubSpot ignores a step back or refuses it: clear, then set, each on its own."""
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "sql"))])[0]).crm_id
    account.sandbox.dialect.configure({"stage_rule": rule})
    fields = (field("lifecycle_stage", "lead"), field("score", 3))
    op = person(1, *fields, crm_id=crm_id, email="" if looked else None)
    before = account.asked("batch/update")
    done = ok(account.crm.write([op])[0])
    assert (done.applied["lifecycle_stage"], done.applied["score"], done.refused) == ("lead", "3", ())
    assert account.contacts()[0].values["lifecyclestage"] == "lead"
    assert account.asked("batch/update") - before == (3 if rule == "ignore" else 4)


def test_a_step_forward_and_an_accepted_step_back_take_one_request(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "lead"))])[0]).crm_id
    account.sandbox.dialect.configure({"stage_rule": "accept"})
    for stage in ("sal", "lead", "disqualified"):
        before = account.asked("batch/")
        op = person(1, field("lifecycle_stage", stage), crm_id=crm_id, email=None)
        assert ok(account.crm.write([op])[0]).applied["lifecycle_stage"] == stage
        assert account.asked("batch/") == before + (0 if stage == "disqualified" else 1)


def test_clear_and_set_in_one_operation_goes_back_too(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "customer"))])[0]).crm_id
    fields = (field("lifecycle_stage", None, "clear"), field("lifecycle_stage", "mql", "forward_only"))
    assert ok(account.crm.write([person(1, *fields, crm_id=crm_id)])[0]).applied["lifecycle_stage"] == "mql"
    assert account.contacts()[0].values["lifecyclestage"] == "marketingqualifiedlead"


def test_a_stage_the_account_does_not_have_leaves_the_old_one(account: Account) -> None:
    """The new stage is refused after the old one was cleared: it is put back."""
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "sql"))])[0]).crm_id
    known = account.world.properties("contacts")["lifecyclestage"]
    kept = tuple(option for option in known.options if option[0] != "lead")
    account.world.define("contacts", replace(known, options=kept))
    done = ok(account.crm.write([person(1, field("lifecycle_stage", "lead"), field("score", 1), crm_id=crm_id)])[0])
    assert [(why.code, why.field) for why in done.refused] == [("STAGE_REFUSED", "lifecycle_stage")]
    assert done.applied == {"email": "person1@example.com", "score": "1", "lifecycle_stage": "sql"}
    assert account.contacts()[0].values["lifecyclestage"] == "salesqualifiedlead"


@pytest.mark.parametrize("fails", [1, 2])
def test_interrupted_between_clear_and_set_a_repeat_ends_it(account: Account, fails: int) -> None:
    crm_id = ok(account.crm.write([person(1, field("lifecycle_stage", "sql"))])[0]).crm_id
    op = person(1, field("lifecycle_stage", "lead"), crm_id=crm_id, email=None)
    seen: list[str] = []

    def then_fail(wire: Wire, api: str, method: str, *args: object, **options: object) -> Answer:
        seen.append(method)
        if seen.count("update") == fails + 1 and method == "update":
            account.world.fail("503", match="batch/update")
        return call(wire, api, method, *args, **options)

    call = Wire.call
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wire, "call", then_fail)
        assert isinstance(account.crm.write([op])[0], RetryLater)
    assert ok(account.crm.write([op])[0]).applied["lifecycle_stage"] == "lead"
    assert account.contacts()[0].values["lifecyclestage"] == "lead"
