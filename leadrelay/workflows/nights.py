"""The night: leads whose score, stage or next step time alone has changed are judged again, and so is everybody whom
new rules have not met yet.

Two lists are worked off, a page at each sweep. What was not reached stays on them, so a sweep that dies or comes late
loses nothing, and nobody keeps a place in a table scan. Only a lead that changed is written; of the others only the row
moves that says when they are due again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.routing.workload import carrier
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.scoring.night import dawn
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import (
    LeadRecord,
    PeopleRecord,
    RescoreRecord,
    SupersededRecord,
    judged_by,
    lead_key,
    superseded_key,
)
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Key, Put, Record, Store, Unchanged
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.account_night import AccountNight
from leadrelay.workflows.night_row import next_night, night_cause
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.spare import Lasts, endless, for_at_most, spared

_TOGETHER = 50
"""How many leads are read with one question to the table."""

_KEPT = timedelta(days=1)
"""How long superseded rules are looked for: a worker may have judged by them for a while after the deployment."""

_AN_ACCOUNT = Key("ACCOUNT", "PEOPLE", PeopleRecord)
"""What a log says of an account that could not be worked: a company's name is nobody's code."""


@dataclass(frozen=True, slots=True)
class Nights:
    """One sweep's share of the night: at most `limit` leads, and none begun after `patience`. Five seconds in every
    fifteen are some 100,000 leads in an hour and a half."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    limit: int = 500
    patience: timedelta = timedelta(seconds=5)

    def __call__(self, lasts: Lasts = endless) -> int:
        """Judge again who is due, while it lasts; returns how many leads that were."""
        begun, rules = self.clock.now(), self.rules.current()
        spared("rescore", superseded_key(), partial(self._meet, rules, begun), self.telemetry)
        rows = self.store.due("rescore", begun, self.limit)
        oldest = min((row.at for row in rows), default=begun)
        self.telemetry.count("RescoreBacklogSeconds", (begun - oldest).total_seconds())
        accounts = [row.key for row in rows if row.key.type is PeopleRecord]
        leads = [key for row in rows if row.key not in accounts for key in self._leads(row.key, rules, begun)]
        works = self._works(list(dict.fromkeys(leads))[: self.limit], accounts, rules)
        goes_on = for_at_most(self.patience, self.clock, lasts)
        return sum(work() for work in takewhile(lambda _: goes_on(), works))

    def _works(
        self, leads: Sequence[Key[Record]], accounts: Sequence[Key[Record]], rules: RuleSet
    ) -> Iterator[Callable[[], int]]:
        """Pages of leads, then accounts."""
        pages = [leads[start : start + _TOGETHER] for start in range(0, len(leads), _TOGETHER)]
        told = [partial(self._account, key, rules) for key in accounts]
        yield from (partial(self._page, page, rules) for page in pages)
        yield from (partial(spared, "rescore", _AN_ACCOUNT, work, self.telemetry) for work in told)

    def _account(self, key: Key[Record], rules: RuleSet) -> bool:
        people, now = self.store.load(key), self.clock.now()
        if not isinstance(people, PeopleRecord) or people.due_at is None or people.due_at > now:
            return False
        return AccountNight(self.store, self.telemetry, rules, now)(people)

    def _meet(self, rules: RuleSet, now: datetime) -> bool:
        """Rules that were never seen before: in the coming night everybody meets them."""
        known = self.store.load(superseded_key())
        if known is not None and known.current == rules.version:
            return False
        former = {} if known is None else {**known.former, known.current: now}
        former.pop(rules.version, None)
        planned = None if known is None else known.due_at  # never put off
        met = SupersededRecord(
            version=1 if known is None else known.version + 1,
            current=rules.version,
            former=former,
            due_at=(planned or dawn(now, rules)) if former else None,
        )
        self.store.commit(Change(cause=f"rules:{met.version}", puts=(Put(met),)))
        return True

    def _leads(self, key: Key[Record], rules: RuleSet, now: datetime) -> Sequence[Key[Record]]:
        """The lead of a row; of the row of superseded rules, a page of those who were judged by them."""
        record = self.store.load(superseded_key()) if key.type is SupersededRecord else None
        if record is None or record.due_at is None or record.due_at > now:
            return () if key.type is SupersededRecord else (key,)
        former = [version for version in record.former if version != rules.version]
        left = [lead for version in former for lead in self.store.listed(judged_by(version), self.limit)]
        if not left:
            spared("rescore", key, partial(self._all_met, record, rules, now), self.telemetry)
        return left

    def _all_met(self, record: SupersededRecord, rules: RuleSet, now: datetime) -> bool:
        """Nobody stands under former rules any more; the latest are looked for once more."""
        former = {version: at for version, at in record.former.items() if now < at + _KEPT}
        later = dawn(now + timedelta(seconds=1), rules) if former else None
        met = record.with_(version=record.version + 1, former=former, due_at=later)
        self.store.commit(Change(cause=f"rules:{met.version}", puts=(Put(met),)))
        return True

    def _page(self, keys: Sequence[Key[Record]], rules: RuleSet) -> int:
        """Read together, judged one by one."""
        try:
            rows = self._read(keys)
        except Reject:  # one of them cannot be understood: it must not hide the others
            return sum(spared("rescore", key, partial(self._alone, key, rules), self.telemetry) for key in keys)
        return sum(
            spared("rescore", row.key(), partial(self._judge, row, lead, rules), self.telemetry) for row, lead in rows
        )

    def _alone(self, key: Key[Record], rules: RuleSet) -> bool:
        return any(self._judge(row, lead, rules) for row, lead in self._read([key]))

    def _read(self, keys: Sequence[Key[Record]]) -> list[tuple[RescoreRecord, LeadRecord]]:
        leads: list[Key[Record]] = [lead_key(key.pk.removeprefix("LEAD#")) for key in keys]
        found = self.store.load_all([*keys, *leads])
        pairs = zip(found[: len(keys)], found[len(keys) :], strict=True)
        return [(row, lead) for row, lead in pairs if isinstance(row, RescoreRecord) and isinstance(lead, LeadRecord)]

    def _judge(self, row: RescoreRecord, record: LeadRecord, rules: RuleSet) -> bool:
        """A row of an index is a hint: what counts is the record. Somebody else's change wins."""
        now = self.clock.now()
        fell_due = row.due_at is not None and row.due_at <= now
        if not fell_due and row.rules_version in (None, rules.version):
            return False
        self.store.commit(_judged(row, record, Decision(record.lead, record.profile, rules, now), self.store))
        return True


def _judged(row: RescoreRecord, record: LeadRecord, decision: Decision, store: Store) -> Change:
    """The lead as the rules see it now; only its row where nothing has changed."""
    judge(decision)
    context = Context(
        correlation_id="" if record.lead.last is None else record.lead.last.touch_id,
        causation_id=night_cause(row),
        rules_version=decision.rules.version,
        at=decision.at,
    )
    carried = carrier(decision.lead, decision.rules)
    if decision.facts or (decision.profile, carried) != (record.profile, record.carrier):
        outcome = Outcome(decision, record, context, {}, night=row)
        return Change(cause=context.causation_id, puts=tuple(written([outcome], store)))
    moved = next_night(row, decision) or row.with_(version=row.version + 1)
    unchanged = Unchanged(record.key(), record.version)
    return Change(cause=context.causation_id, puts=(Put(moved),), unchanged=(unchanged,))
