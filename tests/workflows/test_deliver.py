"""Delivering: the CRM shows the present card, is told only what changed, and is never told twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from leadrelay.domain.facts import Said
from leadrelay.domain.rules import Rules
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.crm_person import Person
from leadrelay.ports.crm import PutNote, PutTask, Rejected, RetryLater, UpsertPerson, WriteOp, WriteResult
from leadrelay.ports.records import SyncRecord, sync_key
from leadrelay.workflows.deliver.claim import LEASE
from leadrelay.workflows.deliver.progress import Progress
from tests.system import Crash, System, noisy_rules
from tests.workflows import lives, promises


class PlannedCrm(MemoryCrm):
    """Lets a test answer some operations, or do something just before one is carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Callable[[WriteOp], WriteResult | None] = lambda op: None

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        return [self.plan(op) or super(PlannedCrm, self).write([op])[0] for op in ops]


@pytest.fixture
def crm() -> PlannedCrm:
    return PlannedCrm()


@pytest.fixture
def system(crm: PlannedCrm) -> System:
    return System(noisy_rules(), crm=crm)


def sync(system: System) -> SyncRecord:
    [record] = promises.synced(system)
    return record


def test_only_what_changed_is_written(system: System) -> None:
    lives.send(system, lives.demo())
    before = len(system.crm.written)
    lives.send(system, {"event": "email_opened", "event_id": "event-0001", "fields": {"email": "ada@example.com"}})
    system.later(seconds=60)
    wrote = system.crm.written[before:]
    [person] = [op for op in wrote if isinstance(op, UpsertPerson)]
    assert {write.name for write in person.fields} == {"score", "urgency", "grade", "score_reasons"}
    assert {type(op) for op in wrote} == {UpsertPerson}
    promises.kept(system)


def test_a_touch_that_changes_nothing_the_rep_sees_writes_nothing(system: System) -> None:
    lives.send(system, lives.demo())
    before = len(system.crm.written), sync(system).version
    lives.send(system, {"event": "unheard_of", "event_id": "event-0001", "fields": {"email": "ada@example.com"}})
    assert (len(system.crm.written), sync(system).version) == before
    assert system.leads()[0].lead.touches == 2


def test_a_crm_that_asks_to_wait_is_left_alone_until_then(system: System, crm: PlannedCrm) -> None:
    crm.plan = lambda op: RetryLater(op.op_id, 300, "10s")
    lives.send(system, lives.demo())
    asked = crm.written
    assert asked == []
    assert not system.failed
    until = sync(system).wait_until
    assert until == system.clock.now() + timedelta(seconds=300)
    crm.plan = lambda op: None
    lives.send(
        system, {"event": "pricing_page_viewed", "event_id": "event-0001", "fields": {"email": "ada@example.com"}}
    )
    system.later(minutes=2)
    assert crm.written == []
    system.later(minutes=3)
    promises.kept(system)


def test_a_day_of_outage_loses_nothing_and_hammers_nobody(system: System, crm: PlannedCrm) -> None:
    calls: list[WriteOp] = []

    def away(op: WriteOp) -> WriteResult:
        calls.append(op)
        return RetryLater(op.op_id, 30, "outage")

    crm.plan = away
    lives.send(system, lives.demo())
    for _ in range(24 * 6):
        system.later(minutes=10)
    assert 24 <= len(calls) <= 24 * 6 + 20
    crm.plan = lambda op: None
    for _ in range(8):
        system.later(minutes=10)
    promises.kept(system)


def refuse_task(op: WriteOp) -> WriteResult | None:
    return Rejected(op.op_id, "OWNER_INACTIVE", "no such owner", "owner_id") if isinstance(op, PutTask) else None


