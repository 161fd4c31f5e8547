"""Where a lead belongs, by the ordered rules; and whether that means somebody must be chosen now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.outside_hours import with_the_sun
from leadrelay.domain.routing.ownership import Ownership, Why
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.waiting import IN_POOL
from leadrelay.domain.rules import Rules


def destination(seen: Mapping[str, object], rules: Rules, now: datetime) -> RouteRule | None:
    """The first rule that holds, or None when none does: then RevOps owns the lead. Before all rules: who may not be
    contacted goes to nobody who would."""
    if seen.get("lead.do_not_contact"):
        return rules.routing.refused
    return next(_landed(seen, rules, now), None)


def _landed(seen: Mapping[str, object], rules: Rules, now: datetime) -> Iterator[RouteRule]:
    """Where each rule that holds leads to, but for those of whose table no row holds."""
    holding = (rule for rule in rules.routing.rules if rules.holds(rule.if_, seen, now))
    return (landed for rule in holding if (landed := rules.routing.landed(rule, seen)) is not None)


def owner_needed(lead: Lead, rule: RouteRule | None, rules: Rules, now: datetime) -> OwnerNeeded | None:
    """Whether an owner must be chosen, given where the lead belongs now. Asked once per hop, and not while a person's
    own choice is fresh, unless they chose before they could know that nobody may contact the lead."""
    why = _why(lead, rule, rules)
    chosen = lead.ownership.overridden(rules.routing.override, now) and not _refused_since(lead)
    if why is None or lead.wanted is not None or chosen:
        return None
    return OwnerNeeded(why=why, hop=lead.ownership.hop)


def _refused_since(lead: Lead) -> bool:
    """Whether all contact was refused after the lead got its place."""
    refused, since = lead.permission.forbidden.get("any"), lead.ownership.since
    return refused is not None and (since is None or refused.since > since)


def _why(lead: Lead, rule: RouteRule | None, rules: Rules) -> Why | None:
    owner = lead.ownership
    if not owner.placed:
        return "new"
    if owner.waits is not None and lead.clock("backlog") is None:
        return "waiting"  # it was closed meanwhile: nothing is under way that ends its waiting
    if rule is None:
        return None
    if owner.queue is not None:
        return "qualified" if rule.queue != owner.queue else None
    if owner.waits is not None:
        stays = owner.why in IN_POOL and not rule.hand_off
        return "waiting" if not stays and _is_elsewhere(owner, rule, rules) else None
    return "hand_off" if rule.hand_off and _is_elsewhere(owner, rule, rules) else None


def _is_elsewhere(owner: Ownership, rule: RouteRule, rules: Rules) -> bool:
    """Whether the lead is not where the rule puts it: neither in its pool, nor in one that is asked after that."""
    if rule.pool is None:
        return rule.queue is not None or rule.rep not in (None, owner.rep)
    places = (each.id for pool in rules.team.pools if pool.id == rule.pool for each in with_the_sun(pool, rules.team))
    return owner.pool not in {rule.pool, *places}
