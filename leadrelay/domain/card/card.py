"""The card: everything the rep should see in the CRM about one lead, built from its state alone.

Nothing in it changes with the time of day, so an unchanged lead has an unchanged card and the CRM is left in peace.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from leadrelay.domain.card.allowed import because, permission, permission_note
from leadrelay.domain.card.answered import answer_note
from leadrelay.domain.card.conversation import Talk
from leadrelay.domain.card.deadline import deadline
from leadrelay.domain.card.note import Note
from leadrelay.domain.card.placement import passed_over, placed_why, waiting_place, waiting_why
from leadrelay.domain.card.reasons import reasons
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.profile import Plain, Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.grade import band, grade

PERSON = {
    "email": "lead.email",
    "phone": "lead.phone",
    "chat": "lead.chat",
    "first_name": "lead.first_name",
    "last_name": "lead.last_name",
    "job_title": "lead.job_title",
    "message": "lead.message",
    "company": "account.name",
    "country": "account.country",
    "industry": "account.industry",
    "employees": "account.employees",
}
"""A field of the card -> the field of the profile that it shows; what a CRM shows is read the same way."""

STAGE = "lifecycle_stage"
"""The field that shows the stage; a CRM only lets it go forward."""

STATUS = "lead_status"
"""The field that shows the lead status; what a rep put there is never overwritten."""

DUPLICATE_OF = "duplicate_of"
"""The field that names the lead which a merged one became."""


class Task(Model):
    """What the owner has to do next, due at the deadline (UTC). `hop` ties it to one assignment. Nothing in it changes
    with the score: a task that a rep has ticked off comes back only for another step."""

    hop: int
    subject: str
    body: str
    due_at: Instant
    urgent: bool
    done: bool


class Card(Model):
    """`owner` is a rep id; without one, `queue` is the named queue where the lead is. `sequence` is the nurture
    sequence it is in. `fields` are in our words; a connector translates them."""

    fields: dict[str, Plain | Instant | None]
    owner: str | None
    queue: str | None = None
    sequence: str | None = None
    task: Task | None
    notes: tuple[Note, ...] = ()

    def digest(self) -> str:
        """32 hex; equal for equal cards."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]


def digest(value: object) -> str:
    """16 hex; equal for equal values. What is remembered of a value the CRM shows: enough to know it again, and says
    nothing about a person."""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_known(profile: Profile) -> bool:
    """Whether there is somebody to contact: only then is there a card."""
    return any(profile.text(way) is not None for way in ("lead.email", "lead.phone", "lead.chat"))


def card_of(lead: Lead, profile: Profile, rules: Rules) -> Card:
    """What the CRM should show now."""
    if lead.erased_at is not None:
        return _erased(lead, lead.erased_at)
    if lead.merged_into is not None:
        return _farewell(lead, lead.merged_into, rules)
    return Card(
        fields={**_person(profile), **_state(lead, rules), **permission(lead, profile, rules)},
        owner=lead.ownership.rep,
        queue=lead.ownership.queue,
        sequence=None if lead.enrolment is None else lead.enrolment.sequence,
        task=_task(lead, rules),
        notes=tuple(filter(None, _notes(lead, rules))),
    )


def _farewell(lead: Lead, winner: str, rules: Rules) -> Card:
    """A lead that turned out to be another: its record says so, and nobody has anything to do there."""
    task = _task(lead, rules)
    return Card(
        fields={DUPLICATE_OF: winner},
        owner=lead.ownership.rep,
        task=None if task is None else task.with_(done=True),
    )


def _erased(lead: Lead, at: datetime) -> Card:
    """Nobody has anything to do there any more. The record itself is for people to delete."""
    done = Task(hop=lead.ownership.hop, subject="Erased", body="", due_at=at, urgent=False, done=True)
    return Card(fields={}, owner=None, task=done)


def _person(profile: Profile) -> dict[str, Plain | Instant | None]:
    known = profile.plain()
    return {name: known.get(field) for name, field in PERSON.items()}


def _state(lead: Lead, rules: Rules) -> dict[str, Plain | Instant | None]:
    owner, contact = lead.ownership, lead.clock("first_contact")
    step = None if _is_closed(lead) else lead.next_step
    sequence = None if lead.enrolment is None else lead.enrolment.sequence
    return {
        **_origin(lead),
        "first_partner": None if lead.first_partner is None else lead.first_partner.partner,
        "partner": None if lead.last_partner is None else lead.last_partner.partner,
        "lead_key": lead.lead_id,
        "lifecycle_stage": lead.stage,
        STATUS: lead.status,
        "qualifications": ", ".join(sorted(lead.qualifications)) or None,
        "nurture_sequence": sequence,
        "score": lead.score.total,
        "grade": grade(lead.score, rules.caps(lead.segment, lead.persona), rules.scoring.grades),
        "band": band(lead, rules),
        "score_reasons": reasons(lead, rules),
        "call_list_on": lead.listed_on,
        "segment": lead.segment,
        "temperature": lead.temperature,
        "captured_at": lead.captured_at,
        "assigned_at": None if owner.rep is None else owner.since,
        "first_contact_at": lead.contacted_at,
        "reaction_minutes": _reaction(lead),
        "urgency": _urgency(lead),
        "queue": _place(lead, rules),
        "sdr": _last_of("sdr", lead, rules),
        "ae": _last_of("ae", lead, rules),
        "owner_reason": ". ".join(filter(None, (placed_why(lead, rules), waiting_why(lead, rules)))) or None,
        "next_step": None if step is None else step.what,
        "next_step_due_at": None if step is None else step.due_at,
        "sla_due_at": None if contact is None or contact.pause is not None else contact.due_at,
    }


