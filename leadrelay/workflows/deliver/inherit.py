"""One person, two leads: who shows in which record of the CRM after a merge.

A winner without a record takes over that of a lead which became it: with its owner, its open task and what was written
there, in one transaction. Where both have one, each keeps its own; the loser's will say whose duplicate it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadrelay.domain.card.talking import TALK
from leadrelay.ports.records import MapRecord, SyncRecord, map_key, sync_key
from leadrelay.ports.store import Put, Store
from leadrelay.workflows.deliver.diff import MOVED, task_op


class Busy(Exception):
    """Another worker writes one of the records: nobody can say yet what it will have."""


def inherited(
    winner: SyncRecord, losers: Sequence[SyncRecord], store: Store, now: datetime
) -> tuple[SyncRecord, tuple[Put, ...]]:
    """The winner's row with the record it takes over, if any, and what else must be written for it. The winner's row
    itself is left to the caller, as are versions of it. A winner whose worker died may have a record: it looks for its
    own first. Raises Busy."""
    if not winner.fresh or winner.pending:
        return winner, ()
    for loser in losers:
        if loser.lease_until is not None and loser.lease_until > now:
            raise Busy
        if loser.crm_id is not None:
            return _taken_over(winner, loser), (Put(_let_go(loser)), *_map(loser, winner.lead_id, store))
    return winner, ()


def handed_back(holder: SyncRecord, heir: SyncRecord) -> tuple[SyncRecord, SyncRecord]:
    """The record that `holder` had taken over goes back to `heir`, as it is now: what the heir once made there is
    looked up. The holder has none any more, and gets one of its own. Versions are left to the caller."""
    begun = _let_go(holder).with_(version=holder.version, written=0, card=None, gave_way=None, heard_at=None)
    back = _taken_over(heir, holder)
    unsure = tuple(sorted({*back.unsure, MOVED}))
    return begun, back.with_(version=heir.version, unsure=unsure, gave_way=None, heard_at=holder.heard_at)


def rows_of(lead_ids: Sequence[str], crm: str, store: Store) -> list[SyncRecord]:
    """The sync rows of these leads, as far as they have one."""
    if not lead_ids:
        return []
    rows = store.load_all([sync_key(lead_id, crm) for lead_id in lead_ids])
    return [row for row in rows if row is not None]


def _taken_over(winner: SyncRecord, loser: SyncRecord) -> SyncRecord:
    """Its task becomes the winner's: one person, one task. So do the notes of what the person said."""
    task = loser.done.get(task_op(loser.lead_id))
    talks = {op: note for op, note in loser.done.items() if op.startswith(TALK)}
    return winner.with_(
        crm_id=loser.crm_id,
        owner=loser.owner,
        owner_at=loser.owner_at,
        status=loser.status,
        status_at=loser.status_at,
        status_was=loser.status_was,
        values=loser.values,
        shows=loser.shows,
        lists=loser.lists,
        unsure=loser.unsure,
        offered=loser.offered,
        astray=loser.astray,
        lease_until=loser.lease_until,
        done={**talks, **({} if task is None else {task_op(winner.lead_id): task})},
    )


def _let_go(loser: SyncRecord) -> SyncRecord:
    return loser.with_(
        version=loser.version + 1,
        crm_id=None,
        owner=None,
        owner_at=None,
        status=None,
        status_at=None,
        status_was=None,
        values={},
        shows={},
        lists=(),
        done={},
        unsure=(),
        offered=(),
        astray=(),
        lease_until=None,
        refused=(),
        parked=None,
        parked_at=None,
    )


def _map(loser: SyncRecord, winner_id: str, store: Store) -> tuple[Put, ...]:
    mapped = store.load(map_key(loser.crm, loser.crm_id or ""))
    version = 1 if mapped is None else mapped.version + 1
    return (Put(MapRecord(version=version, crm=loser.crm, crm_id=loser.crm_id or "", lead_id=winner_id)),)
