"""Salesforce's change events (Change Data Capture), as an event bus brings them: hints that records changed.

They come over a partner event bus of our own account, which nobody but Salesforce's side can write to; that is all the
proof there is, so nothing like them is ever believed from the public address. An event says who changed what and when;
nothing of it is believed but that it is worth looking: `fetch.py` reads the record as it is now, and an old hint does
no harm. Two senders wrap the same event differently: AppFlow lays it flat into `detail`, the event relay into
`detail.payload`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.kit import json_body
from connectors.kit.drafts import believable, digest
from connectors.kit.wild import Wild
from connectors.salesforce.channels import channel
from connectors.salesforce.ids import long_id
from leadrelay.domain.touch import CrmRecord, TouchDraft
from leadrelay.ports.source import Malformed

MAX_RECORDS = 1000
"""Records that one event may name: identical changes of one transaction are one event."""

LAST_MILLISECOND = 253_402_300_799_999
_HEADER = "ChangeEventHeader"
_GAP = "GAP_"
_KNOWN = frozenset({"CREATE", "UPDATE", "DELETE", "UNDELETE"})
_OVERFLOW = "GAP_OVERFLOW"
_COMPLETED = "Completed"
NOT_NAMED = "records_not_named"
"""Too much changed at once to say what: only asking the account (`poll_seconds`) finds it."""


class _Change:
    """One event: what changed, for all the records that it names."""

    def __init__(self, detail: Wild) -> None:
        self.fields = detail if detail.optional("payload").missing else detail.get("payload")
        self.header = self.fields.get(_HEADER)
        self.kind = self.header.get("entityName").text(80)
        self.what = self.header.get("changeType").text(40)
        self.user = self.header.get("commitUser").said(18)

    @property
    def gap(self) -> bool:
        """Whether the event tells only that something happened."""
        return self.what.startswith(_GAP)

    @property
    def action(self) -> str:
        """What happened, whether it is told or only known of."""
        return self.what.removeprefix(_GAP)

    def said(self, name: str) -> str:
        return self.fields.get(name).said(255)

    def changed(self, name: str) -> bool:
        """Whether this field is news; of a new record all are. Where the names are not told, what is told is news."""
        if self.action != "UPDATE":
            return not self.fields.get(name).missing
        names = self.header.get("changedFields")
        if not names.is_list:
            return not self.fields.get(name).missing
        return name in {one.said(255) for one in names.each()}

    def at(self, now: datetime) -> datetime | None:
        committed = self.header.get("commitTimestamp")
        if committed.missing:
            return None
        return believable(datetime.fromtimestamp(committed.whole(0, LAST_MILLISECOND) / 1000, UTC), now)


def drafts(body: bytes, own_user: str, types: Mapping[str, str], now: datetime) -> Sequence[TouchDraft]:
    """A touch for every record that we follow and did not change ourselves. `own_user` is the user we act as, `types`
    the account's own names of tasks. Raises Malformed when the body is no change event; an event that we cannot read is
    kept with its reason."""
    event = json_body.read(body)
    if event.get("detail").missing:
        raise Malformed("event:no_detail")
    try:
        change = _Change(event.get("detail"))
        if own_user and long_id(change.user, "User") == own_user:
            return []
        return list({draft.key: draft for draft in _drafts(change, types, now)}.values())
    except Malformed as error:
        key = f"unreadable:{hashlib.sha256(body).hexdigest()}"
        return [TouchDraft(kind="crm_change", key=key, event="edited", problem=f"unreadable:{error}")]


def _drafts(change: _Change, types: Mapping[str, str], now: datetime) -> Iterator[TouchDraft]:
    if change.kind not in _READERS or (change.action not in _KNOWN and change.what != _OVERFLOW):
        return
    named = [one.said(18) for one in change.header.get("recordIds").each(MAX_RECORDS)]
    ids = [long_id(one, change.kind) for one in named]
    if change.what == _OVERFLOW or not ids or None in ids:
        yield _unnamed(change, now)
    for record in filter(None, ids):
        draft = _READERS[change.kind](change, record, types)
        if draft is not None:
            yield draft.with_(key=draft.key or _key(change, record), occurred_at=change.at(now))


def _key(change: _Change, record: str) -> str:
    """A transaction's change of a record; events are brought at least once, and the same again is the same."""
    names = ("transactionKey", "sequenceNumber", "commitNumber", "commitTimestamp")
    return f"change:{digest(*(change.header.get(name).said(255) for name in names), change.what)}:{record}"


def _unnamed(change: _Change, now: datetime) -> TouchDraft:
    key = _key(change, change.kind)
    return TouchDraft(kind="crm_change", key=key, event="edited", occurred_at=change.at(now), problem=NOT_NAMED)


def _person(change: _Change, record: str, _: Mapping[str, str]) -> TouchDraft:
    """A record that is gone is looked for too: it may have been merged into another."""
    event = "deleted" if change.action == "DELETE" else "edited"
    told = CrmRecord(crm="salesforce", kind="person", person=record, record_id=record)
    return TouchDraft(kind="crm_change", key="", event=event, fetch_id=f"{change.kind}:{record}", record=told)


def _deal(change: _Change, record: str, _: Mapping[str, str]) -> TouchDraft | None:
    """With a deal its people are gone: nobody could say any more whose it was."""
    return None if change.action == "DELETE" else _of_deal(record)


def _role(change: _Change, _: str, __: Mapping[str, str]) -> TouchDraft | None:
    """Somebody was put on a deal; which one is told only when that is what changed."""
    deal = long_id(change.said("OpportunityId"), "Opportunity")
    return None if deal is None else _of_deal(deal)


def _of_deal(deal: str) -> TouchDraft:
    told = CrmRecord(crm="salesforce", kind="deal", person="", record_id=deal)
    return TouchDraft(kind="crm_change", key="", event="deal", fetch_id=f"Opportunity:{deal}", record=told)


def _task(change: _Change, record: str, types: Mapping[str, str]) -> TouchDraft | None:
    """A task that was done, under the key that every other way to hear of it has. Which contact it stands for must be
    told with it: a task whose event does not say is left to whoever asks the account, or it would count twice."""
    if change.gap or change.action == "DELETE" or not (change.changed("Status") or change.changed("IsClosed")):
        return None
    done = change.said("IsClosed") == "true" or change.said("Status") == _COMPLETED
    event = channel(change.said("TaskSubtype"), change.said("Type"), types)
    if not (done and event):
        return None
    told = CrmRecord(crm="salesforce", kind="activity", person="", record_id=record)
    return TouchDraft(kind="activity", key=f"{event}:{record}", event=event, fetch_id=f"Task:{record}", record=told)


_READERS = {"Lead": _person, "Contact": _person, "Opportunity": _deal, "OpportunityContactRole": _role, "Task": _task}
"""Calendar events are left to `fetch.since`: whether a meeting was agreed on or held is told by the clock."""
