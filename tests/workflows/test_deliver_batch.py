"""Many leads in one delivery: what it costs, and that each keeps its own fate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import PutNote, PutTask, Rejected, RetryLater, Unknown, UpsertPerson, WriteOp, WriteResult
from leadrelay.ports.errors import Retry
from tests.system import System, noisy_rules
from tests.workflows import promises
from tests.workflows.delivering import PlannedCrm, follow_up, gathered, people, sync, sync_of, with_crm
from tests.workflows.lives import demo, send


def changed(system: System, number: int) -> None:
    """Each of these leads does something."""
    for each in range(number):
        system.post(follow_up(each, email=f"person{each}@example.com"))


def test_a_first_contact_costs_four_calls_and_a_follow_up_one() -> None:
    system = System(noisy_rules())
    send(system, demo())
    assert system.crm.calls == 4  # look, upsert, task, notes
    send(system, follow_up())
    system.later(seconds=60)
    assert system.crm.calls == 5


def test_a_batch_of_a_hundred_follow_ups_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    system = System(noisy_rules())
    people(system, 100)
    changed(system, 100)
    gathered(system)
    system.clock.advance(timedelta(seconds=60))
    system.sweep()
    asked = gathered(system)
    assert len(asked) == 100
    before = system.crm.calls
    assert system.work_all(asked) == {"batchItemFailures": []}
    calls = system.crm.calls - before
    with capsys.disabled():
        print(f"\n100 follow-ups in one batch: {calls / 100} calls a lead")
    assert calls / 100 <= 0.15
    for record in system.leads():
        promises.shown(system, record)


def test_a_lead_that_comes_twice_in_a_batch_is_written_once() -> None:
    system = System(noisy_rules())
    system.post(demo())
    [asked] = gathered(system)
    assert system.work_all([asked, asked, asked]) == {"batchItemFailures": []}
    assert [type(op) for op in system.crm.written] == [UpsertPerson, PutTask, PutNote, PutNote]


def test_what_the_crm_refuses_of_one_lead_holds_up_no_other() -> None:
    crm = PlannedCrm()
    system = System(noisy_rules(), crm=crm)
    for each in range(3):
        system.post(demo(submission=f"submission-p{each:04d}", email=f"person{each}@example.com"))
    asked = gathered(system)
    second = asked[1].metadata.lead_id or ""

    def refuse(op: WriteOp) -> WriteResult | None:
        mine = op.op_id.startswith(second[:12])
        return Rejected(op.op_id, "VALIDATION", "no") if mine and isinstance(op, UpsertPerson) else None

    crm.plan = refuse
    assert system.work_all(asked) == {"batchItemFailures": []}
    fates = {said.metadata.lead_id: sync_of(system, said.metadata.lead_id or "").parked for said in asked}
    assert [fates[said.metadata.lead_id] for said in asked] == [None, "VALIDATION", None]
    assert len(crm.tasks) == 2


def test_a_lead_whose_record_cannot_be_claimed_fails_alone() -> None:
    system = System(noisy_rules())
    for each in range(3):
        system.post(demo(submission=f"submission-p{each:04d}", email=f"person{each}@example.com"))
    asked = gathered(system)
    second, real = asked[1].metadata.lead_id or "", system.store.commit

    def away(change: object) -> None:
        if second in str(getattr(change, "cause", "")):
            raise Retry(1, "throttled")
        real(change)

    system.store.commit = away
    answer = system.work_all(asked)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(system.crm.people) == 2


class BreakingCrm(MemoryCrm):
    """A connector that cannot digest one lead's values."""

    def __init__(self) -> None:
        super().__init__()
        self.poison = ""
        self.batches: list[int] = []

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        self.batches.append(len(ops))
        if self.poison and any(op.op_id.startswith(self.poison) for op in ops):
            raise ZeroDivisionError
        return super().write(ops)


def test_a_connector_that_breaks_on_one_lead_is_asked_for_each_by_itself_then() -> None:
    crm = BreakingCrm()
    system = System(noisy_rules(), crm=crm)
    for each in range(3):
        system.post(demo(submission=f"submission-p{each:04d}", email=f"person{each}@example.com"))
    asked = gathered(system)
    poison = asked[1].metadata.lead_id or ""
    crm.poison = poison[:12]
    assert system.work_all(asked) == {"batchItemFailures": []}
    assert (crm.batches, crm.people) == ([3], {})
    system.clock.advance(timedelta(seconds=5))
    system.sweep()
    assert system.work_all(gathered(system)) == {"batchItemFailures": []}
    assert sorted(sync_of(system, said.metadata.lead_id or "").parked or "" for said in asked) == ["", "", "DEFECT"]
    assert (len(crm.people), len(crm.tasks), len(crm.notes)) == (2, 2, 4)
    crm.poison = ""
    assert system.redrive("crm_hubspot") == 1
    system.settle()
    promises.kept(system)


def test_a_batch_that_got_no_answer_stays_a_batch() -> None:
    crm = BreakingCrm()
    system = System(noisy_rules(), crm=crm)
    for each in range(3):
        system.post(demo(submission=f"submission-p{each:04d}", email=f"person{each}@example.com"))
    asked, real = gathered(system), crm.write
    crm.write = lambda ops: (real(ops), [Unknown(op.op_id) for op in ops])[1]  # type: ignore[method-assign]
    assert system.work_all(asked) == {"batchItemFailures": []}
    crm.write = real  # type: ignore[method-assign]
    system.clock.advance(timedelta(seconds=5))
    system.sweep()
    assert system.work_all(gathered(system)) == {"batchItemFailures": []}
    assert crm.batches == [3, 3, 3, 6]  # people twice, tasks, notes
    promises.kept(system)


