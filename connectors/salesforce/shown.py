"""What a lead, a contact or a deal shows, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.kit.crm_fields import FieldMap
from connectors.kit.drafts import VALUE_BYTES, answer, digest
from connectors.kit.money import minor_units
from connectors.kit.wild import Wild
from connectors.salesforce.fields import KEY, OWNER, Kind, is_stand_in
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Reading
from connectors.salesforce.source import Options
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, CrmRecord, Deal, TouchDraft, Words

CRM = "salesforce"
# What a person may have changed by hand about somebody; the rest of the map is ours.
SAID = {
    "email": "lead.email",
    "phone": "lead.phone",
    "first_name": "lead.first_name",
    "last_name": "lead.last_name",
    "job_title": "lead.job_title",
    "company": "account.name",
    "country": "account.country",
    "industry": "account.industry",
    "employees": "account.employees",
}
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
DEAL = ("StageName", "IsClosed", "IsWon", "Amount")
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
        old = self.event == "created" and self.made < datetime.fromisoformat(began)
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
        self._reason = options.reason_fields.get(kind)

    def asked(self) -> list[str]:
        """Every field to ask for."""
        wanted = (KEY, OWNER, "lead_status", "lifecycle_stage", *SAID)
        own = (self._fields.fields[word].name for word in wanted if word in self._fields.fields)
        more = (*ELSEWHERE[self._kind].values(), *filter(None, [self._reason]))
        return list(dict.fromkeys([*SYSTEM, *BECAME[self._kind], *own, *more]))

    def news(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says, without those that still are as we made them ourselves. Any later change is told, even
        where our own came last: a person's may hide below it, and our own values are known for ours."""
        me = self._reading.me() if rows else ""
        return self.told([row for row in rows if not _untouched(row, me)])

    def told(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says. A contact that a lead became is nobody new."""
        told = [self._told(row) for row in rows]
        new = [one.record.record_id for one in told if one.event == "created"] if self._kind == "Contact" else []
        known = self._converted(new) if new else frozenset()
        return [replace(one, event="edited") if one.record.record_id in known else one for one in told]

    def _converted(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the contacts that were leads before."""
        name = "ConvertedContactId"
        leads = self._reading.select(("Id", name), "Lead", f"WHERE {name} IN {{ids}} LIMIT 2000", ids=list(ids)).rows
        return frozenset(record_id(lead, "Contact", name) for lead in leads)

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
        return Told(event, self._record(row, own, shown), at, made, Words(answers=tuple(_answers(shown))))

    def _became(self, row: Wild, own: str) -> str:
        """The contact of a converted lead, the winner of a merge; itself where nothing became of it."""
        if row.optional("IsConverted").flag():
            return _reference(row, "ConvertedContactId", "Contact") or own
        return _reference(row, "MasterRecordId", self._kind) or own

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
        )


class Deals:
    """Opportunities of one account. They belong to the person of their primary contact role, else of the first."""

    def __init__(self, reading: Reading, options: Options) -> None:
        self._reading = reading
        self._reason = options.reason_fields.get("Opportunity")
        self._currency = options.default_currency
        self._own_currency = ("CurrencyIsoCode",) if options.multi_currency else ()

    def asked(self) -> list[str]:
        """Every field to ask for."""
        return [*SYSTEM, *DEAL, *self._own_currency, *filter(None, [self._reason])]

    def told(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says. A deal that was deleted is nobody's any more, nor is one without people."""
        ids = {record_id(row, "Opportunity"): row for row in rows}
        whose = self._whose([one for one, row in ids.items() if not row.get("IsDeleted").flag()])
        return [self._told(own, row, whose.get(own, "")) for own, row in ids.items()]

    def _told(self, own: str, row: Wild, person: str) -> Told:
        gone = row.get("IsDeleted").flag()
        record = CrmRecord(
            crm=CRM,
            kind="deal",
            person=person,
            record_id=own,
            reason=code(at_path(row, self._reason)) if self._reason else None,
            deal=None if gone else self._deal(row),
        )
        return Told("deleted" if gone else "deal", record, moment(row, "SystemModstamp"), moment(row, "CreatedDate"))

    def _whose(self, ids: Sequence[str]) -> dict[str, str]:
        if not ids:
            return {}
        names = ("OpportunityId", "ContactId", "IsPrimary", "IsDeleted")
        rest = "WHERE OpportunityId IN {ids} ORDER BY CreatedDate DESC, Id DESC LIMIT 2000"
        roles = self._reading.select(names, "OpportunityContactRole", rest, ids=list(ids)).rows
        roles = [role for role in roles if not role.get("IsDeleted").flag()]
        # The last one written wins: the oldest, and before all others the primary one.
        ranked = sorted(roles, key=lambda role: role.get("IsPrimary").flag())
        return {
            record_id(role, "Opportunity", "OpportunityId"): record_id(role, "Contact", "ContactId") for role in ranked
        }

    def _deal(self, row: Wild) -> Deal:
        state = "won" if row.get("IsWon").flag() else "lost" if row.get("IsClosed").flag() else "open"
        said = at_path(row, "CurrencyIsoCode") if self._own_currency else ""
        currency = said or self._currency
        amount = minor_units(_decimal(row.get("Amount")), currency) if currency else None
        return Deal.model_validate({"state": state, "amount": amount, "currency": currency})


def at_path(row: Wild, path: str) -> str:
    """The text of a field, of a related record too; "" where there is none."""
    for name in path.split("."):
        row = row.optional(name)
    return row.said(VALUE_BYTES)


def moment(row: Wild, name: str) -> datetime:
    """A time that every record has. Raises Malformed."""
    found = row.get(name).optional_time()
    if found is None:
        raise row.refuse("no_time")
    return found


def record_id(row: Wild, kind: str, name: str = "Id") -> str:
    """An id that is there, in its long form. Raises Malformed."""
    found = _reference(row, name, kind)
    if found is None:
        raise row.refuse("not_an_id")
    return found


def _reference(row: Wild, name: str, kind: str) -> str | None:
    return long_id(row.get(name).optional_text() or "", kind)


def _untouched(row: Wild, me: str) -> bool:
    """As we made it: by us, changed by nobody else, and not since."""
    ours = me and row.get("CreatedById").said(18) == row.get("LastModifiedById").said(18) == me
    return bool(ours) and moment(row, "CreatedDate") == moment(row, "SystemModstamp")


def _answers(shown: Mapping[str, str]) -> Iterator[Answer]:
    for word, name in SAID.items():
        found = answer(name, [Wild(shown.get(word)).said(VALUE_BYTES)])
        if found:
            yield found


def _decimal(value: Wild) -> str:
    """JSON's number as its digits: what was read as a binary fraction shows the shortest decimal that it stands for."""
    return "" if value.missing else repr(value.number())
