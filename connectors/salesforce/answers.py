"""What Salesforce's answers mean to us: one reading, for single calls and for records of a collection.

The code counts, not the status: a used-up day answers 403 as a missing right does, a locked row 400 as a wrong value
does. Salesforce sends no Retry-After.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_pace import DAY
from connectors.kit.crm_trouble import AUTH, LOCKED, OUTAGE, Doubt, Refusal, Refused, Trouble, Wait, heard
from connectors.salesforce.bodies import Problem, problems
from connectors.salesforce.session import Answer
from leadrelay.ports.crm import OWNER

BUSY = 10.0  # seconds
CONVERTED = "CONVERTED"
"""A code for our own use: the lead became a contact, which has to be found."""
SEVERAL = Refusal("DUPLICATE", "several records carry this lead's key: merge them in Salesforce", "lead_key")
"""A status of 300, or the code that stands for it in a collection; asking again names no record."""
GONE = frozenset({CONVERTED, "NOT_FOUND"})
"""Codes of a record that is no longer there, and may go on as another."""


def ask(call: Callable[[], Answer], fields: FieldMap) -> Any:
    """Ask a question that changes nothing; returns the body of an answer that is ok. Raises Refused."""
    answer = heard(call)
    if not answer.ok:
        raise Refused(of_answer(answer, fields))
    return answer.body


def of_answer(answer: Answer, fields: FieldMap, *, repeatable: bool = True) -> Trouble:
    """Read an answer that is not ok. `repeatable` says that doing the work twice changes nothing (an upsert); where it
    would (a new task), a server error leaves doubt."""
    found = problems(answer.body)
    if answer.status // 100 == 2:
        return Doubt(f"HTTP {answer.status} with an unreadable reply")
    if answer.status == 300:
        return SEVERAL
    if answer.status >= 500 and not (found and found[0].code in _READERS):
        message = answer.why or f"HTTP {answer.status}: {found[0].message if found else 'Salesforce gave no reason'}"
        return Wait(OUTAGE, "outage", message) if repeatable or answer.why else Doubt(message)
    return _read(found, fields) if found else _by_status(answer)


def of_problems(found: Sequence[Problem], fields: FieldMap) -> Trouble:
    """Read the errors of one record of a collection whose others may be done. A record that is refused was not
    written, whatever the reason."""
    if found and found[0].code in _AWAY:
        return Wait(OUTAGE, "outage", found[0].message)
    return _read(found, fields) if found else Doubt("Salesforce's reply neither confirms nor refuses this record")


def _read(found: Sequence[Problem], fields: FieldMap) -> Trouble:
    """What blocks everything comes before what is wrong with single fields."""
    blocking = next((problem for problem in found if problem.code in _READERS), None)
    if blocking is None:
        return _validation(found, fields)
    trouble = _READERS[blocking.code](blocking)
    held = next(iter(blocking.fields), None)
    return replace(trouble, field=fields.word(held)) if held and isinstance(trouble, Refusal) else trouble


def _by_status(answer: Answer) -> Trouble:
    if answer.status == 401:
        return _no_entry(Problem("", answer.why or "Salesforce refuses the token."))
    if answer.status == 403:
        return Refusal("PERMISSION", "Salesforce refuses access: check the permission set of the integration user")
    if answer.status in (404, 410):
        return Refusal("NOT_FOUND", "Salesforce has no such record")
    if answer.status in (408, 420, 425, 429):
        return Wait(BUSY, "10s", f"HTTP {answer.status}")
    return Refusal("VALIDATION", f"HTTP {answer.status}: Salesforce gave no reason")


def _no_entry(problem: Problem) -> Trouble:
    how = "Check the External Client App and its run-as user (API access, IP range), or its key pair."
    return Wait(
        AUTH, "auth", problem.message if "External Client App" in problem.message else f"{problem.message} {how}"
    )


def _limit(problem: Problem) -> Trouble:
    """Too many calls in 24 hours, or too many slow ones at once."""
    if "concurrent" in problem.message.lower():
        return Wait(BUSY, "10s", problem.message)
    return Wait(DAY, "day", problem.message)


def _locked(problem: Problem) -> Trouble:
    return Wait(LOCKED, "record", problem.message)


def _slow(problem: Problem) -> Trouble:
    return Wait(BUSY, "10s", problem.message)


def _converted(problem: Problem) -> Trouble:
    return Refusal(CONVERTED, problem.message, told_as="NOT_FOUND")


def _gone(problem: Problem) -> Trouble:
    return Refusal("NOT_FOUND", problem.message)


def _right(problem: Problem) -> Trouble:
    return Refusal("PERMISSION", f"{problem.message} Check the permission set of the integration user.")


def _duplicate(problem: Problem) -> Trouble:
    return Refusal("DUPLICATE", problem.message, existing_id=problem.existing)


def _several(_: Problem) -> Trouble:
    return SEVERAL


_AWAY = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG"})
_READERS: dict[str, Callable[[Problem], Trouble]] = {
    "INVALID_SESSION_ID": _no_entry,
    "INVALID_AUTH_HEADER": _no_entry,
    "REQUEST_LIMIT_EXCEEDED": _limit,
    "UNABLE_TO_LOCK_ROW": _locked,
    "ENTITY_IS_LOCKED": _locked,
    "QUERY_TIMEOUT": _slow,
    "API_DISABLED_FOR_ORG": _right,
    "API_CURRENTLY_DISABLED": _right,
    "FUNCTIONALITY_NOT_ENABLED": _right,
    "INSUFFICIENT_ACCESS": _right,
    "INSUFFICIENT_ACCESS_OR_READONLY": _right,
    "CANNOT_UPDATE_CONVERTED_LEAD": _converted,
    "ENTITY_IS_DELETED": _gone,
    "NOT_FOUND": _gone,
    "DUPLICATES_DETECTED": _duplicate,
    "DUPLICATE_VALUE": _duplicate,
    "DUPLICATE_EXTERNAL_ID": _several,
}
_OWNERS = frozenset(
    {
        "INACTIVE_OWNER_OR_USER",
        "OPERATION_WITH_INACTIVE_USER_EXCEPTION",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    }
)


def _validation(found: Sequence[Problem], fields: FieldMap) -> Trouble:
    parts = [part for problem in found for part in _parts(problem, fields)]
    first = found[0]
    if first.code == "INVALID_CROSS_REFERENCE_KEY" and OWNER not in (part.field for part in parts):
        return _gone(first)
    if not parts:
        return Refusal("VALIDATION", first.message)
    return Refusal(parts[0].code, first.message, parts[0].field, parts=tuple(parts))


def _parts(problem: Problem, fields: FieldMap) -> list[Refusal]:
    """One refusal for each field that is named; an owner who left is named by the code alone."""
    words = [fields.word(name) for name in problem.fields] or ([OWNER] if problem.code in _OWNERS else [])
    return [Refusal("OWNER_INACTIVE" if word == OWNER else "VALIDATION", problem.message, word) for word in words]
