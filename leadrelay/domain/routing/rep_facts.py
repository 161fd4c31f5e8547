"""Facts about a rep rather than a lead. They say when somebody is away, never why: that is nobody else's business."""

from __future__ import annotations

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.routing.credits import GrantWhy
from leadrelay.domain.routing.ledger import LeadClass
from leadrelay.domain.routing.rep_state import Teller


class RepAway(Fact):
    """Gets no new leads from `start` until `until` (UTC; None: until they are back). `by` is who said so."""

    rep: str
    start: Instant
    until: Instant | None = None
    by: Teller = "command"


class RepBack(Fact):
    """At work again, earlier than was said or after an open end."""

    rep: str
    by: Teller = "command"


class RepCredited(Fact):
    """A manager's word: in this pool, so many leads of this class count as given to them although they were not; or,
    negative, do not count although they were."""

    rep: str
    pool: str
    kind: LeadClass
    leads: int
    why: GrantWhy
