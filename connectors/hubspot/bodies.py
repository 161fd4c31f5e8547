"""What HubSpot's error bodies hold, and where: some of it only inside a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Anchored, because messages repeat values, and values come from strangers.
EXISTING_ID = re.compile(r"Existing ID:\s*([0-9]{1,20})\.?\s*\Z")
HOLDER_ID = re.compile(r"\ACannot set PropertyValueCoordinates.*\b([0-9]{1,20}) already has that value\.?\s*\Z", re.S)
DETAILS = "Property values were not valid: "
ADDRESS = re.compile(r"[^\s\"'\[\]{},:;<>()]+@[^\s\"'\[\]{},:;<>()]+")


def named_properties(body: Mapping[str, Any]) -> dict[str, str]:
    """The properties a refusal is about, each with HubSpot's words for it: from the errors' context, else from the
    JSON inside the message. That is parsed, not searched: it repeats values, and values come from strangers."""
    named = {name: message_of(error) for error in _errors(body) for name in _context(error, "propertyName")}
    return named or {str(one["name"]): message_of(one) for one in _details(body) if one.get("name")}


def _details(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    message = str(body.get("message", ""))
    try:
        found = json.loads(message.removeprefix(DETAILS)) if message.startswith(DETAILS) else []
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def existing_id(body: Mapping[str, Any]) -> str | None:
    """The contact a conflict points to; HubSpot names it at the end of its message only."""
    found = EXISTING_ID.search(str(body.get("message", "")))
    return found[1] if found else None


def holder_id(body: Mapping[str, Any]) -> str | None:
    """The record that holds a taken value of a unique property, where a refusal names one."""
    found = HOLDER_ID.search(str(body.get("message", "")))
    return found[1] if found else None


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = body.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _context(error: Mapping[str, Any], name: str) -> list[str]:
    context = error.get("context")
    values = context.get(name) if isinstance(context, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else []


def message_of(body: Mapping[str, Any]) -> str:
    """HubSpot's own words without the addresses it likes to repeat: messages end up in logs and reports."""
    text = str(body.get("message") or body.get("category") or "HubSpot gave no reason.")
    return ADDRESS.sub("(address)", text)


def wait_of(headers: Mapping[str, str], default: float) -> float:
    """Seconds from Retry-After where HubSpot sends one (it may, or may not), never negative or absurd."""
    try:
        asked = float(headers.get("retry-after", ""))
    except ValueError:
        return default
    return min(asked, 86_400.0) if asked > 0 else default


def needed_scopes(body: Mapping[str, Any]) -> list[str]:
    """The scopes a refused token lacks."""
    return sorted({scope for error in _errors(body) for scope in _context(error, "requiredGranularScopes")})
