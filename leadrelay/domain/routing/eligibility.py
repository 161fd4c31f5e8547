"""Who may take the lead: the tests in order, with the first that failed for each rep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.allowance import LEAD, refilled
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.in_time import Reaches, reaches
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Question:
    """What the lead asks of a rep, at `now` (UTC). `exclude` are reps who are not asked again, `skills` what a rep must
    have, `wishes` what they had better have. `language` is the lead's (ISO 639-1), None where it is not known or does
    not matter, and `must_speak` whether a rep must speak it. `holder` has the lead and is asked whether they keep it,
    which adds nothing to what they have. `reach` and `hours` are by the name of a calendar, and
    `patience` is how late (elapsed) first contact may be."""

    now: datetime
    reach: Reaches
    hours: Callable[[str], Calendar]
    exclude: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    language: str | None = None
    must_speak: bool = False
    holder: str | None = None
    patience: timedelta = timedelta()


def question(lead: Lead, seen: Mapping[str, object], rule: RouteRule | None, rules: Rules, now: datetime) -> Question:
    """What this lead asks of reps; `seen` is what conditions see of it. `rule` is the one that leads to them, None
    where they had the lead before: then nothing special is asked."""
    speaks: Literal["require", "prefer", "ignore"] = "prefer" if rule is None else rule.language
    language = seen.get("lead.language")
    return Question(
        now=now,
        reach=reaches(lead, seen, rules, now),
        hours=rules.calendar,
        exclude=() if lead.wanted is None else lead.wanted.exclude,
        skills=() if rule is None else rule.needs,
        wishes=() if rule is None else rule.prefers,
        language=None if language is None or speaks == "ignore" else str(language),
        must_speak=speaks == "require",
        holder=holder(lead),
    )


def holder(lead: Lead) -> str | None:
    """Who has the lead and may keep it, though another is looked for: their person asked again."""
    return lead.ownership.rep if lead.wanted is not None and lead.wanted.why == "again" else None


def _speaks(rep: Rep, asked: Question) -> bool:
    """Of who names no languages nothing is known: they are taken to speak all."""
    return asked.language is None or not rep.languages or asked.language in rep.languages


def _preferred(rep: Rep, asked: Question) -> bool:
    """Whether they have all that is wished for, where anything is."""
    wished = bool(asked.wishes) or asked.language in rep.languages
    return wished and set(asked.wishes) <= set(rep.skills) and _speaks(rep, asked)


def _absence(rep: Rep, state: RepState, asked: Question) -> Absence | None:
    """At the time when they could make first contact: a leave that begins tomorrow morning is no time for a lead of
    tonight, and one that ends by then is."""
    return state.away(asked.reach(rep.calendar).at or asked.now)


def _below_cap(rep: Rep, state: RepState, asked: Question) -> bool:
    return rep.cap is None or state.load(asked.now) < rep.cap


def _has_allowance(rep: Rep, state: RepState, asked: Question) -> bool:
    if rep.monthly is None:
        return True
    return refilled(state.allowance, rep.monthly, asked.hours(rep.calendar), asked.now).left >= LEAD


Test = Callable[[Rep, RepState, Question], bool]

OFF_HOURS = "off_hours"

TESTS: tuple[tuple[str, Test], ...] = (
    ("inactive", lambda rep, state, asked: rep.active),
    ("skill", lambda rep, state, asked: set(asked.skills) <= set(rep.skills)),
    ("language", lambda rep, state, asked: not asked.must_speak or _speaks(rep, asked)),
    ("recent_owner", lambda rep, state, asked: rep.id not in asked.exclude),
    ("away", lambda rep, state, asked: _absence(rep, state, asked) is None),
    (OFF_HOURS, lambda rep, state, asked: asked.reach(rep.calendar).late <= asked.patience),
    ("cap", _below_cap),
    ("rate", _has_allowance),
)
"""Name of the failure, and the test that must hold."""

_THERE = frozenset({"inactive", "away", OFF_HOURS})
"""Of these, what may keep who has the lead already from answering."""


def judged(rep: Rep, state: RepState, asked: Question, weight: int = 1) -> Candidate:
    """The rep with the first test that failed; and how late they would be, if nothing else failed."""
    failed, reach = _failures(rep, state, asked), asked.reach(rep.calendar)
    first = next(failed, None)
    only_late = first == OFF_HOURS and next(failed, None) is None and reach.at is not None
    away = _absence(rep, state, asked)
    return Candidate(
        rep=rep.id,
        failed=first,
        due_at=reach.at if reach.owed else None,
        late=int(reach.late.total_seconds()) if only_late else None,
        preferred=_preferred(rep, asked),
        until=None if away is None else away.until,
        open=state.open,
        cap=rep.cap,
        weight=weight,
    )


def _failures(rep: Rep, state: RepState, asked: Question) -> Iterator[str]:
    tests = (each for each in TESTS if asked.holder != rep.id or each[0] in _THERE)
    return (name for name, holds in tests if not holds(rep, state, asked))
