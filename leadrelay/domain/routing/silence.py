"""A rep who lets leads lie: after several breaches in a row they get nothing new for a while, if the rules say so.

Nobody told us that they are away; but whoever waits for them waits in vain. The absence has an end of its own, and ends
sooner with the first contact they make, or with a word (`leadrelay rep back`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadrelay.domain.clocks.policy import SilentPolicy
from leadrelay.domain.facts import Fact
from leadrelay.domain.routing.absences import told
from leadrelay.domain.routing.facts import BreachConfirmed
from leadrelay.domain.routing.rep_facts import RepAway, RepBack
from leadrelay.domain.routing.rep_state import Absence, RepState, Teller
from leadrelay.domain.stages.facts import ContactAttempted

BY: Teller = "clock"
"""Who says so: the clocks of their leads."""


def concerns(facts: Sequence[Fact]) -> bool:
    """Whether this may tell anything of how the owner of a lead reacts."""
    return any(isinstance(fact, ContactAttempted | BreachConfirmed) for fact in facts)


def reacts(
    rep: str, state: RepState, facts: Sequence[Fact], policy: SilentPolicy, now: datetime
) -> tuple[RepState, tuple[Fact, ...]]:
    """The rep's state after these facts about a lead of theirs, and what there is to say of it."""
    if any(isinstance(fact, ContactAttempted) for fact in facts):
        return _at_work(rep, state, now)
    if any(isinstance(fact, BreachConfirmed) for fact in facts) and state.away(now) is None:
        return _silent(rep, state, policy, now)
    return state, ()


def _at_work(rep: str, state: RepState, now: datetime) -> tuple[RepState, tuple[Fact, ...]]:
    """Other absences stay as they were told."""
    others = tuple(each for each in state.absences if each.by != BY)
    ended = any(each.by == BY and each.covers(now) for each in state.absences)
    back = state.with_(absences=others, silent=())
    return back, (RepBack(rep=rep, by=BY),) if ended else ()


def _silent(rep: str, state: RepState, policy: SilentPolicy, now: datetime) -> tuple[RepState, tuple[Fact, ...]]:
    since = now - timedelta(hours=policy.within_hours)
    lately = (*(at for at in state.silent if at > since), now)[-policy.breaches :]
    if len(lately) < policy.breaches:
        return state.with_(silent=lately), ()
    absence = Absence(start=now, until=now + timedelta(minutes=policy.away_minutes), by=BY)
    away = RepAway(rep=rep, start=absence.start, until=absence.until, by=BY)
    return told(state.with_(silent=()), absence, now), (away,)
