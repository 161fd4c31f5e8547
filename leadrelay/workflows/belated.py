"""Belated: a delivery of what was brought already. Where only the sender's list had brought it, the delivery is noted.

So it can be told afterwards which senders deliver by themselves, and the raw delivery of a touch is found from it.
"""

from __future__ import annotations

from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import touch_key
from leadrelay.ports.store import Change, Put, Store

_ATTEMPTS = 5
"""Others work on the touch at the same time: it was stored a moment ago."""


def note(store: Store, touch_id: str, delivery: str) -> None:
    """Remember this delivery as the touch's, if none is. Not being able to would cost a count, and no lead."""
    for _ in range(_ATTEMPTS):
        record = store.load(touch_key(touch_id))
        if record is None or record.touch.delivery is not None:
            return
        heard = record.with_(version=record.version + 1, touch=record.touch.with_(delivery=delivery), said=())
        try:
            store.commit(Change(cause=f"delivered:{touch_id}:{heard.version}", puts=(Put(heard),)))
        except Conflict:
            continue
        return
