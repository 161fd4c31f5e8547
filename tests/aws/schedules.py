"""Five hundred tellings of one lead's life, each with its own trouble, and what must be true at the end of each."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from leadrelay.domain.facts import Said
from leadrelay.ports.records import LogRecord, PoolRecord
from tests.aws.crashing import BLOWS, Blow, Blows, TableSystem, living
from tests.system import Crash, System
from tests.workflows import lives, promises

WRITES = frozenset({"PutItem", "TransactWriteItems"})
TO_A_READ: tuple[Blow, ...] = ("dies before", "throttled", "no answer, not done")
"""A read has no effect, so that what happens after it differs in nothing from what happens before."""

TOLD_ONCE = ("LeadCreated", "LeadAssigned", "SlaWarned", "SlaBreached", "SlaMet", "ContactAttempted")
ACCEPTED = 2
"""Touches in this life whose sender was answered 200."""

QUALIFIED = {"mql", "sql"}
"""Stages of this life whose reaching is a note in the CRM, beside one for each owner."""

Plan = Mapping[int, Blow]


def life(system: System) -> None:
    """A webhook is scored, routed and delivered; nobody calls, so it is warned of, breached and handed over; then sales
    calls. The quiet after it has two sweeps after a dead worker's lease ran out."""
    lives.send(system, lives.demo())
    system.later(minutes=4)
    system.later(minutes=2)
    lives.call(system, "call-1")
    for minutes in (2, 4):
        system.later(minutes=minutes)


@dataclass(frozen=True)
class End:
    """What trouble must not change."""

    touches: int
    stage: str
    status: str | None
    score: int
    owners: tuple[str | None, ...]
    profile: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Told:
    """A life without violation: how it ended, what it called, what struck it, and what the SDK sent again."""

    end: End
    calls: tuple[str, ...]
    struck: tuple[tuple[str, Blow], ...]
    resent: int


def singles(calls: Sequence[str]) -> list[Plan]:
    """Every blow at every call."""
    return [{at: blow} for at, name in enumerate(calls) for blow in (BLOWS if name in WRITES else TO_A_READ)]


def pairs(calls: Sequence[str], count: int, seed: int) -> list[Plan]:
    """Two blows at two calls, drawn by the seed."""
    dice = Random(seed)
    return [{at: dice.choice(BLOWS) for at in dice.sample(range(len(calls)), 2)} for _ in range(count)]


def tell(plan: Plan) -> Told:
    """One telling with its checks. Raises AssertionError for a violation."""
    blows = Blows(dict(plan))
    with living(blows) as system:
        life(system)
        calls = tuple(blows.calls)
        blows.end()
        system.end()
    end = kept(system)
    return Told(end, calls, tuple(blows.struck), blows.resent)


def told_or_why_not(plan: Plan) -> Told | str:
    """As `tell`, for another process: a violation is its text."""
    try:
        return tell(plan)
    except (Exception, Crash):
        return f"{dict(plan)}\n{traceback.format_exc(limit=-3)}"


def kept(system: TableSystem) -> End:
    """Every promise of a settled system, and those of a life that is known."""
    promises.kept(system)
    assert (len(system.queue), system.failed) == (0, [])
    fates = Counter(touch.state for touch in system.touches())
    assert fates["done"] + fates["refused"] + fates["parked"] == ACCEPTED
    [record] = system.leads()
    log = [row for row in system.store.story(record.key().pk) if isinstance(row, LogRecord)]
    facts = [fact for row in log for fact in row.facts]
    hops = _assigned_once_each(system, facts)
    qualified = len(QUALIFIED & {str(fact.data["after"]) for fact in facts if fact.name == "StageChanged"})
    assert (len(system.crm.people), len(system.crm.tasks), len(system.crm.notes)) == (1, 1, hops + qualified)
    lead = record.lead
    names = Counter(fact.name for fact in facts)
    return End(
        touches=lead.touches,
        stage=lead.stage,
        status=lead.status,
        score=lead.score.total,
        owners=(*lead.ownership.previous, lead.ownership.rep),
        profile=tuple(sorted((name, str(value)) for name, value in record.profile.plain().items())),
        told=tuple((name, names[name]) for name in TOLD_ONCE),
    )


def _assigned_once_each(system: TableSystem, facts: Sequence[Said]) -> int:
    """Every hop has one owner, and every turn of a pool was taken for one of them; how many hops there are."""
    given = [fact.data for fact in facts if fact.name == "LeadAssigned"]
    assert [each["hop"] for each in given] == list(range(1, len(given) + 1))
    turns = [record.turns for record in system.records() if isinstance(record, PoolRecord)]
    assert Counter(each["rep"] for each in given) == sum((Counter(turn.given) for turn in turns), Counter())
    return len(given)
