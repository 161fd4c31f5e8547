"""Two leads that turn out to be one person: who shows in which record, and what becomes of the other."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import PutTask, Unknown, UpsertPerson, WriteOp, WriteResult
from leadrelay.ports.records import LeadRecord, MapRecord, SyncRecord, map_key, sync_key
from leadrelay.ports.store import Change, Put
from tests.system import System, noisy_rules
from tests.workflows import promises
from tests.workflows.delivering import PlannedCrm, gathered, sync_of, with_crm
from tests.workflows.lives import send

PHONE = "+48221234599"


def by_mail(system: System, form: str = "demo") -> None:
    send(system, {"form": form, "submission_id": "submission-0001", "fields": {"email": "bob@example.org"}})


def by_phone(system: System, form: str = "demo") -> None:
    send(system, {"form": form, "submission_id": "submission-0002", "fields": {"phone": PHONE}})


BOTH = {
    "form": "webinar",
    "submission_id": "submission-0003",
    "fields": {"email": "bob@example.org", "phone": PHONE},
}


def pair(system: System) -> tuple[SyncRecord, SyncRecord]:
    """Winner's and loser's sync rows."""
    leads = [record.lead for record in system.records() if isinstance(record, LeadRecord)]
    [winner] = [lead.lead_id for lead in leads if lead.merged_into is None]
    [loser] = [lead.lead_id for lead in leads if lead.merged_into is not None]
    return sync_of(system, winner), sync_of(system, loser)


@pytest.fixture
def system() -> System:
    return System(noisy_rules())


class TestBothHaveARecord:
    @pytest.fixture
    def merged(self, system: System) -> System:
        by_mail(system)
        by_phone(system)
        assert len(system.crm.people) == 2
        send(system, BOTH)
        for _ in range(3):
            system.later(minutes=1)
        return system

    def test_the_losers_says_whose_it_is_and_has_nothing_to_do(self, merged: System) -> None:
        winner, loser = pair(merged)
        person = merged.crm.people[loser.crm_id or ""]
        assert person.fields["duplicate_of"] == winner.lead_id
        tasks = {task.crm_id: task.done for task in merged.crm.tasks.values()}
        assert (tasks[loser.crm_id or ""], len(tasks)) == (True, 2)
        assert (loser.due_at, loser.duplicate_of, loser.parked) == (None, winner.lead_id, None)
        assert merged.store.listed("DUPLICATE#hubspot", 10) == [loser.key()]
        promises.kept(merged)

    def test_nothing_else_is_written_there_and_nothing_made(self, system: System) -> None:
        by_mail(system)
        by_phone(system)
        before = len(system.crm.written)
        send(system, BOTH)
        for _ in range(3):
            system.later(minutes=1)
        _, loser = pair(system)
        mine = [op for op in system.crm.written[before:] if op.op_id.startswith(loser.lead_id[:12])]
        [person, task] = mine
        assert isinstance(person, UpsertPerson)
        assert isinstance(task, PutTask)
        assert ({write.name for write in person.fields}, person.create) == ({"duplicate_of"}, False)
        assert len(system.crm.people) == 2

    def test_once_a_person_merged_the_records_it_is_left_in_peace(self, system: System) -> None:
        by_mail(system)
        by_phone(system)
        rows = promises.synced(system)
        first, second = sorted(rows, key=lambda row: row.crm_id or "")
        system.crm.merge(second.crm_id or "", first.crm_id or "")
        send(system, BOTH)
        for _ in range(4):
            system.later(minutes=1)
        winner, loser = pair(system)
        assert (winner.due_at, loser.due_at) == (None, None)
        assert "duplicate_of" not in system.crm.people[winner.crm_id or ""].fields
        assert system.store.listed("DUPLICATE#hubspot", 10) == []


def forget(system: System, lead_id: str) -> None:
    """As if this lead had never reached the CRM."""
    row = sync_of(system, lead_id)
    person = system.crm.people.pop(row.crm_id or "")
    for kind in (system.crm.tasks, system.crm.notes):
        for made in [id_ for id_, op in kind.items() if op.crm_id == person.crm_id]:
            del kind[made]
    never: dict[str, object] = {"crm_id": None, "written": 0, "values": {}, "done": {}, "owner": None, "card": None}
    system.store.commit(Change("forget", (Put(row.with_(version=row.version + 1, **never)),)))


class TestOnlyTheLoserHasOne:
    @pytest.fixture
    def merging(self) -> System:
        system = System(with_crm(coalesce_seconds=0))  # so that the loser's delivery may come first
        by_mail(system)
        by_phone(system)
        return system

    @pytest.mark.parametrize("first", ["winner", "loser"])
    def test_the_winner_takes_it_over_whoever_is_delivered_first(self, merging: System, first: str) -> None:
        winners = {record.lead.lead_id for record in merging.leads()}
        merging.post(BOTH)
        asked = gathered(merging)
        winner, loser = pair(merging)
        assert winners == {winner.lead_id, loser.lead_id}
        forget(merging, winner.lead_id)
        before = sync_of(merging, loser.lead_id)
        order = sorted(asked, key=lambda said: (said.metadata.lead_id == winner.lead_id) != (first == "winner"))
        for said in order:
            assert merging.work(said) == {"batchItemFailures": []}
        for _ in range(4):
            merging.later(minutes=1)
        winner, loser = pair(merging)
        assert (winner.crm_id, loser.crm_id) == (before.crm_id, None)
        assert (len(merging.crm.people), len(merging.crm.tasks)) == (1, 1)
        [person] = merging.crm.people.values()
        assert person.lead_key == winner.lead_id
        assert "duplicate_of" not in person.fields
        mapped: MapRecord | None = merging.store.load(map_key("hubspot", winner.crm_id or ""))
        assert mapped is not None
        assert mapped.lead_id == winner.lead_id
        assert merging.store.listed("DUPLICATE#hubspot", 10) == []
        promises.kept(merging)

    def test_a_record_that_somebody_writes_just_now_is_waited_for(self, merging: System) -> None:
        merging.post(BOTH)
        asked = gathered(merging)
        winner, loser = pair(merging)
        forget(merging, winner.lead_id)
        held = loser.with_(version=loser.version + 1, lease_until=merging.clock.now() + timedelta(seconds=20))
        merging.store.commit(Change("hold", (Put(held),)))
        for said in asked:
            merging.work(said)
        assert sync_of(merging, winner.lead_id).crm_id is None
        for _ in range(4):
            merging.later(minutes=1)
        winner, after = pair(merging)
        assert (winner.crm_id, after.crm_id, len(merging.crm.people)) == (loser.crm_id, None, 1)
        promises.kept(merging)


def test_a_loser_that_never_reached_the_crm_is_not_brought_there(system: System) -> None:
    by_mail(system)
    by_phone(system)
    system.post(BOTH)
    asked = gathered(system)
    _, loser = pair(system)
    forget(system, loser.lead_id)
    before = len(system.crm.written)
    assert system.work_all(asked) == {"batchItemFailures": []}
    for _ in range(3):
        system.later(minutes=1)
    assert not [op for op in system.crm.written[before:] if op.op_id.startswith(loser.lead_id[:12])]
    assert system.store.load(sync_key(loser.lead_id, "hubspot")).due_at is None


def test_a_record_that_showed_the_other_lead_shows_what_was_written_since() -> None:
    """The winner's address leads to the loser's record; whom it makes the owner there is taken, but nobody is told so,
    and the lead changes hands again before anybody looks."""
    crm = PlannedCrm()
    system = System(noisy_rules(), crm=crm)
    by_phone(system)
    system.later(seconds=1)
    by_mail(system)
    lost: list[str] = []

    def lose(op: WriteOp) -> WriteResult | None:
        if lost or not isinstance(op, UpsertPerson) or op.key.crm_id != theirs.crm_id or not op.create:
            return None
        MemoryCrm.write(crm, [op])
        lost.append(crm.people[theirs.crm_id or ""].owner_id or "")
        return Unknown(op.op_id)

    [theirs] = [row for row in promises.synced(system) if row.values.get("email")]
    crm.plan = lose
    send(system, BOTH)
    system.later(minutes=1)
    winner, _ = pair(system)
    assert (lost != [theirs.owner], len(lost), winner.crm_id) == (True, 1, theirs.crm_id)
    held = winner.with_(version=winner.version + 1, lease_until=system.clock.now() + timedelta(minutes=5))
    system.store.commit(Change("hold", (Put(held),)))
    for _ in range(7):
        system.later(minutes=1)
    winner, _ = pair(system)
    assert winner.owner != lost[0]
    assert (winner.due_at, winner.unsure, crm.people[winner.crm_id or ""].owner_id) == (None, (), winner.owner)
    assert [said for said in system.said if said.name == "OwnerOverridden"] == []


def test_a_row_of_the_former_release_is_read(system: System) -> None:
    """It named the leads that became this one."""
    by_mail(system)
    row = sync_of(system, system.leads()[0].lead.lead_id)
    old = {**row.model_dump(mode="json"), "absorbed": ["another"]}
    assert SyncRecord.model_validate(old) == SyncRecord.model_validate_json(json.dumps(old)) == row
