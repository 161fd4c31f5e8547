"""Leads that were given back: a turn that brought a rep nothing does not count as one."""

from __future__ import annotations

from dataclasses import dataclass

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ledger import MILLION, LeadClass, Turns
from leadrelay.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Return:
    """A lead of this class does not count (`leads` -1), or counts again (1), as given to the rep by the pool."""

    pool: str
    rep: str
    kind: LeadClass
    leads: int


def came_back(before: Lead, after: Lead, rules: Rules) -> Return | None:
    """What a change of the lead means for the turn by which its owner had got it. Once per hop: who gives a lead back
    and takes it on again has it again, and it counts again."""
    was, now = _is_back(before, rules), _is_back(after, rules)
    same = before.ownership.hop == after.ownership.hop
    owner = after.ownership
    if was == now or not same or owner.pool is None or owner.rep is None or owner.counted is None:
        return None
    return Return(owner.pool, owner.rep, owner.counted, -1 if now else 1)


def uncounted(turns: Turns, back: Return) -> Turns:
    """The pool's memory afterwards. Who is no member has no turns."""
    ledger = turns.of(back.kind)
    if back.rep not in ledger.weights:
        return turns
    return turns.after(back.kind, ledger.credited("returned", {back.rep: back.leads * MILLION}))


def _is_back(lead: Lead, rules: Rules) -> bool:
    """Whether the lead is with somebody whose turn it was, and who gave it back so that the pool does not count it."""
    owner = lead.ownership
    pool = next((pool for pool in rules.team.pools if pool.id == owner.pool), None)
    return pool is not None and owner.counted is not None and lead.live and lead.disposition in pool.fairness.returned
