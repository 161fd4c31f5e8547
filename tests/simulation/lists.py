"""A sender that keeps a list: some of its deliveries are lost for ever, and only the list still has what they said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

from leadrelay.domain.touch import Touch, TouchDraft, touch_id
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.fetch import Completed
from leadrelay.ports.records import CursorRecord, DayRecord, TouchRecord, cursor_key, touch_key
from tests.simulation.senders import Saying
from tests.simulation.small_rules import LISTED, versions

if TYPE_CHECKING:
    from tests.simulation.world import World

_PAGE, _OVERLAP = 2, 3
_LOST = 0.5
_LATE = (0.0, 0.0, 30.0, 90.0, 200.0)
"""Seconds by which a sender's delivery lags behind its own list."""


class SenderList:
    """Reads one sender's list: the port `Fetch`, behind the door. `lost` are the deliveries that never come."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = Random(f"lost deliveries {world.seed}")
        self._lags = Random(f"late deliveries {world.seed}")
        self._shown: list[Saying] = []
        self.lost: set[str] = set()

    def loses(self, saying: Saying) -> bool:
        """Whether nobody ever sends this, because it is lost or the sender's webhook is switched off."""
        lost = self._world.acting and saying.source == LISTED and self._rng.random() < _LOST
        self.lost |= {saying.key} if lost else set()
        return bool(lost)

    def lag(self, saying: Saying) -> float:
        """Seconds from when this stands in the list to the first attempt to deliver it."""
        return self._lags.choice(_LATE) if saying.source == LISTED else 0.0

    def show(self, saying: Saying) -> None:
        """It was submitted at the sender's: from now on it is in the list."""
        self._shown.append(saying)
        self._world.store.dues_changed = True
        if saying.key in self.lost:
            self._world.tell(f"{'lost':8} {saying.key} is never sent")
            self._world.seen.add("a sender's delivery was lost for ever")
            for name in self._world.cast.expected(saying, versions()[0], self._world.moment()):
                self._world.accepted[name] = saying

    def unread(self) -> bool:
        """Whether the list has what nobody has read, where anybody reads."""
        return bool(self._world.acting) and self._read() < len(self._shown)

    def _read(self) -> int:
        record = self._cursor()
        return 0 if record is None else int(record.cursor or 0)

    def _cursor(self) -> CursorRecord | None:
        place = cursor_key(LISTED)
        record = self._world.store.rows.get((place.pk, place.sk))
        return record if isinstance(record, CursorRecord) else None

    # ---- the port

    def complete(self, touch: Touch) -> Completed:
        raise AssertionError(f"{touch.touch_id} is complete")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        return self._world.door.call("vendor", "since", lambda: self._since(int(cursor or 0)))

    def _since(self, start: int) -> tuple[Sequence[TouchDraft], str]:
        if self._world.dice.strikes(self._world.mix.crm / 4):
            raise Misconfigured("the token for reading has expired")
        end = min(start + _PAGE, len(self._shown))
        return [draft for saying in self._shown[max(0, start - _OVERLAP) : end] for draft in self._said(saying)], str(
            end
        )

    def _said(self, saying: Saying) -> Sequence[TouchDraft]:
        return self._world.cast.drafts(saying, versions()[0], self._world.moment())

    def _names(self, saying: Saying) -> list[str]:
        return [touch_id(LISTED, draft.key) for draft in self._said(saying)]

    # ---- promise 25

    def at_rest(self) -> Iterator[str]:
        """What is listed is here, it is known which of it no delivery brought, and that is counted once and said."""
        record = self._cursor()
        if not self._world.acting or record is None or record.begun_at is None:
            return
        days = [row for row in self._world.store.rows.values() if isinstance(row, DayRecord)]
        found = [mark for day in days for tally in day.forms.values() for mark in tally.found]
        ours = [mark for day in days for tally in day.forms.values() for mark in tally.ours]
        waiting = {each.touch_id for each in record.unheard}
        if len({*found, *ours}) < len(found) + len(ours):
            yield "a touch of the list is counted twice"
        if len(found) != self._said_to_be_missing():
            yield f"{len(found)} deliveries are missing, and {self._said_to_be_missing()} were said to be"
        sent = {name for saying in self._shown if saying.key not in self.lost for name in self._names(saying)}
        for saying in self._shown:
            for draft in self._said(saying):
                name = touch_id(LISTED, draft.key)
                missed = name[-16:] in found or name in waiting
                yield from self._counted(saying, draft, name, record, missed, name not in sent)
        if found:
            self._world.seen.add("a lost delivery was found in the sender's list and said")

    def _counted(
        self, saying: Saying, draft: TouchDraft, name: str, record: CursorRecord, missed: bool, lost: bool
    ) -> Iterator[str]:
        touch = self._world.store.rows.get((touch_key(name).pk, touch_key(name).sk))
        if not isinstance(touch, TouchRecord):
            yield f"{saying.key} is listed and not here"
        elif (touch.touch.delivery is None) != lost:
            yield f"{saying.key}: whether a delivery brought it is not known"
        elif lost and not missed and self._since_begun(draft, record):
            yield f"{saying.key} was never delivered, and nobody counted that"

    @staticmethod
    def _since_begun(draft: TouchDraft, record: CursorRecord) -> bool:
        begun = record.begun_at
        return begun is not None and draft.occurred_at is not None and draft.occurred_at >= begun

    def _said_to_be_missing(self) -> int:
        """By the newest fact of each form and day."""
        newest = {
            (said.data["form"], said.data["day"]): said.data["found"]
            for said in self._world.store.said("SourceGap", f"SOURCE#{LISTED}")
        }
        return sum(newest.values())
