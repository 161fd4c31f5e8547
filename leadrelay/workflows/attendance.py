"""Attendance: ask outside systems who is at work, and keep what they say beside what people said themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from leadrelay.domain.facts import Fact
from leadrelay.domain.routing.absences import begins, flagged, replaced
from leadrelay.domain.routing.rep_facts import RepAway, RepBack
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.rules import ATTENDANCE
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.attendance import Attendance, Seen
from leadrelay.ports.clock import Clock
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.reps import Reps

CALENDARS = "ics"
"""The vendor that reads calendars."""

_AT_ONCE = 40
_CALENDARS_AT_ONCE = 8
"""So many people are asked about in one turn, which must end within a minute: a CRM counts a few of them in a second, a
calendar may take six."""


@dataclass(frozen=True, slots=True)
class Attend:
    """The workflow with its ports; `systems` gives who is asked, by vendor."""

    store: Store
    rules: Rules
    systems: Callable[[str], Attendance]
    clock: Clock
    telemetry: Telemetry

    def __call__(self, source: str, after: str | None) -> str | None:
        """Ask about the next people, those after the rep whom `after` names. Returns the last one asked about, None
        when nobody is left. Raises Retry, Reject or Misconfigured."""
        rules, now = self.rules.current(), self.clock.now()
        vendor, people = _asked(source, rules)
        ahead = sorted(rep for rep in people if after is None or rep > after)
        page = ahead[: _CALENDARS_AT_ONCE if vendor == CALENDARS else _AT_ONCE]
        seen = self.systems(vendor).seen({rep: people[rep] for rep in page}, now) if page else {}
        for rep, told in seen.items():
            self._keep(rep, told, rules)
        self.telemetry.line("attendance_read", source=source, count=len(page), handled=len(seen))
        return page[-1] if len(ahead) > len(page) else None

    def _keep(self, rep: str, told: Seen, rules: RuleSet) -> None:
        if told.trouble is not None:
            self.telemetry.count("AttendanceUnread", trouble=told.trouble)
            self.telemetry.line("attendance_unread", rep=rep, trouble=told.trouble)
            return
        zone = rules.zone(rules.team.rep(rep).calendar)

        def turn(state: RepState, at: datetime) -> tuple[RepState, Sequence[Fact]]:
            after = _after(state, told, zone, at)
            return after, _news(rep, state, after, at)

        Reps(self.store, self.rules, self.clock).change(rep, turn)


def _asked(source: str, rules: RuleSet) -> tuple[str, Mapping[str, str]]:
    """The vendor to ask, and what names each rep there."""
    reps = [rep for rep in rules.team.reps if rep.active]
    if source == f"{ATTENDANCE}calendars":
        return CALENDARS, {rep.id: rep.away_calendar for rep in reps if rep.away_calendar is not None}
    vendor = rules.crm.vendor
    return vendor, {rep.id: rep.crm[vendor] for rep in reps if vendor in rep.crm}


def _after(state: RepState, told: Seen, zone: ZoneInfo, now: datetime) -> RepState:
    if told.gone is not None:
        state = flagged(state, told.gone, now)
    if told.away is not None:
        spans = ((begins(each.start, zone), begins(each.until, zone)) for each in told.away)
        away = (Absence(start=start, until=until, by="calendar") for start, until in spans)
        state = replaced(state, "calendar", away, now)
    return state if told.open is None else state.with_(crm_open=told.open, crm_seen_at=now)


def _news(rep: str, before: RepState, after: RepState, now: datetime) -> list[Fact]:
    """Absences that nobody knew of, and the end of one that is under way no more."""
    known = {(each.start, each.until, each.by) for each in before.absences}
    new = [each for each in after.absences if (each.start, each.until, each.by) not in known]
    ended, away = before.away(now), after.away(now)
    back = [RepBack(rep=rep, by=ended.by)] if ended is not None and away is None else []
    return [*back, *(RepAway(rep=rep, start=each.start, until=each.until, by=each.by) for each in new)]
