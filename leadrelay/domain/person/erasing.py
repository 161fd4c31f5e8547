"""Erasing: a person is removed, or one thing that they said, and what they did before stays away.

What stays of somebody who was erased are codes and numbers, to be counted: that there was a lead, from which source,
through which stages, in whose hands. Their identities stay as keyed hashes, so that an older delivery that comes late
does not bring them back. What they do after that makes a new lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.heeding import conclude
from leadrelay.domain.notices.policy import ERASED
from leadrelay.domain.nurture.enrol import end
from leadrelay.domain.parting import Row, folded, remainder
from leadrelay.domain.person.erasure_facts import LeadErased, TouchErased
from leadrelay.domain.person.facts import Absorbed
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.touch import Touch

_OWN = frozenset({"submission", "behaviour"})
_ENTERED = frozenset({"created", "imported"})
"""What happened to a record in the CRM of somebody whom people had there before, or put there themselves."""


def is_own(touch: Touch) -> bool:
    """Whether somebody is known by this touch: they did it, booked or called themselves, or people entered them in the
    CRM. What a rep did, what the CRM showed later, and what others know follows from that."""
    if touch.record is not None:
        return touch.event in _ENTERED
    return touch.kind in _OWN or touch.kind == "activity"


def comes_back(touch: Touch, erased_at: datetime) -> bool:
    """Whether somebody who was erased does something after it. What shows in the CRM of somebody whom people have not
    deleted there yet, or is found out about them, is nothing of theirs."""
    entered = touch.record is None or touch.event == "created"
    return touch.kind != "enrichment" and entered and touch.occurred_at > erased_at


def erase(touch: Touch, decision: Decision) -> None:
    """The whole person. Whoever has the lead, and RevOps, are told, where people may have kept something of it."""
    lead = decision.lead
    end(decision, "erased")
    if lead.merged_into is None and (lead.ownership.placed or lead.card is not None):
        told = f"{ERASED}-{lead.ownership.hop}"
        decision.say(NoticeNeeded(notice_id=told, notice=ERASED, hop=lead.ownership.hop, rep=lead.ownership.rep))
    decision.say(LeadErased(reason=touch.source, touch_id=touch.touch_id))
    decision.profile = Profile()
    decision.show()


def erase_touch(
    touch_id: str, rest: Sequence[Row], profile: Profile, decision: Decision, instead: Absorbed | None = None
) -> None:
    """One touch of somebody who did more than that: `rest` is the lead's log without it, `profile` what is known
    without it; `instead` is what the lead that the touch came with should have brought, where it came with one."""
    left = remainder(folded(decision.lead.lead_id, rest))
    decision.profile = profile
    decision.say(TouchErased(touch_id=touch_id, left=left, instead=instead))
    if decision.lead.merged_into is None:
        conclude(decision)
        judge(decision)
