"""Poll: ask a source for what we may have missed, and take it in like anything that was sent.

The cursor moves only behind touches that are stored; a page that was taken twice changes nothing, because a touch is
known by its key. So what a webhook lost is found again, and a CRM without webhooks is heard all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from leadrelay.domain.facts import Context, Fact, Metadata
from leadrelay.domain.person.facts import SourceDue
from leadrelay.domain.sources.checking import due
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Fetch, Listed
from leadrelay.ports.records import CursorRecord, cursor_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.gap_notice import alerted
from leadrelay.workflows.log import source_log
from leadrelay.workflows.reading import Reading, whole
from leadrelay.workflows.reconcile import Counted

_WHEN_REFUSED = timedelta(minutes=5)
_PAGES = 5
"""So many at once; the rest is due at once again, so that one source's backlog holds up no other."""


_ENOUGH = timedelta(seconds=20)
"""So long pages are read on; one of them may take as long again, and the function must not be stopped."""

_FULL = 100
"""A page of so many is not the last, even when all of it was known (somebody brought their contacts in)."""


@dataclass(frozen=True, slots=True)
class Poll:
    """The workflow with its ports; `fetchers` gives the read API of a source by its name in the rules, `attend` asks
    who is at work."""

    store: Store
    rules: Rules
    fetchers: Callable[[str, SourcePolicy], Fetch]
    attend: Callable[[str, str | None], str | None]
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: SourceDue, metadata: Metadata) -> None:
        """Read on from the cursor. An outage sets it due again and is no failure of the queue."""
        rules = self.rules.current()
        record = self.store.load(cursor_key(fact.source))
        if fact.source not in rules.polled or record is None or record.asked != fact.asked:
            return
        policy = rules.sources.sources.get(fact.source)
        try:
            if policy is None:
                self._look_round(record, timedelta(seconds=rules.polled[fact.source]))
            else:
                self._read_on(record, policy, metadata)
        except Retry as later:
            self._due(record, timedelta(seconds=later.after), later.scope)
        except (Misconfigured, Reject) as wrong:
            self.telemetry.count("Misconfigured", source=fact.source)
            self._due(record, _WHEN_REFUSED, str(wrong))

    def _read_on(self, record: CursorRecord, policy: SourcePolicy, metadata: Metadata) -> None:
        """Page by page; each page's cursor is kept behind its touches. Then a day of the daily check, if it is time."""
        fetcher = self.fetchers(record.source, policy)
        begun = self.clock.now()
        reading = Reading(self.store, self.telemetry, record.source, policy, self.rules.current(), metadata)
        for _ in range(_PAGES):
            now = self.clock.now()
            drafts, cursor = fetcher.since(record.cursor)
            new = reading.take(drafts, now)
            more = bool(new) or len(drafts) >= _FULL
            wait = timedelta(0) if more else timedelta(seconds=policy.poll_seconds or 1)
            record = record.with_(cursor=cursor, asked=0, due_at=now + wait, begun_at=record.begun_at or now)
            record = self._keep_counted(reading, reading.count(record, drafts, now), now)
            self.telemetry.line("source_polled", source=record.source, count=len(drafts), new=new)
            if not more:
                self._check(record, fetcher, reading)
            if not more or self.clock.now() - begun > _ENOUGH:
                return

    def _check(self, record: CursorRecord, fetcher: Fetch, reading: Reading) -> None:
        """One day is listed anew and counted; the next one is due at once."""
        now = self.clock.now()
        of, on = (None if day is None else date.fromisoformat(day) for day in (record.check_from, record.checked_on))
        check = due(reading.policy.check_days, of, on, now.date())
        if check is None or not isinstance(fetcher, Listed):
            return
        drafts, all_ = whole(fetcher, check.span)
        new, following = reading.take(drafts, now), check.following()
        after = record.with_(
            check_from=None if following is None else following.of.isoformat(),
            checked_on=check.on.isoformat(),
            due_at=record.due_at if following is None else now,
        )
        counted = reading.count(after, drafts, now, check.of.isoformat() if all_ else None)
        self._keep_counted(reading, counted, now)
        self.telemetry.line("source_checked", source=record.source, count=len(drafts), new=new)

    def _keep_counted(self, reading: Reading, counted: Counted, now: datetime) -> CursorRecord:
        """The cursor with what was counted, all or nothing; RevOps is told of a gap once a day."""
        record, said = counted.record, list[Fact](counted.gaps)
        context = Context(
            correlation_id=f"poll:{record.source}",
            causation_id=f"poll:{record.source}:{record.version + 1}:{counted.digest()}",
            rules_version=reading.rules.version,
            at=now,
        )
        record, puts = alerted(record, counted, reading.rules, context)
        if counted.found:
            self.telemetry.count("SourceGaps", counted.found, source=record.source)
        log = [Put(source_log(record.with_(version=record.version + 1), said, context))] if said else []
        return self._keep(record, (*map(Put, counted.days), *log, *puts))

    def _look_round(self, record: CursorRecord, every: timedelta) -> None:
        """Who is at work, some people at a time."""
        last = self.attend(record.source, record.cursor)
        wait = every if last is None else timedelta(0)
        self._keep(record.with_(cursor=last, asked=0, due_at=self.clock.now() + wait))

    def _keep(self, record: CursorRecord, more: Sequence[Put] = ()) -> CursorRecord:
        """Two who read the same source: the first keeps the cursor, the other's touches were known."""
        kept = record.with_(version=record.version + 1)
        try:
            self.store.commit(Change(cause=f"poll:{record.source}:{kept.version}", puts=(Put(kept), *more)))
        except Conflict as moved:
            raise Retry(1, "another worker reads this source", "record") from moved
        return kept

    def _due(self, record: CursorRecord, after: timedelta, why: str) -> None:
        """It answered "later": that is no silence."""
        self.telemetry.line("source_postponed", source=record.source, why=why)
        latest = self.store.load(record.key())
        if latest is not None:
            self._keep(latest.with_(asked=0, due_at=_later(self.clock.now(), after)))


def _later(now: datetime, after: timedelta) -> datetime:
    return now + max(after, timedelta(seconds=1))
