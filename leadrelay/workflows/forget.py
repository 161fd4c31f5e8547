"""Forgetting what a touch said: its words, and every raw delivery that it came in.

The touch itself stays, as codes, so that it is counted and never taken in again. A delivery that speaks of several
people is removed whole: the others' words are kept with their own touches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leadrelay.domain.facts import Context
from leadrelay.domain.person.facts import TouchParked
from leadrelay.domain.touch import Words
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import (
    RepeatRecord,
    TouchRecord,
    delivery_key,
    touch_key,
    words_key,
)
from leadrelay.ports.store import Change, Put, Store, Unchanged
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import touch_log
from leadrelay.workflows.outcome import ATTEMPTS

ERASED = "erased"
"""Why a touch is refused: its sender, its person or the law took it back."""


def forgotten(record: TouchRecord, now: datetime) -> TouchRecord:
    """The touch in its next version, as codes alone: nothing is left by which its sender could be asked again."""
    touch = record.touch
    codes = touch.with_(fetch_id=None, record=None, origin=touch.origin.with_(click_id=None))
    done = record.state == "done"
    return record.with_(
        version=record.version + 1,
        touch=codes,
        state="done" if done else "refused",
        reason=record.reason if done else ERASED,
        erased_at=now,
        due_at=None,
        parked_at=None,
        said=(),
    )


def silenced(touch_id: str, store: Store) -> Iterator[Put]:
    """The put that empties its words, where there are any."""
    words = store.load(words_key(touch_id))
    if words is not None and words.words != Words():
        yield Put(words.with_(version=words.version + 1, words=Words()))


def forget_touch(record: TouchRecord, store: Store, context: Context) -> None:
    """Do all of it, whatever of it was done before. First the words are gone and the touch says so: from then on
    nothing new of it is kept, and then every delivery is found. Raises Conflict when the touch has moved on."""
    touch_id = record.touch.touch_id
    if record.erased_at is None:
        puts = (Put(forgotten(record, context.at)), *silenced(touch_id, store))
        store.commit(Change(cause=context.causation_id, puts=puts))
    forget_deliveries(touch_id, record.touch.delivery, store)


def refuse(record: TouchRecord, context: Context, store: Store, telemetry: Telemetry) -> None:
    """Somebody said it before they were erased: nothing of it is kept. Until that is done the touch is due. Raises
    Conflict when it has moved on."""
    touch = record.touch
    if record.erased_at is None:
        record = record.with_(version=record.version + 1, erased_at=context.at, said=())
        puts = (Put(record), *silenced(touch.touch_id, store))
        store.commit(Change(cause=context.causation_id, puts=puts))
    forget_deliveries(touch.touch_id, touch.delivery, store)
    refused = forgotten(record, context.at)
    log = touch_log(refused, [TouchParked(touch_id=touch.touch_id, source=touch.source, reason=ERASED)], context)
    store.commit(Change(cause=context.causation_id, puts=(Put(refused), Put(log))))
    telemetry.line("touch_set_aside", touch_id=touch.touch_id, state=refused.state, reason=ERASED)


def forget_deliveries(touch_id: str, first: str | None, store: Store) -> None:
    """Every delivery that the touch came in: the `first` one, and those in which it came again."""
    repeats = (row.delivery for row in store.story(touch_key(touch_id).pk) if isinstance(row, RepeatRecord))
    for sha in dict.fromkeys((*(() if first is None else (first,)), *repeats)):
        forget_delivery(sha, store)


def forget_delivery(sha: str, store: Store) -> None:
    """All its parts, empty from now on. They stay until their month is over."""
    first = store.load(delivery_key(sha))
    others = [] if first is None else store.load_all([delivery_key(sha, part) for part in range(1, first.parts)])
    for part in (*others, first):  # the first one last: it says how many there are
        if part is not None and part.body:
            store.put(part.emptied())


def seen_again(touch_ids: Sequence[str], delivery: str, at: datetime, store: Store) -> None:
    """Known touches came again in this delivery, at most fifty: it is noted with each, so that it can be told which
    senders deliver by themselves, and who removes its words finds it here too. Where they were removed already, nothing
    of the delivery is kept. Raises Retry."""
    for _ in range(ATTEMPTS):
        known = [record for record in store.load_all([touch_key(each) for each in touch_ids]) if record is not None]
        if any(record.erased_at is not None for record in known):
            forget_delivery(delivery, store)
            return
        try:
            _note(known, delivery, at, store)
        except Conflict:
            continue
        return
    raise Retry(1, "the touches are being changed by others")


def _note(known: Sequence[TouchRecord], delivery: str, at: datetime, store: Store) -> None:
    """What only a sender's list had brought has its delivery now. Only as long as none of them is forgotten: who
    forgets one looks for the notes afterwards."""
    first = [record for record in known if record.touch.delivery is None]
    elsewhere = [record for record in known if record.touch.delivery not in (None, delivery)]
    notes = [RepeatRecord(version=1, touch_id=each.touch.touch_id, delivery=delivery, at=at) for each in elsewhere]
    there = store.load_all([note.key() for note in notes])
    new = [(each, note) for each, note, row in zip(elsewhere, notes, there, strict=True) if row is None]
    if first or new:
        unchanged = tuple(Unchanged(each.key(), each.version) for each, _ in new)
        puts = (*(Put(note) for _, note in new), *(Put(_delivered(each, delivery)) for each in first))
        store.commit(Change(cause=f"repeat:{delivery}", puts=puts, unchanged=unchanged))


def _delivered(record: TouchRecord, delivery: str) -> TouchRecord:
    return record.with_(version=record.version + 1, touch=record.touch.with_(delivery=delivery), said=())
