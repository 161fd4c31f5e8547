"""How long one lead takes to be scored by thirty rules: points, ledger, grade's halves and the next change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.score import next_change, scored
from leadrelay.domain.signal import Signal
from tests.system import default_rules

RULES = 30
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_KNOWN = {
    "account.industry": ("software", "finance", "bakery"),
    "account.country": ("PL", "RS", "DE", "US"),
    "account.employees": (5, 40, 300, 2000),
    "lead.seniority": ("executive", "director", "manager"),
    "lead.budget": ("approved", "none"),
}


@dataclass(frozen=True, slots=True)
class Points:
    """Microseconds per lead: of the score alone, and of the question when it changes next."""

    leads: int
    rules: int
    score: float
    next_change: float


def measure(leads: int, seed: int) -> Points:
    """Score as many different leads by thirty of the rules; the first hundred only warm the process."""
    rules = thirty()
    people = [person(Random(f"{seed}:{number}"), rules) for number in range(leads)]
    for lead, profile in people[:100]:
        next_change(lead, profile, rules, _NOW)
    start = perf_counter()
    for lead, profile in people:
        scored(lead, profile, rules, _NOW)
    between = perf_counter()
    for lead, profile in people:
        next_change(lead, profile, rules, _NOW)
    ended = perf_counter()
    return Points(leads, _count(rules), (between - start) / leads * 1e6, (ended - between) / leads * 1e6)


def thirty() -> Rules:
    """The rules that ship, with the last engagement rules left out."""
    rules = default_rules()
    engagement = rules.scoring.engagement
    kept = engagement.rules[: RULES - len(rules.scoring.fit.rules)]
    return Rules.of(rules.with_(scoring=rules.scoring.with_(engagement=engagement.with_(rules=kept))))


def person(dice: Random, rules: Rules) -> tuple[Lead, Profile]:
    """Somebody with a profile and with some of the signals that score, each once to ten times in half a year."""
    names = sorted({rule.signal for rule in rules.scoring.engagement.rules if rule.signal})
    signals = {name: _signal(dice, name) for name in names if dice.random() < 0.5}
    values = {
        field: Value(value=dice.choice(options), basis="verified", source="website", touch_id="t", at=_NOW)
        for field, options in _KNOWN.items()
        if dice.random() < 0.8
    }
    return Lead(lead_id="1", signals=signals), Profile(values=values)


def _signal(dice: Random, name: str) -> Signal:
    hours = sorted(dice.randrange(180 * 24) for _ in range(dice.randint(1, 10)))
    times = tuple(_NOW - timedelta(hours=age) for age in hours)
    return Signal(count=len(times), times=times, touch_ids=tuple(f"{name}-{age}" for age in hours))


def _count(rules: Rules) -> int:
    return len(rules.scoring.fit.rules) + len(rules.scoring.engagement.rules)
