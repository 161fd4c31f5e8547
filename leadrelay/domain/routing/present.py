"""Present: whether the owner of a lead can answer it in time when its person asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.claim import pool_of
from leadrelay.domain.routing.eligibility import judged, question
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.rules import Rules


def can_answer(lead: Lead, state: RepState, seen: Mapping[str, object], rules: Rules, now: datetime) -> bool:
    """Whether nobody else is to be asked: the owner works here, is not away and is at work in time; a person chose them
    just now; or there is no pool whose others could answer. `state` is what is known of the owner, `seen` what
    conditions see of the lead."""
    owner, pool = lead.ownership, pool_of(lead, rules.team)
    if owner.rep is None or pool is None or owner.overridden(rules.routing.override, now):
        return True
    asked = question(lead, seen, None, rules, now)
    asked = replace(asked, holder=owner.rep, patience=pool.patience)
    return judged(rules.team.rep(owner.rep), state, asked).failed is None
