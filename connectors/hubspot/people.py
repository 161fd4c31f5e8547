"""Writing people: each becomes exactly one contact.

A contact that carries our key is ours. One that has the e-mail and no key is claimed: updated by id, so that the key
is stamped. Only then is a contact made, as an upsert by our unique key, so that a repeat finds what the first attempt
made. (HubSpot refuses partial upserts by e-mail.)

A contact that carries another lead's key is never taken over. People do share addresses (info@ and the like), and
HubSpot allows an address once: whoever comes later gets a contact without it, and `Ok.applied` shows it empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.answers import Doubt, Refusal, Refused, Trouble, of_answer, of_item, of_silence
from connectors.hubspot.fields import (
    EMAIL,
    KEY,
    OWNER_PROPERTY,
    FieldMap,
    FieldProblem,
)
from connectors.hubspot.lookup import BATCHES, CONTACTS, Contact, Lookup, items, strings
from connectors.hubspot.transport import Answer, Silence, Wire, is_id
from leadrelay.ports.crm import FieldWrite, Moved, Ok, RecordKey, Rejected, Snapshot, UpsertPerson, WriteResult


@dataclass(frozen=True, slots=True)
class _Write:
    """One input of a batch and how its result is recognised in the reply."""

    op: UpsertPerson
    current: Contact | None
    properties: dict[str, str]

    @property
    def verb(self) -> str:
        return "update" if self.current else "upsert"

    @property
    def recognised_by(self) -> str:
        return self.current.crm_id if self.current else self.op.key.lead_key


class People:
    """The contacts of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields
        self._key = fields.of(KEY).property
        self._lookup = Lookup(wire, fields)

    def snapshots(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """The contacts now, in the order of the keys. Raises Refused."""
        return [self._snapshot(contact) if contact else None for contact in self._lookup.find(keys)]

    def upsert(self, ops: Sequence[UpsertPerson]) -> list[WriteResult]:
        """Create or update people, all different; results in the same order.

        Who meets a conflict is looked at once more and written without the address: the contact that has it may have
        been made between our look and our write, and is then claimed like any other.
        """
        results, writes = self._attempt([(op, False) for op in ops])
        again = [(write.op, True) for write in writes if _is_conflict(results[write.op.op_id])]
        if again:
            results |= self._attempt(again)[0]
        return [results[op.op_id] for op in ops]

    def _snapshot(self, contact: Contact) -> Snapshot:
        shown = self._fields.shown(contact.properties)
        owner = contact.properties.get(OWNER_PROPERTY) or None
        return Snapshot(contact.crm_id, contact.properties.get(self._key) or None, owner, shown)

    def _attempt(self, asked: Sequence[tuple[UpsertPerson, bool]]) -> tuple[dict[str, WriteResult], list[_Write]]:
        """One round: look, decide, send updates and upserts; each person comes with whether to leave the address out.
        Also returns what was sent."""
        try:
            found = self._lookup.find([op.key for op, _ in asked])
        except Refused as refused:
            return {op.op_id: refused.trouble.result(op.op_id) for op, _ in asked}, []
        planned = [self._plan(op, contact, spare) for (op, spare), contact in zip(asked, found, strict=True)]
        results = {plan.op_id: plan for plan in planned if not isinstance(plan, _Write)}
        writes = [plan for plan in planned if isinstance(plan, _Write)]
        for verb in ("update", "upsert"):
            results |= self._send(verb, [write for write in writes if write.verb == verb])
        return results, writes

    def _plan(self, op: UpsertPerson, contact: Contact | None, spare: bool) -> _Write | WriteResult:
        if op.key.crm_id and not is_id(op.key.crm_id):
            return Rejected(op.op_id, "VALIDATION", "not a HubSpot record id", "crm_id")
        if contact and op.key.crm_id not in contact.ids and self._belongs_to_another(contact, op.key.lead_key):
            contact, spare = None, True
        if contact is None and op.key.crm_id:
            return Rejected(op.op_id, "NOT_FOUND", f"HubSpot has no contact {op.key.crm_id}")
        if contact and op.key.crm_id and contact.crm_id != op.key.crm_id:
            return Moved(op.op_id, contact.crm_id)
        try:
            return self._write(op, contact, {KEY, EMAIL} if spare else {KEY})
        except FieldProblem as problem:
            return Rejected(op.op_id, "VALIDATION", str(problem), problem.word)

    def _write(self, op: UpsertPerson, contact: Contact | None, left_out: set[str]) -> _Write | WriteResult:
        stamp = FieldWrite(KEY, op.key.lead_key, "fill_if_empty")
        current = contact.properties if contact else {}
        writes = [write for write in op.fields if write.name not in left_out]
        properties = self._fields.wanted([*writes, stamp], current)
        if contact and not properties:
            return Ok(op.op_id, contact.crm_id, applied=self._fields.applied(op.fields, current))
        return _Write(op, contact, properties)

    def _belongs_to_another(self, contact: Contact, lead_key: str) -> bool:
        return (contact.properties.get(self._key) or lead_key) != lead_key

    def _send(self, verb: str, writes: Sequence[_Write]) -> dict[str, WriteResult]:
        """Send one batch. A refusal of the whole is traced to its cause by halves, so that neighbours do not suffer."""
        if not writes:
            return {}
        try:
            answer = self._wire.call(BATCHES, verb, CONTACTS, {"inputs": self._inputs(verb, writes)})
        except Silence as silence:
            return self._all(writes, of_silence(silence))
        if answer.ok:
            return self._sorted_out(answer, writes)
        trouble = of_answer(answer, self._fields)
        if isinstance(trouble, Refusal) and trouble.code != "PERMISSION" and len(writes) > 1:
            half = len(writes) // 2
            return self._send(verb, writes[:half]) | self._send(verb, writes[half:])
        return self._all(writes, trouble)

    def _inputs(self, verb: str, writes: Sequence[_Write]) -> list[dict[str, Any]]:
        by_key = {"idProperty": self._key} if verb == "upsert" else {}
        return [
            {"id": write.recognised_by, "properties": write.properties, "objectWriteTraceId": str(place), **by_key}
            for place, write in enumerate(writes)
        ]

    def _all(self, writes: Sequence[_Write], trouble: Trouble) -> dict[str, WriteResult]:
        return {write.op.op_id: trouble.result(write.op.op_id) for write in writes}

    def _sorted_out(self, answer: Answer, writes: Sequence[_Write]) -> dict[str, WriteResult]:
        """Who got what: the reply's order is not promised, and with 200 as with 207 some items may have failed."""
        failed = {trace: error for error in items(answer, "errors") for trace in _traces(error)}
        made = {str(item.get("id")): item for item in items(answer, "results")}
        by_key = {strings(item.get("properties")).get(self._key, ""): item for item in made.values()}
        results: dict[str, WriteResult] = {}
        for place, write in enumerate(writes):
            item = (made if write.current else by_key).get(write.recognised_by)
            results[write.op.op_id] = self._result(write, item, failed.get(str(place)))
        return results

    def _result(self, write: _Write, item: dict[str, Any] | None, error: dict[str, Any] | None) -> WriteResult:
        if error is not None:
            return of_item(error, self._fields).result(write.op.op_id)
        if item is None:
            return Doubt("HubSpot's reply does not mention this contact").result(write.op.op_id)
        before = write.current.properties if write.current else {}
        applied = self._fields.applied(write.op.fields, {**before, **strings(item.get("properties"))})
        return Ok(write.op.op_id, str(item["id"]), created=bool(item.get("new")), applied=applied)


def _is_conflict(result: WriteResult) -> bool:
    return isinstance(result, Rejected) and result.code == "DUPLICATE"


def _traces(error: Mapping[str, Any]) -> list[str]:
    context = error.get("context")
    traces = context.get("objectWriteTraceId", []) if isinstance(context, dict) else []
    return [str(trace) for trace in (traces if isinstance(traces, list) else [traces])]
