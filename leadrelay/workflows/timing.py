"""How long each step took until a lead was in the hands of its owner: captured, fetched, scored, routed, delivered.

Nothing is measured for it: every step leaves a row with its time, and the facts say which one answered which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from leadrelay.domain.facts import Said
from leadrelay.domain.model import Instant, Model
from leadrelay.ports.records import LogRecord, TouchRecord
from leadrelay.ports.store import Record

Step = Literal["captured", "fetched", "scored", "asked", "routed", "delivered"]


class Lap(Model):
    """A step was done at the instant `at` (UTC), so many elapsed seconds after the one before. The first lap takes no
    time: it is the touch that was received, or the moment in which a clock or a person asked for another owner."""

    step: Step
    at: Instant
    seconds: float


def laps(story: Sequence[Record], touched: Sequence[Record], row: LogRecord) -> tuple[Lap, ...]:
    """The laps of the hop that was decided in `row`. `story` is everything of its lead, `touched` everything of the
    touch that began the chain."""
    log = sorted((each for each in story if isinstance(each, LogRecord)), key=lambda each: (each.at, each.sk))
    marks: list[tuple[Step, Instant]] = []
    last: Instant | None = None
    for step, at in _marks(log, touched, row):
        if last is None or at >= last:
            marks.append((step, at))
            last = at
    starts = [marks[0][1], *(at for _, at in marks)] if marks else []
    return tuple(
        Lap(step=step, at=at, seconds=(at - start).total_seconds())
        for (step, at), start in zip(marks, starts, strict=False)
    )


def _marks(log: Sequence[LogRecord], touched: Sequence[Record], row: LogRecord) -> Iterator[tuple[Step, Instant]]:
    own = [each for each in log if each.sk.startswith("LOG#")]
    asked = next((each for each in reversed(own) if each.sk < row.sk and _says(each, "OwnerNeeded")), None)
    touch = next((each for each in touched if isinstance(each, TouchRecord)), None)
    if asked is not None and touch is not None and _hears(asked, touch.touch.touch_id):
        yield "captured", touch.touch.received_at
        yield from (
            ("fetched", each.at) for each in touched if isinstance(each, LogRecord) and _says(each, "TouchReady")
        )
        yield "scored", asked.at
    elif asked is not None:
        yield "asked", asked.at
    yield "routed", row.at
    shown = (each.at for each in log if any(_shows(said, row) for said in each.facts))
    yield from (("delivered", at) for at in list(shown)[:1])


def _says(row: LogRecord, name: str) -> bool:
    return any(said.name == name for said in row.facts)


def _hears(row: LogRecord, touch_id: str) -> bool:
    return any(said.name == "TouchIdentified" and said.data["touch_id"] == touch_id for said in row.facts)


def _shows(said: Said, row: LogRecord) -> bool:
    """Whether the CRM shows the lead as it was after this row, or newer."""
    written = said.data.get("written")
    return said.name == "CrmSynced" and isinstance(written, int) and written >= int(row.sk.partition("#")[2])


def total(found: Iterable[Lap]) -> float:
    """Elapsed seconds from the first lap to the last."""
    return sum(lap.seconds for lap in found)
