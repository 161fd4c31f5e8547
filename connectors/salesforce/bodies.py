"""What Salesforce's error bodies hold, and where: some of it only inside a sentence.

An error is a list of problems, each with a code, a message and sometimes fields; in collections the code is called
`statusCode`. Gateways and the login answer with other things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ID = r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?"
# Anchored, because messages repeat values, and values come from strangers.
HOLDER = re.compile(rf"\Aduplicate value found: (\w+) duplicates value on record with id: ({ID})\.?\s*\Z")
COLUMN = re.compile(r"\ANo such column '(\w{1,80})' on (?:sobject|entity)")
UNWRITABLE = re.compile(r"\AUnable to create/update fields: (\w{1,80}(?:, \w{1,80})*)\.")
# The words of the API that stand before a value.
VALUES = re.compile(
    r"(data value too large:|bad value for restricted picklist field:|invalid email address:|id value of incorrect "
    r"type:|instance of \w+ from \w+ value|Duplicate external id specified:).*?(?=\s\(max|\Z)",
    re.S | re.I,
)
ADDRESS = re.compile(r"[^\s\"'\[\]{},:;<>()]+@[^\s\"'\[\]{},:;<>()]+")
LONGEST = 500
MATCHES = ("duplicateResut", "duplicateResult")  # the first is how Salesforce has long spelt it


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that Salesforce holds against a record. `fields` are the API's names; `existing` is the record that a
    duplicate points to."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    existing: str | None = None


def problems(body: object) -> list[Problem]:
    """Every problem of an error body, in order; none where the body is of another shape."""
    listed = body if isinstance(body, list) else [body]
    return [_problem(one) for one in listed if isinstance(one, dict) and ("errorCode" in one or "statusCode" in one)]


def _problem(said: Mapping[str, Any]) -> Problem:
    text = str(said.get("message") or "")
    holder = HOLDER.match(text)
    existing = holder[2] if holder else next(_matched(said), None)
    code = str(said.get("errorCode") or said.get("statusCode"))
    return Problem(code, cleaned(text) or code, _fields(said, text, holder[1] if holder else ""), existing)


def _fields(said: Mapping[str, Any], text: str, held: str) -> tuple[str, ...]:
    listed = said.get("fields")
    named = [str(name).replace(" ", "") for name in listed] if isinstance(listed, list) else []
    column, unwritable = COLUMN.match(text), UNWRITABLE.match(text)
    found = named or ([held] if held else [column[1]] if column else unwritable[1].split(", ") if unwritable else [])
    return tuple(found)


def _matched(said: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the records that a duplicate rule found, the surest first."""
    found: list[tuple[float, str]] = []
    for result in (said.get(name) for name in MATCHES):
        for match in _dicts(result, "matchResults"):
            for record in _dicts(match, "matchRecords"):
                shown = record.get("record")
                named = str(shown.get("Id", "")) if isinstance(shown, dict) else ""
                if re.fullmatch(ID, named):
                    found.append((_number(record.get("matchConfidence")), named))
    yield from (named for _, named in sorted(found, key=lambda pair: -pair[0]))


def _dicts(holder: object, name: str) -> list[dict[str, Any]]:
    listed = holder.get(name) if isinstance(holder, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def cleaned(text: str) -> str:
    """Salesforce's own words without the values it likes to repeat: messages end up in logs and reports."""
    return ADDRESS.sub("(address)", VALUES.sub(r"\1 (value)", text))[:LONGEST]
