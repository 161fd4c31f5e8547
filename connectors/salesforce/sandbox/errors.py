"""Salesforce's refusals, in its own words: a list with a code, a message and sometimes the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadrelay.local.crm_world import Reply

GATEWAY = Reply(502, b"<html><head><title>502 Bad Gateway</title></head></html>", {"Content-Type": "text/html"})


class Bad(Exception):
    """A request, or one record of a collection, that Salesforce refuses."""

    def __init__(
        self, status: int, code: str, message: str, fields: Sequence[str] | None = None, **extra: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.extra: Mapping[str, object] = extra

    def body(self) -> list[dict[str, Any]]:
        """As the body of an answer of its own."""
        fields = {} if self.fields is None else {"fields": list(self.fields)}
        return [{**self.extra, "message": self.message, "errorCode": self.code, **fields}]

    def reply(self) -> Reply:
        """As the answer to a whole request."""
        return Reply(self.status, self.body())

    def item(self) -> dict[str, Any]:
        """As one result of a collection."""
        error = {**self.extra, "statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return {"success": False, "errors": [error]}


def missing(fields: Sequence[str]) -> Bad:
    """Fields that a record must have."""
    return Bad(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields)


def no_column(name: str, kind: str) -> Bad:
    """A field that does not exist, or that the user may not see: Salesforce makes no difference."""
    return Bad(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}")


def read_only(names: Sequence[str]) -> Bad:
    """Fields that nobody, or not this user, may write."""
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set."
    )
    return Bad(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, names)


def not_found() -> Bad:
    """No such resource or record."""
    return Bad(404, "NOT_FOUND", "The requested resource does not exist")


def deleted() -> Bad:
    """The record is in the recycle bin, by hand or by a merge."""
    return Bad(404, "ENTITY_IS_DELETED", "entity is deleted", ())


def bad_id(text: str, label: str = "") -> Bad:
    """Something in the place of an id."""
    return Bad(400, "MALFORMED_ID", f"{label or 'Record ID'}: id value of incorrect type: {text}", [label or "Id"])


def no_reference(name: str) -> Bad:
    """An id of the right shape and nothing behind it."""
    return Bad(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name])


def unreadable(message: str) -> Bad:
    """A body or a value that cannot be parsed."""
    return Bad(400, "JSON_PARSER_ERROR", message)


def no_session() -> Bad:
    """The token is unknown, expired, or of another host."""
    return Bad(401, "INVALID_SESSION_ID", "Session expired or invalid")


def over_limit(what: str = "TotalRequests") -> Bad:
    """The day's calls are used up, or too many run at once."""
    return Bad(403, "REQUEST_LIMIT_EXCEEDED", f"{what} Limit exceeded.")


def locked() -> Bad:
    """Somebody else is writing the record or its parent."""
    message = "unable to obtain exclusive access to this record or 1 records"
    return Bad(400, "UNABLE_TO_LOCK_ROW", message, ())


def inactive(owner_id: str, kind: str) -> Bad:
    """A record for somebody who left."""
    message = f"operation performed with inactive user [{owner_id}] as owner of {kind.lower()}"
    return Bad(400, "INACTIVE_OWNER_OR_USER", message, ())


# What an injected fault says; see `leadrelay.local.crm_world.faults` for the names.
FAULTS: dict[str, Reply] = {
    "400": unreadable("Unexpected character at [line:1, column:1]").reply(),
    "401": no_session().reply(),
    "403": Bad(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner").reply(),
    "404": not_found().reply(),
    "409": Bad(409, "ENTITY_IS_LOCKED", "the entity is locked for editing").reply(),
    "423": locked().reply(),
    "429": over_limit().reply(),
    "429_second": over_limit("ConcurrentRequests (Concurrent API Requests)").reply(),
    "429_day": over_limit().reply(),
    "477": Bad(503, "SERVER_UNAVAILABLE", "the org is being moved to another instance").reply(),
    "500": Bad(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId").reply(),
    "502": GATEWAY,
    "503": Bad(503, "SERVER_UNAVAILABLE", "server too busy, please try again later").reply(),
    "504": Reply(504, b"<html><body>Gateway Timeout</body></html>", {"Content-Type": "text/html"}),
}
