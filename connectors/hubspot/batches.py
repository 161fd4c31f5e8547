"""Sending up to a hundred records in one request, and finding out what became of each.

Every input carries a trace id of its own. HubSpot documents that failed inputs then come back one by one (`errors`,
with the trace id in their context) instead of failing the whole; it answers them with 207, or, in date versions, with
200. A refusal of the whole is traced to its cause by halves, so that neighbours do not suffer: HubSpot documents that
a refused batch does nothing. Whatever the reply does not mention is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.answers import of_answer, of_item
from connectors.hubspot.transport import Answer, Wire
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Doubt, Refusal, Silence, Trouble, Wait, of_silence, stops, unsent

API = "crm.objects.batch_api"
LARGEST = 100
UNMENTIONED = Doubt("HubSpot's reply does not mention this record")

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One record to be written. `known_by` is what the reply will show for it, as the batch's `recognise` sees it."""

    op_id: str
    known_by: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """One kind of record and what to do with it: `verb` is create, update or upsert. `recognise` says which input a
    record of the reply stands for; `repeatable`, that doing it twice changes nothing."""

    kind: str
    verb: str
    recognise: Callable[[Item], str]
    repeatable: bool = True


class Batches:
    """The batch endpoints of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields

    def send(self, *work: tuple[Batch, Sequence[Input]]) -> dict[str, Item | Trouble]:
        """What became of each input, by its operation: its record, or why there is none. At most 100 inputs in a
        batch; after one that got no answer or found the account blocked, the next is not sent."""
        outcomes: dict[str, Item | Trouble] = {}
        for batch, inputs in work:
            blocked = next((told for told in outcomes.values() if stops(told)), None)
            if blocked is None:
                outcomes |= self._send(batch, inputs)
            else:
                outcomes |= {one.op_id: unsent(blocked) for one in inputs}
        return outcomes

    def _send(self, batch: Batch, inputs: Sequence[Input]) -> dict[str, Item | Trouble]:
        outcomes: dict[str, Item | Trouble] = {}
        waiting = [list(inputs)] if inputs else []
        while waiting:
            part = waiting.pop(0)
            told = self._once(batch, part)
            if isinstance(told, Refusal) and told.code != "PERMISSION" and len(part) > 1:
                half = len(part) // 2
                waiting[:0] = [part[:half], part[half:]]
                continue
            outcomes |= told if isinstance(told, dict) else dict.fromkeys((one.op_id for one in part), told)
            if isinstance(told, (Wait, Doubt)):
                outcomes |= {one.op_id: unsent(told) for later in waiting for one in later}
                break
        return outcomes

    def _once(self, batch: Batch, inputs: Sequence[Input]) -> dict[str, Item | Trouble] | Trouble:
        traced = [{**one.body, "objectWriteTraceId": str(place)} for place, one in enumerate(inputs)]
        try:
            answer = self._wire.call(API, batch.verb, batch.kind, {"inputs": traced})
        except Silence as silence:
            return of_silence(silence)
        if not answer.ok:
            return of_answer(answer, self._fields, repeatable=batch.repeatable)
        return self._sorted_out(batch, answer, inputs)

    def _sorted_out(self, batch: Batch, answer: Answer, inputs: Sequence[Input]) -> dict[str, Item | Trouble]:
        """The reply's order is not promised: a record is known by its trace id where HubSpot repeats it, else by what
        it carries."""
        failed = {trace: error for error in items(answer, "errors") for trace in _traces(error)}
        made = items(answer, "results")
        traced = {str(item["objectWriteTraceId"]): item for item in made if item.get("objectWriteTraceId")}
        carried = {batch.recognise(item): item for item in made}
        outcomes: dict[str, Item | Trouble] = {}
        for place, one in enumerate(inputs):
            trace = str(place)
            if trace in failed:
                outcomes[one.op_id] = of_item(failed[trace], self._fields, repeatable=batch.repeatable)
            else:
                found = traced.get(trace) or carried.get(one.known_by)
                outcomes[one.op_id] = found or UNMENTIONED
        return outcomes


def items(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer's body, empty where there is none."""
    found = answer.body.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def strings(properties: object) -> dict[str, str]:
    """Properties as text; HubSpot's null is our empty text."""
    known = properties if isinstance(properties, dict) else {}
    return {str(name): "" if value is None else str(value) for name, value in known.items()}


def _traces(error: Item) -> list[str]:
    context = error.get("context")
    traces = context.get("objectWriteTraceId", []) if isinstance(context, dict) else []
    return [str(trace) for trace in (traces if isinstance(traces, list) else [traces])]
