"""Domain names that come from outside and end up in questions to others."""

from __future__ import annotations

import re

from leadrelay.ports.errors import Reject

_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def asked_domain(said: str) -> str:
    """The domain in lower case. Raises Reject for what is none."""
    domain = said.strip().lower()
    if not _DOMAIN.fullmatch(domain):
        raise Reject("VALIDATION", "not a domain")
    return domain
