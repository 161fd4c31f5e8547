"""Limits: what is counted of a touch that anybody could have sent, and in which window.

A network address counts for a household: of IPv6 the first 64 bits, which is what one line is given. What is typed is
brought into one spelling without reading it as a mail address or a number: counting need not be exact, only cheap.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from leadrelay.domain.model import Model
from leadrelay.domain.sources.screening import is_within
from leadrelay.domain.sources.spam import ADDRESS_LIMIT, IDENTITY_LIMIT, Limit, SpamPolicy
from leadrelay.domain.touch import TouchDraft, Trust, Words

_NETWORK_BITS = 64
_DIGITS = 9
"""Of a number the last ones count: +48 22 123 45 67 and 022 123 45 67 are one."""

_TYPED = ("lead.email", "lead.phone")


class Counted(Model):
    """Something that is counted: `kind` says what it is, `value` which one (personal: hash it before it is stored),
    `limit` how many may come, `suspicion` what is said of those beyond it."""

    kind: str
    value: str
    limit: Limit
    suspicion: str


def counted(
    draft: TouchDraft, trust: Trust, address: str, names: Mapping[str, str], spam: SpamPolicy
) -> Iterator[Counted]:
    """What is counted of a touch, in this order; `names` lead from the sender's names (in normal form) to our fields.

    Only where nobody proved who sends does the network address count: else it is the sender's own.
    """
    typed = list(_typed(draft.words, names)) if draft.kind == "submission" else []
    if any(field == "lead.email" and is_within(said.rpartition("@")[2], spam.allow) for field, said in typed):
        return
    network = network_of(address) if trust == "unverified" else None
    at_once = {"submission": spam.per_address, "behaviour": spam.events_per_address}.get(draft.kind)
    if network is not None and at_once is not None:
        yield Counted(kind=f"{draft.kind}_address", value=network, limit=at_once, suspicion=ADDRESS_LIMIT)
    if spam.per_identity is not None:
        for field, said in dict(typed).items():
            yield Counted(kind=field, value=said, limit=spam.per_identity, suspicion=IDENTITY_LIMIT)


def network_of(address: str) -> str | None:
    """What one line is known by; None for what is no network address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    within = found.ipv4_mapped
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False)) if within is None else str(within)


def window(limit: Limit, now: datetime) -> tuple[str, datetime]:
    """The name of the window that `now` lies in, and when it ends (UTC)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    number = int((now - midnight).total_seconds() // (60 * limit.minutes))
    begin = midnight + timedelta(minutes=number * limit.minutes)
    return begin.isoformat(timespec="minutes"), begin + timedelta(minutes=limit.minutes)


def _typed(words: Words, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Our field and what was typed into it, in one spelling; nothing for what says nobody."""
    from leadrelay.domain.person.normal import field_name

    for answer in words.answers:
        field = names.get(field_name(answer.key)) or names.get(field_name(answer.label or ""))
        if field in _TYPED:
            said = answer.values[0].strip().casefold()
            spelled = said if field == "lead.email" else re.sub(r"\D", "", said)[-_DIGITS:]
            if spelled:
                yield field, spelled
