"""What must be written: the card against what was written last.

Only digests of what was written are kept, so the sync row says nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.card.card import DUPLICATE_OF, STAGE, STATUS, Card, Task, digest, stage_note
from leadrelay.domain.card.note import Note
from leadrelay.domain.card.policy import CrmPolicy, FieldUse
from leadrelay.domain.crm.adopt import is_owner
from leadrelay.domain.nurture.policy import Sequence as NurtureSequence
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.routing.team import Queue
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import OWNER, FieldWrite, Policy, PutNote, PutTask, RecordKey, SetMembership, UpsertPerson
from leadrelay.ports.records import LeadRecord, SyncRecord

_USES: Mapping[str, FieldUse] = {
    "email": "fill_if_empty",
    "phone": "fill_if_empty",
    "first_name": "fill_if_empty",
    "last_name": "fill_if_empty",
    "job_title": "fill_if_empty",
    "company": "fill_if_empty",
    "country": "fill_if_empty",
    "industry": "fill_if_empty",
    "employees": "fill_if_empty",
    "lead_status": "fill_if_empty",
    "lifecycle_stage": "forward_only",
}
"""Whose fields they are, unless crm.yaml says otherwise: what a rep may have corrected is only filled when empty; what
LeadRelay decides is its own."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one CRM shall show of one lead. `owner` is an owner id there, a user's or a queue's; `hop` the assignment it
    comes from; a lead that was `merged`, or erased, gets no record any more; `lists` the lists the person shall be on,
    of `every` list that the rules use. `by_link`: a rep said the lead status, and not in the CRM; `statuses` are all
    there are. `notes` are those that may be written now, the next one `again_at` (UTC); `stage_notes` the names of
    those of every stage, which the lead may have left and come back to."""

    card: Card
    owner: str | None
    hop: int
    lists: tuple[str, ...]
    every: tuple[str, ...]
    policy: CrmPolicy
    merged: bool
    by_link: bool
    statuses: tuple[str, ...]
    notes: tuple[Note, ...]
    stage_notes: tuple[str, ...]
    again_at: datetime | None = None


def target(record: LeadRecord, rules: Rules, crm: str, card: Card) -> Target:
    """The card in the CRM's own terms."""
    team = rules.team
    queue = None if card.queue is None else team.queue(card.queue)
    rep = None if card.owner is None else team.rep(card.owner)
    owner = rep.crm.get(crm) if rep is not None else None if queue is None else queue.crm.get(crm)
    return Target(
        card=card,
        owner=owner,
        hop=record.lead.ownership.hop,
        lists=_lists(card, rules, crm),
        every=tuple(sorted({each.list[crm] for each in _places(rules) if crm in each.list})),
        policy=rules.crm,
        merged=record.lead.merged_into is not None or record.lead.erased_at is not None,
        by_link=record.lead.status_by_link,
        statuses=rules.stages.statuses,
        notes=card.notes,
        stage_notes=tuple(stage_note(rule.id) for rule in rules.stages.lifecycle if rule.qualification is not None),
    )


def _lists(card: Card, rules: Rules, crm: str) -> tuple[str, ...]:
    """The list of the sequence that the lead is in. Rules without sequences put who waits in a queue on the queue's."""
    chosen = card.sequence if rules.stages.nurture.sequences else card.queue
    return tuple(place.list[crm] for place in _places(rules) if place.id == chosen and crm in place.list)


def _places(rules: Rules) -> Sequence[NurtureSequence | Queue]:
    """What has lists in the CRM."""
    return rules.stages.nurture.sequences or rules.team.queues


def person(to: Target, sync: SyncRecord) -> UpsertPerson | None:
    """The person's changed fields, or None when the record exists and nothing changed."""
    writes = tuple(_writes(to, sync))
    if not writes and (sync.crm_id is not None or to.merged):
        return None
    email = to.card.fields.get("email")
    key = RecordKey(
        lead_key=sync.lead_id, crm_id=sync.crm_id, email=None if email is None else str(email), fresh=sync.fresh
    )
    return UpsertPerson(op_id=_op(sync, "person"), key=key, fields=writes, create=not to.merged)


def _writes(to: Target, sync: SyncRecord) -> Iterator[FieldWrite]:
    fields, refused = to.card.fields, {each.what: each.value for each in sync.refused}
    if DUPLICATE_OF in sync.values and DUPLICATE_OF not in fields:
        yield FieldWrite(DUPLICATE_OF, None, "clear")  # it was another's duplicate, until a person said otherwise
    for name, value in fields.items():
        if name in sync.astray and to.policy.fields.get(name) != "never":
            yield _put_right(name, value)
            continue
        now = None if value is None else digest(value)
        use = to.policy.fields.get(name) or _USES.get(name, "own")
        kept = use == "never" or (value is None and use != "own")
        if now != sync.values.get(name) and not kept and (now is None or refused.get(name) != now):
            said = name == STATUS and to.by_link and name not in to.policy.fields
            yield _said_by_link(name, value, to, sync) if said else FieldWrite(name, value, _policy(value, use))
    if owner_due(to, sync):
        yield FieldWrite(OWNER, to.owner, "guarded", was=sync.owner)


def _put_right(name: str, value: Plain | datetime | None) -> FieldWrite:
    """What is another's is replaced, or emptied. A stage never goes back in a CRM but through an empty field."""
    if value is None or name == STAGE:
        return FieldWrite(name, None, "clear")
    return FieldWrite(name, value, "own")


