"""Whose record it is: ours until a person chooses, and what the CRM will not take holds up nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.domain.card.card import card_of, digest
from leadrelay.domain.crm.adopt import offer
from leadrelay.domain.routing.team import Queue
from leadrelay.domain.rules import Rules
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.crm_person import Person
from leadrelay.ports.crm import (
    OWNER,
    Ok,
    PutTask,
    Rejected,
    SetMembership,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.crm_setup import CrmOwner
from leadrelay.ports.records import SyncRecord
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.deliver.claim import _not_written_over
from leadrelay.workflows.deliver.diff import owner_due, target
from leadrelay.workflows.deliver.progress import DIED, Progress
from tests.system import Crash, System, noisy_rules
from tests.workflows import promises
from tests.workflows.delivering import PlannedCrm, follow_up, sync
from tests.workflows.lives import demo, send

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
IVANA, MAREK, STRANGER = "70000003", "70000002", "79999999"


def record(system: System) -> Person:
    [person] = system.crm.people.values()
    return person


def said(system: System, name: str) -> list[dict[str, object]]:
    return [dict(each.data) for each in system.said if each.name == name]


class TestAPersonsChoice:
    @pytest.mark.parametrize("chosen", [MAREK, STRANGER])
    def test_it_stands_and_is_heard(self, chosen: str) -> None:
        """Nobody calls in time, so the lead changes hands; meanwhile a person has given the record to somebody."""
        system = System(noisy_rules())
        send(system, demo())
        assert record(system).owner_id == IVANA
        system.crm.give(record(system).crm_id, chosen)
        system.later(minutes=6)
        assert record(system).owner_id == chosen
        [override] = said(system, "OwnerOverridden")
        assert override["crm_owner"] == chosen
        lead = system.leads()[0].lead
        assert (lead.ownership.rep, lead.ownership.outside) == (
            ("marek", None) if chosen == MAREK else (None, STRANGER)
        )
        for minutes in range(30):
            send(system, follow_up(minutes))
            system.later(minutes=1)
        assert record(system).owner_id == chosen
        assert len(said(system, "OwnerOverridden")) == 1
        assert (sync(system).owner, sync(system).due_at) == (chosen, None)

    def test_it_is_not_fought_while_nobody_has_heard_of_it(self) -> None:
        system = System(noisy_rules())
        kind, score = system.works["TouchReady"]
        system.works["TouchReady"] = (kind, lambda fact, metadata: fact.source == "hubspot" or score(fact, metadata))
        send(system, demo())
        system.crm.give(record(system).crm_id, MAREK)
        system.later(minutes=6)
        hop = system.leads()[0].lead.ownership.hop
        for number in range(3):
            send(system, follow_up(number))
            system.later(minutes=1)
        assert system.leads()[0].lead.ownership.hop == hop
        assert record(system).owner_id == MAREK
        assert len([each for each in system.touches() if each.touch.kind == "crm_change"]) == 1

    def test_who_owned_the_record_before_us_keeps_it(self) -> None:
        system = System(noisy_rules())
        system.crm.people["9000"] = Person("9000", owner_id=MAREK, fields={"email": "ada@example.com"})
        send(system, demo())
        assert record(system).owner_id == MAREK
        assert system.leads()[0].lead.ownership.rep == "marek"
        promises.kept(system)

    def test_the_touch_that_tells_is_of_codes_only(self) -> None:
        system = System(noisy_rules())
        system.crm.people["9000"] = Person("9000", owner_id=MAREK, fields={"email": "ada@example.com"})
        send(system, demo())
        [touch] = [touch.touch for touch in system.touches() if touch.touch.kind == "crm_change"]
        assert (touch.event, touch.source, touch.vendor, touch.trust) == ("edited", "hubspot", "hubspot", "verified")
        assert touch.record is not None
        assert (touch.record.person, touch.record.owner, touch.record.kind) == ("9000", MAREK, "person")

    @pytest.mark.parametrize("effect", [True, False])
    @pytest.mark.parametrize("dies", [True, False])
    def test_our_own_write_whose_answer_was_lost_is_none(self, effect: bool, dies: bool) -> None:
        """The lead changes hands again before anybody knows whether the last owner was written."""
        crm = PlannedCrm()
        system = System(noisy_rules(), crm=crm)
        send(system, demo())
        lost: list[str] = []

        def lose(op: WriteOp) -> WriteResult | None:
            if not isinstance(op, UpsertPerson) or lost or all(write.name != OWNER for write in op.fields):
                return None
            lost.append(op.op_id)
            if effect:
                MemoryCrm.write(crm, [op])
            if dies:
                raise Crash
            return Unknown(op.op_id)

        crm.plan = lose
        system.later(minutes=6)  # breached: another owner, whose writing gets no answer
        assert lost
        row = sync(system)
        held = row.with_(version=row.version + 1, lease_until=system.clock.now() + timedelta(minutes=6))
        system.store.commit(Change("hold", (Put(held),)))
        system.later(minutes=5)  # breached again, while nobody could look
        for _ in range(10):
            system.later(minutes=1)
        lead = system.leads()[0].lead
        assert lead.ownership.hop >= 3
        assert said(system, "OwnerOverridden") == []
        promises.kept(system)


class TestRefusedFields:
    def crm(self) -> MemoryCrm:
        return MemoryCrm(owners=[CrmOwner(MAREK, "rep@example.com", "Rep", True)])

    def test_the_rest_is_written_and_a_person_told(self) -> None:
        system = System(noisy_rules(), crm=self.crm())
        send(system, demo())
        row = sync(system)
        assert (row.parked, row.written, row.due_at) == ("OWNER_INACTIVE", row.wanted, None)
        [refusal] = row.refused
        assert (refusal.what, refusal.message, refusal.value) == (OWNER, f"{IVANA} cannot own records", digest(IVANA))
        assert "team.yaml" in refusal.hint
        assert said(system, "CrmRefused") == [
            {"crm": "hubspot", "op": "UpsertPerson", "code": "OWNER_INACTIVE", "field": OWNER}
        ]
        assert record(system).fields["score"]
        assert [task.owner_id for task in system.crm.tasks.values()] == [None]

    def test_it_is_not_tried_again_until_it_is_another_value(self) -> None:
        system = System(noisy_rules(), crm=self.crm())
        send(system, demo())
        for minute in range(4):
            send(system, follow_up(minute))
            system.later(minutes=1)
        assert len(said(system, "CrmRefused")) == 1
        assert sync(system).parked == "OWNER_INACTIVE"
        system.later(minutes=2)  # breached: somebody else's now
        tried = [op for op in system.crm.written if isinstance(op, UpsertPerson)]
        owners = [write.value for op in tried for write in op.fields if write.name == OWNER]
        assert len(owners) == len(set(owners)) >= 2

    def test_nor_is_any_other_field(self) -> None:
        crm = PlannedCrm()
        tried: list[object] = []

        def no_such_value(op: WriteOp) -> WriteResult | None:
            wrong = [write for write in getattr(op, "fields", ()) if write.name == "message"]
            tried.extend(write.value for write in wrong)
            if not isinstance(op, UpsertPerson) or not wrong or wrong[0].value != "Question 0":
                return None
            [done] = MemoryCrm.write(crm, [replace(op, fields=tuple(w for w in op.fields if w.name != "message"))])
            assert isinstance(done, Ok)
            return replace(done, refused=(Rejected(op.op_id, "VALIDATION", "too long", "message"),))

        crm.plan = no_such_value
        system = System(noisy_rules(), crm=crm)
        send(system, demo(message="Question 0"))
        assert (sync(system).parked, sync(system).written) == ("VALIDATION", sync(system).wanted)
        send(system, follow_up(0))  # the same words, another score
        system.later(minutes=1)
        assert (tried, sync(system).parked) == (["Question 0"], "VALIDATION")
        send(system, follow_up(1))
        system.later(minutes=1)
        assert tried == ["Question 0", "Question 1"]
        assert (sync(system).parked, sync(system).refused) == (None, ())
        promises.kept(system)

    def test_a_redrive_tries_it_again(self) -> None:
        crm = self.crm()
        system = System(noisy_rules(), crm=crm)
        send(system, demo())
        assert system.redrive("crm_hubspot") == 1
        system.settle()
        assert sync(system).parked == "OWNER_INACTIVE"
        crm._owners = None
        assert system.redrive("crm_hubspot") == 1
        system.settle()
        promises.kept(system)
        assert (sync(system).refused, record(system).owner_id) == ((), IVANA)
        assert system.store.listed("PARKED#crm_hubspot", 10) == []


def with_queue() -> Rules:
    """The nurture queue has an owner in the CRM, and each sequence a list."""
    rules = noisy_rules()
    [queue] = (each for each in rules.team.queues if each.id == "nurture")
    there: Queue = queue.with_(crm={"hubspot": "queue-7"})
    nurture = rules.stages.nurture
    listed = tuple(each.with_(list={"hubspot": f"list-{each.id}"}) for each in nurture.sequences)
    stages = rules.stages.with_(nurture=nurture.with_(sequences=listed))
    return Rules.of(rules.with_(team=rules.team.with_(queues=(there,)), stages=stages))


class TestQueues:
    def test_who_waits_in_one_is_owned_by_it_and_on_the_list_of_a_sequence(self) -> None:
        system = System(with_queue())
        send(system, {"form": "newsletter", "submission_id": "submission-0001", "fields": {"email": "ada@example.com"}})
        assert (record(system).owner_id, record(system).lists) == ("queue-7", {"list-newsletter"})
        assert sync(system).lists == ("list-newsletter",)
        send(system, demo(submission="submission-0002"))
        owner = system.rules_now.team.rep(system.leads()[0].lead.ownership.rep or "").crm["hubspot"]
        assert (record(system).owner_id, record(system).lists) == (owner, set())
        promises.kept(system)

    def test_a_list_that_may_have_been_joined_is_left_for_sure(self) -> None:
        crm = PlannedCrm()
        system = System(with_queue(), crm=crm)

        def joined(op: WriteOp) -> WriteResult | None:
            if isinstance(op, SetMembership) and op.member:
                MemoryCrm.write(crm, [op])
                return Unknown(op.op_id)
            return None

        crm.plan = joined
        send(system, {"form": "newsletter", "submission_id": "submission-0001", "fields": {"email": "ada@example.com"}})
        send(system, demo(submission="submission-0002"))
        system.later(seconds=10)
        assert record(system).lists == set()
        promises.kept(system)


class TestGone:
    def test_a_record_deleted_there_is_parked_and_not_made_again(self) -> None:
        system = System(noisy_rules())
        send(system, demo())
        system.crm.delete(record(system).crm_id)
        for number in range(3):
            send(system, follow_up(number))
            system.later(minutes=1)
        assert (sync(system).parked, system.crm.people) == ("NOT_FOUND", {})
        assert system.redrive("crm_hubspot") == 1
        system.settle()
        assert (sync(system).parked, system.crm.people) == ("NOT_FOUND", {})

    def test_a_task_that_a_rep_deleted_does_not_come_back(self) -> None:
        system = System(noisy_rules())
        send(system, demo())
        system.crm.tasks.clear()
        system.later(minutes=6)
        assert (sync(system).parked, system.crm.tasks) == ("NOT_FOUND", {})
        assert isinstance(system.crm.written[-1], PutTask | UpsertPerson)


class TestAnOwnerWhomNobodyWroteOver:
    """A worker died when it wrote an owner; then the lead lost this owner and got none: the record may show them."""

    ROW = SyncRecord(
        version=1, lead_id="1", crm="hubspot", crm_id="9", owner=IVANA, wanted=1, due_at=None, correlation_id="",
        rules_version="", offered=(MAREK, offer("lead_status", "new")),
    )  # fmt: skip

    @pytest.mark.parametrize(("written", "left"), [([], (MAREK,)), ([OWNER], ())])
    def test_what_was_looked_up_says_nothing_of_the_owner(self, written: list[str], left: tuple[str, ...]) -> None:
        progress = Progress(self.ROW, lambda _: False, NOW, hop=2)
        progress.fields += written
        progress.sure(())
        assert progress.sync.offered == left

    @pytest.mark.parametrize(("owner", "left"), [(IVANA, [MAREK]), (MAREK, [])])
    def test_it_is_remembered_until_another_is_written(self, owner: str, left: list[str]) -> None:
        assert [*_not_written_over(self.ROW.with_(owner=owner))] == left

    @pytest.mark.parametrize(
        ("offered", "unsure", "due"),
        [
            ((), (), False),
            ((MAREK,), (), True),  # nothing was written since
            ((IVANA, MAREK), (), False),  # Ivana was, and answered for
            ((IVANA, MAREK), ("1-person",), True),  # which of the two was last, nobody knows
            ((offer("lead_status", "new"),), ("1-person",), False),
        ],
    )
    def test_who_had_it_before_is_written_again_where_another_may_stand(
        self, offered: tuple[str, ...], unsure: tuple[str, ...], due: bool
    ) -> None:
        system = System(noisy_rules())
        send(system, demo())
        [record] = system.leads()
        shown = target(record, system.rules_now, "hubspot", card_of(record.lead, record.profile, system.rules_now))
        row = self.ROW.with_(offered=offered, unsure=unsure)
        assert owner_due(replace(shown, owner=IVANA), row) is due

    def test_the_one_of_before_was_offered_too(self) -> None:
        """Nobody knows whether another was written over the owner whom the record was last seen with."""
        row = self.ROW.with_(offered=(IVANA, MAREK), unsure=(DIED,))
        progress = Progress(row, lambda _: False, NOW, hop=2)
        progress.sure(())
        assert _not_written_over(progress.sync) == [MAREK]

    def test_who_was_written_over_is_not_there_any_more(self) -> None:
        progress = Progress(self.ROW.with_(offered=(IVANA, MAREK)), lambda _: False, NOW, hop=2)
        progress.sure(())
        assert progress.sync.offered == ()
