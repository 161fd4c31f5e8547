"""The notes of a conversation: written out from the words of its touches, when its minutes are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from leadrelay.domain.card.note import Note
from leadrelay.domain.card.talking import transcript
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Words
from leadrelay.ports.records import LeadRecord, SyncRecord, words_key
from leadrelay.ports.store import Store
from leadrelay.workflows.deliver.diff import Target, note_op

AT_ONCE = 5
"""So many notes of conversations are written at once: somebody who was merged may bring twenty."""


def written_out(to: Target, record: LeadRecord, sync: SyncRecord, rules: Rules, store: Store, now: datetime) -> Target:
    """With the words of every conversation that is over and not in the CRM yet; with the time at which the next one is
    over. What was said and is removed by now (retention, an erasure) is left out. Raises Retry from the store."""
    if not to.policy.notes:
        return to
    new = [note for note in to.card.notes if note.talk is not None and note_op(note, sync) not in sync.done]
    over = [note for note in new if note.talk is not None and note.talk.until <= now]
    going_on = [note.talk.until for note in new if note.talk is not None and note.talk.until > now]
    told = list(islice(filter(None, (_told(note, record, rules, store) for note in over)), AT_ONCE + 1))
    others = (note for note in to.card.notes if note.talk is None)
    again_at = now if told[AT_ONCE:] else min(going_on, default=None)
    return replace(to, notes=(*others, *told[:AT_ONCE]), again_at=again_at)


def _told(note: Note, record: LeadRecord, rules: Rules, store: Store) -> Note | None:
    if note.talk is None:
        return note
    words = _words([message.touch_id for message in note.talk.messages], store)
    body = transcript(note.talk, words, record.lead, record.profile, rules)
    return None if body is None else note.with_(body=body)


def _words(touch_ids: Sequence[str], store: Store) -> dict[str, Words]:
    found = store.load_all([words_key(touch_id) for touch_id in touch_ids])
    return {row.touch_id: row.words for row in found if row is not None}
