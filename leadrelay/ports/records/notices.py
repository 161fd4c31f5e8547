"""Records of who is told what: each notice, and what waits for whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.model import Instant
from leadrelay.domain.notices.attention import Attention
from leadrelay.domain.notices.readers import Reader
from leadrelay.ports.store import Due, Key, Listing, Record

PARKED = "PARKED#notice"
"""The list of what could not be told: it waits for a person."""

FAILED_OFTEN = 8
"""So often a channel may fail before a person is shown what it does not take. It is tried all the same."""

_LONGEST_WAIT = timedelta(hours=1)


def patience(wait: timedelta, failed: int) -> timedelta:
    """How long until a channel is tried again that asked for `wait`, and failed so often before: twice as long each
    time, up to an hour, never sooner than it asked."""
    return max(wait, min(wait * (1 << min(failed, 12)), _LONGEST_WAIT))


def notice_key(lead_id: str, notice_id: str, source: str | None = None) -> Key[NoticeRecord]:
    """Where a notice about a lead is, or about a source."""
    about = f"LEAD#{lead_id}" if source is None else f"SOURCE#{source}"
    return Key(about, f"NOTICE#{notice_id}", NoticeRecord)


def reader_key(reader: str) -> Key[ReaderRecord]:
    """Where it is kept what a reader was told and what waits for them; `reader` is a code."""
    return Key(f"READER#{reader}", "STATE", ReaderRecord)


class NoticeRecord(Record):
    """Somebody must be told, and was. `sent` names the readers that were reached, `kept` those for whom it waits with
    others; `lease_until` keeps two workers apart. `lead_id` is "" for what is about a `source`. `level` and `since` are
    the notice's own, `asked_at` (UTC) is when it was asked for. `tries` counts how often nobody answered, `failed` how
    often a channel did not take it. `lines` are the words of a notice about numbers, by language, its title first."""

    kind: ClassVar[str] = "notice"
    lead_id: str
    notice_id: str
    notice: str
    hop: int
    rep: str | None
    level: int = 0
    since: Instant | None = None
    source: str | None = None
    lines: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    asked_at: Instant | None = None
    due_at: Instant | None
    sent: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    lease_until: Instant | None = None
    tries: int = 0
    failed: int = 0
    outcome: str | None = None
    parked_at: Instant | None = None
    correlation_id: str
    rules_version: str

    def needed(self) -> NoticeNeeded:
        """The fact that asks for it, as it is said again; it has been news since it was asked for."""
        return NoticeNeeded(
            notice_id=self.notice_id,
            notice=self.notice,
            hop=self.hop,
            rep=self.rep,
            level=self.level,
            since=self.since or self.asked_at,
            source=self.source,
        )

    def kept_by_nobody(self, reader: str, now: datetime) -> NoticeRecord:
        """The next version, which does not wait for this reader any more and is to be told now."""
        left = tuple(each for each in self.kept if each != reader)
        return self.with_(version=self.version + 1, kept=left, due_at=now, outcome=None, tries=0)

    def told(self, outcome: str) -> NoticeRecord:
        """Nothing is left to do."""
        return self.with_(due_at=None, lease_until=None, tries=0, failed=0, outcome=outcome, parked_at=None)

    def put_off(self, wait: timedelta, now: datetime) -> NoticeRecord:
        """For who was not reached; without a wait it was for want of time, not of the channel."""
        failed = self.failed + (wait > timedelta())
        shown = now if failed >= FAILED_OFTEN else None
        due_at = now + patience(wait, self.failed)
        return self.with_(due_at=due_at, lease_until=None, tries=0, failed=failed, outcome=None, parked_at=shown)

    def key(self) -> Key[NoticeRecord]:
        """Beside the lead, or the source."""
        return notice_key(self.lead_id, self.notice_id, self.source)

    def due(self) -> Due | None:
        """Until it was sent, refused or parked."""
        return None if self.due_at is None else Due("notice", self.due_at)

    def listing(self) -> Listing | None:
        """A notice that cannot be delivered waits for a person."""
        return None if self.parked_at is None else Listing(PARKED, self.parked_at)


class ReaderRecord(Record):
    """What one reader was told lately, and what waits for them. `rep` is who reads alone on the channel. What waits is
    told when the sweep has asked for it (`tries`); `lease_until` keeps two workers apart. `failed` counts how often
    the channel did not take it."""

    kind: ClassVar[str] = "reader"
    reader: str
    channel: str
    rep: str | None
    attention: Attention = Attention()
    lease_until: Instant | None = None
    tries: int = 0
    failed: int = 0
    parked_at: Instant | None = None

    def key(self) -> Key[ReaderRecord]:
        """One for each channel and who reads there."""
        return reader_key(self.reader)

    @classmethod
    def of(cls, reader: Reader) -> ReaderRecord:
        """Of somebody who was told nothing yet."""
        return cls(reader=reader.id, channel=reader.channel, rep=None if reader.rep is None else reader.rep.id)

    @property
    def asked(self) -> bool:
        """Whether its time has come: the sweep has asked for it, and nobody has told it yet."""
        return self.tries > 0

    def is_held(self, now: datetime) -> bool:
        """Whether another worker is telling it."""
        return self.lease_until is not None and self.lease_until > now

    def attending(self, attention: Attention) -> ReaderRecord:
        """The next version; with what comes anew, all is taken up that could not be told before."""
        anew = self.parked_at is not None and attention.due_at is not None
        changes: dict[str, object] = {"parked_at": None, "tries": 0} if anew else {}
        return self.with_(version=self.version + 1, attention=attention, **changes)

    def claimed(self, until: datetime) -> ReaderRecord:
        """The next version, of one worker until then."""
        return self.due_again(until, tries=self.tries).with_(lease_until=until)

    def due_again(self, at: datetime | None, tries: int = 0) -> ReaderRecord:
        """The next version, of nobody and due then."""
        attention = self.attention.with_(due_at=at)
        return self.with_(version=self.version + 1, attention=attention, tries=tries, lease_until=None)

    def put_off(self, wait: timedelta, now: datetime) -> ReaderRecord:
        """The next version, to be told when the channel may be back."""
        failed, later = self.failed + 1, self.due_again(now + patience(wait, self.failed), tries=1)
        return later.with_(failed=failed, parked_at=now if failed >= FAILED_OFTEN else None)

    def parked(self, now: datetime) -> ReaderRecord:
        """The next version, for a person to look at."""
        return self.due_again(None).with_(parked_at=now)

    def without(self, told: Collection[str], now: datetime, rest: timedelta) -> ReaderRecord:
        """The next version, after these were told by their keys; what is left is due after `rest`."""
        left = tuple(each for each in self.attention.kept if each.key not in told)
        after = self.due_again(now + rest if left else None)
        return after.with_(attention=after.attention.with_(kept=left), failed=0, parked_at=None)

    def needed(self) -> NoticeNeeded:
        """The fact that asks for all that waits."""
        return NoticeNeeded(notice_id=self.reader, notice=DIGEST, hop=0, rep=self.rep)

    def due(self) -> Due | None:
        """When what waits is told."""
        return None if self.attention.due_at is None else Due("notice", self.attention.due_at)

    def listing(self) -> Listing | None:
        """What could not be told waits for a person."""
        return None if self.parked_at is None else Listing(PARKED, self.parked_at)


DIGEST = "digest"
"""The kind of notice that asks for what waits for a reader, and is about no lead."""
