"""What sales say of a lead: taken on, given back for good, or too early. The same whoever carries the word to us, the
status in the CRM or the link in a notice."""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.clocks.keeping import dropped
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.back import handed_back
from leadrelay.domain.model import Model
from leadrelay.domain.nurture.rest import GET_BACK, reactivate
from leadrelay.domain.stages.enter import accept, leave
from leadrelay.domain.stages.facts import By, LeadRecycled, LeadRejected, ReasonMissing

GIVEN_BACK = ("rejected", "recycled")
"""Dispositions after which nobody is to work the lead for now."""


class Word(Model):
    """What was said of a lead, by `rep` (for a stranger, the CRM's id of the owner). `reason` is a code of stages.yaml,
    `timing` one of its timings, `status` the lead status that stands for it, as the rep knows it."""

    means: Literal["rejected", "recycled"]
    rep: str
    status: str
    reason: str | None = None
    decision_maker: str | None = None
    timing: str | None = None
    by: By = "crm"


def take_on(rep: str, accepts: bool, by: By, decision: Decision) -> None:
    """Somebody takes the lead on, or works one again that was given back."""
    rested = decision.lead.rests
    if rested:
        reactivate("worked", decision)
    if accepts or rested:
        accept(rep, decision, by)
    if rested and decision.lead.decided:
        decision.say(next_step(decision.lead, "Follow up", decision.rules, decision.at))


def give_back(word: Word, decision: Decision) -> None:
    """Somebody gives the lead back: its clocks stop, it leaves the lifecycle; who gave no reason is asked for one. For
    a reason that means so, it goes back to the team that had it before, and stays open."""
    if handed_back(word.reason, decision):
        return
    lead, rules, at = decision.lead, decision.rules, decision.at
    known = lead.reason if lead.disposition == word.means else None
    said = word.with_(reason=word.reason or known)
    decision.say(_rejected(said) if said.means == "rejected" else _recycled(said, decision))
    decision.say(*dropped(lead, said.means))
    leave(said.means, decision)
    if not lead.decided:
        return
    if said.reason is None:
        decision.say(ReasonMissing(status=said.status))
        asked = decision.lead.with_(wakes_at=None)
        decision.say(next_step(asked, f"Say why: {said.status}", rules, at))
    elif said.means == "recycled":
        decision.say(next_step(decision.lead, GET_BACK, rules, at))


def _rejected(word: Word) -> LeadRejected:
    return LeadRejected(rep=word.rep, reason=word.reason, by=word.by)


def _recycled(word: Word, decision: Decision) -> LeadRecycled:
    """What a rep adds later counts from when they gave it back."""
    lead, at = decision.lead, decision.at
    again = lead.disposition == "recycled"
    timing = word.timing or (lead.timing if again else None)
    pause = decision.rules.stages.nurture.pause(timing)
    since = (lead.recycled_at if again else None) or at
    return LeadRecycled(
        reason=word.reason,
        decision_maker=word.decision_maker or (lead.decision_maker if again else None),
        timing=timing,
        wakes_at=None if pause is None else since + pause,
        by=word.by,
    )
