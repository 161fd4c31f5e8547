"""Taking a list in, row by row, so that it may be interrupted anywhere: nobody twice, nobody lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.csv.upload import Row
from leadrelay.cli.resuming import Bookmark, Patience
from leadrelay.cli.upload_judging import Judge
from leadrelay.domain.touch import TouchDraft, touch_id
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import touch_key
from leadrelay.ports.store import Store
from leadrelay.workflows.take import Brought, Take

KEPT_EVERY = 25
"""Rows until the place in the list is kept again: so many are asked for twice after an interruption."""

Verdict = Literal["accepted", "known", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. `why` has no word of the row."""

    row: Row
    verdict: Verdict
    why: str = ""


def upload_of(raw: bytes, *choices: object) -> str:
    """The name under which it is kept how far an upload came: of this file, read and understood in just this way. With
    another mapping or other rules it is another work, or rows refused before would be passed over."""
    told = json.dumps([str(choice) for choice in choices]).encode()
    return f"upload:{hashlib.sha256(hashlib.sha256(raw).digest() + told).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Upload:
    """One list on its way into a store. `pause` waits for so many seconds."""

    name: str
    rows: Sequence[Row]
    judge: Judge
    store: Store
    clock: Clock
    pause: Callable[[float], None]

    def __call__(self, tell: Callable[[Outcome], None]) -> None:
        """Take the rows in and tell what became of each, from the first to the last; those before the place where the
        last run stopped are known by now.

        Raises Retry when the table stays away, Conflict when the same list is being taken in twice at once.
        """
        bookmark = self._bookmark()
        cursor = bookmark.here()
        done = int(cursor.cursor or 0)
        for number, row in enumerate(self.rows, 1):
            tell(self._became(row, self._passed if number <= done else self._take))
            if number > done and number % KEPT_EVERY == 0:
                cursor = bookmark.keep(cursor, str(number))
        bookmark.keep(cursor, None)

    def look(self, tell: Callable[[Outcome], None]) -> None:
        """Tell what would become of each row, and store nothing."""
        seen: set[str] = set()
        for row in self.rows:
            tell(self._became(row, lambda draft: self._unheard(draft, seen)))

    def begun(self) -> bool:
        """Whether a run before this one stopped half-way."""
        return self._bookmark().here().cursor is not None

    def restart(self) -> None:
        """Forget how far the last run came. Raises Conflict when the same list is being taken in just now."""
        self._bookmark().forget()

    def _bookmark(self) -> Bookmark:
        return Bookmark(self.name, self.store, Patience(self.pause))

    def _became(self, row: Row, new: Callable[[TouchDraft], bool]) -> Outcome:
        judged = self.judge(row, self.clock.now())
        if isinstance(judged, str):
            return Outcome(row, "refused", judged)
        try:
            return Outcome(row, "accepted" if new(judged) else "known")
        except Reject as refused:
            return Outcome(row, "refused", str(refused))

    def _take(self, draft: TouchDraft) -> bool:
        judge = self.judge
        brought = Brought(judge.settings, "verified", self.name, judge.rules.version, self.clock.now())
        return Patience(self.pause)(lambda: Take(self.store, MemoryTelemetry())(draft, brought))

    def _passed(self, _: TouchDraft) -> bool:
        return False

    def _unheard(self, draft: TouchDraft, seen: set[str]) -> bool:
        known = touch_id(self.judge.settings.name, draft.key)
        if known in seen or Patience(self.pause)(lambda: self.store.load(touch_key(known))) is not None:
            return False
        seen.add(known)
        return True
