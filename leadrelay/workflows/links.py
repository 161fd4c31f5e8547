"""The links that go into a notice, and how they are read back: the key is the deployment's own.

While the key is changed, its secret lists the new value first and the old one after it: the first signs, each verifies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.answering import hindrance
from leadrelay.domain.lead import Lead
from leadrelay.domain.link import Action, Link, signed, verified
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules
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

_OFFERS: Mapping[Action, str] = {"claim": "Claim as {name}"}
"""What the people of a pool may answer."""


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address of the HTTP API, such as `https://api.example.com`; empty: notices have no links."""

    secrets: Secrets
    base: str = ""

    def of(self, lead: Lead, reps: Sequence[Rep], rules: Rules, now: datetime) -> tuple[tuple[str, str], ...]:
        """Label and address of each answer that these reps may give now (UTC): the owner, or all who may claim it."""
        if not self.base or not rules.notices.link_days:
            return ()
        key = self.secrets.get(_PATH)["key"][0]
        until = (now + timedelta(days=rules.notices.link_days)).replace(microsecond=0)
        return tuple(
            (label, f"{self.base}/act/{signed(link, key)}")
            for label, link in _answers(lead, reps, until)
            if hindrance(link, lead, rules.team, now) is None
        )

    def read(self, token: str) -> Link | None:
        """The link that we signed; None for anything else. A key that is not known yet may be a new one."""
        known = verified(token, self.secrets.get(_PATH)["key"])
        return known or verified(token, self.secrets.refresh(_PATH)["key"])


def _answers(lead: Lead, reps: Sequence[Rep], until: datetime) -> Iterator[tuple[str, Link]]:
    """Who follows a link that several have may be anybody: each has one of their own."""
    hop = lead.ownership.hop
    for rep in reps:
        for action, label in (_OFFERS if lead.waits else _LABELS).items():
            link = Link(lead_id=lead.lead_id, hop=hop, rep=rep.id, action=action, expires_at=until)
            yield label.format(name=rep.name), link
