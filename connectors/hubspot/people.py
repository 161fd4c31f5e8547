"""Writing people: each becomes exactly one contact.

A contact that carries our key is ours. One that has the e-mail and no key is claimed: updated by id, so that the key
is stamped. Only then is a contact made, as an upsert by our unique key, so that a repeat finds what the first attempt
made. (HubSpot refuses partial upserts by e-mail.)

A contact that carries another lead's key is never taken over. People do share addresses (info@ and the like), and
HubSpot allows an address once: whoever comes later gets a contact without it, and `Ok.refused` says whose it is.

A contact is read first only where that decides anything. A field that HubSpot will not take is left out and told; the
rest is sent again without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.hubspot.attempts import Attempt, Write
from connectors.hubspot.batches import UNMENTIONED, Batch, Batches, Input, Item, strings
from connectors.hubspot.fields import KEY, OWNER
from connectors.hubspot.lookup import CONTACTS, Contact, Lookup
from connectors.hubspot.stages import UPDATE, Stages
from connectors.hubspot.transport import Wire, is_id
from connectors.kit.crm_fields import FieldMap, needs_look
from connectors.kit.crm_trouble import Refusal, Refused, Trouble, blocking, held_back
from leadrelay.ports.crm import (
    FieldWrite,
    Moved,
    Ok,
    RecordKey,
    Rejected,
    Skipped,
    Snapshot,
    UpsertPerson,
    WriteResult,
)


class People:
    """The contacts of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._fields = fields
        self._key = fields.of(KEY).name
        self._lookup = Lookup(wire, fields)
        self._batches = Batches(wire, fields)
        self._stages = Stages(self._batches, self._lookup, fields)
        self._upsert = Batch(CONTACTS, "upsert", lambda item: strings(item.get("properties")).get(self._key, ""))

    def snapshots(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """The contacts now, in the order of the keys. Raises Refused."""
        return [self.snapshot(contact) if contact else None for contact in self._lookup.find(keys)]

    def snapshot(self, contact: Contact) -> Snapshot:
        """A contact in our words."""
        shown = self._fields.shown(contact.properties)
        return Snapshot(contact.crm_id, contact.properties.get(self._key) or None, shown.get(OWNER), shown)

    def upsert(self, ops: Sequence[UpsertPerson]) -> list[WriteResult]:
        """Create or update people, all different; results in the same order.

        Each round sends again what can be sent without the fields that HubSpot named. Who meets a conflict is looked
        at once more and written without the address: the contact that has it may have been made between our look and
        our write, and is then claimed like any other.
        """
        results: dict[str, WriteResult] = {}
        attempts = [Attempt(op) for op in ops]
        while attempts:
            told = self._round(attempts)
            results |= {op_id: one.result(op_id) if isinstance(one, Refusal) else one for op_id, one in told.items()}
            attempts = list(filter(None, (attempt.narrowed(told[attempt.op.op_id]) for attempt in attempts)))
            blocked = next(filter(None, map(blocking, results.values())), None)
            if blocked:
                results |= {held.op_id: held for held in held_back([attempt.op for attempt in attempts], blocked)}
                break
        oks = [(op, done) for op in ops if isinstance(done := results[op.op_id], Ok)]
        results |= self._stages.stepped_back(oks)
        return [results[op.op_id] for op in ops]

    # -- one round: look, decide, send

    def _round(self, attempts: Sequence[Attempt]) -> dict[str, WriteResult | Refusal]:
        """What became of each; a Refusal may be narrowed."""
        try:
            found = self._looked_at(attempts)
        except Refused as refused:
            return {attempt.op.op_id: refused.trouble.result(attempt.op.op_id) for attempt in attempts}
        planned = [self._plan(attempt, found.get(attempt.op.op_id)) for attempt in attempts]
        told: dict[str, WriteResult | Refusal] = {p.op_id: p for p in planned if not isinstance(p, Write)}
        return told | self._send([plan for plan in planned if isinstance(plan, Write)])

    def _looked_at(self, attempts: Sequence[Attempt]) -> dict[str, Contact | None]:
        asked = [attempt.op for attempt in attempts if _must_look(attempt)]
        keys = [op.key for op in asked]
        return dict(zip((op.op_id for op in asked), self._lookup.find(keys), strict=True))

    def _plan(self, attempt: Attempt, contact: Contact | None) -> Write | WriteResult:
        op = attempt.op
        if op.key.crm_id and not is_id(op.key.crm_id):
            return Rejected(op.op_id, "VALIDATION", "not a HubSpot record id", "crm_id")
        if not _must_look(attempt):
            return self._write(attempt, None)
        if contact and op.key.crm_id not in contact.ids and self._belongs_to_another(contact, op.key.lead_key):
            attempt, contact = attempt.without_address(contact.crm_id), None
        if contact is None and not op.create:
            return Skipped(op.op_id, "there is no such contact, and none is to be made")
        if contact is None and op.key.crm_id:
            return Rejected(op.op_id, "NOT_FOUND", f"HubSpot has no contact {op.key.crm_id}")
        if contact and op.key.crm_id and contact.crm_id != op.key.crm_id:
            return Moved(op.op_id, contact.crm_id)
        return self._write(attempt, contact)

    def _write(self, attempt: Attempt, contact: Contact | None) -> Write | WriteResult:
        op, looked = attempt.op, _must_look(attempt)
        writes: list[FieldWrite] = attempt.fields()
        if looked:
            writes.append(FieldWrite(KEY, op.key.lead_key, "fill_if_empty"))
        current = (contact.properties if contact else {}) if looked else None
        wanted = self._fields.wanted(writes, current)
        for problem in wanted.problems:
            attempt = attempt.without(problem.word, Rejected(op.op_id, "VALIDATION", str(problem), problem.word))
        write = Write(attempt, contact, strings(wanted.values), looked)
        if write.crm_id and not write.properties:
            return self._done(write, {"id": write.crm_id})
        return write

    def _belongs_to_another(self, contact: Contact, lead_key: str) -> bool:
        return (contact.properties.get(self._key) or lead_key) != lead_key

    # -- sending

    def _send(self, writes: Sequence[Write]) -> dict[str, WriteResult | Refusal]:
        updates = [self._input(write) for write in writes if write.crm_id]
        upserts = [self._input(write) for write in writes if not write.crm_id]
        outcomes = self._batches.send((UPDATE, updates), (self._upsert, upserts))
        self._follow(writes, outcomes)
        return {write.op_id: self._result(write, outcomes[write.op_id]) for write in writes}

    def _input(self, write: Write) -> Input:
        """By id where it is known, else by our key."""
        lead_key = write.attempt.op.key.lead_key
        if write.crm_id:
            return Input(write.op_id, write.crm_id, {"id": write.crm_id, "properties": write.properties})
        return Input(write.op_id, lead_key, {"id": lead_key, "idProperty": self._key, "properties": write.properties})

    def _follow(self, writes: Iterable[Write], outcomes: dict[str, Item | Trouble]) -> None:
        """A contact that was merged since answers under its new id, which the reply cannot tie to the old one: those
        that a reply does not mention are looked up by id."""
        lost = [write for write in writes if write.crm_id and outcomes[write.op_id] is UNMENTIONED]
        if not lost:
            return
        try:
            found = self._lookup.by_ids(write.crm_id for write in lost)
        except Refused:
            return  # the outcome stays in doubt, and the caller will read
        for write in lost:
            contact = found.get(write.crm_id)
            if contact is None:
                outcomes[write.op_id] = Refusal("NOT_FOUND", f"HubSpot has no contact {write.crm_id}")
            elif contact.crm_id != write.crm_id:
                outcomes[write.op_id] = {"id": contact.crm_id}

    def _result(self, write: Write, outcome: Item | Trouble) -> WriteResult | Refusal:
        op = write.attempt.op
        if isinstance(outcome, Refusal):
            if outcome.code == "NOT_FOUND" and not op.create:
                return Skipped(op.op_id, "there is no such contact, and none is to be made")
            return outcome
        if isinstance(outcome, Mapping):
            return self._done(write, outcome)
        return outcome.result(op.op_id)

    def _done(self, write: Write, item: Item) -> WriteResult:
        op, crm_id = write.attempt.op, str(item["id"])
        if op.key.crm_id and crm_id != op.key.crm_id:
            return Moved(op.op_id, crm_id)
        before = write.contact.properties if write.contact else {}
        there = {**before, **write.properties, **strings(item.get("properties"))}
        sent = [one for one in op.fields if write.looked or one.name not in write.attempt.left_out]
        applied = self._fields.applied(sent, there, looked=write.looked)
        refused = write.attempt.refused(applied)
        return Ok(op.op_id, crm_id, bool(item.get("new")), applied, refused)


def _must_look(attempt: Attempt) -> bool:
    """Who is known by id and gets only fields of our own is written without looking."""
    key = attempt.op.key
    return key.crm_id is None or needs_look(attempt.op.fields)
