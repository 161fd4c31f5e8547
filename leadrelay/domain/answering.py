"""What a rep's answer does that came by the link in a notice: the very same as when they say it in the CRM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.claim import claimed
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.lead import Lead
from leadrelay.domain.link import Action, Link
from leadrelay.domain.model import Model
from leadrelay.domain.notices.snooze import is_snoozed, may_snooze, snooze
from leadrelay.domain.notices.snoozed import kind_of
from leadrelay.domain.routing.claim import may_claim
from leadrelay.domain.routing.facts import LinkUsed
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.stages.disposition import Word, give_back, take_on
from leadrelay.domain.stages.facts import StatusChanged

Hindrance = Literal["expired", "merged", "gone", "done", "moved", "late", "closed", "no_step"]
"""Why a link does nothing (any more): its time is over; the lead is part of another; nobody works it; this was said
already; somebody else has it by now; somebody else is just being found for it; it was given back for good;
nothing is left that could be put off."""

GIVES_BACK: Mapping[Action, Literal["rejected", "recycled"]] = {"reject": "rejected", "nurture": "recycled"}
"""What a link says of the lead that gives it back. These want a reason."""


class Answer(Model):
    """What was said beside the link itself: codes of stages.yaml, never the rep's own words. `timing` None: the rules'
    own."""

    reason: str | None = None
    timing: str | None = None


def hindrance(link: Link, lead: Lead, team: TeamPolicy, now: datetime) -> Hindrance | None:
    """Why the link does nothing to this lead now, the strongest reason; None when it works."""
    passes = link.action == "pass_on"
    reasons: tuple[tuple[bool, Hindrance], ...] = (
        (lead.merged_into is not None, "merged"),
        (_is_done(link, lead), "done"),
        (not lead.live, "gone"),
        (not _is_theirs(link, lead, team), "moved"),
        (lead.closed and passes, "closed"),
        (link.action == "snooze" and not may_snooze(lead, kind_of(link.about)), "no_step"),
        (lead.wanted is not None and (passes or link.action == "accept"), "late"),
        (link.expires_at < now, "expired"),
    )
    return next((why for holds, why in reasons if holds), None)


def answer(link: Link, said: Answer, decision: Decision) -> None:
    """Say it. The link must be free of any hindrance."""
    if link.action != "snooze":  # which may be said of every reminder
        decision.say(LinkUsed(rep=link.rep, hop=link.hop, action=link.action))
    _SAY[link.action](link, said, decision)
    judge(decision)


def _is_theirs(link: Link, lead: Lead, team: TeamPolicy) -> bool:
    """Whether the assignment that the link is about is the present one, and theirs; a lead that waits is to be had by
    everybody in its pool."""
    return may_claim(lead, link.rep, team) if link.action == "claim" else _owns(link, lead)


def _owns(link: Link, lead: Lead) -> bool:
    return (link.hop, link.rep) == (lead.ownership.hop, lead.ownership.rep)


def _is_done(link: Link, lead: Lead) -> bool:
    """Whether this answer was given: by a link of the same assignment, or by what stands in the CRM. That somebody
    accepted it before says nothing of who has it now."""
    if link.action == "claim":
        return (lead.ownership.rep, lead.ownership.why) == (link.rep, "claimed")
    if not _owns(link, lead):
        return False
    if link.action == "snooze":
        return is_snoozed(link, lead)
    asked = lead.wanted is not None and lead.wanted.why == "passed" and link.action == "pass_on"
    given_back = link.action in GIVES_BACK and lead.disposition == GIVES_BACK[link.action]
    return link.action in lead.ownership.answered or asked or given_back


def _accept(link: Link, said: Answer, decision: Decision) -> None:
    """They will see to it. The status stays what it is, for nobody has been reached yet, unless it says that the lead
    was given back."""
    lead = decision.lead
    if decision.rules.stages.dispositions.get(lead.status) in GIVES_BACK.values():
        decision.say(StatusChanged(before=lead.status, after="new", why="link"))
    take_on(link.rep, True, "link", decision)


def _give_back(link: Link, said: Answer, decision: Decision) -> None:
    lead, means = decision.lead, GIVES_BACK[link.action]
    status = decision.rules.stages.status_of(means, lead.status)
    if status != lead.status:
        decision.say(StatusChanged(before=lead.status, after=status, why="link"))
    give_back(
        Word(means=means, rep=link.rep, status=status, reason=said.reason, timing=said.timing, by="link"), decision
    )


def _pass_on(link: Link, said: Answer, decision: Decision) -> None:
    handed_on(decision, "passed")


def _claim(link: Link, said: Answer, decision: Decision) -> None:
    claimed(link.rep, decision)


def _snooze(link: Link, said: Answer, decision: Decision) -> None:
    snooze(link, decision)


_SAY: Mapping[Action, Callable[[Link, Answer, Decision], None]] = {
    "accept": _accept,
    "reject": _give_back,
    "nurture": _give_back,
    "pass_on": _pass_on,
    "claim": _claim,
    "snooze": _snooze,
}
