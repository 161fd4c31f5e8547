"""Why is it theirs? One hop of a lead told from its log: the record of the choice, the same choice made again from it,
and how long each step took from the webhook to the CRM.

The lead as it was then is the fold of its log up to the hop; what was known of the person is recollected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from leadrelay.domain.lead import Lead
from leadrelay.domain.parting import folded
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.facts import LeadAssigned, LeadWaits, OwnerOverridden
from leadrelay.domain.routing.record import DecisionRecord, read_record
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LeadRecord, LogRecord, lead_key, touch_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Record, Store
from leadrelay.workflows.recollection import Recollection
from leadrelay.workflows.testimony import commits
from leadrelay.workflows.timing import Lap, laps

Placed = LeadAssigned | LeadWaits | OwnerOverridden
"""What a hop is: it was given, it waits, or a person chose somebody in the CRM."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop. `lead` and `profile` are as they were before it, `rules` those that decided. `record` is what its log
    row keeps; None where a person chose, and where a former release kept less. `differs` is what comes out otherwise
    when it is chosen again: name -> (then, again). `forgotten` are fields that were known then and that nobody can tell
    any more."""

    row: LogRecord
    fact: Placed
    lead: Lead
    profile: Profile
    rules: RuleSet
    record: DecisionRecord | None
    differs: Mapping[str, tuple[JsonValue, JsonValue]]
    forgotten: tuple[str, ...]
    laps: tuple[Lap, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The workflow with its ports. It writes nothing. What it returns is personal data: only for people who may see
    the lead."""

    store: Store
    rules: Rules

    def __call__(self, lead_id: str, hop: int | None = None) -> Hop:
        """The hop of that number; without one the newest. Raises Reject when there is no such lead or hop, and
        Misconfigured when the rules of that time cannot be read."""
        story = self.store.story(lead_key(lead_id).pk)
        record = next((each for each in story if isinstance(each, LeadRecord)), None)
        if record is None:
            raise Reject("unknown_lead", "no lead has this id")
        log = sorted(_commits(story), key=lambda each: each.sk)
        hops = {fact.hop: (number, fact) for number, row in enumerate(log) for fact in _placed(row)}
        if not hops:
            raise Reject("no_hop", "this lead never had an owner or a queue")
        if hop is not None and hop not in hops:
            known = ", ".join(map(str, sorted(hops)))
            raise Reject("no_hop", f"this lead has no hop {hop}; it has {known}")
        return self._told(story, record, log, *hops[max(hops) if hop is None else hop])

    def _told(
        self, story: Sequence[Record], record: LeadRecord, log: Sequence[LogRecord], number: int, fact: Placed
    ) -> Hop:
        row, lead_id = log[number], record.lead.lead_id
        rules, before = self.rules.version(row.rules_version), commits(log[:number])
        lead = folded(lead_id, before)
        then = Recollection(self.store, before, lead, rules, row.at).of(record.profile)
        kept = read_record(row.decision)
        again = None if kept is None else _again(kept, lead, then.profile, rules, row)
        return Hop(
            row=row,
            fact=fact,
            lead=lead,
            profile=then.profile,
            rules=rules,
            record=kept,
            differs={} if kept is None or again is None else kept.differs(again),
            forgotten=then.forgotten,
            laps=laps(story, self._touched(row), row),
        )

    def _touched(self, row: LogRecord) -> list[Record]:
        """What is kept of the touch that began the chain."""
        correlation = next((said.metadata.correlation_id for said in row.facts), "")
        return self.store.story(touch_key(correlation).pk) if correlation else []


def _again(kept: DecisionRecord, lead: Lead, profile: Profile, rules: RuleSet, row: LogRecord) -> DecisionRecord:
    choice = choose(lead, profile, kept.staffing(), rules, row.at)
    return DecisionRecord.of(choice, lead, kept.staffing(), rules, row.at)


def _commits(story: Iterable[Record]) -> Iterator[LogRecord]:
    return (each for each in story if isinstance(each, LogRecord) and each.sk.startswith("LOG#"))


def _placed(row: LogRecord) -> Iterator[Placed]:
    for said in row.facts:
        fact = read(said)
        if isinstance(fact, LeadAssigned | LeadWaits | OwnerOverridden):
            yield fact