def _place(lead: Lead, rules: Rules) -> str | None:
    """The queue or the pool where it waits."""
    queue = lead.ownership.queue
    return waiting_place(lead, rules.team) if queue is None else rules.team.queue(queue).name


def _is_closed(lead: Lead) -> bool:
    """Given back for good or let go, and nothing is asked of anybody any more."""
    return lead.closed and not lead.clocks


def _reaction(lead: Lead) -> int | None:
    """Elapsed minutes from the first touch to the first contact: what the customer felt."""
    if lead.contacted_at is None:
        return None
    return max(0, int((lead.contacted_at - lead.captured_at).total_seconds() // 60))


def _urgency(lead: Lead) -> int:
    """What a view sorts by, greatest first: who waits for a call, hot before warm; then by score."""
    if lead.clock("first_contact") is None:
        return lead.score.total
    return lead.score.total + (200 if lead.temperature == "hot" else 100)


def _origin(lead: Lead) -> dict[str, Plain | Instant | None]:
    if lead.last is None:
        return {}
    last = lead.last
    return {
        "channel": last.channel,
        "channel_class": last.channel_class,
        "source": last.source,
        "campaign": last.origin.campaign,
        "product": last.product,
    }


def _last_of(team: str, lead: Lead, rules: Rules) -> str | None:
    """Who had it last of a team in a hand-off: both stay on the card, whoever owns it."""
    rep = lead.ownership.teams.get(team)
    return None if rep is None else rules.team.rep(rep).name


def _task(lead: Lead, rules: Rules) -> Task | None:
    if lead.next_step is None:
        return None
    waits = lead.clock("first_contact") is not None or lead.clock("next_step") is not None
    return Task(
        hop=lead.ownership.hop,
        subject=lead.next_step.what,
        body=". ".join(filter(None, (placed_why(lead, rules), _owed_by(lead, rules), because(lead)))),
        due_at=lead.next_step.due_at,
        urgent=lead.temperature == "hot",
        done=lead.ownership.rep is None or (lead.live and not waits),
    )


def _notes(lead: Lead, rules: Rules) -> tuple[Note | None, ...]:
    told = (_assignment_note(lead, rules), _stage_note(lead, rules))
    return (*told, answer_note(lead, rules), permission_note(lead), *map(_talk_note, lead.conversation))


def _talk_note(talk: Talk) -> Note:
    return Note(name=talk.name, body=f"{len(talk.messages) + talk.more} messages", at=talk.until, talk=talk)


def _assignment_note(lead: Lead, rules: Rules) -> Note | None:
    owner = lead.ownership
    if owner.rep is None or owner.since is None:
        return None
    name = rules.team.rep(owner.rep).name
    if owner.why == "override":
        body = f"{name} owns this lead: a person chose so here, and LeadRelay keeps to it."
    else:
        others = {rep: skip for rep, skip in owner.skipped.items() if rep not in owner.asked_first}
        before = passed_over(others, rules)
        skipped = f" Skipped: {before}." if before else ""
        body = f"LeadRelay gave this lead to {name}: {placed_why(lead, rules)}.{skipped}{_missing(lead, rules)}"
    owed = _owed_by(lead, rules)
    return Note(name=str(owner.hop), body=f"{body} {owed}." if owed else body, at=owner.since)


def _missing(lead: Lead, rules: Rules) -> str:
    """What marketing promises of such leads, and did not bring of this one."""
    criteria = () if rules.sla.handover is None else rules.sla.handover.criteria
    missing = [each.says for each in criteria if each.id in lead.lacks]
    return f" Handed over without: {', '.join(missing)}." if missing else ""


def _owed_by(lead: Lead, rules: Rules) -> str | None:
    """By when the first contact is owed, and why then."""
    clock = lead.clock("first_contact")
    return None if clock is None else f"First contact is due {deadline(lead, clock, rules)}"


def stage_note(stage: str) -> str:
    """The name of the note that says why a lead reached a stage: it is written once, however often they come back."""
    return f"stage-{stage}"


def _stage_note(lead: Lead, rules: Rules) -> Note | None:
    """Why it is qualified, for the stages that say so."""
    rule = next((rule for rule in rules.stages.lifecycle if rule.id == lead.stage), None)
    at = lead.reached.get(lead.stage)
    if rule is None or rule.qualification is None or at is None:
        return None
    return Note(name=stage_note(rule.id), body=f"{rule.qualification}: {rule.about}. {reasons(lead, rules)}.", at=at)
