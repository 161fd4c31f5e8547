"""Setting a lifecycle stage back: clear it, then set it, in two requests.

Documented: a stage can only be set forward; to set it backward, clear its value first. Not documented: what HubSpot
answers to a step back that was not cleared (200 with the stage as it was, or a refusal: both are handled), and whether
clear and set may share a request (they must not: the order within a batch is not promised).

Only a write that may go back does: policy `own`, or `clear` followed by a value. Between the two requests the stage is
empty; whoever is interrupted there repeats the write, which then moves forward from nothing. If HubSpot refuses the
new stage, the old one is put back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.hubspot.batches import Batch, Batches, Input, Item, strings
from connectors.hubspot.fields import STAGE
from connectors.hubspot.lookup import CONTACTS, Lookup
from connectors.kit.crm_fields import BLIND, FieldMap, FieldProblem, plain
from connectors.kit.crm_trouble import Refusal, Refused, Trouble
from leadrelay.ports.crm import FieldWrite, Ok, Rejected, UpsertPerson, WriteResult

UPDATE = Batch(CONTACTS, "update", lambda item: str(item.get("id")))


@dataclass(frozen=True, slots=True)
class Step:
    """One contact whose stage is to go back from `before` to `wanted`, both in HubSpot's words."""

    ok: Ok
    write: FieldWrite
    wanted: str
    before: str = ""


class Stages:
    """The stages of one account's contacts."""

    def __init__(self, batches: Batches, lookup: Lookup, fields: FieldMap) -> None:
        self._batches = batches
        self._lookup = lookup
        self._fields = fields
        self._known = fields.of(STAGE)

    def stepped_back(self, done: Sequence[tuple[UpsertPerson, Ok]]) -> dict[str, WriteResult]:
        """New results for those whose stage HubSpot did not set back by itself."""
        steps = [step for op, ok in done if (step := self._kept_back(op, ok))]
        if not steps:
            return {}
        try:
            found = self._lookup.by_ids(step.ok.crm_id for step in steps)
        except Refused as refused:
            return {step.ok.op_id: refused.trouble.result(step.ok.op_id) for step in steps}
        shown = {crm_id: contact.properties.get(self._known.name, "") for crm_id, contact in found.items()}
        steps = [replace(step, before=shown.get(step.ok.crm_id, "")) for step in steps]
        return self._carried_out([step for step in steps if self._is_back(step)])

    def _kept_back(self, op: UpsertPerson, ok: Ok) -> Step | None:
        """The stage we wanted and the contact does not show, None where all is well."""
        writes = [write for write in op.fields if write.name == STAGE]
        if not any(write.policy in BLIND for write in writes):
            return None
        last = writes[-1]
        refused = any(why.field == STAGE and why.code == "STAGE_REFUSED" for why in ok.refused)
        as_wanted = not refused and ok.applied.get(STAGE) == plain(last.value)
        if as_wanted or last.policy == "clear" or not last.value or plain(last.value) in self._known.leave:
            return None
        try:
            return Step(ok, last, str(self._fields.encode(self._known, last.value)))
        except FieldProblem:
            return None

    def _is_back(self, step: Step) -> bool:
        """A stage the account made for itself has no place in our order: leaving it is a step back too."""
        here, there = self._known.rank(step.before), self._known.rank(step.wanted)
        return bool(step.before) and there is not None and (here is None or here > there)

    def _carried_out(self, steps: Sequence[Step]) -> dict[str, WriteResult]:
        cleared = self._set([(step, "") for step in steps])
        empty = [step for step in steps if isinstance(cleared[step.ok.op_id], Mapping)]
        told = cleared | self._set([(step, step.wanted) for step in empty])
        refused = [step for step in empty if isinstance(told[step.ok.op_id], Refusal)]
        restored = self._set([(step, step.before) for step in refused])
        told |= {op_id: trouble for op_id, trouble in restored.items() if not isinstance(trouble, Mapping)}
        return {step.ok.op_id: self._result(step, told[step.ok.op_id]) for step in steps}

    def _set(self, stages: Sequence[tuple[Step, str]]) -> dict[str, Item | Trouble]:
        inputs = [
            Input(step.ok.op_id, step.ok.crm_id, {"id": step.ok.crm_id, "properties": {self._known.name: stage}})
            for step, stage in stages
        ]
        return self._batches.send((UPDATE, inputs))

    def _result(self, step: Step, told: Item | Trouble) -> WriteResult:
        ok = step.ok
        others = tuple(why for why in ok.refused if why.field != STAGE)
        if isinstance(told, Refusal):
            others = (*others, Rejected(ok.op_id, "STAGE_REFUSED", told.message, STAGE))
            return replace(ok, applied=self._applied(step, step.before), refused=others)
        if isinstance(told, Mapping):
            stage = strings(told.get("properties")).get(self._known.name, step.wanted)
            return replace(ok, applied=self._applied(step, stage), refused=others)
        return told.result(ok.op_id)

    def _applied(self, step: Step, stage: str) -> dict[str, str]:
        return step.ok.applied | self._fields.applied([step.write], {self._known.name: stage})
