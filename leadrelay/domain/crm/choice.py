"""A person's choice of owner: what follows from it, and what becomes of it when the lead turns out to be another."""

from __future__ import annotations

from leadrelay.domain.clocks.contact import owes_contact
from leadrelay.domain.clocks.keeping import dropped
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.starting import contact_clock
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.stages.advance import queue_status


def chosen(rep: str | None, crm_owner: str, decision: Decision) -> None:
    """A person gave the lead to `rep`, or to somebody whom only the CRM knows (`crm_owner`: its id of them)."""
    lead = decision.lead
    owed = owes_contact(lead, "hand_off")
    hop = lead.ownership.hop + 1
    decision.say(
        *dropped(lead, "override"),
        OwnerOverridden(rep=rep, crm_owner=crm_owner, hop=hop, team=_team(rep, decision)),
    )
    decision.say(queue_status(lead.ownership, decision.lead, decision.rules))
    if not decision.lead.decided:
        return
    if rep is not None and owed:
        decision.say(contact_clock(decision.lead, rep, decision.seen(), decision.rules, decision.at))
    decision.say(next_step(decision.lead, "Call" if owed else "Follow up", decision.rules, decision.at))


def inherit(loser: Lead, decision: Decision) -> None:
    """Whom a person chose for a lead that has just become part of this one goes on with it, where this one has nobody
    yet and the choice is fresh. An owner who is at work on this lead already stays."""
    mine, theirs, rules = decision.lead.ownership, loser.ownership, decision.rules
    if mine.rep or mine.outside or not theirs.overridden(rules.routing.override, decision.at):
        return
    rep = theirs.rep if theirs.rep is None else rules.team.rep(theirs.rep)
    crm_owner = theirs.outside if rep is None else rep.crm.get(rules.crm.vendor)
    if loser.live and crm_owner is not None:
        chosen(theirs.rep, crm_owner, decision)


def _team(rep: str | None, decision: Decision) -> str | None:
    return None if rep is None else decision.rules.team.team_of(rep)