def test_a_refusal_is_parked_for_a_person_and_healed_by_a_redrive(system: System, crm: PlannedCrm) -> None:
    crm.plan = refuse_task
    lives.send(system, lives.demo())
    assert (sync(system).parked, sync(system).due_at) == ("OWNER_INACTIVE", None)
    assert len(system.store.listed("PARKED#crm_hubspot", 10)) == 1
    [refused] = [said for said in system.said if said.name == "CrmRefused"]
    assert (refused.data["code"], refused.data["field"]) == ("OWNER_INACTIVE", "owner_id")
    crm.plan = lambda op: None
    assert system.redrive("crm_hubspot") == 1
    system.settle()
    promises.kept(system)
    assert system.store.listed("PARKED#crm_hubspot", 10) == []


def test_a_refusal_is_healed_by_the_next_card(system: System, crm: PlannedCrm) -> None:
    crm.plan = refuse_task
    lives.send(system, lives.demo())
    crm.plan = lambda op: None
    lives.send(
        system, {"event": "pricing_page_viewed", "event_id": "event-0001", "fields": {"email": "ada@example.com"}}
    )
    system.later(seconds=60)
    promises.kept(system)


def test_a_rules_fix_reaches_what_was_refused(system: System, crm: PlannedCrm) -> None:
    """A company that may not write a field says so in crm.yaml; the parked card is delivered without it."""

    def no_scores(op: WriteOp) -> WriteResult | None:
        refused = isinstance(op, UpsertPerson) and any(write.name == "score" for write in op.fields)
        return Rejected(op.op_id, "PERMISSION", "read only", "score") if refused else None

    crm.plan = no_scores
    lives.send(system, lives.demo())
    assert sync(system).parked == "PERMISSION"
    rules = system.rules.current()
    fields = {**rules.crm.fields, "score": "never"}
    system.rules.deploy(Rules.of(rules.with_(crm=rules.crm.with_(fields=fields))))
    system.redrive("crm_hubspot")
    system.settle()
    assert (sync(system).parked, sync(system).due_at) == (None, None)
    assert "score" not in next(iter(crm.people.values())).fields


def test_a_record_that_people_merged_is_followed(system: System, crm: PlannedCrm) -> None:
    lives.send(system, lives.demo())
    old = sync(system).crm_id or ""
    crm.people["9000"] = Person("9000", fields={"email": "ada.second@example.com"})
    crm.merge(old, "9000")
    lives.send(
        system, {"event": "pricing_page_viewed", "event_id": "event-0001", "fields": {"email": "ada@example.com"}}
    )
    system.later(seconds=60)
    assert (sync(system).crm_id, sync(system).due_at) == ("9000", None)
    assert crm.people["9000"].fields["score"] == str(system.leads()[0].lead.score.total)
    assert crm.people["9000"].owner_id is not None


def test_a_contact_that_was_there_before_is_claimed_and_not_doubled(system: System, crm: PlannedCrm) -> None:
    crm.people["9000"] = Person("9000", fields={"email": "ADA@example.com", "first_name": "Adelaide"})
    lives.send(system, lives.demo())
    promises.kept(system)
    assert crm.people["9000"].fields["first_name"] == "Adelaide"


def test_a_duplicate_that_the_crm_names_is_followed(system: System, crm: PlannedCrm) -> None:
    lives.send(system, {"form": "demo", "submission_id": "submission-0001", "fields": {"phone": "+48221234567"}})
    crm.people["9000"] = Person("9000", fields={"email": "ada@example.com"})
    lives.send(system, lives.demo("offer", "submission-0002", phone="+48221234567"))
    assert (sync(system).crm_id, sync(system).parked) == ("9000", None)


def test_the_record_of_another_lead_is_never_taken_over(system: System, crm: PlannedCrm) -> None:
    """Two people of one mailbox: the CRM allows the address once."""
    for number, name in enumerate(("Ada", "Bob")):
        fields = {"email": "info@example.com", "first_name": name}
        lives.send(system, {"form": "demo", "submission_id": f"submission-000{number}", "fields": fields})
    first, second = sorted(promises.synced(system), key=lambda record: record.parked or "")
    assert (first.parked, second.parked, second.crm_id) == (None, "DUPLICATE", None)
    [person] = crm.people.values()
    assert (person.lead_key, person.fields["first_name"]) == (first.lead_id, "Ada")
    assert len(system.store.listed("PARKED#crm_hubspot", 10)) == 1


