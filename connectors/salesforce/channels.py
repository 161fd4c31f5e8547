"""Which contact a task stands for."""

from __future__ import annotations

from collections.abc import Mapping

# As subtypes and types are named in a new account, and by the tools that reps use most.
TASKS = {
    "call": "call",
    "email": "email",
    "linkedin": "social",
    "sms": "sms",
    "text": "sms",
    "whatsapp": "whatsapp",
    "meeting": "meeting",
}


def channel(subtype: str, kind: str, own: Mapping[str, str]) -> str:
    """The event of a touch by the task's subtype, else by its type, "" for none; `own` are the account's own names
    and goes before ours."""
    known = {**TASKS, **{name.casefold(): event for name, event in own.items()}}
    return next((known[name] for name in (subtype.casefold(), kind.casefold()) if name in known), "")