def _said_by_link(name: str, value: Plain | datetime | None, to: Target, sync: SyncRecord) -> FieldWrite:
    """Over what a rep saw there when they answered by a link; what was put there since then stays. Rows of a former
    release know that by its digest alone."""
    shown = sync.shows.get(name)
    was = sync.status or next((each for each in to.statuses if digest(each) == shown), None)
    return FieldWrite(name, value, "guarded", was)


def owner_due(to: Target, sync: SyncRecord) -> bool:
    """Whether the owner is to be written: another one, into another record, or where another may stand by now. An
    assignment that gave way to a person's choice, and an owner whom the CRM refused, are not tried again."""
    stands = to.owner == sync.owner and MOVED not in sync.unsure and not others_may_stand(sync)
    if to.owner is None or to.merged or stands or to.hop == sync.gave_way:
        return False
    if to.policy.fields.get(OWNER) == "never":
        return False
    return all(each.what != OWNER or each.value != digest(to.owner) for each in sync.refused)


def others_may_stand(sync: SyncRecord) -> bool:
    """Whether a write that nobody answered may have put somebody else there than whom we know of."""
    owners = {each for each in sync.offered if is_owner(each)}
    return bool(owners - {sync.owner}) and (is_unknown(sync.unsure) or sync.owner not in owners)


def _policy(value: object, use: FieldUse) -> Policy:
    """A field of ours that has no value any more is emptied there too."""
    if value is None:
        return "clear"
    return "own" if use == "never" else use


MOVED = "moved"
"""Stands among the unsure operations for whatever the record shows that a person's was merged into."""

LISTS = "lists"
"""Stands among the unsure operations until the list that the person should be on was joined for sure."""


def is_unknown(unsure: Iterable[str]) -> bool:
    """Whether anything that was sent has yet to be looked up; lists cannot be, they are left and joined again."""
    return not {*unsure} <= {LISTS}


def memberships(to: Target, sync: SyncRecord) -> list[SetMembership]:
    """Onto the list of the sequence that the lead is in, off those it has left. After an unknown outcome the person may
    be on any list, and on none for sure."""
    on = {*sync.lists, *(to.every if is_unknown(sync.unsure) else ())}
    put = to.lists if sync.unsure else [each for each in to.lists if each not in on]
    off = sorted(on - {*to.lists})
    return [_membership(each, sync, member) for each, member in (*((e, False) for e in off), *((e, True) for e in put))]


def _membership(list_id: str, sync: SyncRecord, member: bool) -> SetMembership:
    op = _op(sync, f"{'on' if member else 'off'}-{list_id}")
    return SetMembership(op_id=op, crm_id=sync.crm_id or "", list_id=list_id, member=member)


def task(to: Target, sync: SyncRecord) -> PutTask | None:
    """One task per lead: a new owner gets the same task with a new deadline. What was done before the CRM heard of it
    needs no task there."""
    due, op = to.card.task, _op(sync, "task")
    if due is None or not to.policy.next_step_task or sync.values.get("task") == task_digest(due, _owner_of(to, sync)):
        return None
    if due.done and sync.done.get(op) is None:
        return None
    return PutTask(
        op_id=op,
        crm_id=sync.crm_id or "",
        subject=due.subject,
        body=due.body,
        due_at=due.due_at,
        owner_id=_owner_of(to, sync),
        done=due.done,
        priority="HIGH" if due.urgent else "MEDIUM",
        task_id=sync.done.get(op),
    )


def _owner_of(to: Target, sync: SyncRecord) -> str | None:
    """Whose task it is; nobody's while the CRM refuses the owner: so the record still shows it."""
    refused = any(each.what == OWNER and to.owner and each.value == digest(to.owner) for each in sync.refused)
    return None if refused else to.owner


def task_seen(to: Target, sync: SyncRecord) -> dict[str, str]:
    """What is remembered of the task that the CRM shows now."""
    return {} if to.card.task is None else {"task": task_digest(to.card.task, _owner_of(to, sync))}


def task_digest(due: Task, owner: str | None) -> str:
    """What a task looks like in the CRM."""
    return digest((due.model_dump_json(), owner))


def notes(to: Target, sync: SyncRecord) -> list[PutNote]:
    """One note for each assignment to a rep, for each qualification, for some minutes of a conversation."""
    new = [said for said in to.notes if note_op(said, sync) not in sync.done]
    return [
        PutNote(op_id=note_op(said, sync), crm_id=sync.crm_id or "", body=said.body, at=said.at)
        for said in new
        if to.policy.notes
    ]


def created(to: Target, sync: SyncRecord) -> list[str]:
    """The operations that make something new in the CRM, whether they are to be sent now, were sent before or will be
    again: the task and the notes, also of a stage that was left meanwhile. A second time they would make it twice."""
    stages = (_op(sync, f"note-{name}") for name in to.stage_notes)
    return [*dict.fromkeys((_op(sync, "task"), *(note_op(said, sync) for said in to.card.notes), *stages))]


def task_op(lead_id: str) -> str:
    """The name of the operation that makes a lead's task."""
    return f"{lead_id[:12]}-task"


def note_op(said: Note, sync: SyncRecord) -> str:
    """The name of the operation that writes a note. A conversation is the person's, whichever lead they are: in one
    record it is written once."""
    return said.name if said.talk is not None else _op(sync, f"note-{said.name}")


def _op(sync: SyncRecord, what: str) -> str:
    """Operations are named for ever: `find_marked` finds them in the CRM by this name."""
    return f"{sync.lead_id[:12]}-{what}"
