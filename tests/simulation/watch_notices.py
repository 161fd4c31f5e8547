"""That everybody who is to be told is told, at once or with others: promise 7, once the world is at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadrelay.ports.records import DIGEST, LeadRecord, NoticeRecord, ReaderRecord, lead_key, reader_key

if TYPE_CHECKING:
    from tests.simulation.world import World


class NoticeWatch:
    """Compares the notices of one world with what its channels heard."""

    def __init__(self, world: World) -> None:
        self._world = world

    def at_rest(self) -> Iterator[str]:
        """What was not told, told too often, or waits for ever."""
        rows = list(self._world.store.rows.values())
        told = Counter(message.key for message in self._world.notifier.sent)
        for reader in (record for record in rows if isinstance(record, ReaderRecord)):
            self._world.seen.add("what waited for a reader was told together")
            if reader.attention.kept:
                yield f"{len(reader.attention.kept)} notices wait for {reader.reader} for ever"
        for notice in (record for record in rows if isinstance(record, NoticeRecord)):
            heard, readers = told[f"{notice.lead_id}:{notice.notice_id}"], len(notice.sent) + len(notice.kept)
            if notice.outcome == "sent" and heard < len(notice.sent):
                yield f"notice {notice.notice_id} is marked sent, and nobody heard it"
            if heard > max(1, readers) + self._excused(notice) and not self._world.mix.skew:
                yield f"notice {notice.notice_id} was heard {heard} times"
            yield from (f"{notice.notice_id} waited for {reader} and was not told" for reader in self._untold(notice))

    def _excused(self, notice: NoticeRecord) -> int:
        return self._world.excused[f"{notice.lead_id}:{notice.notice_id}"]

    def _untold(self, notice: NoticeRecord) -> Iterator[str]:
        """The readers to whom it came neither by itself nor in a message for many, though it is still so. Warnings that
        were heeded are left out, and what is about a lead that nobody works."""
        lead = self._world.store.load(lead_key(notice.lead_id))
        if notice.notice == "warn" or not isinstance(lead, LeadRecord) or not lead.lead.live:
            return
        for reader in notice.kept:
            channel = self._world.store.load(reader_key(reader))
            if channel is None or not self._is_told(notice, reader):
                yield reader

    def _is_told(self, notice: NoticeRecord, reader: str) -> bool:
        """By itself, in its place in a message for many, or by a newer notice of its lead that was alone by then."""
        many, alone = (
            f"{DIGEST}:{reader}:",
            {f"{one.lead_id}:{one.notice_id}" for one in self._kept_with(notice, reader)},
        )
        sent = self._world.notifier.sent
        return any((each.key.startswith(many) and notice.lead_id in each.body) or each.key in alone for each in sent)

    def _kept_with(self, notice: NoticeRecord, reader: str) -> Iterator[NoticeRecord]:
        records = (record for record in self._world.store.rows.values() if isinstance(record, NoticeRecord))
        return (record for record in records if record.lead_id == notice.lead_id and reader in record.kept)
