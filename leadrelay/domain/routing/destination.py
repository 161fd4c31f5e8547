"""Where a lead belongs, by the ordered rules; and whether that means somebody must be chosen now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadrelay.domain.lead import Lead, Why
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.rules import Rules


def destination(seen: Mapping[str, object], rules: Rules, now: datetime) -> RouteRule | None:
    """The first rule that holds, or None when none does: then RevOps owns the lead."""
    return next((rule for rule in rules.routing.rules if rules.holds(rule.if_, seen, now)), None)


def owner_needed(lead: Lead, rule: RouteRule | None, rules: Rules, now: datetime) -> OwnerNeeded | None:
    """Whether an owner must be chosen, given where the lead belongs now. Asked once per hop, and not while a person's
    own choice is fresh."""
    why = _why(lead, rule)
    if why is None or lead.wanted is not None or lead.ownership.overridden(rules.routing.override, now):
        return None
    return OwnerNeeded(why=why, hop=lead.ownership.hop)


def _why(lead: Lead, rule: RouteRule | None) -> Why | None:
    owner = lead.ownership
    if not owner.placed:
        return "new"
    if rule is None:
        return None
    if owner.queue is not None:
        return "qualified" if rule.queue != owner.queue else None
    elsewhere = (rule.pool is not None and rule.pool != owner.pool) or (rule.rep is not None and rule.rep != owner.rep)
    return "hand_off" if rule.hand_off and elsewhere else None
