"""A request as somebody has it in files, put together again for `parse`."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from connectors import registry
from leadrelay.cli.console import errors, misused
from leadrelay.ports.source import Delivery, Door, SourceSettings, doors_of


class Method(enum.StrEnum):
    """Senders post; some look for an answer with GET first."""

    GET = "GET"
    POST = "POST"


def as_request(
    settings: SourceSettings,
    method: Method,
    body: Path | None,
    headers: Path | None,
    query: tuple[tuple[str, str], ...],
    door: Door | None,
) -> Delivery:
    """The request of these files. What goes without saying is filled in, and said: a body without headers has the
    content-type that it looks like. It comes through `door`, else through the source's first."""
    if body is None and method is Method.POST:
        misused("a POST has a body; a handshake that has none is read with --method GET", "--body")
    content = body.read_bytes() if body is not None else b""
    named = _headers(headers) if headers is not None else {}
    through = door or doors_of(registry.load("source", settings.vendor))[0]
    if content and "content-type" not in named and through == "http":
        named["content-type"] = content_type(content)
        errors.print(f"no content-type was given: read as {named['content-type']}", style="dim", markup=False)
    return Delivery(method.value, named, query, content, through)


def content_type(body: bytes) -> str:
    """The media type that a body looks like: JSON, XML, several parts, else an HTML form."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "application/json"
    if start.startswith(b"<"):
        return "text/xml"
    first, _, rest = start.partition(b"\n")
    if first.startswith(b"--") and b"content-disposition:" in rest.lower():
        return f"multipart/form-data; boundary={first.strip()[2:].decode('ascii', 'replace')}"
    return "application/x-www-form-urlencoded"


def _headers(path: Path) -> dict[str, str]:
    text = path.read_text("utf-8")
    given = _object(text, path) if text.lstrip().startswith(("{", "[", '"')) else _lines(text, path)
    return {name.lower(): _one(value) for name, value in given.items()}


def _lines(text: str, path: Path) -> Mapping[str, Any]:
    found = dict(HeaderParser().parsestr(text))
    if not found:
        misused(f"{path} is not a JSON object and has no lines `Name: value`", "--headers")
    return found


def _object(text: str, path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        misused(f"{path} is not JSON: {error}", "--headers")
    if not isinstance(found, dict):
        misused(f"{path} is not a JSON object", "--headers")
    return found


def _one(value: object) -> str:
    """Gateways also write the values of a header as a list; the last is what a single one would be."""
    return str(value[-1]) if isinstance(value, list) and value else str(value)
