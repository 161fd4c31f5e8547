"""Genuine bodies with one thing in them changed, removed or doubled: JSON, forms of both kinds, XML and mail.

Every place of every case is tried, and of equal places of one vendor's cases the first: what stands in the third entry
of a list is read as what stands in the first.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from connectors.kit import form_body
from tests.connectors.cases import Case, all_cases, body, delivery

LONG = "y" * 9000
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**19,
    "",
    " ",
    "x",
    "0",
    "2026-13-45T99:99:99Z",
    "a\u0000b\u202ec\u200b\ufeff",
    LONG,
    [],
    [[]],
    [None],
    ["x", 7, {}],
    {},
    {"x": {"y": []}},
)
"""What stands where something else should."""
TEXTS = tuple(value for value in VALUES if isinstance(value, str))

Place = tuple[object, ...]
Change = tuple[str, bytes]
"""Where and what was done, and the body with it."""


def changes(vendor: str) -> Iterator[tuple[Case, Change]]:
    """Every change of a vendor's genuine deliveries."""
    seen: set[str] = set()
    for found, _, case in all_cases():
        if found != vendor or "drafts" not in case["expect"]:
            continue
        for name, content in _KINDS[kind_of(case)](case):
            if name not in seen:
                seen.add(name)
                yield case, (name, content)


def kind_of(case: Case) -> str:
    """The format of the case's body."""
    if "json" in case["request"]:
        return "json"
    media = form_body.media_type(delivery(case).header("content-type"))[0]
    known = {form_body.URLENCODED: "form", form_body.MULTIPART: "multipart", "text/xml": "xml"}
    if media not in known and body(case).lstrip()[:1] == b"{":
        return "json"
    return known.get(media, "lines")


def _json(case: Case) -> Iterator[Change]:
    whole = json.loads(body(case))
    for place, held in _places(whole):
        where = _shape(place)
        for number, value in enumerate(VALUES):
            yield f"{where} becomes value {number}", _spelt(_replaced(whole, place, value))
        if place:
            yield f"{where} is missing", _spelt(_without(whole, place))
        yield f"{where} is doubled", _spelt(_replaced(whole, place, [held, held]))


def _form(case: Case) -> Iterator[Change]:
    pairs = parse_qsl(body(case).decode("utf-8", "replace"), keep_blank_values=True)
    for number, (name, value) in enumerate(pairs):
        where = re.sub(r"[0-9]+", "*", name)
        rest = [*pairs[:number], *pairs[number + 1 :]]
        yield f"{where} is missing", urlencode(rest).encode()
        yield f"{where} is doubled", urlencode([*pairs, (name, value)]).encode()
        for place, text in enumerate(TEXTS):
            yield f"{where} becomes text {place}", urlencode([*rest, (name, text)]).encode()
            yield f"{where} is named text {place}", urlencode([*rest, (text, value)]).encode()
        for place, inner in enumerate(_inside(value)):
            yield f"{where} holds value {place}", urlencode([*rest, (name, inner)]).encode()


def _inside(value: str) -> Iterator[str]:
    """A form's field that is JSON itself (Jotform's answers)."""
    if not value.startswith("{"):
        return
    try:
        whole = json.loads(value)
    except ValueError:
        return
    for place, _ in _places(whole):
        yield from (_spelt(_replaced(whole, place, new)).decode() for new in VALUES)
        if place:
            yield _spelt(_without(whole, place)).decode()


def _multipart(case: Case) -> Iterator[Change]:
    """Part by part, and inside a part that is JSON."""
    boundary = form_body.media_type(delivery(case).header("content-type"))[1].get("boundary", "")
    mark = b"--" + boundary.encode()
    pieces = body(case).split(mark)
    for number, piece in enumerate(pieces):
        head, blank, said = piece.partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]*)"', head)
        where = named[1].decode() if named else f"piece {number}"
        around = pieces[:number], pieces[number + 1 :]
        for what, new in _of_part(head, blank, said):
            yield f"{where} {what}", mark.join([*around[0], *new, *around[1]])


def _of_part(head: bytes, blank: bytes, said: bytes) -> Iterator[tuple[str, list[bytes]]]:
    whole = head + blank + said
    yield "is missing", []
    yield "is doubled", [whole, whole]
    yield "has no headers", [said]
    yield "has another disposition", [head.replace(b"form-data", b"attachment") + blank + said]
    for place, text in enumerate(TEXTS):
        yield f"becomes text {place}", [head + blank + text.encode("utf-8") + b"\r\n"]
    for place, inner in enumerate(_inside(said.decode("utf-8", "replace").strip())):
        yield f"holds value {place}", [head + blank + inner.encode() + b"\r\n"]


def _xml(case: Case) -> Iterator[Change]:
    text = body(case).decode("utf-8")
    for found in re.finditer(r"<([A-Za-z:]+)([^<>]*)>([^<]*)</\1>", text):
        where, before, after = found[1], text[: found.start()], text[found.end() :]
        yield f"{where} is missing", (before + after).encode()
        yield f"{where} is doubled", (before + found[0] * 2 + after).encode()
        yield f"{where} is deeper", (before + f"<x>{found[0]}</x>" + after).encode()
        for number, said in enumerate((*TEXTS, "&amp;&lt;&#233;", "<b/>", "&none;", "<!-- x -->", "<![CDATA[<a>]]>")):
            changed = f"<{found[1]}{found[2]}>{said}</{found[1]}>"
            yield f"{where} becomes text {number}", (before + changed + after).encode()
    for found in re.finditer(r'\s[A-Za-z:]+="[^"]*"', text):
        yield f"{found[0].split('=')[0]} is missing", (text[: found.start()] + text[found.end() :]).encode()


def _lines(case: Case) -> Iterator[Change]:
    lines = body(case).splitlines(keepends=True)
    for number, line in enumerate(lines):
        where = f"line {line[:24]!r}"
        rest = lines[:number], lines[number + 1 :]
        yield f"{where} is missing", b"".join([*rest[0], *rest[1]])
        yield f"{where} is doubled", b"".join([*rest[0], line, line, *rest[1]])
        yield f"{where} is cut", b"".join([*rest[0], line[: len(line) // 2] + b"\r\n", *rest[1]])
        yield f"{where} is the end", b"".join(rest[0])
        yield (
            f"{where} is noise",
            b"".join([*rest[0], line.rstrip() + b"\xff\x00\xe2\x80\xae=?x?q?=00?=\r\n", *rest[1]]),
        )


_KINDS: dict[str, Callable[[Case], Iterator[Change]]] = {
    "json": _json,
    "form": _form,
    "multipart": _multipart,
    "xml": _xml,
    "lines": _lines,
}


def _places(value: object, path: Place = ()) -> Iterator[tuple[Place, object]]:
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _places(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value[:3]):
            yield from _places(item, (*path, index))


def _shape(place: Place) -> str:
    return ".".join("*" if isinstance(step, int) else str(step) for step in place) or "the whole"


def _replaced(whole: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    changed = copy.copy(whole)
    changed[place[0]] = _replaced(whole[place[0]], place[1:], new)
    return changed


def _without(whole: Any, place: Place) -> Any:
    changed = copy.copy(whole)
    if place[1:]:
        changed[place[0]] = _without(whole[place[0]], place[1:])
    else:
        del changed[place[0]]
    return changed


def _spelt(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