class TestOutage:
    def test_it_fills_no_queue_counts_no_try_and_costs_one_call_at_a_time(self) -> None:
        crm = PlannedCrm()
        system = System(noisy_rules(), crm=crm)
        asked: list[WriteOp] = []

        def away(op: WriteOp) -> WriteResult:
            asked.append(op)
            return RetryLater(op.op_id, 1, "outage")

        crm.plan = away
        people(system, 15)
        assert len(asked) == 1
        for _ in range(30):
            system.later(minutes=1)
        assert len(asked) < 20  # 5, 10, 20 ... seconds, then every five minutes
        assert not system.failed
        rows = promises.synced(system)
        assert ({row.tries for row in rows} <= {0, 1}, {row.parked for row in rows}) == (True, {None})
        crm.plan = lambda op: None
        for _ in range(8):
            system.later(minutes=1)
        promises.kept(system)
        assert len(crm.people) == 15

    def test_an_assignment_waits_no_longer_than_the_outage(self) -> None:
        crm = PlannedCrm()
        system = System(noisy_rules(), crm=crm)
        crm.plan = lambda op: RetryLater(op.op_id, 1, "outage")
        send(system, demo())
        for _ in range(6):
            system.later(seconds=10)
        crm.plan = lambda op: None
        for _ in range(9):
            system.later(seconds=10)
        promises.kept(system)

    def test_who_meets_it_is_due_when_it_may_be_over(self) -> None:
        crm = PlannedCrm()
        system = System(noisy_rules(), crm=crm)
        crm.plan = lambda op: RetryLater(op.op_id, 1, "outage")
        people(system, 4)
        until = system.clock.now() + timedelta(seconds=5)
        assert {row.due_at for row in promises.synced(system) if not row.unsure} <= {
            until,
            until - timedelta(seconds=4),
        }
        writes = system.store.commits
        for said in [said for said in system.said if said.name == "CardChanged"][1:]:
            assert system.work(said) == {"batchItemFailures": []}
        assert system.store.commits == writes  # it is known already
        for _ in range(4):
            system.later(seconds=5)
        crm.plan = lambda op: None
        for _ in range(8):
            system.later(seconds=10)
        promises.kept(system)

    def test_credentials_that_are_wrong_leave_the_account_alone_for_a_while(self) -> None:
        from leadrelay.ports.errors import Misconfigured

        asked: list[str] = []

        def no_token(vendor: str, _: object) -> MemoryCrm:
            asked.append(vendor)
            raise Misconfigured("no token")

        system = System(noisy_rules())
        deliver = type(system.works["CardChanged"][1])
        store, rules, clock = system.store, system.rules, system.clock
        kind = system.works["CardChanged"][0]
        system.works["CardChanged"] = (kind, deliver(store, rules, no_token, clock, system.telemetry))
        people(system, 3)
        assert asked == ["hubspot"]
        assert system.telemetry.total("Misconfigured") == 1
        assert not system.failed


class TestBudget:
    def test_what_the_share_does_not_allow_waits_and_then_goes(self) -> None:
        from leadrelay.domain.card.policy import Budget

        system = System(with_crm(budget=Budget(calls=40, seconds=10, share=50, reserve=0)))
        deliver = type(system.works["CardChanged"][1])

        def metered(_: str, meter: object) -> MemoryCrm:
            system.crm.meter = meter  # type: ignore[assignment]
            return system.crm

        store, rules, clock = system.store, system.rules, system.clock
        kind = system.works["CardChanged"][0]
        system.works["CardChanged"] = (kind, deliver(store, rules, metered, clock, system.telemetry))
        people(system, 10)
        assert system.crm.calls == 10  # half of the share at once, the rest as it flows in
        assert not system.failed
        for _ in range(6):
            before = system.crm.calls
            system.later(seconds=10)
            assert system.crm.calls - before <= 20
        promises.kept(system)
        assert len(system.crm.people) == 10


class TestQuiet:
    def test_ten_changes_in_a_minute_are_one_write(self) -> None:
        system = System(noisy_rules())
        send(system, demo())
        before = len(system.crm.written)
        for number in range(10):
            send(system, follow_up(number))
            system.later(seconds=5)
        system.later(seconds=10)
        assert [type(op) for op in system.crm.written[before:]] == [UpsertPerson]
        promises.kept(system)

    def test_what_is_urgent_does_not_wait_and_takes_the_rest_along(self) -> None:
        system = System(noisy_rules())
        send(system, demo())
        send(system, follow_up())
        quiet = sync(system).quiet_until
        assert quiet == system.clock.now() + timedelta(seconds=60)
        before = len(system.crm.written)
        send(system, demo("offer", "submission-0002"))
        assert len(system.crm.written) > before
        assert sync(system).quiet_until is None
        promises.kept(system)

    def test_it_counts_from_the_first_change(self) -> None:
        system = System(noisy_rules())
        send(system, demo())
        send(system, follow_up(1))
        first = sync(system).quiet_until
        system.later(seconds=50)
        send(system, follow_up(2))
        assert sync(system).quiet_until == first
        system.later(seconds=10)
        promises.kept(system)

    def test_without_it_everything_goes_at_once(self) -> None:
        system = System(with_crm(coalesce_seconds=0))
        send(system, demo())
        send(system, follow_up())
        promises.kept(system)
