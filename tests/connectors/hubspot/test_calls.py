"""How many requests a lead costs, counted by the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.hubspot.crm import TOGETHER, crm
from connectors.hubspot.pace import said
from connectors.kit.crm_pace import Pace
from leadrelay.ports.crm import OWNER, FieldWrite, Ok, RetryLater, UpsertPerson, WriteOp
from leadrelay.ports.errors import Retry
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN, Account
from tests.connectors.hubspot.samples import field, key, member, note, ok, owner, person, task

MANY = 100


def fresh(op: UpsertPerson) -> UpsertPerson:
    """A lead that was never sent before."""
    return replace(op, key=replace(op.key, fresh=True))


def calls(account: Account) -> int:
    return len(account.world.journal())


def told(what: str, requests: int, leads: int = 1) -> float:
    per_lead = requests / leads
    print(f"{what}: {requests} requests for {leads} leads, {per_lead:.2f} a lead")
    return per_lead


def test_a_first_contact_costs_four(account: Account) -> None:
    """Claim read by e-mail, upsert with the owner, task, note."""
    before = calls(account)
    fields = (field("score", 85), field("lifecycle_stage", "mql", "forward_only"), FieldWrite(OWNER, "7", "guarded"))
    crm_id = ok(account.crm.write([fresh(person(1, *fields))])[0]).crm_id
    for result in account.crm.write([task(crm_id), note(crm_id)]):
        assert ok(result).created
    assert told("first contact", calls(account) - before) <= 4
    assert account.contacts()[0].values["hubspot_owner_id"] == "7"


def test_a_first_contact_without_an_address_is_not_looked_for(account: Account) -> None:
    before = calls(account)
    ok(account.crm.write([fresh(person(1, field("phone", "+15550100"), email=None))])[0])
    assert calls(account) - before == 1


@pytest.mark.parametrize("size", [1, MANY])
def test_a_follow_up_of_our_own_fields_costs_one(account: Account, size: int) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(size)])]
    before = calls(account)
    ops = [person(number, field("score", 9), crm_id=ids[number], email=None) for number in range(size)]
    for result in account.crm.write(ops):
        assert ok(result).applied == {"score": "9"}
    assert told("follow-up", calls(account) - before, size) == 1 / size


@pytest.mark.parametrize("order", ["lead by lead", "kind by kind"])
def test_a_hundred_leads_handed_over_together_share_their_requests(account: Account, order: str) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(MANY)])]
    lists = [account.world.create("lists", {"name": name}).id for name in ("a", "b")]
    open_tasks = [ok(r).crm_id for r in account.crm.write([task(i, op_id=f"t{i}") for i in ids[: MANY // 2]])]
    leads = [list(_follow_up(n, ids[n], lists[n % 2], ([*open_tasks, *[None] * MANY])[n])) for n in range(MANY)]
    kinds = zip(*leads, strict=True)
    ops: Sequence[WriteOp] = [op for part in (leads if order == "lead by lead" else kinds) for op in part]
    before = calls(account)
    results = account.crm.write(ops)
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    assert {type(result) for result in results} == {Ok}
    assert told(f"a hundred follow-ups, {order}", calls(account) - before, MANY) <= 0.15
    assert len(account.world.all("tasks")) == len(account.world.all("notes")) == MANY
    assert len(account.world.linked(("lists", lists[0]), "contacts")) == MANY // 2
    assert _found(account, ids, results, ops) == MANY


def _follow_up(number: int, crm_id: str, list_id: str, task_id: str | None) -> list[WriteOp]:
    return [
        replace(person(number, field("score", 7), crm_id=crm_id, email=None), op_id=f"p{number}"),
        task(crm_id, op_id=f"next{number}", task_id=task_id),
        note(crm_id, op_id=f"n{number}"),
        member(crm_id, list_id, op_id=f"l{number}"),
    ]


def _found(account: Account, ids: Sequence[str], results: Sequence[object], ops: Sequence[WriteOp]) -> int:
    """How many notes are where their operation wanted them."""
    written = {op.op_id: result.crm_id for op, result in zip(ops, results, strict=True) if isinstance(result, Ok)}
    return sum(
        account.world.linked(("contacts", crm_id), "notes") == [written[f"n{n}"]] for n, crm_id in enumerate(ids)
    )


# -- order


def test_a_group_has_at_most_a_hundred() -> None:
    ops = [replace(note("1"), op_id=str(number)) for number in range(250)]
    assert [len(group) for group in TOGETHER.grouped(ops)] == [100, 100, 50]


# -- pace


def test_the_meter_is_asked_before_each_request_and_stops_everything_left(account: Account) -> None:
    contact = ok(account.crm.write([person(1)])[0]).crm_id
    for allowed in range(5):
        asked: list[float] = []

        def meter(allowed: int = allowed, asked: list[float] = asked) -> float:
            asked.append(0.0 if len(asked) < allowed else 7.5)
            return asked[-1]

        role = crm({"token": TOKEN}, account.sandbox.url, PATIENCE, account.version, meter=meter)
        before = calls(account)
        ops: Sequence[WriteOp] = [
            owner(contact, "7"), task(contact, op_id=f"t{allowed}"), note(contact, op_id=f"n{allowed}")
        ]  # fmt: skip
        results = role.write(ops)
        assert calls(account) - before == min(allowed, 4)
        held = [result for result in results if isinstance(result, RetryLater)]
        assert {(result.scope, result.after) for result in held} <= {("budget", 7.5)}
        assert len(held) == [3, 3, 2, 1, 0][allowed]
        account.world.update("contacts", contact, {"hubspot_owner_id": ""})


def test_reading_without_a_share_left_says_when(account: Account) -> None:
    role = crm({"token": TOKEN}, account.sandbox.url, PATIENCE, account.version, meter=lambda: 3.0)
    with pytest.raises(Retry) as later:
        role.read([person(1).key])
    assert (later.value.scope, later.value.after) == ("budget", 3.0)
    with pytest.raises(Retry) as marks:
        role.find_marked("101", ["x"])
    assert marks.value.scope == "budget"


@pytest.mark.parametrize(
    ("headers", "hold"),
    [
        ({"remaining": "0", "interval-milliseconds": "10000"}, (10.0, "10s")),
        ({"remaining": "0"}, (10.0, "10s")),
        ({"remaining": "1", "interval-milliseconds": "10000"}, None),
        ({"daily": "250000", "daily-remaining": "2500", "remaining": "90"}, (3600.0, "day")),
        ({"daily": "250000", "daily-remaining": "2501", "remaining": "90"}, None),
        ({"daily-remaining": "0"}, (3600.0, "day")),
        ({"remaining": "soon"}, None),
        ({}, None),
    ],
)
def test_what_an_answer_says_is_left_is_heeded(headers: dict[str, str], hold: tuple[float, str] | None) -> None:
    now = [100.0]
    given = {f"x-hubspot-ratelimit-{name}": value for name, value in headers.items()}
    pace, deaf = Pace(clock=lambda: now[0]), Pace(clock=lambda: now[0], heed=False)
    for one in (pace, deaf):
        one.heard(said(given))
    told = pace.hold()
    assert (told[:2] if told else None) == hold
    assert deaf.hold() is None
    now[0] += 3600
    assert pace.hold() is None


def test_the_last_call_of_an_interval_is_the_last(account: Account) -> None:
    """A refusal costs the account more than a wait: after `Remaining: 0` nothing is sent."""
    account.sandbox.dialect.configure({"limit_per_10s": len(account.world.journal()) + 2})
    first, second = account.crm.write([person(1, email=None), note("101")])
    assert ok(first).created
    assert isinstance(second, RetryLater)
    assert second.scope == "10s"
    assert 429 not in {asked.status for asked in account.world.journal()}
    [again] = account.crm.write([person(2)])
    assert isinstance(again, RetryLater)
    assert key(2) not in {contact.values["leadrelay_key"] for contact in account.contacts()}
