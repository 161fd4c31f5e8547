"""Unmerge: two people who were wrongly made one become two again, by a person's word.

The lead that had become an alias lives again with what it was, and with the touches that came since then by its own
identities. Whom it was part of loses what it had gained by it: its log is folded again without. Neither the evidence
that joined them nor any other joins them again; an identity stays with whom it led to first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.account.counting import home
from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.heeding import conclude
from leadrelay.domain.merging import brings, owed
from leadrelay.domain.parting import (
    Row,
    brought,
    effective,
    folded,
    members,
    merge_of,
    remainder,
    touches,
    without,
)
from leadrelay.domain.person.facts import Absorbed, LeadMerged, LeadUnmerged, TouchIdentified
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.stages.advance import moved
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Record, Store
from leadrelay.workflows.accounts import at_their_accounts
from leadrelay.workflows.identify import Tangled, living
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written
from leadrelay.workflows.parted_in_crm import InCrm, Person
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.testimony import Testimony, commits

_AT_ONCE = 90
"""Signposts in one transaction."""


@dataclass(frozen=True, slots=True)
class Parting:
    """What becomes of two people who were one: `lead_id` lives again, `other` is whom it was part of. `by` is what had
    joined them, at `merged_at` (UTC). `moved` touches go with the lead that lives again; `lost` are the fields (names)
    that the other knows no more, or otherwise. `change` does it, after the `signposts` were put right."""

    lead_id: str
    other: str
    by: tuple[str, ...]
    merged_at: datetime
    moved: int
    lost: tuple[str, ...]
    signposts: tuple[Put, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Unmerge:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    pseudonyms: Pseudonyms
    clock: Clock

    def __call__(self, lead_id: str) -> Parting:
        """Do it. Raises Reject as `plan` does, Retry while the leads are being changed by others."""
        for _ in range(ATTEMPTS):
            parting = self.plan(lead_id)
            try:
                for start in range(0, len(parting.signposts), _AT_ONCE):
                    puts = parting.signposts[start : start + _AT_ONCE]
                    self.store.commit(Change(cause=f"{parting.change.cause}:signposts", puts=puts))
                self.store.commit(parting.change)
            except Conflict:
                continue
            return parting
        raise Retry(1, "the leads are being changed by others")

    def plan(self, lead_id: str) -> Parting:
        """What it would do; nothing is written. Raises Reject for an unknown lead, one that was not merged, one
        that was erased, and one whose aliases do not end."""
        lost = self.store.load(lead_key(lead_id))
        if lost is None:
            raise Reject("unknown_lead", "no lead has this id")
        if lost.lead.erased_at is not None:
            raise Reject("erased", "the person was erased: nothing is left that could be taken apart")
        if lost.lead.merged_into is None:
            raise Reject("not_merged", "this lead is nobody's alias: give the id that another lead absorbed")
        return _Plan(self, lost, self._chain(lost)).made()

    def _chain(self, lost: LeadRecord) -> list[LeadRecord]:
        """From the lead that absorbed it to the living one."""
        try:
            living(lost.lead.lead_id, self.store)
        except Tangled as circle:
            raise Reject("tangled_aliases", str(circle)) from None
        chain, into = list[LeadRecord](), lost.lead.merged_into
        while into is not None:
            record = self.store.load(lead_key(into))
            if record is None:
                raise Reject("unknown_lead", f"lead {into}, which absorbed it, is not there")
            chain.append(record)
            into = record.lead.merged_into
        return chain


class _Plan:
    """One unmerge: `lost` is the lead that lives again, `chain` the leads that it was part of."""

    def __init__(self, work: Unmerge, lost: LeadRecord, chain: Sequence[LeadRecord]) -> None:
        self._store, self._lost, self._chain = work.store, lost, chain
        self._rules: RuleSet = work.rules.current()
        self._now = work.clock.now()
        self._id, self._into = lost.lead.lead_id, chain[-1].lead.lead_id
        self._story: list[Record] = work.store.story(lost.key().pk)
        self._log = commits(self._story)
        self._books = {each.lead.lead_id: self._book(each.lead.lead_id) for each in chain}
        since = [touch for each in self._books for touch in self._since(each)]
        said = [touch for book in self._books.values() for touch in touches(book)]
        self._heard = Testimony.of(said, work.store, self._rules, work.pseudonyms, self._now)
        self._moved = [touch for touch in since if self._heard.leads_to(touch, self._id)]
        self._gone = {*self._family(self._id), *self._moved}

    def made(self) -> Parting:
        parts, instead = list[tuple[LeadRecord, Decision]](), None
        for record in self._chain:
            decision, instead = self._stays(record, instead, parts[-1][1] if parts else None)
            parts.append((record, decision))
        lives, (stayed, stays) = self._lives(), parts[-1]
        parts.append((self._lost, lives))
        signposts = self._heard.signposts(self._moved, self._id, self._into)
        before, after = stayed.profile.values, stays.profile.values
        row = self._log[-1 if self._merge is None else self._merge]
        return Parting(
            lead_id=self._id,
            other=self._into,
            by=next((fact.by for fact in row.facts if isinstance(fact, LeadMerged)), ()),
            merged_at=row.at,
            moved=len(self._moved),
            lost=tuple(sorted(name for name, value in before.items() if after.get(name) != value)),
            signposts=signposts,
            change=self._change(parts, stays, lives),
        )

    @property
    def _merge(self) -> int | None:
        """Where the lead's own log says that it became another."""
        rows = [number for number, row in enumerate(self._log) if any(map(_is_farewell, row.facts))]
        return rows[-1] if rows else None

    def _book(self, lead_id: str) -> list[Row]:
        return effective(commits(self._store.story(lead_key(lead_id).pk)))

    def _since(self, lead_id: str) -> list[str]:
        """The touches that this lead of the chain heard since the other was part of it."""
        ids = [each.lead.lead_id for each in self._chain]
        carrier = self._id if lead_id == ids[0] else ids[ids.index(lead_id) - 1]
        book = self._books[lead_id]
        return touches(book[merge_of(book, carrier) or 0 :])

    def _family(self, lead_id: str) -> list[str]:
        """The touches of a lead and of those that it had absorbed."""
        book = self._log if lead_id == self._id else commits(self._store.story(lead_key(lead_id).pk))
        book = effective(book)
        return [*touches(book), *(touch for each in members(book) for touch in self._family(each))]

    def _stays(
        self, record: LeadRecord, instead: Absorbed | None, carrier: Decision | None
    ) -> tuple[Decision, Absorbed]:
        """A lead of the chain without the other, and what it should have brought to the next one."""
        lead_id = record.lead.lead_id
        rest = without(self._books[lead_id], self._id, instead, self._moved)
        left = remainder(folded(lead_id, rest))
        mine = tuple(touch for touch in touches(self._books[lead_id]) if touch in self._moved)
        decision = Decision(record.lead, self._without(record, rest, carrier), self._rules, self._now)
        decision.say(LeadUnmerged(other=self._id, apart=((lead_id, self._id),), left=left, instead=instead, moved=mine))
        if carrier is not None:
            decision.say(moved(decision.lead, carrier.lead.stage, self._rules, "merged"))
        if record.lead.merged_into is None:
            conclude(decision)
            judge(decision)
        return decision, brings(decision.lead)

    def _without(self, record: LeadRecord, rest: Sequence[Row], carrier: Decision | None) -> Profile:
        """Its profile, learnt again where the other had the last word."""
        echoes = {str(value.value) for value in self._lost.profile.values.values()}
        others = {} if carrier is None else {carrier.lead.lead_id: carrier.profile}
        return self._heard.profile_without(record, rest, self._gone, echoes, others)

    def _lives(self) -> Decision:
        """The lead that lives again, with what came for it meanwhile; somebody owes it the answer that it was owed."""
        gains = brought(self._id, (row for book in self._books.values() for row in book), self._moved)
        echoes = {str(value.value) for value in self._chain[-1].profile.values.values()}
        profile = self._lost.profile.learn(self._heard.news(self._moved, echoes))
        profile = profile.agreed(self._heard.statements(self._moved))
        decision = Decision(self._lost.lead, profile, self._rules, self._now)
        apart = tuple((self._id, each.lead.lead_id) for each in self._chain)
        decision.say(LeadUnmerged(other=self._into, apart=apart, gained=brings(gains)))
        decision.say(moved(decision.lead, gains.stage, self._rules, "unmerged"))
        conclude(decision)
        was = folded(self._id, self._log[: self._merge])
        asked = owed(was) or self._heard.ask(self._moved)
        judge(decision, asked and decision.lead.contacted_at is None)
        return decision

    def _change(self, parts: Sequence[tuple[LeadRecord, Decision]], stays: Decision, lives: Decision) -> Change:
        context = Context(
            correlation_id=self._id,
            causation_id=f"unmerge:{self._id}:{self._lost.version}",
            rules_version=self._rules.version,
            at=self._now,
        )
        puts = written([Outcome(part, record, context, {}) for record, part in parts], self._store)
        puts += self._colleagues(stays, lives)
        was = self._chain[-1].lead.stage
        receded = None if was == stays.lead.stage else was
        two = Person(self._into, stays.profile, receded), Person(self._id, lives.profile)
        ids = [each.lead.lead_id for each in self._chain]
        crm = self._rules.crm.vendor
        shown = InCrm(ids, *two, self._story, crm, self._store).puts(puts, context)
        return Change(cause=context.causation_id, puts=shown)

    def _colleagues(self, stays: Decision, lives: Decision) -> Iterator[Put]:
        """Each is at the account of their own."""
        two = [(each, self._seen_at(each.lead.lead_id, each)) for each in (stays, lives)]
        return at_their_accounts(two, home(self._chain[-1].profile), (self._id, *self._books), self._store)

    def _seen_at(self, lead_id: str, decision: Decision) -> datetime:
        """When they were last here: by the touches that are theirs."""
        books: Iterable[Row] = [row for book in (*self._books.values(), self._log) for row in book]
        facts = [fact for row in books for fact in row.facts if isinstance(fact, TouchIdentified)]
        theirs = [fact.occurred_at for fact in facts if (fact.touch_id in self._gone) == (lead_id == self._id)]
        return max(theirs, default=decision.lead.captured_at)


def _is_farewell(fact: object) -> bool:
    return isinstance(fact, LeadMerged) and fact.into is not None
