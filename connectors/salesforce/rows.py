"""Saving rows: one alone, or up to two hundred in one call, and finding out what became of each.

A single call says more about what went wrong (which record a duplicate points to), a collection costs less. A refusal
of a whole collection is traced to its cause, so that neighbours do not suffer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Doubt, Refusal, Silence, Trouble, of_silence, stops, unsent
from connectors.salesforce.answers import SEVERAL, of_answer, of_problems
from connectors.salesforce.bodies import problems
from connectors.salesforce.fields import KINDS
from connectors.salesforce.session import Answer, Org

LARGEST = 200
CREATED = 201
NO_CONTENT = 204
MANY = "/composite/sobjects"
SAVE_DUPLICATES = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
UNMENTIONED = Doubt("Salesforce's reply does not mention this record")

Verb = Literal["update", "upsert", "create"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be saved: by its id (update), by the value of an external id field (upsert), or as a new one."""

    op_id: str
    kind: str
    fields: Mapping[str, Any]
    crm_id: str = ""
    key: tuple[str, str] | None = None
    duplicate: bool = False
    """Save it although the account's duplicate rules see it elsewhere: we know whose it is."""

    @property
    def verb(self) -> Verb:
        """What is done with it."""
        return "update" if self.crm_id else "upsert" if self.key else "create"


@dataclass(frozen=True, slots=True)
class Saved:
    """The row is there now."""

    crm_id: str
    created: bool = False


class Rows:
    """The rows of one account; `fields` puts names of fields in our words."""

    def __init__(self, org: Org, fields: FieldMap) -> None:
        self._org = org
        self._fields = fields

    def save(self, rows: Sequence[Row]) -> dict[str, Saved | Trouble]:
        """What became of each row, by its operation."""
        kinds = sorted({(row.verb, row.duplicate) for row in rows})
        waiting = [[row for row in rows if (row.verb, row.duplicate) == kind] for kind in kinds]
        outcomes: dict[str, Saved | Trouble] = {}
        while waiting:
            part = waiting.pop(0)
            told = self._once(part)
            if isinstance(told, Refusal) and told.code != "PERMISSION" and len(part) > 1:
                waiting[:0] = self._parted(part, told, outcomes)
                continue
            outcomes |= told if isinstance(told, dict) else dict.fromkeys((row.op_id for row in part), told)
            stopping = next((one for one in outcomes.values() if stops(one)), None)
            if stopping:
                return outcomes | {row.op_id: unsent(stopping) for later in waiting for row in later}
        return self._asked_again(rows, outcomes)

    def delete(self, kind: str, crm_id: str) -> Trouble | None:
        """Delete a row; None when it is gone, before or now."""
        try:
            answer = self._org.call("DELETE", f"/sobjects/{kind}/{crm_id}")
        except Silence as silence:
            return of_silence(silence)
        trouble = None if answer.ok else of_answer(answer, self._fields)
        return None if isinstance(trouble, Refusal) and trouble.code == "NOT_FOUND" else trouble

    # -- one call

    def _once(self, rows: Sequence[Row]) -> dict[str, Saved | Trouble] | Trouble:
        verb = rows[0].verb
        headers = SAVE_DUPLICATES if rows[0].duplicate else None
        try:
            answer = self._org.call(*(_alone(rows[0]) if len(rows) == 1 else _together(rows)), headers=headers)
        except Silence as silence:
            return of_silence(silence)
        if not answer.ok:
            return of_answer(answer, self._fields, repeatable=verb != "create")
        return self._sorted_out(rows, answer)

    def _sorted_out(self, rows: Sequence[Row], answer: Answer) -> dict[str, Saved | Trouble]:
        """A collection's results stand in the order of its rows."""
        if len(rows) == 1:
            made = {"success": True, "id": rows[0].crm_id} if answer.status == NO_CONTENT else answer.body
            return {rows[0].op_id: self._outcome(rows[0], made, answer.status == CREATED)}
        listed = answer.body if isinstance(answer.body, list) and len(answer.body) == len(rows) else [None] * len(rows)
        created = rows[0].verb == "create"
        return {row.op_id: self._outcome(row, one, created) for row, one in zip(rows, listed, strict=True)}

    def _outcome(self, row: Row, told: object, created: bool) -> Saved | Trouble:
        if not isinstance(told, dict):
            return UNMENTIONED
        if told.get("success") is not True:
            return of_problems(problems(told.get("errors")), self._fields)
        crm_id = str(told.get("id") or row.crm_id)
        return Saved(crm_id, bool(told.get("created", created))) if crm_id else UNMENTIONED

    # -- several

    def _parted(self, rows: list[Row], told: Refusal, outcomes: dict[str, Saved | Trouble]) -> list[list[Row]]:
        """How a refused collection is sent again: without the rows that have a field which it names, else by halves."""
        guilty = {row.op_id: self._share(row, told) for row in rows}
        rest = [row for row in rows if not guilty[row.op_id].parts]
        if len(rest) < len(rows):
            outcomes |= {op_id: share for op_id, share in guilty.items() if share.parts}
            return [rest] if rest else []
        half = len(rows) // 2
        return [rows[:half], rows[half:]]

    def _share(self, row: Row, told: Refusal) -> Refusal:
        """What a refusal of the whole holds against one row: the fields that it has."""
        words = {self._fields.word(name) for name in row.fields}
        return replace(told, parts=tuple(part for part in told.parts if part.field in words))

    def _asked_again(self, rows: Sequence[Row], outcomes: dict[str, Saved | Trouble]) -> dict[str, Saved | Trouble]:
        """A duplicate whose other record a collection does not name is sent once more, alone: then it is named."""
        for row in rows:
            told = outcomes[row.op_id]
            if row.kind in KINDS and len(rows) > 1 and _is_unnamed(told):
                again = self._once([row])
                outcomes[row.op_id] = again[row.op_id] if isinstance(again, dict) else again
        return outcomes


def _alone(row: Row) -> tuple[str, str, object]:
    from simple_salesforce.format import format_external_id

    place = f"/sobjects/{row.kind}"
    if row.crm_id:
        return "PATCH", f"{place}/{row.crm_id}", dict(row.fields)
    if row.key:
        return "PATCH", f"{place}/{format_external_id(*row.key)}", dict(row.fields)
    return "POST", place, dict(row.fields)


def _together(rows: Sequence[Row]) -> tuple[str, str, object]:
    verb, key = rows[0].verb, rows[0].key
    body = {"allOrNone": False, "records": [_record(row) for row in rows]}
    if key:
        return "PATCH", f"{MANY}/{rows[0].kind}/{key[0]}", body
    return ("PATCH" if verb == "update" else "POST"), MANY, body


def _record(row: Row) -> dict[str, Any]:
    named = {"id": row.crm_id} if row.crm_id else dict([row.key]) if row.key else {}
    return {"attributes": {"type": row.kind}, **named, **row.fields}


def _is_unnamed(outcome: Saved | Trouble) -> bool:
    duplicate = isinstance(outcome, Refusal) and outcome.code == "DUPLICATE" and not outcome.existing_id
    return duplicate and outcome != SEVERAL
