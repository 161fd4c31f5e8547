"""Salesforce ids: three characters of the object's key prefix, a number in base 62, and a checksum over upper case.

The world counts records with plain numbers; here they become what Salesforce shows, 15 characters that mind their case
or 18 that do not need to.
"""

from __future__ import annotations

import re
import string

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "OutboundAction": "04k",
    "Notification": "04l",
    "Organization": "00D",
    "Group": "00G",
    "OpportunityContactRole": "00K",
    "Lead": "00Q",
    "Task": "00T",
    "Event": "00U",
    "CampaignMember": "00v",
    "QueueSobject": "03g",
    "AssignmentRule": "01Q",
    "FieldPermissions": "01k",
    "ApexTrigger": "01q",
    "ListView": "00B",
    "CustomField": "00N",
    "DuplicateRule": "0Bm",
    "DeployRequest": "0Af",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "FlowDefinitionView": "300",
    "Campaign": "701",
}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
SERVER = "5e0"  # which server made it: the same for the whole sandbox
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKS = string.ascii_uppercase + "012345"
SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
SHORT = 15


def shown(kind: str, number: str) -> str:
    """The 18 characters for the world's number of a record."""
    left, digits = int(number), ""
    while left:
        left, digit = divmod(left, len(DIGITS))
        digits = DIGITS[digit] + digits
    return long_form(f"{PREFIXES[kind]}{SERVER}{digits:0>9}")


def long_form(short: str) -> str:
    """15 characters and the three that say which of them are upper case; 18 come back as they are."""
    if len(short) != SHORT:
        return short
    groups = (short[start : start + 5] for start in range(0, SHORT, 5))
    return short + "".join(CHECKS[sum(char.isupper() << bit for bit, char in enumerate(group))] for group in groups)


def is_id(text: str) -> bool:
    """Whether this has the shape of an id, with a checksum that is right where there is one."""
    return bool(text.isascii() and SHAPE.fullmatch(text)) and long_form(text[:SHORT])[: len(text)] == text


def kind_of(text: str) -> str:
    """The object an id belongs to, "" where the prefix is unknown."""
    return KINDS.get(text[:3], "")


def number_of(text: str) -> str:
    """The world's number of an id of this sandbox; "" for an id that it never gave."""
    if text[3:6] != SERVER:
        return ""
    number = 0
    for char in text[6:SHORT]:
        number = number * len(DIGITS) + DIGITS.index(char)
    return str(number)
