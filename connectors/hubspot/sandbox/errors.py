"""HubSpot's refusals, in its own words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from leadrelay.local.crm_world import Reply


class Bad(Exception):
    """A request, or one input of a batch, that HubSpot refuses."""

    def __init__(self, status: int, category: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"status": "error", "message": message, "category": category, **extra}

    def reply(self) -> Reply:
        """As the answer to a whole request."""
        return Reply(self.status, {**self.body, "correlationId": str(uuid.uuid4())})

    def item(self, context: Mapping[str, list[str]]) -> dict[str, Any]:
        """As one error of a batch."""
        return {"errors": [], "links": {}, **self.body, "context": {**self.body.get("context", {}), **context}}


def invalid(code: str, name: str, message: str) -> Bad:
    """A property value HubSpot does not take: the details are JSON inside the message, and again in `errors`."""
    detail = json.dumps(
        [{"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}]
    )
    errors = [{"message": message, "code": code, "context": {"propertyName": [name]}}]
    return Bad(400, "VALIDATION_ERROR", f"Property values were not valid: {detail}", errors=errors)


def bad_input(message: str) -> Bad:
    """A request HubSpot cannot make sense of."""
    return Bad(400, "VALIDATION_ERROR", message)


def not_found(kind: str) -> Bad:
    """No such record."""
    return Bad(404, "OBJECT_NOT_FOUND", f"Could not get some {kind.upper()} objects, they may be deleted or not exist.")


def exists(record_id: str) -> Bad:
    """The e-mail is taken; the id is only in the message."""
    return Bad(409, "CONFLICT", f"Contact already exists. Existing ID: {record_id}")


def no_scope(scope: str) -> Bad:
    """The token may not do this."""
    message = "This app hasn't been granted all required scopes to make this call."
    errors = [
        {"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]}}
    ]
    return Bad(403, "MISSING_SCOPES", message, errors=errors)


def no_entry() -> Bad:
    """The token is unknown."""
    return Bad(401, "INVALID_AUTHENTICATION", "Authentication credentials not found or invalid.")


def too_many(policy: str) -> Bad:
    """A limit is reached: SECONDLY, TEN_SECONDLY_ROLLING or DAILY."""
    message = f"You have reached your {policy.lower()} limit."
    return Bad(429, "RATE_LIMITS", message, errorType="RATE_LIMIT", policyName=policy)


# What an injected fault says; see `leadrelay.local.crm_world.faults` for the names.
FAULTS: dict[str, Bad] = {
    "400": bad_input("Invalid input."),
    "401": no_entry(),
    "403": no_scope("crm.objects.contacts.write"),
    "404": not_found("contact"),
    "409": Bad(409, "CONFLICT", "The record was changed by another request."),
    "423": Bad(
        423, "LOCKED", "This resource is locked by another operation; wait at least 2 seconds between requests."
    ),
    "429": too_many("TEN_SECONDLY_ROLLING"),
    "429_second": too_many("SECONDLY"),
    "429_day": too_many("DAILY"),
    "477": Bad(477, "MIGRATION_IN_PROGRESS", "The account is being moved to another data centre."),
    "500": Bad(500, "INTERNAL_ERROR", "internal error"),
    "502": Bad(502, "INTERNAL_ERROR", "bad gateway"),
    "503": Bad(503, "INTERNAL_ERROR", "service unavailable"),
    "504": Bad(504, "INTERNAL_ERROR", "gateway timeout"),
}
