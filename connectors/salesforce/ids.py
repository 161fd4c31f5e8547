"""Salesforce ids: 15 characters that mind their case, or 18 that do not need to.

The same record is named in both ways; we keep the long one. The first three characters tell the object, so an id that
was given for a lead and is none is found before anything is asked about it.
"""

from __future__ import annotations

import re

PREFIXES = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "Task": "00T",
    "Campaign": "701",
    "Event": "00U",
    "User": "005",
    "Group": "00G",
    "Organization": "00D",
    "Notification": "04l",
}
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT = 15


def long_id(text: str, kind: str) -> str | None:
    """The 18 characters of an id of this kind of object; None for anything else, a wrong checksum too."""
    if not _SHAPE.fullmatch(text):
        return None
    full = text[:_SHORT] + _checksum(text[:_SHORT])
    given = text[:_SHORT] + text[_SHORT:].upper()  # the last three are only ever upper case
    return full if given in (full, full[:_SHORT]) and full.startswith(PREFIXES[kind]) else None


def _checksum(short: str) -> str:
    """One character for each five: which of them are upper case."""
    groups = (short[start : start + 5] for start in range(0, _SHORT, 5))
    return "".join(_CHECKS[sum(char.isupper() << bit for bit, char in enumerate(group))] for group in groups)


def owner_id(text: str) -> str:
    """The long form of the id of a user or a queue; any other text as it is, for Salesforce to refuse."""
    return next((full for kind in ("User", "Group") if (full := long_id(text, kind))), text)
