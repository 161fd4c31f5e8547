"""Whose open lead a lead is, and what a change of it means for the rep at work.

Whoever changes a lead changes these numbers with it, so they are exact at every instant, however many decide at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadrelay.domain.clocks.facts import SlaMet
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules


def carrier(lead: Lead, rules: Rules) -> str | None:
    """The rep who carries it as one of their open leads; None when nobody does.

    A lead weighs on its owner while it is live and somebody may have to act: not once it became another lead, was given
    back or let go, nor as a customer whom nobody owes a call, and who has no other deal open. A lead whose next owner
    is still being chosen weighs on the present one.
    """
    works = lead.live and lead.merged_into is None and not lead.rests and not _is_won(lead, rules)
    return lead.ownership.rep if works else None


def shifts(before: str | None, after: str | None) -> dict[str, int]:
    """Rep id → how many more open leads they have (-1 or 1), when the lead's carrier changes."""
    if before == after:
        return {}
    return {rep: change for rep, change in ((before, -1), (after, 1)) if rep is not None}


def responses(before: Lead, facts: Iterable[Fact]) -> Iterator[tuple[str, int]]:
    """Who made a first contact that was waited for, and after how many business seconds: the owner of that hop."""
    holders = {lapse.clock.hop: lapse.rep for lapse in before.lapsed} | {before.ownership.hop: before.ownership.rep}
    for fact in facts:
        if isinstance(fact, SlaMet) and fact.kind == "first_contact" and (rep := holders.get(fact.hop)) is not None:
            yield rep, fact.owner_seconds


def _is_won(lead: Lead, rules: Rules) -> bool:
    busy = lead.clock("first_contact") is not None or "open" in lead.deals.values()
    return rules.stages.is_customer(lead.stage) and not busy
