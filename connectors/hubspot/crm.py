"""The CRM role: HubSpot behind the `Crm` port.

People go out in batches, everything else one by one. Once the account as a whole is blocked or silent, the rest of the
operations is not sent at all: each of them would only cost another error or another timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Literal

from connectors.hubspot.answers import Doubt, Refused, ask, of_answer, of_silence
from connectors.hubspot.fields import OWNER_PROPERTY, FieldMap, default_map, description, wire_time
from connectors.hubspot.lookup import BATCH, BATCHES, CONTACTS
from connectors.hubspot.marker import mark_of, marked
from connectors.hubspot.people import People
from connectors.hubspot.transport import TIMEOUT, Answer, Silence, Timeout, Wire, is_id
from leadrelay.ports.crm import (
    Crm,
    Marked,
    Moved,
    Ok,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    RetryLater,
    SetOwner,
    Skipped,
    Snapshot,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.errors import Misconfigured, Reject

OBJECTS = "crm.objects.basic_api"
ASSOCIATIONS = "crm.associations.v4.basic_api"
PAGE = 500
# Association types HubSpot defines: task to contact, note to contact.
TO_CONTACT = {"tasks": 204, "notes": 202}
BODIES: tuple[tuple[Literal["task", "note"], str, str], ...] = (
    ("task", "tasks", "hs_task_body"),
    ("note", "notes", "hs_note_body"),
)
CREATED = 201
AFTER_SILENCE = 2.0  # seconds
# After these scopes nothing else will get through either.
ACCOUNT_WIDE = frozenset({"second", "10s", "day", "outage", "auth"})


class HubSpotCrm:
    """One HubSpot account; safe under threads."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields
        self._people = People(wire, fields)

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """See the port. A contact merged into another answers with the other's id."""
        try:
            return self._people.snapshots(keys)
        except Refused as refused:
            raise refused.trouble.error() from refused

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """See the port."""
        results: list[WriteResult] = []
        blocked: RetryLater | None = None
        for group in groups(ops):
            if blocked is None:
                results += self._carry_out(group)
                blocked = next(filter(None, map(_blocking, results[-len(group) :])), None)
            else:
                results += [RetryLater(op.op_id, blocked.after, blocked.scope, blocked.message) for op in group]
        return results

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """See the port. Raises Reject for an id that is none."""
        if not is_id(crm_id):
            raise Reject("VALIDATION", "not a HubSpot record id")
        try:
            return [mark for mark in self._marks(crm_id) if mark.op_id in op_ids]
        except Refused as refused:
            raise refused.trouble.error() from refused

    # -- one operation

    def _carry_out(self, group: Sequence[WriteOp]) -> list[WriteResult]:
        first = group[0]
        if isinstance(first, UpsertPerson):
            return self._people.upsert([op for op in group if isinstance(op, UpsertPerson)])
        if isinstance(first, SetOwner):
            return [self._set_owner(first)]
        return [self._put_task(first) if isinstance(first, PutTask) else self._put_note(first)]

    def _set_owner(self, op: SetOwner) -> WriteResult:
        body = {"properties": {OWNER_PROPERTY: op.owner_id or ""}}
        result = self._guarded(op.op_id, (op.crm_id, op.owner_id), lambda: self._update(CONTACTS, op.crm_id, body))
        if isinstance(result, Ok) and result.crm_id != op.crm_id:
            return Moved(op.op_id, result.crm_id)
        return result

    def _put_task(self, op: PutTask) -> WriteResult:
        properties = {
            "hs_task_subject": op.subject,
            "hs_task_body": marked(op.body, op.op_id),
            "hs_task_status": "COMPLETED" if op.done else "NOT_STARTED",
            "hs_task_priority": op.priority,
            "hs_task_type": "TODO",
            "hs_timestamp": wire_time(op.due_at),
            OWNER_PROPERTY: op.owner_id or "",
        }
        ids = (op.crm_id, op.owner_id, op.task_id)
        task_id = op.task_id
        if task_id:
            return self._guarded(op.op_id, ids, lambda: self._update("tasks", task_id, {"properties": properties}))
        return self._guarded(op.op_id, ids, lambda: self._create("tasks", op.crm_id, properties), repeatable=False)

    def _put_note(self, op: PutNote) -> WriteResult:
        if op.note_id:
            return Skipped(op.op_id, "the note is written; notes never change", op.note_id)
        properties = {"hs_note_body": marked(op.body, op.op_id), "hs_timestamp": wire_time(op.at)}
        ids = (op.crm_id,)
        return self._guarded(op.op_id, ids, lambda: self._create("notes", op.crm_id, properties), repeatable=False)

    def _guarded(
        self, op_id: str, ids: Sequence[str | None], call: Callable[[], Answer], *, repeatable: bool = True
    ) -> WriteResult:
        """Call, and read the answer. Empty ids are fine, others must be HubSpot's: they stand in paths."""
        if not all(value is None or is_id(value) for value in ids):
            return Rejected(op_id, "VALIDATION", "not a HubSpot record id")
        try:
            answer = call()
        except Silence as silence:
            return of_silence(silence).result(op_id)
        if not answer.ok:
            return of_answer(answer, self._fields, repeatable=repeatable).result(op_id)
        if "id" not in answer.body:
            return Doubt("HubSpot's reply names no record").result(op_id)
        return Ok(op_id, str(answer.body["id"]), created=answer.status == CREATED)

    def _create(self, kind: str, contact_id: str, properties: Mapping[str, str]) -> Answer:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_CONTACT[kind]}]
        filled = {name: value for name, value in properties.items() if value}
        body = {"properties": filled, "associations": [{"to": {"id": contact_id}, "types": types}]}
        return self._wire.call(OBJECTS, "create", kind, body)

    def _update(self, kind: str, record_id: str, body: Mapping[str, object]) -> Answer:
        return self._wire.call(OBJECTS, "update", kind, record_id, body)

    # -- marks

    def _marks(self, contact_id: str) -> Iterator[Marked]:
        for kind, plural, prop in BODIES:
            for record_id, body in self._bodies(contact_id, plural, prop):
                op_id = mark_of(body)
                if op_id:
                    yield Marked(op_id, record_id, kind)

    def _bodies(self, contact_id: str, kind: str, prop: str) -> Iterator[tuple[str, str]]:
        """Id and body of every record of a kind on the contact."""
        ids = list(self._linked(contact_id, kind))
        for start in range(0, len(ids), BATCH):
            inputs = [{"id": record_id} for record_id in ids[start : start + BATCH]]
            body = {"inputs": inputs, "properties": [prop], "propertiesWithHistory": []}
            answer = ask(partial(self._wire.call, BATCHES, "read", kind, body), self._fields)
            for item in answer.body.get("results", []):
                yield str(item["id"]), str(item["properties"].get(prop) or "")

    def _linked(self, contact_id: str, kind: str) -> Iterator[str]:
        after: dict[str, str] = {}
        while True:
            call = partial(self._wire.call, ASSOCIATIONS, "get_page", CONTACTS, contact_id, kind, limit=PAGE, **after)
            page = ask(call, self._fields).body
            yield from (str(item["toObjectId"]) for item in page.get("results", []))
            following = page.get("paging", {}).get("next", {}).get("after")
            if not following:
                return
            after = {"after": str(following)}


