"""A night over 100,000 leads: what it costs per lead to judge everybody again, and that memory does not grow with them.

The leads are made up when the night asks for them and forgotten when it has judged them, so what grows in memory grows
in the night itself. The write units are those of the real items by the documented rules, as in `cost`.
"""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from time import process_time
from typing import Any

from bench.cost import size
from bench.crowd import crowd
from leadrelay.aws.table.items import item_of
from leadrelay.domain.card.card import card_of
from leadrelay.domain.lead import Lead
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.records import LeadRecord, RescoreRecord, SupersededRecord, rescore_key, superseded_key
from leadrelay.ports.store import Change, DueKind, DueRow, Key, Record
from leadrelay.workflows.nights import Nights
from tests.system import MONDAY_NOON, System, default_rules

_AGE = timedelta(days=3)
_PARTS = 10


@dataclass
class Town:
    """A store of so many leads, all of them due. `calls` and `units` count what was asked of it, `changed` how many
    leads were written; `seconds` is what making leads up took, which is nobody's work in a real night."""

    people: Sequence[LeadRecord]
    leads: int
    version: str
    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    judged: int = 0
    changed: int = 0
    seconds: float = 0.0

    def due(self, _kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """Those whose turn has not been yet, in order."""
        self.calls["due"] += 1
        turn = range(self.judged, min(self.judged + limit, self.leads))
        return [DueRow("rescore", rescore_key(_lead_id(number)), now) for number in turn]

    def load(self, key: Key[Any]) -> Any:
        """What the night asks for beside the leads: the rules in force."""
        self.calls["load"] += 1
        if key != superseded_key():
            raise NotImplementedError(f"a night reads many at once, not {key}")
        return SupersededRecord(version=1, current=self.version)

    def load_all(self, keys: Sequence[Key[Any]]) -> list[Any]:
        """Rows and leads, made up; nothing was ever shown in a CRM, and nobody counted what a rep has."""
        self.calls["load_all"] += 1
        begun = process_time()
        made = [
            self._made(key) if key.pk.startswith("LEAD#") and not key.sk.startswith("SYNC#") else None for key in keys
        ]
        self.seconds += process_time() - begun
        return made

    def commit(self, change: Change) -> None:
        """Counted."""
        begun = process_time()
        self.calls["commit"] += 1
        self.judged += 1
        self.changed += any(isinstance(put.record, LeadRecord) for put in change.puts)
        for put in change.puts:
            self.units[put.record.kind] += 2 * ceil(size(item_of(put.record)) / 1024) + _indexed(put.record)
        self.units["conditions"] += 2 * len(change.unchanged)
        self.seconds += process_time() - begun

    def listed(self, _name: str, _limit: int) -> list[Key[Record]]:
        """Nobody stands under former rules."""
        return []

    def put(self, record: Record) -> None:
        raise NotImplementedError(f"a night puts nothing without a condition, not {record.kind}")

    def story(self, pk: str) -> list[Record]:
        raise NotImplementedError(f"a night reads nobody's story, not {pk}")

    def _made(self, key: Key[Any]) -> Record:
        lead_id = key.pk.removeprefix("LEAD#")
        like = self.people[int(lead_id, 16) % len(self.people)]
        if key.sk == "RESCORE":
            at = like.lead.captured_at
            return RescoreRecord(version=1, lead_id=lead_id, due_at=at, rules_version=self.version, since=at)
        return like.with_(lead=_as(like, lead_id))


def _as(like: LeadRecord, lead_id: str) -> Lead:
    lead = like.lead.with_(lead_id=lead_id)
    return lead.with_(card=card_of(lead, like.profile, default_rules()).digest())


def _lead_id(number: int) -> str:
    return f"{number:032x}"


def _indexed(record: Record) -> int:
    """An index row that moves is put and removed: the row's due, and its list under new rules; a lead's clock stays."""
    return 2 if isinstance(record, RescoreRecord) else 1 if record.due() is not None and record.version == 1 else 0


@dataclass(frozen=True, slots=True)
class Night:
    """What a night took: seconds of deciding and peak memory (bytes) after each part, leads, and what the store saw."""

    town: Town
    seconds: tuple[float, ...]
    peaks: tuple[int, ...]
    rules: int

    def microseconds(self, part: slice = slice(None)) -> float:
        """Of deciding per lead, in these parts of the night."""
        chosen = self.seconds[part]
        return sum(chosen) * 1e6 / (self.town.leads * len(chosen) / len(self.seconds))


def measure(leads: int, seed: int, people: int = 200) -> Night:
    """Judge so many leads again, in ten parts. Each is like one of so many different `people`."""
    rules = default_rules()
    town = Town(worked(people, seed), leads, rules.version)
    clock = MemoryClock(MONDAY_NOON + _AGE)
    nights = Nights(town, MemoryRules(rules), clock, MemoryTelemetry(), limit=max(1, min(500, leads // _PARTS)))
    seconds, peaks = [], []
    for part in range(1, _PARTS + 1):
        begun, made = process_time(), town.seconds
        while town.judged < leads * part // _PARTS:
            if not nights():
                raise RuntimeError("the night stands still")
        seconds.append(process_time() - begun - (town.seconds - made))
        peaks.append(_peak())
    scoring = rules.scoring
    return Night(town, tuple(seconds), tuple(peaks), len(scoring.fit.rules) + len(scoring.engagement.rules))


def worked(people: int, seed: int) -> list[LeadRecord]:
    """Leads as they are when they have an owner."""
    system = System(default_rules())
    for body in crowd(people, seed):
        if system.post(body).status != 200:
            raise RuntimeError("a lead was not accepted")
        system.settle()
    return system.leads()


def _peak() -> int:
    """The most memory that the process ever had, in bytes; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
