"""What is promised of the CRM once the world is at rest: that it shows the lead, and shows it once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadrelay.domain.card.card import card_of
from leadrelay.domain.lead import Lead
from leadrelay.memory.crm_person import text
from leadrelay.ports.records import LeadRecord, SyncRecord, sync_key
from leadrelay.workflows.deliver.diff import _USES
from tests.simulation.small_rules import versions
from tests.simulation.watch_crm import VENDOR

if TYPE_CHECKING:
    from tests.simulation.world import World

_THEIRS = {*_USES, *versions()[0].crm.fields}
"""Fields that belong to the people at the CRM: only filled, or only moved forward."""


def shown(record: LeadRecord, world: World) -> Iterator[tuple[int, str]]:
    """Whether the CRM shows a lead at rest as its card is."""
    lead = record.lead
    sync = world.store.rows.get((f"LEAD#{lead.lead_id}", sync_key(lead.lead_id, VENDOR).sk))
    if not isinstance(sync, SyncRecord) or sync.due_at is not None or sync.written < sync.wanted:
        yield 9, f"the CRM does not show {lead.lead_id}: {sync}"
        return
    person = world.crm.people.get(world.crm._final(sync.crm_id))
    if person is None:
        yield 9, f"{lead.lead_id} is not in the CRM"
        return
    card = card_of(lead, record.profile, world.rules.version(sync.rules_version))
    team = world.rules.current().team
    owner = lead.ownership.outside if card.owner is None else team.rep(card.owner).crm[VENDOR]
    unpossessed = lead.ownership.queue and (lead.ownership.previous or world.erased.asked)
    if lead.ownership.waits or unpossessed:
        owner = person.owner_id  # whoever had it: a CRM is not told that nobody has
    if (person.lead_key, person.owner_id) != (lead.lead_id, owner):
        yield 9, f"{lead.lead_id} is shown with owner {person.owner_id} instead of {owner}"
    sequence = world.rules.version(sync.rules_version).stages.nurture.sequence(card.sequence)
    if person.lists != (set() if sequence is None else {*sequence.list.values()}):
        yield 19, f"{lead.lead_id} is in the sequence {card.sequence} and on {person.lists}"
    for name, value in card.fields.items():
        if name not in _THEIRS and person.fields.get(name, "") != text(value):
            yield 9, f"{lead.lead_id} is shown with {name} {person.fields.get(name)!r} instead of {value!r}"
    yield from _once(sync, lead, world, owed=card.task is not None and not card.task.done)


def _once(sync: SyncRecord, lead: Lead, world: World, owed: bool) -> Iterator[tuple[int, str]]:
    crm = world.crm
    twins = [person.crm_id for person in crm.people.values() if person.lead_key == lead.lead_id]
    # an address that we learned late may be that of a record entered by hand: then the first one stays as it was
    # or of one that nobody deleted after its person was erased
    most = 2 if crm._final(sync.crm_id) in crm.addressed or world.erased.asked else 1
    if len(twins) > most and "two leads became one" not in world.seen:
        yield 3, f"{lead.lead_id} is {len(twins)} records in the CRM"
    if world.mix.skew and world.mix.apart >= 60:
        return  # leases presume clocks that agree
    crm_id = crm._final(sync.crm_id)
    tasks = [task for task in crm.tasks.values() if crm._final(task.crm_id) == crm_id]
    notes = Counter(note.op_id for note in crm.notes.values() if crm._final(note.crm_id) == crm_id)
    if "two leads became one" in world.seen or world.erased.asked:
        tasks = [task for task in tasks if task.op_id.startswith(lead.lead_id[:12])]
    if len(tasks) > 1 or (owed and not tasks):  # what was done before the CRM heard of it needs no task there
        yield 9, f"{lead.lead_id} has {len(tasks)} tasks"
    if any(count > 1 for count in notes.values()):
        yield 9, f"{lead.lead_id} has a note twice: {notes}"
