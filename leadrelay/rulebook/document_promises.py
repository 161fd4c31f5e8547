"""The chapter of the rules page on how fast: what is promised to whom, and what follows when it is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadrelay.domain.clocks.calendar_spec import CalendarSpec
from leadrelay.domain.clocks.policy import LISTS, AttemptsPolicy, TimedPolicy
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.markdown import code, table

_UNITS: Mapping[str, str] = {"s": "s", "m": "min", "h": "h", "d": "days"}


def promises(rules: Rules) -> Iterator[str]:
    """The lines of the chapter."""
    sla = rules.sla
    yield from ("## How fast", "")
    yield f"An owner within {sla.assignment.minutes} minute(s). Of all others, the first line that holds decides:"
    yield ""
    rows = [
        (kind.replace("_", " "), rule.id, code(rule.if_), _within(rule), ", ".join(_more(rule)))
        for kind in LISTS
        for rule in sla.of(kind)
    ]
    yield from table(("promise", "policy", "if", "within", "and"), rows)
    yield f"The owner is warned when {sla.warn_at:.0%} of it is used, and the manager hears when it is over."
    yield ""
    calendars = [(name, spec.tz, _week(spec)) for name, spec in rules.calendars.calendars.items()]
    yield from table(("calendar", "zone", "hours"), calendars)


def _within(rule: TimedPolicy) -> str:
    target = rule.target
    unit = _UNITS[target.unit]
    if not target.business:
        return f"{target.amount} {unit}"
    return f"{target.amount} working {unit}" + (f" ({rule.calendar})" if rule.calendar is not None else "")


def _more(rule: TimedPolicy) -> Iterator[str]:
    if isinstance(rule, AttemptsPolicy):
        yield f"{rule.attempts} attempts on {rule.channels} of {' '.join(rule.of)}"
    if rule.warn_at is not None:
        yield f"warned at {rule.warn_at:.0%}"
    for level in rule.levels:
        yield f"{code(level.notice)} at {level.at:.0%} (level {level.level})"
    if rule.then == "reassign":
        yield "another owner"


def _week(spec: CalendarSpec) -> str:
    return ", ".join(
        f"{day} {' '.join(f'{opens}–{closes}' for opens, closes in windows)}"
        for day, windows in spec.week.items()
        if windows
    )
