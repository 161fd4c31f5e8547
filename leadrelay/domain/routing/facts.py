"""Facts about ownership."""

from __future__ import annotations

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead, Wanted, Why
from leadrelay.domain.model import Instant


class OwnerNeeded(Fact):
    """`route` chooses an owner. `hop` is the assignment this would end; `exclude` are reps not to be asked again."""

    why: Why
    hop: int
    exclude: tuple[str, ...] = ()

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember what is asked."""
        return lead.with_(wanted=Wanted(why=self.why, exclude=self.exclude, hop=self.hop))


class LeadAssigned(Fact):
    """A rep owns it, or it waits in a named queue. `rule` is the routing rule that decided, `hop` the number of this
    assignment."""

    hop: int
    why: str
    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Take it over."""
        old = lead.ownership
        previous = (*old.previous, old.rep) if old.rep is not None else old.previous
        ownership = old.model_copy(
            update={
                "rep": self.rep,
                "pool": self.pool,
                "queue": self.queue,
                "outside": None,
                "rule": self.rule,
                "why": self.why,
                "since": at,
                "hop": self.hop,
                "previous": previous[-20:],
            }
        )
        return lead.with_(ownership=ownership, wanted=None)


class LeadUnassignable(Fact):
    """No rule matched, or nobody in the pool may take it; said together with the assignment to the fallback."""

    why: str
    fallback: str


class OwnerOverridden(Fact):
    """A person chose the owner in the CRM; that wins. `rep` is None for somebody whom the team does not know."""

    rep: str | None
    crm_owner: str
    hop: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The person's choice stands."""
        old = lead.ownership
        previous = (*old.previous, old.rep) if old.rep is not None else old.previous
        changes: dict[str, object] = {
            "rep": self.rep,
            "queue": None,
            "outside": self.crm_owner if self.rep is None else None,
            "rule": None,
            "hop": self.hop,
            "since": at,
            "why": "override",
            "previous": previous[-20:],
        }
        return lead.with_(ownership=old.model_copy(update=changes), wanted=None)
