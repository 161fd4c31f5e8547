"""JSON from outside, read strictly (RFC 8259, with the duplicate names it leaves open refused).

The standard parser accepts UTF-16, NaN, duplicate names and 1e999, and answers deep nesting with RecursionError; each
of these has been used to make two readers of one body disagree. Depth is therefore counted before parsing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Literal, NoReturn

from connectors.kit.wild import Wild
from leadrelay.ports.source import Malformed

MAX_DEPTH = 32
MAX_DIGITS = 20
"""Digits of a whole number: every unsigned 64-bit id fits."""
# A string that never ends still matches, to the end of the body: otherwise each of its quotes would be a new start.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
Members = dict[str, object]
"""The members of one object."""
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def read(body: bytes, top: Literal["object", "list"] = "object") -> Wild:
    """The value of a body in UTF-8 whose outermost value is an object (or a list, where the sender says so).

    Raises Malformed: encoding, depth, syntax, duplicate_name, not_a_number, number_too_long, surrogate, top_level.
    """
    value = _parse(body)
    if not isinstance(value, dict if top == "object" else list):
        raise Malformed("json:top_level")
    return Wild(value)


def without(body: bytes, name: str) -> bytes:
    """The body with the value of every top-level member of this name (in any case) emptied, in one fixed spelling.

    Raises Malformed when the body is no JSON object.
    """
    value = _parse(body)
    if not isinstance(value, dict):
        raise Malformed("json:top_level")
    kept = {key: "" if key.lower() == name else member for key, member in value.items()}
    return json.dumps(kept, separators=(",", ":")).encode("ascii")


def blanked(body: bytes, names: frozenset[str]) -> bytes:
    """The body with the value of every member of these names (lower case), at any depth, emptied, in one fixed
    spelling. Raises Malformed when the body is no JSON."""
    return rewritten(body, lambda said: {key: "" if key.lower() in names else value for key, value in said.items()})


def rewritten(body: bytes, change: Callable[[Members], Members]) -> bytes:
    """The body with every object in it, from the outside in, as `change` makes it, in one fixed spelling. Raises
    Malformed when the body is no JSON."""
    return json.dumps(_rewrite(_parse(body), change), separators=(",", ":")).encode("ascii")


def canonical(value: object) -> bytes:
    """The one ASCII spelling of a JSON value that hashes are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _rewrite(value: object, change: Callable[[Members], Members]) -> object:
    if isinstance(value, dict):
        return {key: _rewrite(member, change) for key, member in change(value).items()}
    return [_rewrite(item, change) for item in value] if isinstance(value, list) else value


def _decode(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("json:encoding") from None
    if text.startswith("\ufeff") or "\x00" in text:
        raise Malformed("json:encoding")
    return text


def _check_depth(body: bytes) -> None:
    depth = 0
    for token in _TOKEN.finditer(body):
        depth += _STEP.get(token.group(), 0)
        if depth > MAX_DEPTH:
            raise Malformed("json:depth")


def _parse(body: bytes) -> object:
    _check_depth(body)
    text = _decode(body)
    try:
        value: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole, parse_float=_real
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("json:surrogate") from None
    except ValueError:
        raise Malformed("json:syntax") from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("json:duplicate_name")
    return members


def _no_number(_: str) -> NoReturn:
    raise Malformed("json:not_a_number")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise Malformed("json:number_too_long")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise Malformed("json:not_a_number")
    return value
