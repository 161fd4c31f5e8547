"""Facts about what people allow, refuse and ask for: codes and times, never their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.person.permission import Forbidden, How

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class ConsentChanged(Fact):
    """A purpose is allowed or refused from now on; `given` is None where nothing that was said counts any more. The
    words that the person saw stay in the profile."""

    purpose: str
    given: bool | None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Heed it."""
        others = {name: given for name, given in lead.permission.allowed.items() if name != self.purpose}
        changed = others if self.given is None else {**others, self.purpose: self.given}
        return lead.with_(permission=lead.permission.with_(allowed=dict(sorted(changed.items()))))


class ContactForbidden(Fact):
    """Nobody may call, or contact at all. `who` says so: the name of a source or of a CRM."""

    how: How
    who: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Heed it: on no call list any more. Since when it holds does not change with who says so."""
        known = lead.permission.forbidden.get(self.how)
        held = Forbidden(who=self.who, since=at if known is None else known.since)
        forbidden = {**lead.permission.forbidden, self.how: held}
        return lead.with_(permission=lead.permission.with_(forbidden=forbidden), listed_on=None)


class ContactAllowed(Fact):
    """What was forbidden is allowed again."""

    how: How

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Let it be done."""
        forbidden = {how: held for how, held in lead.permission.forbidden.items() if how != self.how}
        return lead.with_(permission=lead.permission.with_(forbidden=forbidden))


class CallbackRequested(Fact):
    """Somebody asked to be called at a time of their own."""

    callback: Callback

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The newest request counts."""
        return lead.with_(callback=self.callback) if self.callback.replaces(lead.callback) else lead
