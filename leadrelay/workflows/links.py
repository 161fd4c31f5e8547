"""The links that go into a notice, and how they are read back: the key is the deployment's own.

While the key is changed, its secret lists the new value first and the old one after it: the first signs, each verifies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.answering import hindrance
from leadrelay.domain.link import Action, Link, signed, verified
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.wording import Words
from leadrelay.domain.routing.team import Rep
from leadrelay.ports.secrets import Secrets

_PATH = "links"
"""Of the secret."""

_OWNERS: tuple[Action, ...] = ("accept", "pass_on", "snooze", "nurture", "reject")
"""What an owner may answer, in the order of the notice."""

_POOLS: tuple[Action, ...] = ("claim",)
"""What the people of a pool may answer."""


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address of the HTTP API, such as `https://api.example.com`; empty: notices have no links."""

    secrets: Secrets
    base: str = ""

    def of(self, notice: Notice, reps: Sequence[Rep], words: Words) -> tuple[tuple[str, str], ...]:
        """Label and address of each answer that these reps may give now: the owner, or all who may claim it."""
        days = notice.rules.notices.link_days
        if not self.base or not days:
            return ()
        key = self.secrets.get(_PATH)["key"][0]
        until = (notice.now + timedelta(days=days)).replace(microsecond=0)
        return tuple(
            (words.answers[link.action].format(name=name), f"{self.base}/act/{signed(link, key)}")
            for name, link in _answers(notice, reps, until)
            if hindrance(link, notice.lead, notice.rules.team, notice.now) is None
        )

    def read(self, token: str) -> Link | None:
        """The link that we signed; None for anything else. A key that is not known yet may be a new one."""
        known = verified(token, self.secrets.get(_PATH)["key"])
        return known or verified(token, self.secrets.refresh(_PATH)["key"])


def _answers(notice: Notice, reps: Sequence[Rep], until: datetime) -> Iterator[tuple[str, Link]]:
    """The rep's name with the link. Who follows one that several have may be anybody: each has one of their own."""
    lead, hop = notice.lead, notice.lead.ownership.hop
    for rep in reps:
        for action in _POOLS if lead.waits else _OWNERS:
            link = Link(lead_id=lead.lead_id, hop=hop, rep=rep.id, action=action, expires_at=until)
            yield rep.name, link.with_(about=notice.needed.notice_id) if action == "snooze" else link
