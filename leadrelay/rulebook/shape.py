"""From plain data to the rules' models: every unknown key, missing value and wrong type, each at its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Document, Steps

M = TypeVar("M", bound=BaseModel)

_MESSAGES: Mapping[str, str] = {
    "missing": "'{key}' is missing here",
    "extra_forbidden": "unknown key '{key}'",
    "string_type": "this must be a text; write it in quotes",
    "int_type": "this must be a whole number, without quotes",
    "float_type": "this must be a number, without quotes",
    "bool_type": "this must be true or false, without quotes",
    "tuple_type": "this must be a list: [ … ]",
    "dict_type": "this must be a map: key: value",
    "model_type": "this must be a map: key: value",
    "literal_error": "'{input}' is not one of {expected}",
}


def shaped(document: Document, kind: type[M]) -> tuple[M | None, list[Problem]]:
    """The document as a model, or every reason why it is none. Types are strict: "25" in quotes is no number."""
    try:
        return kind.model_validate_json(json.dumps(document.data), strict=True), []
    except ValidationError as error:
        return None, list(_problems(document, kind, error))


def _problems(document: Document, kind: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    for fault in _own(error.errors(include_url=False)):
        steps = _steps(fault["loc"])
        at_key = fault["type"] in ("extra_forbidden", "invalid_key") or steps[-1:] == ("[key]",)
        steps = steps[:-1] if steps[-1:] == ("[key]",) else steps
        mark = document.key_at(steps) if at_key else document.value_at(steps)
        yield document.problem(mark, _message(fault, steps), _meant(fault, steps, kind))


def _own(faults: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without lists that are only too short because their members have faults."""
    for fault in faults:
        inner = [one for one in faults if one is not fault and one["loc"][: len(fault["loc"])] == fault["loc"]]
        if not (fault["type"] == "too_short" and inner):
            yield fault


def _steps(location: tuple[int | str, ...]) -> Steps:
    """The way to the fault in the file: a model's name among the steps belongs to pydantic, not to the file."""
    return tuple(step for step in location if not re.fullmatch(r"[a-z-]+\[.*\]", str(step)) or step == "[key]")


def _message(fault: ErrorDetails, steps: Steps) -> str:
    context = fault.get("ctx", {})
    template = _MESSAGES.get(fault["type"])
    if template is None:
        return fault["msg"].removeprefix("Value error, ").rstrip(".")
    return template.format(
        key=steps[-1] if steps else "", input=fault["input"], expected=str(context.get("expected", ""))
    )


def _meant(fault: ErrorDetails, steps: Steps, kind: type[BaseModel]) -> str | None:
    if fault["type"] == "extra_forbidden":
        return closest(str(steps[-1]), _keys(_schema(kind), steps[:-1]))
    if fault["type"] == "literal_error":
        return closest(str(fault["input"]), re.findall(r"'([^']*)'", str(fault.get("ctx", {}).get("expected", ""))))
    return None


@cache
def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema()


def _keys(schema: dict[str, Any], steps: Steps) -> tuple[str, ...]:
    """The keys that a map at this place may have."""
    node: dict[str, Any] = schema
    for step in steps:
        node = _resolved(node, schema)
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        inner = inner or node.get("additionalProperties")
        if not isinstance(inner, dict):
            return ()
        node = inner
    return tuple(_resolved(node, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference means, also where null is allowed beside it."""
    node = next((one for one in node.get("anyOf", ()) if "$ref" in one), node)
    if "$ref" in node:
        return dict(schema["$defs"][node["$ref"].rpartition("/")[2]])
    return node
