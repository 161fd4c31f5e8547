"""How long one choice of an owner takes: two hundred routing rules of which the last holds, a hundred reps in its pool.

A tenth of the reps are away and a tenth are full, so that everybody is judged and credits are given; the memory of the
pool goes from choice to choice, as it does at work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.destination import destination
from leadrelay.domain.routing.ownership import Wanted
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Member, Rep
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view
from tests.system import default_rules

RULES, REPS = 200, 100
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_WARM = 20


@dataclass(frozen=True, slots=True)
class Decisions:
    """Microseconds per lead: to find the rule, and for the whole choice. `given` is what each rep got."""

    leads: int
    rule: float
    choice: float
    given: dict[str, int]


def measure(leads: int) -> Decisions:
    """Choose an owner for so many leads; a few before them only warm the process."""
    rules = large()
    people = [Lead(lead_id=f"{place}", wanted=Wanted(why="new", exclude=(), hop=0)) for place in range(leads)]
    _chosen(people[:_WARM], rules)
    start = perf_counter()
    for lead in people:
        destination(view(lead, Profile(), rules), rules, _NOW)
    between = perf_counter()
    staffing = _chosen(people, rules)
    ended = perf_counter()
    given = staffing.turns("large").given
    return Decisions(leads, (between - start) / leads * 1e6, (ended - between) / leads * 1e6, given)


def _chosen(people: list[Lead], rules: Rules) -> Staffing:
    staffing = Staffing(reps=states())
    for lead in people:
        staffing = staffing.after(choose(lead, Profile(), staffing, rules, _NOW).turns)
    return staffing


def large() -> Rules:
    """The rules that ship, with many reps in one pool, and many routing rules before the one that leads to it."""
    rules = default_rules()
    reps = [
        Rep(id=f"rep-{place}", name="", email="", calendar=rules.team.reps[0].calendar, cap=40) for place in range(REPS)
    ]
    members = tuple(Member(rep=rep.id, weight=1 + place % 3) for place, rep in enumerate(reps))
    pool = rules.team.pools[0].with_(id="large", members=members)
    team = rules.team.with_(reps=(*rules.team.reps, *reps), pools=(*rules.team.pools, pool))
    routing = rules.routing.with_(rules=(*map(_other, range(RULES - 1)), _rule("rest", "True", "large")))
    return Rules.of(rules.with_(team=team, routing=routing))


def states() -> dict[str, RepState]:
    """Every tenth is away, and the one after them is full."""
    away = RepState(absences=(Absence(start=_NOW - timedelta(days=1)),))
    usual = {place: RepState(open=place % 30) for place in range(REPS)}
    usual |= dict.fromkeys(range(0, REPS, 10), away) | {place: RepState(open=40) for place in range(1, REPS, 10)}
    return {f"rep-{place}": state for place, state in usual.items()}


def _other(number: int) -> RouteRule:
    """A territory that is somewhere else."""
    held = f"account.employees >= {number} and (account.country == 'PL' or lead.score > {number % 100})"
    return _rule(f"territory-{number}", held, "sdr")


def _rule(rule_id: str, held: str, pool: str) -> RouteRule:
    return RouteRule.model_validate({"id": rule_id, "if": held, "pool": pool, "says": ""})
