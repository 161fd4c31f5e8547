"""One person's life as it is drawn: told as facts in the order in which workflows say them, and kept as plain rows.

The rows are what is known of a life because it was drawn so. Nothing in them is read back from the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from leadrelay.reports.base import BASE
from tests.reports.year.mould import Id, Moulds, Ms, Values

ZONE = ZoneInfo("Europe/Warsaw")
YEAR = 2026
BEGIN = int(datetime(YEAR, 1, 1, tzinfo=ZONE).timestamp() * 1000)
END = int(datetime(YEAR + 1, 1, 1, tzinfo=ZONE).timestamp() * 1000)
"""The year where it is lived, in milliseconds (UTC)."""

Row = dict[str, Any]


class Over(Exception):
    """The year ended before this could happen."""


def blank(table: str, **known: object) -> Row:
    """A row of a base table of which only this is known."""
    return {**dict.fromkeys(BASE[table]), **known}


@dataclass
class Ledger:
    """What is true of the year, by base table, and its facts as lines of JSON."""

    moulds: Moulds = field(default_factory=Moulds)
    lines: list[str] = field(default_factory=list)
    sample: list[tuple[str, Values, tuple[str, int], str | None, int, int]] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in BASE})

    def say(self, name: str, values: Values, log: tuple[str, int], lead: str | None, number: int, at: int) -> None:
        """One fact; every hundredth and first hundred are kept as they were told, to be told again by the real code."""
        if len(self.lines) % 100 == 0:
            self.sample.append((name, values, log, lead, number, at))
        self.lines.append(self.moulds.line(name, values, log, lead, number, at))


class Life:
    """`now` only goes on; what is said at one moment is one commit."""

    def __init__(self, ledger: Ledger, lead_id: str, captured: int) -> None:
        self.ledger, self.lead_id, self.now = ledger, lead_id, captured
        self.row = blank("lead_rows", lead_id=lead_id, captured_ms=captured, standing="live", erased=False, touches=0)
        self.row |= {
            "stage": "visitor",
            "status": "new",
            "icp": False,
            "attempts": 0,
            "hops": 0,
            "deals": 0,
            "qualifications": {},
            "fields": {},
        }
        self.hand: Row | None = None
        self.clocks: dict[str, Row] = {}
        self._version = self._number = 0
        self._synced = 0

    @property
    def known(self) -> bool:
        """Whether anything was told of this lead; who came in the last second of the year is none yet."""
        return self._version > 0

    def go(self, seconds: float) -> int:
        """Time passes. Raises Over."""
        later = self.now + max(1, round(seconds * 1000))
        if later >= END:
            raise Over
        self.now = later
        self._version, self._number = self._version + 1, 0
        return later

    def say(self, name: str, **values: object) -> None:
        """A fact of this lead, now. Two underscores stand for a dot."""
        told = {key.replace("__", "."): value for key, value in values.items()}
        self.tell(name, told)

    def tell(self, name: str, values: Values) -> None:
        """The same, by the fields' own names."""
        self.ledger.say(name, values, (self.lead_id, self._version), self.lead_id, self._number, self.now)
        self._number += 1

    def beside(self, log: str, name: str, at: int, **values: object) -> None:
        """A fact of another log of this lead's."""
        self._synced += 1
        self.ledger.say(name, values, (f"{self.lead_id}:{log}", self._synced), self.lead_id, 0, at)

    def add(self, table: str, **known: object) -> Row:
        """A row of this lead's."""
        row = blank(table, lead_id=self.lead_id, **known)
        self.ledger.rows[table].append(row)
        return row

    # ---- what many steps do

    def move(self, after: str, skipped: tuple[str, ...] = (), why: str = "rules") -> None:
        """To another stage; the first time counts."""
        self.say("StageChanged", before=self.row["stage"], after=after, skipped=skipped, why=why)
        self.row["stage"] = after
        self.first(f"{after}_ms", self.now) if f"{after}_ms" in self.row else None

    def first(self, column: str, value: object) -> None:
        """Known from the first time on."""
        if self.row[column] is None:
            self.row[column] = value

    def qualify(self, kind: str) -> None:
        """Gains a qualification once."""
        if kind not in self.row["qualifications"]:
            self.say("LeadQualified", qualification=kind, team="sales_development")
            self.row["qualifications"][kind] = self.now

    def start(self, kind: str, policy: str, hop: int, due: int, began: int | None = None) -> None:
        """A clock; a running one of its kind gives way."""
        began = self.now if began is None else began
        whose = self.hand or {}
        self.tell("ClockStarted", {
            "clock.kind": kind, "clock.hop": hop, "clock.policy": policy, "clock.calendar": "warsaw",
            "clock.started_at": Ms(began), "clock.due_at": Ms(due),
        })  # fmt: skip
        self.clocks[kind] = self.add(
            "clock_rows", kind=kind, hop=hop, policy=policy, started_ms=began, due_ms=due,
            rep=whose.get("rep"), pool=whose.get("pool"),
        )  # fmt: skip

    def stop(self, kind: str, why: str) -> None:
        """Ended without being met."""
        clock = self.clocks.pop(kind, None)
        if clock is not None:
            self.say("ClockStopped", kind=kind, hop=clock["hop"], why=why)
            clock |= {"stopped_ms": self.now, "stopped_why": why}

    def rest(self, why: str) -> None:
        """All clocks end with the lead."""
        for clock in self.clocks.values():
            clock |= {"stopped_ms": self.now, "stopped_why": why}
        self.clocks.clear()

    def warn(self, kind: str) -> None:
        """Most of the time is used up."""
        clock = self.clocks[kind]
        due = Ms(clock["due_ms"])
        self.say("SlaWarned", kind=kind, hop=clock["hop"], policy=clock["policy"], due_at=due, checkpoint="warn")
        clock["warned_ms"] = self.now

    def breach(self, kind: str) -> None:
        """The time is up; it is measured on."""
        clock = self.clocks[kind]
        late = (self.now - clock["due_ms"]) // 1000
        self.say(
            "SlaBreached", kind=kind, hop=clock["hop"], policy=clock["policy"], due_at=Ms(clock["due_ms"]), late=late,
            runs_on=True,
        )  # fmt: skip
        clock |= {"breached_ms": self.now, "in_time": False}

    def meet(self, kind: str, owner_seconds: int, corrects: bool = False) -> None:
        """Done; in time unless it was breached, or the breach was wrong."""
        clock = self.clocks.pop(kind, None)
        if clock is None:
            return
        in_time = clock["breached_ms"] is None or corrects
        elapsed = (self.now - self.row["captured_ms"]) // 1000
        self.say(
            "SlaMet", kind=kind, hop=clock["hop"], policy=clock["policy"], in_time=in_time,
            owner_seconds=owner_seconds, lead_seconds=elapsed, corrects=corrects, started_at=Ms(clock["started_ms"]),
        )  # fmt: skip
        clock |= {"met_ms": self.now, "in_time": in_time, "owner_seconds": owner_seconds, "lead_seconds": elapsed}

    def touch(self, source: str, kind: str, received: int, ready: int, parked: str | None = None) -> Id:
        """A delivery was stored and completed, some only after they had been `parked` for a reason; the lead it belongs
        to is told by what follows."""
        touch_id = Id(f"{source}.{self.lead_id}{len(self.ledger.rows['touch_rows'])}")
        whose = {"touch_id": touch_id, "source": source}
        told = {**whose, "kind": kind}
        self.ledger.say("TouchReceived", told, (touch_id, 1), None, 0, received)
        if parked is not None:
            self.ledger.say("TouchParked", {**whose, "reason": parked}, (touch_id, 2), None, 0, received + 700)
        self.ledger.say("TouchReady", told, (touch_id, 3), None, 0, ready)
        self.add(
            "touch_rows", touch_id=str(touch_id), source=source, kind=kind, received_ms=received, ready_ms=ready,
            parked_why=parked, parked_ms=None if parked is None else received + 700,
        )  # fmt: skip
        return touch_id
