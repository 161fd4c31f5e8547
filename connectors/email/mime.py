"""A mail's bytes as the little of it that we read: some headers, its text, the names of its attachments.

A mail may be 40 MB, broken, or made to keep us busy, so everything has a bound, and what is beyond a bound is never
looked at. `written` gives the little as a mail again, which reads the same: that is what is kept beside the touch,
while the mail itself stays where the mail service put it.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message
from email.utils import collapse_rfc2231_value
from itertools import islice
from urllib.parse import quote

from connectors.email.charsets import text_of, words_of
from connectors.email.html_text import text_of_html
from connectors.kit.text import clean, clean_line
from leadrelay.domain.model import Model
from leadrelay.ports.source import Malformed

MAX_BYTES = 4 * 1024 * 1024
"""So much of a mail is read; text stands before its attachments."""
MAX_LINES = 300_000
MAX_HEAD = 256 * 1024
MAX_HEADERS = 1000
MAX_NESTED = 50
"""Bodies inside bodies: more than that is no mail that a person wrote."""
MAX_PARTS = 200
MAX_DASHES = 2000
"""Lines that may begin a part."""
MAX_TEXT = 64 * 1024
MAX_ATTACHMENTS = 50
_VALUE = 2048
_NAME = 200
_SAME = 10
"""So many headers of one name are kept."""
_KEPT = frozenset(
    {"return-path", "from", "reply-to", "to", "cc", "delivered-to", "x-original-to", "subject", "date", "message-id"}
    | {"in-reply-to", "references", "authentication-results", "arc-authentication-results", "auto-submitted"}
    | {"precedence", "x-autoreply", "x-autorespond", "list-id"}
)
_SERVICE = frozenset(
    {"return-path", "received", "received-spf", "authentication-results", "x-ses-spam-verdict", "x-ses-virus-verdict"}
    | {"x-ses-dkim-signature", "x-ses-receipt"}
)
_LAST_OF_SERVICE = "x-ses-receipt"
_NESTED = re.compile(rb"boundary\s*=|content-type:\s*message/", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")

Headers = tuple[tuple[str, str], ...]


class Mail(Model):
    """`service` are the headers that the receiving mail service itself put on top, in their order; nobody else can
    write there. `headers` are those that the sender and whoever passed it on wrote. Names in lower case, values
    unfolded and not yet decoded. `text` is all its text, quoted or not; `attachments` are file names; `report` is a
    machine's report of what became of another mail (multipart/report)."""

    service: Headers = ()
    headers: Headers = ()
    text: str = ""
    attachments: tuple[str, ...] = ()
    report: bool = False

    def first(self, name: str) -> str:
        """The topmost header of the sender's with this name, or ""."""
        return next((value for found, value in self.headers if found == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of the sender's with this name, topmost first."""
        return tuple(value for found, value in self.headers if found == name)

    def stamped(self, name: str) -> str:
        """The mail service's own header, or ""."""
        return next((value for found, value in self.service if found == name), "")


def read(body: bytes) -> Mail:
    """The mail. Raises Malformed: no_headers, headers, parts, nested."""
    message = message_from_bytes(_bounded(body), policy=policy.compat32)
    headers = _unfolded(message)
    stamped = _of_service(headers)
    text, attachments = _content(message)
    return Mail(
        service=stamped,
        headers=tuple(_kept(headers[len(stamped) :])),
        text=clean(text, MAX_TEXT),
        attachments=attachments,
        report=message.get_content_type() == "multipart/report",
    )


def written(mail: Mail) -> bytes:
    """A small mail that reads the same."""
    kind = "report" if mail.report else "mixed"
    head = "".join(f"{name}: {value}\n" for name, value in (*mail.service, *mail.headers))
    parts = [_TEXT_PART + base64.encodebytes(mail.text.encode()).decode()]
    parts += [_ATTACHED_PART.format(quote(name)) for name in mail.attachments]
    body = "".join(f"--{_BOUNDARY}\n{part}\n" for part in parts)
    return f"{head}Content-Type: multipart/{kind}; boundary={_BOUNDARY}\n\n{body}--{_BOUNDARY}--\n".encode()


_BOUNDARY = "kept"
_TEXT_PART = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
_ATTACHED_PART = "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''{}\n\n"


def _bounded(body: bytes) -> bytes:
    """The start of the mail that is worth reading."""
    start = body[:MAX_BYTES]
    if start.count(b"\n") > MAX_LINES:
        start = b"\n".join(start.split(b"\n", MAX_LINES)[:MAX_LINES])
    end = _END_OF_HEAD.search(start)
    if (end.start() if end else len(start)) > MAX_HEAD:
        raise Malformed("mail:headers")
    if start.count(b"\n--") > MAX_DASHES:
        raise Malformed("mail:parts")
    if sum(1 for _ in islice(_NESTED.finditer(start), MAX_NESTED + 1)) > MAX_NESTED:
        raise Malformed("mail:nested")
    return start


def _unfolded(message: Message) -> Headers:
    found = tuple(message.raw_items())
    if not found:
        raise Malformed("mail:no_headers")
    if len(found) > MAX_HEADERS:
        raise Malformed("mail:headers")
    return tuple((str(name).lower(), _line(str(value))) for name, value in found)


def _line(value: str) -> str:
    """A header's value on one line; bytes beyond ASCII, which no header should have, are text too."""
    raw = value[: _VALUE * 4].encode("utf-8", "surrogateescape")
    return clean_line(text_of(raw, "utf-8"), _VALUE)


def _of_service(headers: Headers) -> Headers:
    """The block that the mail service puts on top of every mail. It ends with its receipt: without one, nobody can
    tell its words from the sender's own, and there is none."""
    names = [name for name, _ in headers]
    if _LAST_OF_SERVICE not in names:
        return ()
    end = names.index(_LAST_OF_SERVICE)
    block = headers[:end]
    written_by_it = all(name in _SERVICE for name, _ in block) and names[:end].count("received") == 1
    return (*block, (_LAST_OF_SERVICE, "")) if written_by_it else ()


def _kept(headers: Headers) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    for name, value in headers:
        seen[name] += 1
        if name in _KEPT and seen[name] <= _SAME:
            yield name, value


def _content(message: Message) -> tuple[str, tuple[str, ...]]:
    """The text as it was written, in HTML only where there is no other, and the names of what is attached."""
    plain, html, names = [], [], []
    for part in _leaves(message):
        name = _file_name(part)
        kind = part.get_content_type()
        if name is not None:
            names.append(name)
        elif kind == "text/plain":
            plain.append(_decoded(part))
        elif kind == "text/html":
            html.append(_decoded(part))
    text = "\n\n".join(filter(str.strip, plain)) or "\n\n".join(text_of_html(one) for one in html)
    return text, tuple(filter(None, names))[:MAX_ATTACHMENTS]


def _leaves(message: Message) -> Iterator[Message]:
    """Every part that is no container, in reading order; a mail inside the mail counts as one."""
    waiting = [message]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inside = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inside, list):
            waiting.extend(one for one in reversed(inside) if isinstance(one, Message))
        else:
            yield part


def _file_name(part: Message) -> str | None:
    """The name of an attachment, "" for one without; None for what is text of the mail."""
    said = part.get_param("filename", part.get_param("name"), "content-disposition")
    if said is None and part.get_content_disposition() != "attachment":
        return None
    if isinstance(said, tuple):
        return clean_line(collapse_rfc2231_value(said), _NAME)
    return clean_line(words_of(_line(str(said or ""))), _NAME)


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    return text_of(content, part.get_content_charset()) if isinstance(content, bytes) else ""
