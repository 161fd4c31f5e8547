"""What an HTML form sends: urlencoded (WHATWG URL) and multipart/form-data (RFC 7578).

A form is flat: what its author asks and what the page adds stand side by side. Both encodings become one Wild object
from names to text, or to a list of text where a name repeats, in which only the page's own names stand on top and all
others under `fields`; so a source reads a form and JSON alike. Files are left out: nothing here stores what it cannot
look into.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from connectors.kit.wild import Wild
from leadrelay.ports.source import Malformed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FIELDS = 200
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_PARAMETER = re.compile(r"""(?:^|;)\s*([A-Za-z-]{1,32})=(?:"([^"]*)"|([^\s;"]+))""")


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters."""
    kind, _, rest = content_type.partition(";")
    found = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    return kind.strip().lower(), found


def read(content_type: str, body: bytes, on_top: frozenset[str], limit: int = MAX_FIELDS) -> Wild:
    """The form as `{name on top: …, "fields": {other name: …}}`, of at most `limit` pairs.

    Raises Malformed: empty, media_type, encoding, syntax, too_many.
    """
    kind, parameters = media_type(content_type)
    if not body.strip():
        raise Malformed("form:empty")
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Malformed("form:encoding")
    if kind == URLENCODED:
        return _gather(urlencoded(body, limit), on_top)
    if kind == MULTIPART:
        return _gather(_multipart(parameters.get("boundary", ""), body, limit), on_top)
    raise Malformed("form:media_type")


def _gather(pairs: Sequence[tuple[str, str]], on_top: frozenset[str]) -> Wild:
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name, []).append(value)
    members = {name: values[0] if len(values) == 1 else values for name, values in named.items()}
    top: dict[str, object] = {name: value for name, value in members.items() if name in on_top}
    return Wild({**top, "fields": {name: value for name, value in members.items() if name not in on_top}})


def urlencoded(body: bytes, limit: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """The pairs exactly as they were sent, in their order, empty ones too. Raises Malformed."""
    if body.count(b"&") >= limit:
        raise Malformed("form:too_many")
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Malformed("form:encoding") from None
    except ValueError:
        raise Malformed("form:syntax") from None


def _multipart(boundary: str, body: bytes, limit: int) -> list[tuple[str, str]]:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser

    parts = _Parts(limit)
    try:
        parser = MultipartParser(boundary.encode("latin-1"), parts.callbacks(), max_header_count=8)
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeEncodeError):
        raise Malformed("form:syntax") from None
    if not parts.ended:
        raise Malformed("form:syntax")
    return parts.fields


class _Parts:
    """Collects what the push parser reports: the fields of a body, in order, without its files."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.fields: list[tuple[str, str]] = []
        self.ended = False
        self._seen = 0
        self._header = [b"", b""]
        self._disposition = b""
        self._data = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._spell(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._spell(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._seen += 1
        if self._seen > self._limit:
            raise Malformed("form:too_many")
        self._header, self._disposition, self._data = [b"", b""], b"", bytearray()

    def _spell(self, side: int, piece: bytes) -> None:
        self._header[side] += piece

    def _end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = [b"", b""]

    def _end_part(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._disposition)
        if b"filename" in options:
            return
        try:
            self.fields.append((options.get(b"name", b"").decode("utf-8"), self._data.decode("utf-8")))
        except UnicodeDecodeError:
            raise Malformed("form:encoding") from None

    def _end(self) -> None:
        self.ended = True
