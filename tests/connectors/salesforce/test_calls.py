"""How many requests a lead costs, counted by the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.salesforce.crm import TOGETHER
from connectors.salesforce.sandbox.ids import shown as id_of
from leadrelay.ports.crm import Ok, SetMembership, WriteOp
from tests.connectors.salesforce.conftest import REP, Account
from tests.connectors.salesforce.samples import field, known, note, ok, person, task

MANY = 100


def told(what: str, requests: int, leads: int = 1) -> float:
    print(f"Salesforce, {what}: {requests} requests for {leads} leads, {requests / leads:.2f} a lead")
    return requests / leads


def test_a_first_contact_costs_three(account: Account) -> None:
    """Claim read by e-mail, upsert with the owner, and task and note in one."""
    fields = field("score", 85), field("lifecycle_stage", "mql", "forward_only"), field("owner", REP, "guarded")
    before = len(account.calls())
    crm_id = ok(account.crm.write([person(1, *fields, fresh=True)])[0]).crm_id
    for result in account.crm.write([task(crm_id), note(crm_id)]):
        assert ok(result).created
    assert told("first contact", len(account.calls()) - before) == 3
    assert account.row(crm_id)["OwnerId"] == REP


def test_a_first_contact_without_an_address_is_not_looked_for(account: Account) -> None:
    before = len(account.calls())
    ok(account.crm.write([person(1, field("phone", "+15550100"), email=None, fresh=True)])[0])
    assert len(account.calls()) - before == 1


@pytest.mark.parametrize("size", [1, MANY])
def test_a_follow_up_of_our_own_fields_costs_one(account: Account, size: int) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(size)])]
    before = len(account.calls())
    for result in account.crm.write([known(number, ids[number], field("score", 9)) for number in range(size)]):
        assert ok(result).applied == {"score": "9"}
    assert told("follow-up", len(account.calls()) - before, size) == 1 / size


@pytest.mark.parametrize("order", ["lead by lead", "kind by kind"])
def test_a_hundred_leads_handed_over_together_share_their_requests(account: Account, order: str) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(MANY)])]
    campaigns = [account.put("Campaign", Name=name) for name in ("a", "b")]
    open_tasks = [ok(r).crm_id for r in account.crm.write([task(i, op_id=f"t{i}") for i in ids[: MANY // 2]])]
    leads = [_follow_up(n, ids[n], campaigns[n % 2], ([*open_tasks, *[None] * MANY])[n]) for n in range(MANY)]
    kinds = zip(*leads, strict=True)
    ops: Sequence[WriteOp] = [op for part in (leads if order == "lead by lead" else kinds) for op in part]
    before = len(account.calls())
    results = account.crm.write(ops)
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    assert {type(result) for result in results} == {Ok}
    assert told(f"a hundred follow-ups, {order}", len(account.calls()) - before, MANY) <= 0.15
    made = {op.op_id: ok(result).crm_id for op, result in zip(ops, results, strict=True)}
    assert [account.row(made[f"n{n}"])["WhoId"] for n in range(MANY)] == ids
    assert len(account.rows("Task")) == 2 * MANY
    assert len(account.rows("CampaignMember")) == MANY


def _follow_up(number: int, crm_id: str, campaign: str, task_id: str | None) -> list[WriteOp]:
    return [
        replace(known(number, crm_id, field("score", 7)), op_id=f"p{number}"),
        task(crm_id, op_id=f"next{number}", task_id=task_id),
        note(crm_id, op_id=f"n{number}"),
        SetMembership(f"m{number}", crm_id, campaign, member=True),
    ]


# -- order

LEAD = id_of("Lead", "1")


def test_a_group_has_at_most_two_hundred() -> None:
    ops = [replace(note(LEAD), op_id=str(number)) for number in range(450)]
    assert [len(group) for group in TOGETHER.grouped(ops)] == [200, 200, 50]


def test_both_forms_of_an_id_are_one_record() -> None:
    ops: list[WriteOp] = [note(LEAD), known(1, LEAD[:15]), task(LEAD)]
    assert TOGETHER.grouped(ops) == [[0], [1], [2]]
