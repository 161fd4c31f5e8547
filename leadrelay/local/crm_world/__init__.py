"""A small CRM that lives in memory and stands behind the vendors' sandboxes.

The world keeps what every CRM keeps (people, owners, tasks, notes, links between them, declared properties) and knows
no vendor. A vendor's sandbox is a `Dialect` over it: how requests are authorised, which bodies mean what, which rules
the vendor enforces. HTTP, faults, journal, control endpoint and the page for the eye are shared.
"""

from __future__ import annotations

from leadrelay.local.crm_world.faults import Fault
from leadrelay.local.crm_world.page import Card, NoteView, TaskView
from leadrelay.local.crm_world.records import Change, Owner, Property, Record
from leadrelay.local.crm_world.server import Dialect, Reply, Request, Sandbox, start
from leadrelay.local.crm_world.state import World

__all__ = [
    "Card",
    "Change",
    "Dialect",
    "Fault",
    "NoteView",
    "Owner",
    "Property",
    "Record",
    "Reply",
    "Request",
    "Sandbox",
    "TaskView",
    "World",
    "start",
]
