"""HubSpot's records as the page shows them, in LeadRelay's words."""

from __future__ import annotations

import html
import re
from typing import Any

from connectors.hubspot.fields import default_map
from leadrelay.local.crm_world import Card, NoteView, Record, TaskView, World
from leadrelay.local.crm_world.page import moment
from leadrelay.ports.crm import OWNER

CONTACTS = "contacts"


def cards(world: World) -> list[Card]:
    """One card per contact, with its tasks and notes."""
    with world.lock:
        return [_card(world, contact) for contact in world.all(CONTACTS)]


def _card(world: World, contact: Record) -> Card:
    mapped = default_map()
    tasks = tuple(_task(world, record) for record in _linked(world, contact, "tasks"))
    notes = tuple(_note(record) for record in reversed(_linked(world, contact, "notes")))
    values = dict(contact.values)
    shown = mapped.shown(values)
    owner_id = shown.pop(OWNER, "")
    return Card(
        contact.id,
        shown,
        _owner_name(world, contact),
        tasks,
        notes,
        dict(sorted(values.items())),
        status=values.get("hs_lead_status", ""),
        owner_id=owner_id,
        created_at=contact.created_at,
    )


def _linked(world: World, contact: Record, kind: str) -> list[Record]:
    found = (world.get(kind, record_id) for record_id in world.linked((CONTACTS, contact.id), kind))
    return [record for record in found if record]


def _task(world: World, record: Record) -> TaskView:
    values = record.values
    texts: dict[str, Any] = {
        "subject": values.get("hs_task_subject", "Task"),
        "body": text_of(values.get("hs_task_body", "")),
        "owner": _owner_name(world, record),
        "priority": values.get("hs_task_priority", ""),
    }
    done = values.get("hs_task_status") == "COMPLETED"
    return TaskView(due_at=moment(values.get("hs_timestamp")), done=done, **texts)


def _note(record: Record) -> NoteView:
    return NoteView(text_of(record.values.get("hs_note_body", "")), moment(record.values.get("hs_timestamp")))


def _owner_name(world: World, record: Record) -> str:
    owner = world.owner(record.values.get("hubspot_owner_id", ""))
    return owner.name if owner else ""


def text_of(markup: str) -> str:
    """A body as text: lines kept, tags gone, entities resolved. What comes out is escaped again by the page."""
    lines = re.sub(r"(?i)<br\s*/?>|</p>|</div>", "\n", markup)
    return html.unescape(re.sub(r"<[^>]*>", "", lines)).strip()
