"""What a lead or a contact shows, in our words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_words import REFUSALS, SAID, refuses, words
from connectors.kit.drafts import digest
from connectors.kit.wild import Wild
from connectors.salesforce.fields import KEY, OWNER, Kind, is_stand_in
from connectors.salesforce.reading import Reading
from connectors.salesforce.source import Options
from connectors.salesforce.values import at_path, moment, record_id, reference
from leadrelay.domain.model import code
from leadrelay.domain.touch import CrmRecord, TouchDraft, Words

CRM = "salesforce"
# A contact's company is a record of its own; a mobile number is a number.
ELSEWHERE: Mapping[Kind, Mapping[str, str]] = {
    "Lead": {"phone": "MobilePhone"},
    "Contact": {
        "phone": "MobilePhone",
        "company": "Account.Name",
        "country": "Account.BillingCountry",
        "industry": "Account.Industry",
        "employees": "Account.NumberOfEmployees",
    },
}
SYSTEM = ("Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedById", "SystemModstamp")
BECAME: Mapping[Kind, tuple[str, ...]] = {
    "Lead": ("MasterRecordId", "IsConverted", "ConvertedContactId"),
    "Contact": ("MasterRecordId",),
}
NEW = timedelta(days=1)
"""How long after it was made a record without our key counts as new: outbound messages are sent again for a day."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one row says: a touch that is not yet one. `at` is the time of the change, `made` that of the record."""

    event: str
    record: CrmRecord
    at: datetime
    made: datetime
    words: Words = field(default_factory=Words)

    def known(self, began: str) -> Told:
        """The same, where who was there before we began to watch is not new. `began` in UTC, ISO 8601."""
        old = self.event in ("created", "imported") and self.made < datetime.fromisoformat(began)
        return replace(self, event="edited") if old else self

    def draft(self, kind: str) -> TouchDraft:
        """As a touch. Salesforce's times are of whole seconds: what is told belongs to the key, so that a second change
        within one second is another touch."""
        said = digest(self.event, self.record.model_dump_json(), self.words.model_dump_json())
        return TouchDraft(
            kind="crm_change",
            key=f"{kind}:{self.record.record_id}:{self.at.isoformat()}:{said}",
            event=self.event,
            occurred_at=self.at,
            words=self.words,
            record=self.record,
        )


class People:
    """Leads, or contacts, of one account."""

    def __init__(self, kind: Kind, reading: Reading, options: Options) -> None:
        self._kind = kind
        self._fields: FieldMap = reading.maps[kind]
        self._reading = reading
        ours = self._fields.fields.get("reason")
        self._reason = options.reason_fields.get(kind) or (ours.name if ours else None)
        self._import_size = options.import_size

    def asked(self) -> list[str]:
        """Every field to ask for."""
        wanted = (KEY, OWNER, "lead_status", "lifecycle_stage", "decision_maker", "timing", *SAID, *REFUSALS)
        own = (self._fields.fields[word].name for word in wanted if word in self._fields.fields)
        more = (*ELSEWHERE[self._kind].values(), *filter(None, [self._reason]))
        return list(dict.fromkeys([*SYSTEM, *BECAME[self._kind], *own, *more]))

    def news(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says, without those that still are as we made them ourselves. Any later change is told, even
        where our own came last: a person's may hide below it, and our own values are known for ours."""
        me = self._reading.me() if rows else ""
        return self.told([row for row in rows if not _untouched(row, me)])

    def told(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says. A contact that a lead became is nobody new; who came with a file is not somebody who
        waits."""
        told = [self._told(row) for row in rows]
        new = [one for one in told if one.event == "created"]
        if not new:
            return told
        known = self._converted([one.record.record_id for one in new]) if self._kind == "Contact" else frozenset()
        loaded = self._loaded(sorted({one.made for one in new}))
        return [replace(one, event=_newness(one, known, loaded)) for one in told]

    def _converted(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the contacts that were leads before."""
        name = "ConvertedContactId"
        leads = self._reading.select(("Id", name), "Lead", f"WHERE {name} IN {{ids}} LIMIT 2000", ids=list(ids)).rows
        return frozenset(record_id(lead, "Contact", name) for lead in leads)

    def _loaded(self, times: Sequence[datetime]) -> frozenset[datetime]:
        """Those of the seconds in which more records were made than a person can make by hand."""
        if not self._import_size:
            return frozenset()
        rest = "WHERE CreatedDate IN {times} LIMIT 2000"
        rows = self._reading.select(("Id", "CreatedDate", "CreatedById"), self._kind, rest, times=list(times)).rows
        made = Counter((moment(row, "CreatedDate"), row.get("CreatedById").said(18)) for row in rows)
        return frozenset(at for (at, _), count in made.items() if count >= self._import_size)

    def _told(self, row: Wild) -> Told:
        own = record_id(row, self._kind)
        at, made = moment(row, "SystemModstamp"), moment(row, "CreatedDate")
        person, gone = self._became(row, own), row.get("IsDeleted").flag()
        if person != own or gone:
            was = (own,) if person != own else ()
            event = "edited" if was else "deleted"
            return Told(event, CrmRecord(crm=CRM, kind="person", person=person, record_id=person, was=was), at, made)
        shown = self._shown(row)
        event = "created" if not shown.get(KEY) and at - made <= NEW else "edited"
        return Told(event, self._record(row, own, shown), at, made, words(shown))

    def _became(self, row: Wild, own: str) -> str:
        """The contact of a converted lead, the winner of a merge; itself where nothing became of it."""
        if row.optional("IsConverted").flag():
            return reference(row, "ConvertedContactId", "Contact") or own
        return reference(row, "MasterRecordId", self._kind) or own

    def _shown(self, row: Wild) -> dict[str, str]:
        values = {name: at_path(row, name) for name in self._fields.names() if "." not in name}
        shown = self._fields.shown(values)
        for word, path in ELSEWHERE[self._kind].items():
            shown[word] = shown.get(word) or at_path(row, path)
        return {word: text for word, text in shown.items() if text and not is_stand_in(text)}

    def _record(self, row: Wild, own: str, shown: Mapping[str, str]) -> CrmRecord:
        return CrmRecord(
            crm=CRM,
            kind="person",
            person=own,
            record_id=own,
            owner=code(shown.get(OWNER)),
            status=code(shown.get("lead_status")),
            stage=code(shown.get("lifecycle_stage")),
            reason=code(at_path(row, self._reason)) if self._reason else None,
            decision_maker=code(shown.get("decision_maker")),
            timing=code(shown.get("timing")),
            refuses=refuses(shown),
        )


def _newness(one: Told, known: Collection[str], loaded: Collection[datetime]) -> str:
    if one.event != "created":
        return one.event
    return "edited" if one.record.record_id in known else "imported" if one.made in loaded else "created"


def _untouched(row: Wild, me: str) -> bool:
    """As we made it: by us, changed by nobody else, and not since."""
    ours = me and row.get("CreatedById").said(18) == row.get("LastModifiedById").said(18) == me
    return bool(ours) and moment(row, "CreatedDate") == moment(row, "SystemModstamp")