def groups(ops: Sequence[WriteOp]) -> Iterator[Sequence[WriteOp]]:
    """Consecutive people together, at most 100 and none twice (HubSpot refuses a batch that names a contact twice);
    every other operation alone."""
    group: list[WriteOp] = []
    names: set[str] = set()
    for op in ops:
        known = _names(op)
        if group and (not known or not names or names & known or len(group) == BATCH):
            yield group
            group, names = [], set()
        group.append(op)
        names |= known
    if group:
        yield group


def _names(op: WriteOp) -> set[str]:
    """Everything that could name the same contact; nothing for what goes out alone."""
    if not isinstance(op, UpsertPerson):
        return set()
    email = (op.key.email or "").strip().lower()
    return {f"op {op.op_id}", f"key {op.key.lead_key}", f"id {op.key.crm_id or ''}", f"mail {email}"} - {"id ", "mail "}


def _blocking(result: WriteResult) -> RetryLater | None:
    """What keeps the following operations from being sent: an account-wide wait, or a silence."""
    if isinstance(result, Unknown):
        return RetryLater(result.op_id, AFTER_SILENCE, "outage", "not sent: the one before got no answer")
    return result if isinstance(result, RetryLater) and result.scope in ACCOUNT_WIDE else None


def connect(secret: Mapping[str, str], endpoint: str | None, timeout: Timeout, version: str | None) -> Wire:
    """The wire for an account. Raises Misconfigured where the secret holds no token."""
    token = secret.get("token", "").strip()
    if not token:
        raise Misconfigured('the HubSpot secret needs {"token": "…"}: create a Service Key in HubSpot and store it')
    return Wire(token, endpoint, timeout, version or secret.get("api_version") or description()["api"]["version"])


def crm(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> Crm:
    """The CRM of an account. `secret` is {"token": …}; `endpoint` replaces HubSpot's public address (the sandbox);
    `timeout` is (connect, answer) in seconds; `version` is "v3" or a date version; `properties` places some of our
    words in other HubSpot properties than `connector.toml` does. Raises Misconfigured."""
    fields = default_map().replaced(properties or {})
    return HubSpotCrm(connect(secret, endpoint, timeout, version), fields)
