"""Adopting what the CRM shows: owner, status, stage and deals that a person changed there.

Our own writes come back too, late and in any order: they are known by their value. What is left was a person's doing,
and it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from leadrelay.domain.card.card import PERSON, digest
from leadrelay.domain.crm.choice import chosen
from leadrelay.domain.crm.deals import adopt_deal, go
from leadrelay.domain.crm.facts import RecordDeleted
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.nurture.enrol import end
from leadrelay.domain.stages.advance import regress
from leadrelay.domain.stages.disposition import GIVEN_BACK, Word, give_back, take_on
from leadrelay.domain.stages.facts import StatusChanged
from leadrelay.domain.touch import CrmRecord, Touch

_CARD = {known: name for name, known in PERSON.items()}
"""The field of the profile -> the field of the card that shows it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What we last wrote into the record `crm_id`: `owner` (the CRM's id) at `owner_at` (UTC, or when a person's choice
    was received), and digests of the fields; `offered` are owners whom we may have written since then, and
    `shows` digests of what the record took from us and of the status and stage that people were heard to say;
    `heard_at` is when the newest reading that was heard was received (UTC); `status_was` is the status that we wrote
    over until `status_at` (UTC); `before` is what was written there as long
    as the record showed other leads, which have become this one."""

    crm_id: str | None = None
    owner: str | None = None
    owner_at: datetime | None = None
    offered: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    shows: dict[str, str] = field(default_factory=dict)
    heard_at: datetime | None = None
    before: tuple[Shown, ...] = ()
    status_was: str | None = None
    status_at: datetime | None = None

    def is_late(self, touch: Touch) -> bool:
        """Whether something was read from the record after this, and heard before it."""
        return self.heard_at is not None and touch.received_at < self.heard_at

    def replaced(self, status: str, touch: Touch) -> bool:
        """Whether it was read before we wrote another status over this one."""
        return status == self.status_was and self.status_at is not None and touch.received_at <= self.status_at

    def gave(self, owner: str) -> bool:
        """Whether the record shows this owner because we wrote it."""
        return owner in (self.owner, *self.offered) or any(shown.gave(owner) for shown in self.before)

    def is_about(self, record: CrmRecord) -> bool:
        """Whether it is this record that shows the lead: people keep second ones of the same person, and old ids."""
        return self.crm_id in (None, record.person, *record.was)

    def said(self, known: str, value: str) -> bool:
        """Whether the record says this of the person (`known`: our field) because we wrote it."""
        return known in _CARD and self.wrote(_CARD[known], value)

    def wrote(self, name: str, value: str) -> bool:
        """Whether the record shows this because we wrote it."""
        known = (self.values.get(name), self.shows.get(name), self.shows.get(heard(name)))
        mine = digest(value) in known or offer(name, value) in self.offered
        return mine or any(shown.wrote(name, value) for shown in self.before)


NOTHING = Shown()
"""Nothing was ever written."""

JUDGED = ("lead_status", "lifecycle_stage")
"""Fields of the record that say how far sales are with a lead."""

HEARD = (*PERSON, *JUDGED)
"""Fields of the record that are heard as a person's word. What stands there is left alone, whatever we write after it:
so what the record took from us once may show for ever."""


def heard(name: str) -> str:
    """Under which name it is remembered what people were heard to say in a field."""
    return f"{name} heard"


def offer(name: str, value: object) -> str:
    """How it is remembered that a field may show this because we wrote it."""
    return f"{name}={digest(value)}"


def is_owner(offered: str) -> bool:
    """Whether an offer is an owner's id, and not what a field may show."""
    return "=" not in offered


def adopt(touch: Touch, shown: Shown, decision: Decision) -> None:
    """Take over what a touch from the CRM says about its record. A second record of the same person is not the one that
    shows the lead: only its deals are."""
    record = touch.record
    if record is None:
        return
    if touch.event == "deleted":
        if record.kind == "person" and shown.crm_id == record.person:
            end(decision, "deleted")
            decision.say(RecordDeleted(crm=record.crm, crm_id=record.person))
        return
    if shown.is_about(record) and not shown.is_late(touch):
        _owner(touch, record, shown, decision)
        _stage(record.stage, shown, decision)
        _status(touch, record, shown, decision)
    if record.deal is not None:
        adopt_deal(record.record_id, record.deal, record.reason, decision)


def _owner(touch: Touch, record: CrmRecord, shown: Shown, decision: Decision) -> None:
    rep = decision.rules.team.rep_in(record.crm, record.owner)
    if record.owner is None or not _is_news(touch, rep, record.owner, shown, decision.lead):
        return
    chosen(rep, record.owner, decision)


def _is_news(touch: Touch, rep: str | None, owner: str, shown: Shown, lead: Lead) -> bool:
    """Neither our own write, nor what it replaced: an answer that was under way while the owner was decided or written
    still shows the one before. What a person chose was received at a moment, however late it was worked on."""
    mine = lead.ownership
    same = rep == mine.rep if rep is not None else owner == mine.outside
    since = None if mine.why == "override" and shown.owner_at is not None else mine.since
    decided = max(filter(None, (since, shown.owner_at)), default=None)
    return not same and not shown.gave(owner) and (decided is None or touch.received_at > decided)


def _status(touch: Touch, record: CrmRecord, shown: Shown, decision: Decision) -> None:
    """A status of the CRM's own that the rules do not name says nothing to us."""
    lead, status = decision.lead, record.status
    if status is not None and status == lead.status:
        _explained(status, record, decision)
    if status in (None, lead.status) or status not in decision.rules.stages.statuses:
        return
    if shown.wrote("lead_status", status) or shown.replaced(status, touch):
        return
    decision.say(StatusChanged(before=lead.status, after=status, why="crm"))
    _disposition(status, record, decision)


def _explained(status: str, record: CrmRecord, decision: Decision) -> None:
    """What was missing has come: the reason, or, for a lead that is too early, what else is known of it. Who answered
    by a link said all that there: what the record tells is of an earlier time."""
    lead = decision.lead
    if lead.disposition not in GIVEN_BACK or lead.status_by_link:
        return
    reason = lead.reason is None and record.reason is not None
    told = ((record.decision_maker, lead.decision_maker), (record.timing, lead.timing))
    more = lead.disposition == "recycled" and any(now is not None and now != then for now, then in told)
    if reason or more:
        _disposition(status, record, decision)


def _disposition(status: str, record: CrmRecord, decision: Decision) -> None:
    lead, rules = decision.lead, decision.rules
    means = rules.stages.dispositions.get(status)
    rep = lead.ownership.rep or lead.ownership.outside or ""
    if means is None or means == "accepted":
        take_on(rep, means == "accepted", "crm", decision)
        return
    word = Word(
        means=means,
        rep=rep,
        status=status,
        reason=rules.stages.nurture.reason(record.reason),  # what they typed may name somebody: only its code is told
        decision_maker=record.decision_maker,
        timing=record.timing,
    )
    give_back(word, decision)


def _stage(stage: str | None, shown: Shown, decision: Decision) -> None:
    """Forward only, whoever moves it: a stage set back by hand is left alone there and not followed here. It was set
    back if the record has shown ours. A CRM that only moves forward keeps showing where a lead was before it left."""
    if stage is None or shown.wrote("lifecycle_stage", stage):
        return
    if stage not in decision.lead.reached:
        go(stage, "crm", decision)
    if shown.wrote("lifecycle_stage", decision.lead.stage):
        decision.say(regress(decision.lead, stage, decision.rules, "crm"))
