"""Going live step by step: what would be written is computed and listed, and nothing is sent."""

from __future__ import annotations

from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import PutNote, PutTask, UpsertPerson
from leadrelay.workflows.deliver.plan import names, would_write
from tests.system import System, noisy_rules
from tests.workflows import promises
from tests.workflows.delivering import follow_up, sync, with_crm
from tests.workflows.lives import demo, send


def shadowed() -> Rules:
    rules = noisy_rules()
    website = rules.sources.sources["website"].with_(shadow=True)
    sources = rules.sources.with_(sources={**rules.sources.sources, "website": website})
    return Rules.of(rules.with_(sources=sources))


def live(system: System) -> None:
    rules = system.rules.current()
    system.rules.deploy(Rules.of(rules.with_(crm=rules.crm.with_(mode="live"))))


def test_a_plan_sends_nothing_and_names_what_it_would() -> None:
    system = System(with_crm(mode="plan"))
    send(system, demo())
    row = sync(system)
    assert (system.crm.calls, row.due_at, row.parked, row.written) == (0, None, None, 0)
    assert {"email", "score", "owner", "task", "note"} <= set(row.planned)
    assert "ada@example.com" not in row.model_dump_json()
    assert system.store.listed("PLANNED#hubspot", 10) == [row.key()]


def test_what_would_be_written_can_be_shown_with_its_values() -> None:
    system = System(with_crm(mode="plan"))
    send(system, demo())
    ops = would_write(system.leads()[0], sync(system), system.rules.current())
    assert [type(op) for op in ops][:2] == [UpsertPerson, PutTask]
    assert isinstance(ops[-1], PutNote)
    assert names(ops) == sync(system).planned
    assert isinstance(ops[0], UpsertPerson)
    assert {write.name: write.value for write in ops[0].fields}["email"] == "ada@example.com"


def test_switched_to_live_the_next_change_is_delivered() -> None:
    system = System(with_crm(mode="plan"))
    send(system, demo())
    live(system)
    send(system, follow_up())
    system.later(minutes=1)
    promises.kept(system)
    assert (sync(system).planned, system.store.listed("PLANNED#hubspot", 10)) == ((), [])


def test_or_everything_when_it_is_redriven() -> None:
    system = System(with_crm(mode="plan"))
    send(system, demo())
    assert system.redrive("planned_hubspot") == 1
    system.settle()
    assert system.store.listed("PLANNED#hubspot", 10) == [sync(system).key()]
    live(system)
    assert system.redrive("planned_hubspot") == 1
    system.settle()
    promises.kept(system)
    assert system.store.listed("PLANNED#hubspot", 10) == []


def test_switched_to_plan_what_was_under_way_is_not_sent() -> None:
    system = System(noisy_rules())
    system.post(demo())
    while system.queue[0].name != "CardChanged":
        system.work(system.queue.popleft())
    rules = system.rules.current()
    system.rules.deploy(Rules.of(rules.with_(crm=rules.crm.with_(mode="plan"))))
    system.settle()
    assert (system.crm.calls, sync(system).due_at) == (0, None)
    assert sync(system).planned


def test_a_lead_in_shadow_is_planned_and_shown_to_nobody() -> None:
    system = System(shadowed())
    send(system, demo())
    assert system.leads()[0].lead.standing == "shadow"
    assert (system.crm.calls, system.notifier.sent) == (0, [])
    assert system.store.listed("PLANNED#hubspot", 10) == [sync(system).key()]
