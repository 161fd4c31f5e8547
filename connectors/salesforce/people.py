"""Writing people: each becomes exactly one lead, or stays the contact that it already is.

A record that carries our key is ours. One that has the e-mail and no key is claimed: an unconverted lead before a
contact, the oldest first; it is updated by id, so that the key is stamped. Only then is a lead made, as an upsert by
our unique key, so that a repeat finds what the first attempt made.

A record that carries another lead's key is never taken over. People do share addresses (info@ and the like); Salesforce
allows that, so whoever comes later gets a lead of their own, past the account's duplicate rules.

A record is read first only where that decides anything. A field that Salesforce will not take is left out and told; the
rest is sent again without it. A lead that was converted, or a record merged into another, has moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.kit.crm_fields import FieldMap, Wire
from connectors.kit.crm_trouble import AUTH, Refusal, Refused, Wait, heard
from connectors.salesforce.answers import GONE
from connectors.salesforce.fields import EMAIL, KEY, OWNER, Kind
from connectors.salesforce.lookup import Lookup, Record, is_lead_key, kind_of, person_id
from connectors.salesforce.plans import Attempt, Outcome, Told, Write, completed, for_kind, seen
from connectors.salesforce.rows import Row, Rows, Saved
from connectors.salesforce.session import Org
from leadrelay.ports.crm import FieldWrite, Moved, Ok, RecordKey, Rejected, Skipped, Snapshot, UpsertPerson, WriteResult

NOBODY = "there is no such person, and none is to be made"


class People:
    """The leads and contacts of one account."""

    def __init__(self, org: Org, maps: Mapping[Kind, FieldMap], lookup: Lookup) -> None:
        self._org = org
        self._maps = maps
        self._lookup = lookup
        self._rows = Rows(org, maps["Lead"])

    def snapshots(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """The records now, in the order of the keys. Raises Refused."""
        found = self._lookup.find(keys)
        me = self._me() if any(found) else ""
        return [self._snapshot(record, me) if record else None for record in found]

    def _snapshot(self, record: Record, me: str) -> Snapshot:
        """A record in our words; one that is our own user's is nobody's."""
        known = self._maps[record.kind]
        shown = known.shown(seen(record, known, [FieldWrite(OWNER, None, was="")], me))
        return Snapshot(record.crm_id, self._lookup.key_of(record) or None, shown.get(OWNER), shown)

    def upsert(self, ops: Sequence[UpsertPerson]) -> list[WriteResult]:
        """Create or update people, all different; results in the same order. Each round sends again what can be sent
        without the fields that Salesforce named."""
        results: dict[str, WriteResult] = {}
        attempts = [Attempt(op) for op in ops]
        while attempts:
            told = self._round(attempts)
            again = [attempt.narrowed(told[attempt.op.op_id]) for attempt in attempts]
            results |= {op_id: one.result(op_id) if isinstance(one, Refusal) else one for op_id, one in told.items()}
            attempts = [attempt for attempt in again if attempt]
        return [results[op.op_id] for op in ops]

    # -- one round: look, decide, send

    def _round(self, attempts: Sequence[Attempt]) -> dict[str, Told]:
        """What became of each; a Refusal may be narrowed."""
        asked = [attempt for attempt in attempts if attempt.must_look]
        try:
            found = self._lookup.find([attempt.op.key for attempt in asked])
            me = self._me() if any(_asks_for_owner(attempt) for attempt in asked) else ""
        except Refused as refused:
            return {attempt.op.op_id: refused.trouble.result(attempt.op.op_id) for attempt in attempts}
        records = dict(zip((attempt.op.op_id for attempt in asked), found, strict=True))
        planned = [self._plan(attempt, records.get(attempt.op.op_id), me) for attempt in attempts]
        told: dict[str, Told] = {plan.op_id: plan for plan in planned if not isinstance(plan, Write)}
        return told | self._send([plan for plan in planned if isinstance(plan, Write)])

    def _me(self) -> str:
        """Our own user, whose records are nobody's. Raises Refused."""
        me = heard(self._org.me)
        if not me:
            raise Refused(Wait(AUTH, "auth", "Salesforce does not say who we are: give the app the scope `openid`"))
        return me

    def _plan(self, attempt: Attempt, record: Record | None, me: str) -> Write | WriteResult:
        op = attempt.op
        kind = kind_of(op.key.crm_id) if op.key.crm_id else "Lead"
        if kind is None:
            return Rejected(op.op_id, "VALIDATION", "not the id of a Salesforce lead or contact", "crm_id")
        if not is_lead_key(op.key.lead_key):
            return Rejected(op.op_id, "VALIDATION", "not a key of LeadRelay", KEY)
        if not attempt.must_look:
            return self._write(attempt, Write(attempt, kind, None, {}, looked=False), None)
        foreign = bool(record and not op.key.crm_id and self._lookup.key_of(record) not in ("", op.key.lead_key))
        if record and not foreign:
            return self._known(attempt, record, me)
        return self._new(attempt, foreign)

    def _new(self, attempt: Attempt, foreign: bool) -> Write | WriteResult:
        """Somebody who is not there; `foreign` says that the address is, at another lead's record."""
        op = attempt.op
        if not op.create:
            return Skipped(op.op_id, NOBODY)
        if op.key.crm_id:
            return Rejected(op.op_id, "NOT_FOUND", f"Salesforce has no record {op.key.crm_id}")
        return self._write(attempt, Write(attempt, "Lead", None, {}, looked=True, duplicate=foreign), {})

    def _known(self, attempt: Attempt, record: Record, me: str) -> Write | WriteResult:
        op = attempt.op
        if op.key.crm_id and record.crm_id != person_id(op.key.crm_id):
            return Moved(op.op_id, record.crm_id)
        current = seen(record, self._maps[record.kind], attempt.fields(), me)
        return self._write(attempt, Write(attempt, record.kind, record, {}, looked=True), current)

    def _write(self, attempt: Attempt, plan: Write, current: Mapping[str, Wire] | None) -> Write | WriteResult:
        """The plan with its values; nothing is sent where the record shows them all already."""
        op, known = attempt.op, self._maps[plan.kind]
        writes = for_kind(attempt.fields(), known, self._maps["Lead"])
        if plan.record:
            writes.append(FieldWrite(KEY, op.key.lead_key, "fill_if_empty"))
        wanted = known.wanted(writes, current)
        for problem in wanted.problems:
            attempt = attempt.without(problem.word, Rejected(op.op_id, "VALIDATION", str(problem), problem.word))
        values = wanted.values if plan.crm_id else completed(wanted.values, op, known)
        write = Write(attempt, plan.kind, plan.record, values, plan.looked, plan.duplicate)
        return self._done(write, Saved(write.crm_id)) if write.crm_id and not values else write

    # -- sending

    def _send(self, writes: Sequence[Write]) -> dict[str, Told]:
        outcomes = self._rows.save([self._row(write) for write in sorted(writes, key=lambda write: write.kind)])
        gone = {write.op_id: write for write in writes if write.crm_id and _is_gone(outcomes[write.op_id])}
        moved = self._moved(gone) if gone else {}
        return {write.op_id: moved.get(write.op_id) or self._result(write, outcomes[write.op_id]) for write in writes}

    def _row(self, write: Write) -> Row:
        key = self._maps["Lead"].of(KEY).name, write.attempt.op.key.lead_key
        if write.crm_id:
            return Row(write.op_id, write.kind, write.values, write.crm_id, duplicate=True)
        return Row(write.op_id, write.kind, write.values, key=key, duplicate=write.duplicate)

    def _moved(self, gone: Mapping[str, Write]) -> dict[str, WriteResult]:
        """Where those went that could not be written any more."""
        try:
            found = self._lookup.successors(write.crm_id for write in gone.values())
        except Refused as refused:
            return {op_id: refused.trouble.result(op_id) for op_id in gone}
        return {op_id: Moved(op_id, found[write.crm_id]) for op_id, write in gone.items() if write.crm_id in found}

    def _result(self, write: Write, outcome: Outcome) -> Told:
        op = write.attempt.op
        if isinstance(outcome, Saved):
            return self._done(write, outcome)
        if not isinstance(outcome, Refusal):
            return outcome.result(op.op_id)
        if outcome.code == "NOT_FOUND" and not op.create:
            return Skipped(op.op_id, NOBODY)
        return _addressed(outcome) if write.crm_id else outcome

    def _done(self, write: Write, saved: Saved) -> WriteResult:
        op, known = write.attempt.op, self._maps[write.kind]
        there = {**(write.record.values if write.record else {}), **write.values}
        told = list(op.fields) if write.looked else write.attempt.fields()
        applied = known.applied(told, there, looked=write.looked)
        return Ok(op.op_id, saved.crm_id, saved.created, applied, write.attempt.refused(applied))


def _asks_for_owner(attempt: Attempt) -> bool:
    return any(write.name == OWNER and write.policy != "own" for write in attempt.fields())


def _addressed(told: Refusal) -> Refusal:
    """A record that we know is no other, whatever the account's duplicate rules say: if they will not have it saved
    even so, then not with the address that another one has."""
    if told.code != "DUPLICATE" or told.field == KEY:
        return told
    return Refusal(told.code, told.message, parts=(replace(told, field=EMAIL),))


def _is_gone(outcome: Outcome) -> bool:
    return isinstance(outcome, Refusal) and outcome.code in GONE
