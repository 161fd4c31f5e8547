"""What must hold when everything has quietened down, whatever happened on the way."""

from __future__ import annotations

from collections import Counter

from leadrelay.domain.card.card import card_of, is_known
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import LeadRecord, LogRecord, NoticeRecord, SyncRecord, sync_key
from leadrelay.workflows.deliver.diff import note_op, target
from tests.system import System


def kept(system: System) -> None:
    """Every promise that a settled system must keep, once what could wait a minute has been written too."""
    for _ in range(3):
        if any(sync.due_at is not None for sync in synced(system)):
            system.later(seconds=61)
    assert not system.failed
    assert {touch.state for touch in system.touches()} <= {"done", "parked", "refused"}
    assert [touch for touch in system.touches() if touch.due_at is not None] == []
    for record in system.leads():
        folded(system, record)
        if is_known(record.profile):
            owned(record)
            shown(system, record)
    told(system)
    one_contact_each(system)


def one_contact_each(system: System) -> None:
    """Nobody is in the CRM twice, but for two leads that had a contact each before they turned out to be one."""
    winners = {record.lead.merged_into for record in system.records() if isinstance(record, LeadRecord)}
    contacts = Counter(person.lead_key for person in system.crm.people.values() if person.lead_key not in winners)
    assert max(contacts.values(), default=1) == 1
    written = [
        sync.crm_id for sync in synced(system) if sync.lead_id in {record.lead.lead_id for record in system.leads()}
    ]
    assert len(written) == len(set(written))


def folded(system: System, record: LeadRecord) -> None:
    """The log says everything about the lead but its profile."""
    rows = [
        row for row in system.store.story(record.key().pk) if isinstance(row, LogRecord) and row.sk.startswith("LOG#")
    ]
    assert [row.sk for row in rows] == [f"LOG#{number + 1:010d}" for number in range(record.version)]
    said = [(read(fact), row.at) for row in rows for fact in row.facts]
    assert fold(Lead(lead_id=record.lead.lead_id), said) == record.lead


def owned(record: LeadRecord) -> None:
    """An owner or a named queue, a next step, and something that will remind of it."""
    lead = record.lead
    assert lead.ownership.placed
    assert lead.wanted is None
    assert lead.next_step is not None
    assert lead.due_at() is not None


def shown(system: System, record: LeadRecord) -> None:
    """The CRM shows the present card: one contact, its owner, one task, one note for each assignment to a rep."""
    lead, rules = record.lead, system.rules.current()
    sync = system.store.load(sync_key(lead.lead_id, rules.crm.vendor))
    assert sync is not None
    assert (sync.written >= sync.wanted, sync.due_at, sync.lease_until, sync.parked) == (True, None, None, None)
    card = card_of(lead, record.profile, rules)
    assert lead.card == card.digest() == sync.card
    person = system.crm.people[sync.crm_id or ""]
    owner = target(record, rules, rules.crm.vendor, card).owner
    assert (person.lead_key, person.owner_id) == (lead.lead_id, owner)
    assert (person.fields["score"], person.fields["lifecycle_stage"]) == (str(lead.score.total), lead.stage)
    tasks = [task for task in system.crm.tasks.values() if task.crm_id == sync.crm_id]
    if card.task is not None and (tasks or not card.task.done):  # what is done already is not written down any more
        assert [(task.owner_id, task.due_at, task.done) for task in tasks] == [
            (owner, card.task.due_at, card.task.done)
        ]
    notes = Counter(note.op_id for note in system.crm.notes.values() if note.crm_id == sync.crm_id)
    assert all(count == 1 for count in notes.values())
    assert {note_op(note, sync) for note in card.notes if note.talk is None or note.at <= system.clock.now()} <= set(
        notes
    )


def told(system: System) -> None:
    """Everybody who was to be told was told, or a person can see why not."""
    heard = {message.key for message in system.notifier.sent}
    for notice in (record for record in system.records() if isinstance(record, NoticeRecord)):
        assert notice.due_at is None
        assert notice.outcome is not None
        if notice.outcome == "sent":
            assert f"{notice.lead_id}:{notice.notice_id}" in heard


def synced(system: System) -> list[SyncRecord]:
    """Every sync row."""
    return [record for record in system.records() if isinstance(record, SyncRecord)]
