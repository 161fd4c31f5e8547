"""What HubSpot's answers mean to us: one reading of a status and body, for single calls and for items of a batch.

Shapes: the error bodies of HubSpot's public API guide. The id of an existing contact is only in the message, a 429
names its window in `policyName` (older) or in its message only, a 423 asks for two seconds between attempts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.hubspot.bodies import existing_id, holder_id, message_of, named_properties, needed_scopes, wait_of
from connectors.hubspot.fields import STAGE
from connectors.hubspot.transport import Answer
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_pace import DAY
from connectors.kit.crm_trouble import AUTH, LOCKED, OUTAGE, Doubt, Refusal, Refused, Trouble, Wait, heard
from leadrelay.ports.crm import OWNER, Scope

SECOND, TEN_SECONDS = 1.0, 10.0
"""Seconds to wait where the answer names none."""

# The status that a batch item's own error stands for.
CATEGORIES = {
    "CONFLICT": 409,
    "OBJECT_NOT_FOUND": 404,
    "RATE_LIMITS": 429,
    "MISSING_SCOPES": 403,
    "INVALID_AUTHENTICATION": 401,
    "EXPIRED_AUTHENTICATION": 401,
    "LOCKED": 423,
    "INTERNAL_ERROR": 500,
}


def of_answer(answer: Answer, fields: FieldMap, *, repeatable: bool = True) -> Trouble:
    """Read an answer that is not ok. `repeatable` says that doing the work twice changes nothing (an upsert); where it
    would (a new task), a server error leaves doubt."""
    family = answer.status // 100
    if family == 2:
        return Doubt(f"HTTP {answer.status} with an unreadable reply")
    if family != 4 or not answer.readable:
        return _server_error(answer, repeatable)
    return _refusal(answer.status, answer.body, answer.headers, fields)


def ask(call: Callable[[], Answer], fields: FieldMap) -> Answer:
    """Ask a question that changes nothing; returns an answer that is ok. Raises Refused."""
    answer = heard(call)
    if not answer.ok:
        raise Refused(of_answer(answer, fields))
    return answer


def of_item(item: Mapping[str, Any], fields: FieldMap, *, repeatable: bool = True) -> Trouble:
    """Read one error of a batch whose other items may be done; `repeatable` as for a whole answer."""
    status = CATEGORIES.get(str(item.get("category", "")), 400)
    if status >= 500:
        return _server_error(Answer(status, {}, item), repeatable)
    return _refusal(status, item, {}, fields)


def _server_error(answer: Answer, repeatable: bool) -> Trouble:
    message = f"HTTP {answer.status}: {message_of(answer.body)}"
    return Wait(wait_of(answer.headers, OUTAGE), "outage", message) if repeatable else Doubt(message)


def _refusal(status: int, body: Mapping[str, Any], headers: Mapping[str, str], fields: FieldMap) -> Trouble:
    reader = _READERS.get(status)
    return reader(body, headers) if reader else _validation(body, fields)


def _too_many(body: Mapping[str, Any], headers: Mapping[str, str]) -> Trouble:
    named = f"{body.get('policyName', '')} {body.get('message', '')}".lower()
    after, scope = next((found for word, found in _WINDOWS if word in named), (TEN_SECONDS, "10s"))
    return Wait(wait_of(headers, after), scope, message_of(body))


_WINDOWS: tuple[tuple[str, tuple[float, Scope]], ...] = (
    ("ten_secondly", (TEN_SECONDS, "10s")),
    ("daily", (DAY, "day")),
    ("secondly", (SECOND, "second")),
)


def _locked(body: Mapping[str, Any], headers: Mapping[str, str]) -> Trouble:
    return Wait(max(wait_of(headers, LOCKED), LOCKED), "record", message_of(body))


def _migrating(body: Mapping[str, Any], headers: Mapping[str, str]) -> Trouble:
    return Wait(wait_of(headers, DAY), "outage", message_of(body))


def _slow(body: Mapping[str, Any], headers: Mapping[str, str]) -> Trouble:
    return Wait(wait_of(headers, OUTAGE), "outage", message_of(body))


def _no_entry(body: Mapping[str, Any], _: Mapping[str, str]) -> Trouble:
    return Wait(AUTH, "auth", f"{message_of(body)} Renew the HubSpot token: create a Service Key and store it.")


def _no_scope(body: Mapping[str, Any], _: Mapping[str, str]) -> Trouble:
    needed = needed_scopes(body)
    extra = f" Add to the Service Key: {', '.join(needed)}." if needed else ""
    return Refusal("PERMISSION", message_of(body) + extra)


def _not_found(body: Mapping[str, Any], _: Mapping[str, str]) -> Trouble:
    return Refusal("NOT_FOUND", message_of(body))


def _conflict(body: Mapping[str, Any], _: Mapping[str, str]) -> Trouble:
    return Refusal("DUPLICATE", message_of(body), existing_id=existing_id(body))


_READERS: dict[int, Callable[[Mapping[str, Any], Mapping[str, str]], Trouble]] = {
    401: _no_entry,
    403: _no_scope,
    404: _not_found,
    408: _slow,
    409: _conflict,
    423: _locked,
    429: _too_many,
    477: _migrating,
}


def _validation(body: Mapping[str, Any], fields: FieldMap) -> Trouble:
    named = {fields.word(prop): message for prop, message in named_properties(body).items()}
    word, existing = next(iter(named), None), holder_id(body)
    if existing:
        return Refusal("DUPLICATE", message_of(body), word, existing)
    parts = tuple(Refusal(_REFUSED_AS.get(word, "VALIDATION"), message, word) for word, message in named.items())
    return Refusal(parts[0].code if parts else "VALIDATION", message_of(body), word, parts=parts)


_REFUSED_AS = {OWNER: "OWNER_INACTIVE", STAGE: "STAGE_REFUSED"}
