"""What marketing promises of a lead that it hands over to sales: the least that must be known or have happened.

A lead without it goes to sales all the same, for the customer waits. But it is said what is missing: to whoever answers
for marketing, and to the rep, who asks for it first.
"""

from __future__ import annotations

from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.waiting import reason
from leadrelay.domain.stages.facts import HandoverLacks

LACKS = "handover_lacks"
"""The kind of notice that says so."""

_BY_MARKETING = ("new", "qualified")
"""Why an owner is needed of a lead that no rep has had yet; all else is between reps."""


def handed_over(before: Lead, decision: Decision) -> None:
    """Say what a lead lacks that a rep has just got from marketing; `before`: as it was until then."""
    lead, policy = decision.lead, decision.rules.sla.handover
    if lead.ownership.rep is None or before.ownership.rep is not None or reason(before) not in _BY_MARKETING:
        return
    seen, rules, at = decision.seen(), decision.rules, decision.at
    if policy is None or not rules.holds(policy.if_, seen, at):
        return
    missing = tuple(each.id for each in policy.criteria if not rules.holds(each.if_, seen, at))
    if missing != lead.lacks:
        decision.say(HandoverLacks(missing=missing))
    if missing:
        decision.say(notice(LACKS, decision.lead, lead.ownership.hop, at))
