"""Two people who were wrongly made one: what each of them is without the other.

A lead is the fold of its log. So what is left of it is the fold of its log without what the other brought: without the
merge, and without the touches that were the other's all along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from leadrelay.domain.card.facts import MessageHeard
from leadrelay.domain.crm.facts import RecordRefuses
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.model import Instant
from leadrelay.domain.person.consent import Statement
from leadrelay.domain.person.erasure_facts import TouchErased
from leadrelay.domain.person.facts import Absorbed, LeadMerged, LeadUnmerged, Remainder, TouchIdentified
from leadrelay.domain.person.permission_facts import CallbackRequested
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.stages.facts import (
    ContactAttempted,
    DealLost,
    DealOpened,
    DealWon,
    LeadQualified,
    StageChanged,
)

_DONE = (
    TouchIdentified,
    MessageHeard,
    ContactAttempted,
    CallbackRequested,
    RecordRefuses,
    DealOpened,
    DealWon,
    DealLost,
)
"""Facts that say what somebody did: they go where the touch goes."""

_CONCLUDED = (StageChanged, LeadQualified)
"""Facts that were concluded from it: whose touch it is concludes again."""

_MERGED = "merged"
"""The reason of the stage that a merge brought."""


@dataclass(frozen=True, slots=True)
class Row:
    """One commit of a lead's log: what was said, and when (UTC)."""

    facts: tuple[Fact, ...]
    at: Instant


def effective(rows: Iterable[Row]) -> list[Row]:
    """The log as it would be, had nobody been merged who was unmerged since, and nothing said that was erased."""
    kept: list[Row] = []
    for row in rows:
        facts = (_but_for_what_is_left(fact) for fact in row.facts if not isinstance(fact, TouchErased))
        kept.append(Row(tuple(facts), row.at))
        for fact in row.facts:
            if isinstance(fact, LeadUnmerged) and fact.left is not None:
                kept = without(kept, fact.other, fact.instead, fact.moved)
            elif isinstance(fact, TouchErased):
                kept = without(kept, "", fact.instead, (fact.touch_id,))
    return kept


def without(rows: Sequence[Row], other: str, instead: Absorbed | None, moved: Collection[str]) -> list[Row]:
    """The log without the last merge of `other` (empty: of nobody), or with `instead` in the place of what its carrier
    brought; and without the touches `moved`."""
    place = merge_of(rows, other if instead is None else instead.lead_id)
    kept = [row if number != place else _remerged(row, other, instead) for number, row in enumerate(rows)]
    return [_untouched(row, moved) for row in kept]


def merge_of(rows: Sequence[Row], lead_id: str) -> int | None:
    """The row in which this lead was last absorbed."""
    places = [number for number, row in enumerate(rows) if any(_absorbs(fact, lead_id) for fact in row.facts)]
    return places[-1] if places else None


def touches(rows: Iterable[Row]) -> list[str]:
    """The touches that a log counts, in its order."""
    return [fact.touch_id for row in rows for fact in row.facts if isinstance(fact, TouchIdentified)]


def members(rows: Iterable[Row]) -> list[str]:
    """The leads that a log absorbs."""
    merges = (fact.absorbed for row in rows for fact in row.facts if isinstance(fact, LeadMerged))
    return [merge.lead_id for merge in merges if merge is not None]


def folded(lead_id: str, rows: Iterable[Row]) -> Lead:
    """What a log makes of a lead."""
    return fold(Lead(lead_id=lead_id), [(fact, row.at) for row in rows for fact in row.facts])


def remainder(lead: Lead) -> Remainder:
    """What is left, of a lead that was folded without the other."""
    return Remainder.model_validate({name: getattr(lead, name) for name in Remainder.model_fields})


def brought(lead_id: str, rows: Iterable[Row], moved: Collection[str]) -> Lead:
    """A lead of nothing but the touches that were moved; its stage is what deals and people said it is."""
    kept = [Row(tuple(fact for fact in row.facts if _is_done(fact)), row.at) for row in rows if _tells(row, moved)]
    return folded(lead_id, kept)


def relearnt(
    known: Profile,
    gone: Collection[str],
    news: Iterable[tuple[str, Value]],
    statements: Iterable[tuple[str, Statement]],
) -> Profile:
    """A profile without what these touches said. Where they had the last word, what others said (`news`) counts again;
    so it is with what was allowed and refused (`statements`, each with its purpose)."""
    lost = {name for name, value in known.values.items() if value.touch_id in gone}
    kept = Profile(values={name: value for name, value in known.values.items() if name not in lost})
    held = [(purpose, said) for purpose, each in known.consents.items() for said in each.statements()]
    theirs = [(purpose, said) for purpose, said in (*held, *statements) if said.touch_id not in gone]
    again = [(name, value) for name, value in news if name in lost and value.touch_id not in gone]
    return kept.learn(again).agreed(theirs)


def _but_for_what_is_left(fact: Fact) -> Fact:
    """What is left is folded anew; that two are apart stays."""
    return fact.with_(left=None) if isinstance(fact, LeadUnmerged) else fact


def _absorbs(fact: Fact, lead_id: str) -> bool:
    return isinstance(fact, LeadMerged) and fact.absorbed is not None and fact.absorbed.lead_id == lead_id


def _remerged(row: Row, other: str, instead: Absorbed | None) -> Row:
    """Without the merge, or with another; in either case without the stage that it brought."""
    name, facts, drop = other if instead is None else instead.lead_id, list[Fact](), False
    for fact in row.facts:
        if drop and isinstance(fact, StageChanged) and fact.why == _MERGED:
            continue
        drop = _absorbs(fact, name)
        if not drop:
            facts.append(fact)
        elif isinstance(fact, LeadMerged) and instead is not None:
            facts.append(fact.with_(absorbed=instead))
    return Row(tuple(facts), row.at)


def _untouched(row: Row, moved: Collection[str]) -> Row:
    if not _tells(row, moved):
        return row
    return Row(tuple(fact for fact in row.facts if not isinstance(fact, _DONE) and not _is_concluded(fact)), row.at)


def _tells(row: Row, moved: Collection[str]) -> bool:
    return any(isinstance(fact, TouchIdentified) and fact.touch_id in moved for fact in row.facts)


def _is_concluded(fact: Fact) -> bool:
    return isinstance(fact, _CONCLUDED) and not (isinstance(fact, StageChanged) and fact.why == _MERGED)


def _is_done(fact: Fact) -> bool:
    said = isinstance(fact, StageChanged) and (fact.why == "crm" or fact.why.startswith("deal "))
    return said or isinstance(fact, _DONE)
