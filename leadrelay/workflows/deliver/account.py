"""A CRM account as its workers see it: one row in the table that all of them read and change.

On the happy path it is read once a batch and written once for a few calls; everything else is written only in trouble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.card import circuit
from leadrelay.domain.card.bucket import KEPT, Draw, drawn, full, rate_of
from leadrelay.domain.card.policy import Budget
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import AccountRecord, account_key
from leadrelay.ports.store import Change, Put, Store

_ATTEMPTS = 5
_BUSY = 1.0
"""Seconds to wait when too many workers reach for the same row."""


@dataclass
class Account:
    """One CRM account, for one worker. `budget` and `urgent` are set for each lane of a batch. Not for threads."""

    store: Store
    crm: str
    clock: Clock
    budget: Budget = field(default_factory=Budget)
    urgent: bool = True
    _left: int = field(default=0, init=False)
    _taken_at: datetime | None = field(default=None, init=False)
    _seen: AccountRecord | None = field(default=None, init=False)

    def meter(self) -> float:
        """Whether the next request may go out: 0, or the seconds to wait. Never raises."""
        now = self.clock.now()
        if self._left < 1 or self._taken_at is None or now - self._taken_at > KEPT:
            try:
                draw = self._draw(now)
            except Retry as busy:
                return busy.after
            if not draw.calls:
                return draw.wait
            self._left, self._taken_at = draw.calls, now
        self._left -= 1
        return 0.0

    def knock(self) -> timedelta | None:
        """None when the account may be called, else how long to stay away. Once the time is over, one worker is let in
        to try. Raises Retry when the table is away."""
        now = self.clock.now()
        self._seen = self._load()
        met = circuit.state(self._seen.circuit, now)
        if met == "due" and self._claims_the_trial(now):
            return None
        return None if met == "open" else circuit.wait(self._seen.circuit, now)

    def answered(self) -> None:
        """The CRM answers: an account that was shut is open again. Raises Retry when the table is away."""
        if self._seen is not None and self._seen.circuit != circuit.OPEN:
            self._change(lambda row: row if row.circuit == circuit.OPEN else row.with_(circuit=circuit.OPEN))

    def blocked(self, scope: str, after: timedelta) -> None:
        """The account as a whole is blocked: everybody stays away. Raises Retry when the table is away."""
        now = self.clock.now()
        self._change(lambda row: row.with_(circuit=circuit.shut(row.circuit, scope, after, now)))

    def _claims_the_trial(self, now: datetime) -> bool:
        seen = self._seen or self._load()
        trial = seen.with_(version=seen.version + 1, circuit=circuit.tried(seen.circuit, now))
        try:
            self.store.commit(_change(trial))
        except Conflict:
            self._seen = self._load()
            return False
        self._seen = trial
        return True

    def _draw(self, now: datetime) -> Draw:
        rate, draws = rate_of(self.budget), list[Draw]()

        def take(row: AccountRecord) -> AccountRecord:
            draws.append(drawn(row.bucket or full(rate, now), rate, now, self.urgent))
            return row.with_(bucket=draws[-1].bucket) if draws[-1].calls else row

        self._change(take)
        return draws[-1]

    def _change(self, decide: Callable[[AccountRecord], AccountRecord]) -> None:
        """Decide on the row as it is and write what is decided; nothing is written where nothing changes."""
        for attempt in range(_ATTEMPTS):
            seen = self._seen if self._seen is not None and attempt == 0 else self._load()
            after = decide(seen)
            if after == seen:
                return
            try:
                self._seen = after.with_(version=seen.version + 1)
                self.store.commit(_change(self._seen))
            except Conflict:
                continue
            return
        raise Retry(_BUSY, f"the row of {self.crm} is being changed by others", "second")

    def _load(self) -> AccountRecord:
        return self.store.load(account_key(self.crm)) or AccountRecord(crm=self.crm)


def _change(row: AccountRecord) -> Change:
    return Change(cause=f"account:{row.crm}:{row.version}", puts=(Put(row),))
