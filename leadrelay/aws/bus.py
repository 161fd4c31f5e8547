"""Facts on EventBridge.

PutEvents answers 200 even when it refused some entries, so every entry's own answer is read. One call takes ten
entries and, counted as AWS counts them, 256 KB (older Regions' limit; newer ones take more).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.domain.facts import Said
from leadrelay.ports.errors import Retry

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef as Entry
else:
    Entry = Any

SOURCE = "leadrelay"
CALL_ENTRIES = 10
CALL_BYTES = 256 * 1024
_TIME_BYTES = 14
_TRACE = "_X_AMZN_TRACE_ID"

Placed = tuple[int, Entry]


class EventBus:
    """Implements `ports.bus.Bus` on the bus of this name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def send(self, facts: Sequence[Said]) -> list[int]:
        """Send all; returns the positions that were refused, in order. Raises Retry when nothing could be sent."""
        entries = [(position, self._entry(fact)) for position, fact in enumerate(facts)]
        refused = [position for position, entry in entries if size(entry) > CALL_BYTES]  # no call would take them
        away: Retry | None = None
        for call in _calls([placed for placed in entries if size(placed[1]) <= CALL_BYTES]):
            try:
                refused += self._put(call)
            except Retry as error:
                away = error
                refused += [position for position, _ in call]
        if away and len(refused) == len(entries):
            raise away
        return sorted(refused)

    def _put(self, call: Sequence[Placed]) -> list[int]:
        with speaking_to(f"bus {self._name}"):
            answer = client("events").put_events(Entries=[entry for _, entry in call])
        return [position for (position, _), said in zip(call, answer["Entries"], strict=True) if "ErrorCode" in said]

    def _entry(self, fact: Said) -> Entry:
        detail = fact.model_dump(mode="json", by_alias=True, include={"metadata", "data"})
        entry: Entry = {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": fact.name,
            "Detail": json.dumps(detail, separators=(",", ":"), allow_nan=False),
            "Time": fact.metadata.occurred_at,
        }
        if trace := os.environ.get(_TRACE):
            entry["TraceHeader"] = trace
        return entry


def size(entry: Entry) -> int:
    """Bytes as PutEvents counts them: 14 for the time, then source, detail type and detail in UTF-8."""
    return _TIME_BYTES + sum(len(entry[part].encode()) for part in ("Source", "DetailType", "Detail"))


def _calls(entries: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Runs of entries in order, each within the limits of one call."""
    call: list[Placed] = []
    for placed in entries:
        if call and (len(call) == CALL_ENTRIES or sum(size(one) for _, one in [*call, placed]) > CALL_BYTES):
            yield call
            call = []
        call.append(placed)
    if call:
        yield call
