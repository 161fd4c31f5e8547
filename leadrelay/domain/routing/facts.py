"""Facts about ownership."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.routing.ownership import Ownership, Wanted, Why
from leadrelay.domain.routing.skipped import Skip


class OwnerNeeded(Fact):
    """`route` chooses an owner. `hop` is the assignment this would end; `exclude` are reps not to be asked again.
    `pool` is where a person wants it to go, None for where the rules say."""

    why: Why
    hop: int
    exclude: tuple[str, ...] = ()
    pool: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember what is asked, how often, and since when: who asks the same again waits no less."""
        wanted = Wanted(why=self.why, exclude=self.exclude, hop=self.hop, pool=self.pool, since=at)
        return lead.with_(wanted=wanted.after(lead.wanted))


Looked = Literal["nothing_there", "no_record", "no_crm", "away", "refused", "misconfigured", "unanswered"]
"""What came of looking into the CRM: no contact since then; nothing there to look at; nobody to ask; trouble of the
CRM's or of the set-up; no answer at all."""


Kept = Literal["contact", "told_only", "last_resort", "override"]
"""Why an owner keeps a lead although the time for the first contact is over: they were reached; the rules let it be
told only; the manager keeps what nobody else may have; a person chose the owner lately."""


class ContactDoubted(Fact):
    """The time for the first contact is over, and nobody told of any. Before the lead is taken from its owner, `fetch`
    looks into the CRM for one made since `since` (UTC). `asked` counts how often that was said of this `hop`."""

    hop: int
    since: Instant
    asked: int = 1

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Until that is settled nobody else is chosen."""
        return lead.with_(wanted=Wanted(why="breach", exclude=(), hop=self.hop, since=at, doubted=self.asked))


class BreachConfirmed(Fact):
    """There was no contact in time, as far as anybody could find out. `looked` is what the CRM had to say of it."""

    hop: int
    looked: Looked


class QuestionWithdrawn(Fact):
    """After a breach the lead stays with its owner, and the question whose it is is open no longer."""

    hop: int
    why: Kept

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Nobody else is chosen."""
        return lead.with_(wanted=None)


class LeadAssigned(Fact):
    """A rep owns it, or it waits in a named queue. `rule` is the routing rule that decided, `hop` the number of this
    assignment. `team` is the pool's part in a hand-off. `skipped` are reps who would have come before, each with
    the first test that failed; `due_at` (UTC) is by when first contact could be promised. `asked_first` are those who
    were asked before it was anybody's turn, with what ties them to the lead; `account_by` is how its account is
    known; `counted` the class of leads in which the pool counts it as given to them, None where it does not."""

    hop: int
    why: str
    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    team: str | None = None
    skipped: dict[str, Skip] = Field(default_factory=dict)
    due_at: Instant | None = None
    asked_first: dict[str, str] = Field(default_factory=dict)
    account_by: str | None = None
    counted: Literal["hot", "other"] | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Take it over."""
        new: dict[str, object] = {"rep": self.rep, "pool": self.pool, "queue": self.queue, "rule": self.rule}
        new |= {"why": self.why, "hop": self.hop, "skipped": self.skipped, "due_at": self.due_at}
        new |= {"asked_first": self.asked_first, "account_by": self.account_by, "counted": self.counted}
        new |= {"teams": _teams(lead, self.team, self.rep)}
        if self.why == "hand_off":
            new["handed_back_at"] = None
        return lead.with_(ownership=_changed(lead, at, new), wanted=None)


class OwnerKept(Fact):
    """They asked again while their owner `rep` was not there, and nobody else would have answered sooner: the lead
    stays where it is, and so does its `hop`."""

    rep: str
    hop: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The question is answered."""
        return lead.with_(wanted=None)


class LeadWaits(Fact):
    """Nobody has it yet: it waits in the pool for a rep who is free (`backlog`), or for the first who accepts it
    (`claim`). `why` is why an owner was needed, `owed` whether a first contact is owed by who gets it; `rule`, `hop`
    as of an assignment; `skipped` are all who may not take it."""

    hop: int
    why: str
    rule: str
    pool: str
    waits: Literal["backlog", "claim"]
    skipped: dict[str, Skip] = Field(default_factory=dict)
    owed: bool = True

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Wait there. Who waits on in the same pool keeps the place in the line."""
        new: dict[str, object] = {"pool": self.pool, "waits": self.waits, "rule": self.rule, "why": self.why}
        new |= {"hop": self.hop, "skipped": self.skipped, "owed": self.owed}
        old = lead.ownership
        since = old.since if old.waits is not None and old.pool == self.pool else None
        return lead.with_(ownership=_changed(lead, since or at, new), wanted=None)


def _teams(lead: Lead, team: str | None, rep: str | None) -> dict[str, str]:
    known = lead.ownership.teams
    return known if team is None or rep is None else {**known, team: rep}


def _changed(lead: Lead, since: Instant, new: dict[str, object]) -> Ownership:
    """Ownership from now on; who had it before is remembered."""
    old = lead.ownership
    previous = (*old.previous, old.rep) if old.rep is not None else old.previous
    nobody: dict[str, object] = dict.fromkeys(("rep", "queue", "outside", "waits", "due_at", "counted"))
    nobody |= {"skipped": {}, "asked_first": {}, "account_by": None, "owed": True, "answered": {}}
    return old.model_copy(update={**nobody, "since": since, "previous": previous[-20:], **new})


class LeadHandedBack(Fact):
    """`rep`, whose team took the lead over, gives it back to the `team` that had it before, for a `reason` (a code of
    stages.yaml). Who of it has it now is said next."""

    rep: str
    team: str
    reason: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Until it is handed over again."""
        return lead.with_(ownership=lead.ownership.with_(handed_back_at=at))


class LeadUnassignable(Fact):
    """No rule matched, or nobody in the pool may take it; said together with the assignment to the fallback."""

    why: str
    fallback: str


class OwnerOverridden(Fact):
    """A person chose the owner in the CRM; that wins. `rep` is None for somebody whom the team does not know, `team` is
    their part in a hand-off."""

    rep: str | None
    crm_owner: str
    hop: int
    team: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The person's choice stands."""
        new: dict[str, object] = {"rep": self.rep, "rule": None, "hop": self.hop, "why": "override"}
        new["outside"] = self.crm_owner if self.rep is None else None
        new |= {"teams": _teams(lead, self.team, self.rep), "handed_back_at": None}
        return lead.with_(ownership=_changed(lead, at, new), wanted=None)


class LinkUsed(Fact):
    """A rep answered by the link in a notice about this assignment (`hop`); what follows is said beside it."""

    rep: str
    hop: int
    action: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The same answer is not given twice."""
        owner = lead.ownership
        return lead.with_(ownership=owner.with_(answered={**owner.answered, self.action: at}))
