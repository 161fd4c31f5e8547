"""Coming to a stage, with what follows from it: the qualification it stands for, and its actions on entry."""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.decision import Decision
from leadrelay.domain.stages.advance import left, moved
from leadrelay.domain.stages.facts import By, LeadAccepted, LeadQualified, StageChanged


def enter(change: StageChanged | None, decision: Decision) -> None:
    """Say the move and what follows from it. A sequence that the stage enrols into is seen to with all others."""
    decision.say(change)
    rule = None if change is None else decision.rules.stages.rule(change.after)
    if rule is None:
        return
    gain(rule.qualification, decision)
    lead, at = decision.lead, decision.at
    if rule.on_entry.notice is not None:
        decision.say(notice(rule.on_entry.notice, lead, lead.ownership.hop, at))
    waits = lead.wanted is not None or lead.waits or lead.clock("first_contact") is not None
    if rule.on_entry.next_step is not None and lead.decided and lead.ownership.placed and not waits:
        decision.say(next_step(lead, rule.on_entry.next_step, decision.rules, at))


def gain(qualification: str | None, decision: Decision) -> None:
    """A qualification, the first time."""
    if qualification is not None and qualification not in decision.lead.qualifications:
        team = decision.rules.stages.team_of(qualification)
        decision.say(LeadQualified(qualification=qualification, team=team))


def qualify(decision: Decision) -> None:
    """Every qualification whose own condition holds now."""
    for rule in decision.rules.stages.qualifications:
        known = rule.type in decision.lead.qualifications
        if rule.if_ is None or known or not decision.rules.holds(rule.if_, decision.seen(), decision.at):
            continue
        gain(rule.type, decision)
        if rule.stage is not None and decision.lead.stage not in decision.rules.stages.outside:
            enter(moved(decision.lead, rule.stage, decision.rules, rule.type), decision)


def accept(rep: str, decision: Decision, by: By = "crm") -> None:
    """Sales take the lead on: a mark in the lifecycle where it had not come so far, a qualification in any case."""
    if decision.lead.disposition == "accepted":
        return
    decision.say(LeadAccepted(rep=rep, by=by))
    for rule in decision.rules.stages.lifecycle:
        if rule.accepted:
            enter(moved(decision.lead, rule.id, decision.rules, "accepted"), decision)
            gain(rule.qualification, decision)


def leave(disposition: Literal["rejected", "recycled"], decision: Decision) -> None:
    """Out of the lifecycle, where the rules have a way out for it."""
    decision.say(left(decision.lead, disposition, decision.rules))
