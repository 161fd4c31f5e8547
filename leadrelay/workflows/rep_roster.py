"""The roster: how everybody of the team stands now, for who asks."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.clocks.business_time import Calendar, NoBusinessTime
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.allowance import LEAD, refilled
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules
from leadrelay.workflows.reps import Reps


class Standing(Model):
    """A rep now. `zone` is where they work; `works` whether it is working time there, `begins` when it is next (UTC).
    `away` is the absence under way, `next_away` the first one ahead. `left` are leads of the monthly allowance that
    they may get at once. None: no limit, or nothing known."""

    rep: str
    name: str
    active: bool
    zone: str
    works: bool
    begins: Instant | None
    away: Absence | None
    next_away: Absence | None
    open: int
    cap: int | None
    crm_open: int | None
    crm_seen_at: Instant | None
    monthly: int | None
    left: float | None


def roster(reps: Reps, rules: Rules, now: datetime) -> list[Standing]:
    """Everybody, in the order of team.yaml."""
    return [_standing(rep, state, rules, now) for rep, state in reps.roster()]


def _standing(rep: Rep, state: RepState, rules: Rules, now: datetime) -> Standing:
    hours = rules.calendar(rep.calendar)
    return Standing(
        rep=rep.id,
        name=rep.name,
        active=rep.active,
        zone=rules.zone(rep.calendar).key,
        works=hours.is_open(now),
        begins=_begins(hours, now),
        away=state.away(now),
        next_away=next((each for each in state.absences if each.start > now), None),
        open=state.open,
        cap=rep.cap,
        crm_open=state.crm_open,
        crm_seen_at=state.crm_seen_at,
        monthly=rep.monthly,
        left=None if rep.monthly is None else refilled(state.allowance, rep.monthly, hours, now).left / LEAD,
    )


def _begins(hours: Calendar, now: datetime) -> datetime | None:
    try:
        return hours.next_open(now)
    except NoBusinessTime:
        return None
