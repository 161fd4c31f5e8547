"""What a rep did to reach somebody, as HubSpot logs it: calls, mails, meetings, messages.

Only what a person did counts. A machine's mail is known by one of these: it belongs to a sequence, or HubSpot's
automation made it, or nobody owns it; marketing mails are no e-mail records at all. Of what came in, only a call
that was taken counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.hubspot.fields import OWNER_PROPERTY
from connectors.hubspot.shown import CRM
from leadrelay.domain.touch import CrmRecord, TouchDraft

SOURCE = "hs_object_source"
MACHINES = frozenset({"AUTOMATION_PLATFORM", "AUTOMATION_JOURNEY", "WORKFLOWS", "SEQUENCES", "MARKETING_EMAIL", "BOT"})
CHANNELS = {"LINKEDIN_MESSAGE": "social", "SMS": "sms", "WHATS_APP": "whatsapp"}
NOT_CALLED = frozenset({"CANCELED", "FAILED", "QUEUED", "RINGING", "CONNECTING", "CALLING_CRM_USER"})
NOT_SENT = frozenset({"BOUNCED", "FAILED", "SCHEDULED", "SENDING"})
WHEN, MADE = "hs_timestamp", "hs_createdate"

Properties = Mapping[str, str]
Heard = tuple[str, datetime]
"""The event of a touch, and when it happened (UTC)."""


def moment(text: str | None) -> datetime | None:
    """A time of HubSpot's, which writes ISO 8601, or milliseconds since 1970; None where it is neither."""
    try:
        if text and text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        at = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _call(properties: Properties) -> str | None:
    """An attempt counts, whoever answered; a call that came in counts when it was taken."""
    status = properties.get("hs_call_status") or ""
    if properties.get("hs_call_direction") == "INBOUND":
        return "call" if status == "COMPLETED" else None
    return None if status in NOT_CALLED else "call"


def _email(properties: Properties) -> str | None:
    mine = properties.get("hs_email_direction") == "EMAIL" and properties.get(OWNER_PROPERTY)
    machine = properties.get("hs_sequence_id") or properties.get("hs_email_status") in NOT_SENT
    return "email" if mine and not machine else None


def _meeting(properties: Properties) -> str | None:
    """Held, or agreed on: made for a time that was still to come."""
    outcome = properties.get("hs_meeting_outcome") or ""
    if outcome == "COMPLETED":
        return "meeting"
    start, made = moment(properties.get("hs_meeting_start_time")), moment(properties.get(MADE))
    agreed = outcome in {"", "SCHEDULED", "RESCHEDULED"} and start is not None and made is not None and start > made
    return "meeting_booked" if agreed else None


def _message(properties: Properties) -> str | None:
    return CHANNELS.get(properties.get("hs_communication_channel_type") or "")


@dataclass(frozen=True, slots=True)
class Engagement:
    """One kind of record that is logged about contacts: what to ask for, and what it means."""

    properties: tuple[str, ...]
    event: Callable[[Properties], str | None]

    @property
    def asked(self) -> tuple[str, ...]:
        """Every property to ask for."""
        return (*self.properties, WHEN, MADE, SOURCE, OWNER_PROPERTY)

    def heard(self, properties: Properties) -> Heard | None:
        """What happened and when, None for what no person did. A meeting was agreed on when it was entered."""
        event = None if properties.get(SOURCE) in MACHINES else self.event(properties)
        at = moment(properties.get(MADE if event == "meeting_booked" else WHEN))
        return None if event is None or at is None else (event, at)


ENGAGEMENTS: Mapping[str, Engagement] = {
    "calls": Engagement(("hs_call_direction", "hs_call_status"), _call),
    "emails": Engagement(("hs_email_direction", "hs_email_status", "hs_sequence_id"), _email),
    "meetings": Engagement(("hs_meeting_outcome", "hs_meeting_start_time"), _meeting),
    "communications": Engagement(("hs_communication_channel_type",), _message),
}


def draft(record_id: str, contact: str, heard: Heard) -> TouchDraft:
    """One touch for each contact it was about. The event is part of the key: a meeting that was agreed on and then
    held is two."""
    event, at = heard
    record = CrmRecord(crm=CRM, kind="activity", person=contact, record_id=record_id)
    return TouchDraft(kind="activity", key=f"{event}:{record_id}:{contact}", event=event, occurred_at=at, record=record)