def test_two_workers_write_once(system: System, crm: PlannedCrm) -> None:
    facts: list[Said] = []
    system.store.on_insert.append(lambda said: facts.extend(one for one in said if one.name == "CardChanged"))
    inside: list[int] = []

    def second_worker(op: WriteOp) -> None:
        if isinstance(op, UpsertPerson) and not inside:
            inside.append(len(crm.written))
            assert system.work(facts[-1]) == {"batchItemFailures": []}
            assert len(crm.written) == inside[0]  # the lease kept it out

    crm.plan = second_worker
    lives.send(system, lives.demo())
    assert inside
    promises.kept(system)


def test_a_card_that_changes_during_delivery_is_written_too(system: System, crm: PlannedCrm) -> None:
    done: list[bool] = []

    def meanwhile(op: WriteOp) -> None:
        if isinstance(op, PutNote) and not done:
            done.append(True)
            event = {"event": "email_opened", "event_id": "event-0001", "fields": {"email": "ada@example.com"}}
            system.post(event)
            for said in [said for said in system.queue if said.name in ("TouchReceived", "TouchReady")]:
                system.queue.remove(said)
                system.work(said)
            ready = next(said for said in system.queue if said.name == "TouchReady")
            system.queue.remove(ready)
            system.work(ready)

    crm.plan = meanwhile
    lives.send(system, lives.demo())
    assert done
    promises.kept(system)
    assert system.leads()[0].lead.touches == 2


def test_a_worker_that_died_is_replaced_after_its_lease_and_not_before(system: System, crm: PlannedCrm) -> None:
    def die(op: WriteOp) -> WriteResult | None:
        if isinstance(op, PutNote) and not crm.notes:
            MemoryCrm.write(crm, [op])
            raise Crash
        return None

    crm.plan = die
    system.post(lives.demo())
    system.settle()
    assert len(crm.notes) == 1
    held = sync(system).lease_until
    assert held is not None
    assert held - system.clock.now() == LEASE
    system.later(seconds=LEASE.total_seconds() - 1)
    assert sync(system).lease_until == held
    system.later(seconds=1)
    promises.kept(system)


def test_an_older_fact_does_not_bring_older_rules_back(system: System, crm: PlannedCrm) -> None:
    crm.plan = lambda op: RetryLater(op.op_id, 600, "outage")
    lives.send(system, lives.demo())
    older = next(said for said in system.said if said.name == "CardChanged")
    rules = system.rules.current()
    spoken = tuple(rule.with_(says=f"{rule.says} (new words)") for rule in rules.routing.rules)
    system.rules.deploy(Rules.of(rules.with_(routing=rules.routing.with_(rules=spoken))))
    lives.send(
        system, {"event": "pricing_page_viewed", "event_id": "event-0001", "fields": {"email": "ada@example.com"}}
    )
    crm.plan = lambda op: None
    system.clock.set(system.clock.now() + timedelta(minutes=11))
    assert system.work(older) == {"batchItemFailures": []}
    promises.kept(system)
    [person] = crm.people.values()
    assert "new words" in person.fields["owner_reason"]


def test_the_map_leads_back_from_the_crm(system: System) -> None:
    lives.send(system, lives.demo())
    [record] = system.leads()
    known = system.store.load(sync_key(record.lead.lead_id, "hubspot"))
    assert known is not None
    rows = system.store.story(f"CRM#hubspot#person#{known.crm_id}")
    assert [getattr(row, "lead_id", None) for row in rows] == [record.lead.lead_id]


def test_of_several_wishes_to_wait_the_longest_counts(system: System) -> None:
    lives.send(system, lives.demo())
    progress = Progress(sync(system), lambda _: False, system.clock.now(), hop=1)
    for seconds in (2, 30, 10):
        progress.put_off(timedelta(seconds=seconds))
    assert progress.wait == timedelta(seconds=30)
