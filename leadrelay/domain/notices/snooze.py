"""Putting off: an owner hears of a reminder later. No deadline moves, and nothing that is owed to a customer waits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.next_step import next_morning
from leadrelay.domain.notices.facts import Snoozed
from leadrelay.domain.notices.policy import REMINDERS
from leadrelay.domain.notices.snoozed import kind_of

if TYPE_CHECKING:
    from leadrelay.domain.decision import Decision
    from leadrelay.domain.lead import Lead
    from leadrelay.domain.link import Link


def may_snooze(lead: Lead, kind: str) -> bool:
    """Whether this kind of notice may be put off: only a reminder, and only while a next step is what it is about."""
    return kind in REMINDERS and lead.clock("next_step") is not None


def is_snoozed(link: Link, lead: Lead) -> bool:
    """Whether this notice, or a later one of its kind, was put off before: their ids are in the order of time."""
    same = (each for each in lead.snoozed if (each.notice, each.hop) == (kind_of(link.about), link.hop))
    return any(each.notice_id >= link.about for each in same)


def snooze(link: Link, decision: Decision) -> None:
    """Put off until so many working days of the owner have begun as notices.yaml says (`snooze_days`)."""
    rules = decision.rules
    hours = rules.calendar(rules.team.rep(link.rep).calendar)
    until: datetime = decision.at
    for _ in range(rules.notices.snooze_days):
        until = next_morning(hours, until)
    decision.say(Snoozed(rep=link.rep, hop=link.hop, notice_id=link.about, until=until))
