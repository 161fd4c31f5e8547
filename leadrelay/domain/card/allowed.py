"""What the card says about permission: what the person allowed, when they want a call, and why nobody may call."""

from __future__ import annotations

from leadrelay.domain.card.note import Note
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.person.permission import How, told
from leadrelay.domain.person.profile import Plain, Profile
from leadrelay.domain.rules import Rules

_FORBIDDEN: dict[How, str] = {"call": "Do not call, write", "any": "Do not contact at all"}


def permission(lead: Lead, profile: Profile, rules: Rules) -> dict[str, Plain | Instant | None]:
    """The fields of the card; a call that was made, or is not theirs to ask for, is not shown as asked for."""
    relation = next((rule.says for rule in rules.segments.relations if rule.id == lead.relation), lead.relation)
    waits = lead.callback is not None and not lead.callback.served
    return {
        "consent": told(profile.consents, lead.permission.refused_there, rules.fields.consents),
        "callback_at": lead.callback.at if lead.callback is not None and waits else None,
        "relation": relation,
    }


def permission_note(lead: Lead) -> Note | None:
    """Why the next step is no call: one note for each time that it was forbidden."""
    how: How = "call" if lead.permission.may_contact else "any"
    held = lead.permission.forbidden.get(how)
    if held is None:
        return None
    return Note(name=f"no-{how}-{held.since:%Y%m%dT%H%M%S}", body=f"{because(lead)}.", at=held.since)


def because(lead: Lead) -> str | None:
    """In a sentence, for whoever works the lead; None where everything is allowed."""
    how: How = "call" if lead.permission.may_contact else "any"
    held = lead.permission.forbidden.get(how)
    if held is None:
        return None
    return f"{_FORBIDDEN[how]}: it was refused on {held.since:%-d %b %Y} ({held.who})"
