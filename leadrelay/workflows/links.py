"""The links that go into a notice, and how they are read back: the key is the deployment's own.

While the key is changed, its secret lists the new value first and the old one after it: the first signs, each verifies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.answering import hindrance
from leadrelay.domain.lead import Lead
from leadrelay.domain.link import Action, Link, signed, verified
from leadrelay.ports.secrets import Secrets

_PATH = "links"
"""Of the secret."""

_LABELS: Mapping[Action, str] = {
    "accept": "Accept",
    "pass_on": "Pass on to a colleague",
    "nurture": "Too early: back to nurture",
    "reject": "Reject",
}
"""What an owner may answer, in the order of the notice."""


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address of the HTTP API, such as `https://api.example.com`; empty: notices have no links."""

    secrets: Secrets
    base: str = ""

    def of(self, lead: Lead, rep: str, days: int, now: datetime) -> tuple[tuple[str, str], ...]:
        """Label and address of each answer that the owner `rep` may give now (UTC), for so many days."""
        if not self.base or not days:
            return ()
        key, until = self.secrets.get(_PATH)["key"][0], (now + timedelta(days=days)).replace(microsecond=0)
        hop = lead.ownership.hop
        links = (Link(lead_id=lead.lead_id, hop=hop, rep=rep, action=each, expires_at=until) for each in _LABELS)
        works = (link for link in links if hindrance(link, lead, now) is None)
        return tuple((_LABELS[link.action], f"{self.base}/act/{signed(link, key)}") for link in works)

    def read(self, token: str) -> Link | None:
        """The link that we signed; None for anything else. A key that is not known yet may be a new one."""
        known = verified(token, self.secrets.get(_PATH)["key"])
        return known or verified(token, self.secrets.refresh(_PATH)["key"])
