"""Whether the address in From is really who wrote.

The mail service checks SPF, DKIM and DMARC as the mail arrives, and writes what it found on top of the mail. Only that
block counts: what stands further down was there before and may be anybody's invention. A forwarder that we trust by
name (RFC 8617, RFC 8601) may vouch instead, where the mail service itself found that the mail came through it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import Field

from connectors.email.address import Address, author
from connectors.email.mime import Mail
from leadrelay.domain.model import Model
from leadrelay.domain.touch import Trust

SERVICE = "amazonses.com"
"""By what name Amazon SES signs its results."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"([a-z-]+)\s*=\s*([a-z]+)\b", re.IGNORECASE)
_METHODS = frozenset({"spf", "dkim", "dmarc", "arc"})
_PROPERTY = re.compile(r"([a-z.-]+)\s*=\s*(\S+)", re.IGNORECASE)
_MAX_COMMENTS = 8


class Forwarder(Model):
    """A mailbox provider that passes our mail on, such as a company's own sales@ address. `domain` is the domain it
    passes on with, `results` the name under which it writes what it found (`mx.google.com`, `mx.microsoft.com`). Name
    only one that writes its own results on every mail."""

    domain: str = Field(pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)+")
    results: str = Field(pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class Result(NamedTuple):
    """One method's result (RFC 8601): `dmarc`, `pass`, and its properties as they are named there."""

    method: str
    result: str
    properties: dict[str, str]

    def domain(self, name: str) -> str:
        """The domain in a property, with or without what stands before its @."""
        return self.properties.get(name, "").rpartition("@")[2].strip('"<>').lower()


def trust(mail: Mail, forwarders: tuple[Forwarder, ...]) -> Trust:
    """`verified` when From is proven."""
    writer = author(mail)
    if writer is None:
        return "unverified"
    found = _results(mail.stamped("authentication-results"), SERVICE) or ()
    if _proves(found, writer) or any(_vouches(mail, one, found, writer) for one in forwarders):
        return "verified"
    return "unverified"


def _vouches(mail: Mail, forwarder: Forwarder, found: tuple[Result, ...], writer: Address) -> bool:
    """Its newest results prove From, and the mail service found that it was this forwarder that brought the mail."""
    if not _came_through(forwarder, found):
        return False
    names = ("authentication-results", "arc-authentication-results")
    for name, value in mail.headers:
        theirs = _results(value, forwarder.results) if name in names else None
        if theirs is not None:
            return _proves(theirs, writer)
    return False


def _came_through(forwarder: Forwarder, found: tuple[Result, ...]) -> bool:
    envelope = [one for one in found if one.method == "spf"]
    by_envelope = len(envelope) == 1 and envelope[0].result == "pass"
    domains = [envelope[0].domain("envelope-from")] if by_envelope else []
    domains += [one.domain("header.i") for one in found if one.method == "dkim" and one.result == "pass"]
    return any(within(domain, forwarder.domain) for domain in domains)


def _proves(found: tuple[Result, ...], writer: Address) -> bool:
    """Exactly one DMARC result, a pass, for this very domain. Two would mean that somebody's text became a result."""
    dmarc = [one for one in found if one.method == "dmarc"]
    return len(dmarc) == 1 and dmarc[0].result == "pass" and dmarc[0].domain("header.from") == writer.domain


def within(domain: str, above: str) -> bool:
    """Whether a domain is the other one, or below it."""
    return domain == above or domain.endswith(f".{above}")


def _results(value: str, writer: str) -> tuple[Result, ...] | None:
    """What `writer` says in this header; None when somebody else wrote it."""
    clauses = _bare(value).split(";")
    if clauses[0].strip().lower().startswith("i="):
        clauses = clauses[1:]
    name, *others = clauses if clauses else [""]
    if name.split()[:1] != [writer]:
        return None
    return _read(others)


def _bare(value: str) -> str:
    """Without quoted text and comments, in which senders may write what they like. One that does not end stays: it
    must not hide what really was found."""
    value = _QUOTED.sub("_", value)
    for _ in range(_MAX_COMMENTS):
        value, removed = _COMMENT.subn(" ", value)
        if not removed:
            break
    return value


def _read(clauses: list[str]) -> tuple[Result, ...]:
    """Each method's result. Amazon SES puts semicolons between the properties of one result too."""
    found: list[Result] = []
    for clause in clauses:
        match = _RESULT.match(clause.strip())
        method = match[1].lower() if match else ""
        if match and method in _METHODS:
            found.append(Result(method, match[2].lower(), {}))
        for name, said in _PROPERTY.findall(clause) if found else ():
            found[-1].properties.setdefault(name.lower(), said)
    return tuple(found)
