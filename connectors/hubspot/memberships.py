"""Putting contacts on lists and taking them off: one request per list, repeatable.

Only manual and snapshot lists take members; HubSpot refuses the others with its own words. A contact that is already
on the list, or already off it, is fine. The documented reply names the ids that do not exist (`recordIdsMissing`).
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.hubspot.answers import of_answer
from connectors.hubspot.transport import Wire, is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Silence, blocking, held_back, of_silence
from leadrelay.ports.crm import Ok, Rejected, SetMembership, WriteResult

API = "crm.lists.memberships_api"


class Memberships:
    """The lists of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields

    def set(self, ops: Sequence[SetMembership]) -> list[WriteResult]:
        """Carry out memberships, each contact and list once; results in the same order."""
        results: dict[str, WriteResult] = {
            op.op_id: Rejected(op.op_id, "VALIDATION", "not a HubSpot id")
            for op in ops
            if not (is_id(op.crm_id) and is_id(op.list_id))
        }
        lists = dict.fromkeys((op.list_id, op.member) for op in ops if op.op_id not in results)
        for list_id, member in lists:
            here = [op for op in ops if (op.list_id, op.member) == (list_id, member) and op.op_id not in results]
            blocked = next(filter(None, map(blocking, results.values())), None)
            told = held_back(here, blocked) if blocked else self._change(list_id, member, here)
            results |= {result.op_id: result for result in told}
        return [results[op.op_id] for op in ops]

    def _change(self, list_id: str, member: bool, ops: Sequence[SetMembership]) -> list[WriteResult]:
        verb, ids = "add" if member else "remove", [op.crm_id for op in ops]
        try:
            answer = self._wire.call(API, verb, list_id, ids)
        except Silence as silence:
            return [of_silence(silence).result(op.op_id) for op in ops]
        if not answer.ok:
            trouble = of_answer(answer, self._fields)
            return [trouble.result(op.op_id) for op in ops]
        missing = {str(one) for one in answer.body.get("recordIdsMissing") or ()}
        return [_result(op, op.crm_id in missing) for op in ops]


def _result(op: SetMembership, missing: bool) -> WriteResult:
    if missing:
        return Rejected(op.op_id, "NOT_FOUND", f"HubSpot has no contact {op.crm_id}")
    return Ok(op.op_id, op.crm_id)
