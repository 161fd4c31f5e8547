"""A rep's page: whom to call next, by when, and where. It has names: only for the rep, and who may see their leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.render import render
from leadrelay.workflows.my_leads import MOST, MyLead

Urgency = Literal["overdue", "today", "later"]

_ORDER: tuple[Urgency, ...] = ("overdue", "today", "later")


@dataclass(frozen=True)
class Due:
    """One thing to be done, and whether its time is over."""

    text: str
    late: bool


def mine_page(leads: Sequence[MyLead], frame: Frame, whose: str | None = None) -> str:
    """The leads in the order they come in, under what is overdue, due today, and later. `whose` is the rep's name where
    somebody else looks."""
    words = frame.words
    groups: dict[Urgency, list[Mapping[str, object]]] = {name: [] for name in _ORDER}
    for lead in leads:
        groups[urgency(lead, frame)].append(_card(lead, frame))
    title = words.say("mine.title")
    return render(
        "mine.html",
        frame,
        title=f"{title}: {whose}" if whose else title,
        count=len(leads),
        full=len(leads) == MOST,
        groups=[(name, cards) for name, cards in groups.items() if cards],
        crm=words.code("crm", words.rules.crm.vendor),
    )


def urgency(lead: MyLead, frame: Frame) -> Urgency:
    """Overdue, to be done on this day of the reader's, or later."""
    if lead.late or _past(lead.step_due_at, frame):
        return "overdue"
    local = frame.now.astimezone(frame.words.zone)
    tomorrow = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = min(filter(None, (lead.due_at, lead.step_due_at)), default=None)
    return "today" if due is not None and due < tomorrow else "later"


def _past(at: datetime | None, frame: Frame) -> bool:
    return at is not None and at < frame.now


def _card(lead: MyLead, frame: Frame) -> Mapping[str, object]:
    words = frame.words
    return {
        "who": lead.who or words.say("mine.unnamed"),
        "company": lead.company,
        "hot": lead.hot,
        "stage": words.code("stage", lead.stage),
        "status": words.code("status", lead.status),
        "score": lead.score,
        "source": None if lead.source is None else words.code("source", lead.source),
        "asked": None if lead.intent is None else words.say("mine.asked", what=words.code("intent", lead.intent)),
        "phone": lead.phone,
        "due": list(_dues(lead, frame)) or [Due(words.say("mine.nothing"), False)],
        "crm": lead.crm_url,
        "href": frame.lead(lead.lead_id),
    }


def _dues(lead: MyLead, frame: Frame) -> Iterator[Due]:
    """The promise that is due next, and the next step; the step alone where it keeps the promise."""
    same = lead.step is not None and lead.step_due_at == lead.due_at
    if lead.clock is not None and lead.clock != "next_step" and not same:
        yield _due(frame.words.code("clock", lead.clock), lead.due_at, lead.late, frame)
    if lead.step is not None:
        late = _past(lead.step_due_at, frame) or (same and lead.late)
        yield _due(lead.step, lead.step_due_at, late, frame)


def _due(what: str, at: datetime | None, late: bool, frame: Frame) -> Due:
    words = frame.words
    if at is None:
        return Due(words.say("mine.undated", what=what), late)
    return Due(words.say("mine.late" if late else "mine.due", what=what, when=words.at(at)), late)
