"""Which versions of the rules have judged anybody: noted before the first lead is, so that the night finds them all.

The sweep alone would miss a version that was in force for less time than lies between two sweeps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.night import dawn
from leadrelay.ports.records import SupersededRecord, superseded_key
from leadrelay.ports.store import Change, Put, Store


@dataclass(frozen=True, slots=True)
class MetRules:
    """Looks once a day and version in each process; what is noted already costs nothing."""

    store: Store
    _noted: set[tuple[str, date]] = field(default_factory=set)

    def __call__(self, rules: Rules, now: datetime) -> None:
        """Note that these rules are about to judge. Raises Conflict when somebody notes something at the same time."""
        today = (rules.version, now.date())
        if today in self._noted:
            return
        known = self.store.load(superseded_key())
        if known is None or rules.version not in (known.current, *known.former):
            noted = _noted(known, rules, now)
            self.store.commit(Change(cause=f"rules:{noted.version}", puts=(Put(noted),)))
        self._noted.add(today)


def _noted(known: SupersededRecord | None, rules: Rules, now: datetime) -> SupersededRecord:
    if known is None:
        return SupersededRecord(version=1, current=rules.version)
    former = {**known.former, rules.version: now}
    due_at = known.due_at or dawn(now, rules)
    return known.with_(version=known.version + 1, former=former, due_at=due_at)
