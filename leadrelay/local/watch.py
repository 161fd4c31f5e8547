"""What became of everybody: the table and the CRM, looked at together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from leadrelay.aws.table.items import record_of
from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead
from leadrelay.local.cloud import Cloud
from leadrelay.local.traffic import Act
from leadrelay.ports.records import RECORDS, LeadRecord, LogRecord, SyncRecord, TouchRecord
from leadrelay.ports.sample import Person
from leadrelay.ports.store import Record

KINDS = {record.kind: record for record in RECORDS}
SEEN = (TouchRecord, LeadRecord, SyncRecord, LogRecord)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the CRM shows them, with the texts of the notes; `lead_id`, `owner_id` and `phone` are "" where the
    CRM has none."""

    crm_id: str
    email: str
    lead_id: str
    owner_id: str
    created_at: datetime
    notes: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """The state of everything at one moment. Facts are by lead id, in the order they happened."""

    touches: Mapping[str, TouchRecord]
    leads: Mapping[str, LeadRecord]
    syncs: Mapping[str, SyncRecord]
    facts: Mapping[str, tuple[Said, ...]]
    contacts: Sequence[Contact]

    def lead_of(self, act: Act) -> Lead | None:
        """The lead of an act's first touch; of its winner, when it was merged."""
        touch = self.touches.get(act.touch_ids[0])
        record = self.leads.get(touch.lead_id or "") if touch else None
        while record is not None and record.lead.merged_into is not None:
            record = self.leads.get(record.lead.merged_into)
        return record.lead if record else None

    def contacts_of(self, email: str) -> list[Contact]:
        """Every contact with this address: more than one is a duplicate."""
        return [contact for contact in self.contacts if contact.email == email.lower()]

    def of_person(self, person: Person) -> list[Contact]:
        """Every contact that is this person by address, or by number where somebody only called or chatted."""
        known = [contact for contact in self.contacts if not contact.email and contact.phone == person.phone]
        return [*self.contacts_of(person.email), *known]

    def said(self, lead_id: str, name: str) -> list[Said]:
        """The facts of this name about a lead."""
        return [fact for fact in self.facts.get(lead_id, ()) if fact.name == name]


def look(cloud: Cloud) -> Picture:
    """Everything as it is now."""
    touches: dict[str, TouchRecord] = {}
    leads: dict[str, LeadRecord] = {}
    syncs: dict[str, SyncRecord] = {}
    facts: list[Said] = []
    for record in _records(cloud):
        if isinstance(record, TouchRecord):
            touches[record.touch.touch_id] = record
        elif isinstance(record, LeadRecord):
            leads[record.lead.lead_id] = record
        elif isinstance(record, SyncRecord):
            syncs[record.lead_id] = record
        elif isinstance(record, LogRecord):
            facts.extend(record.facts)
    return Picture(touches, leads, syncs, _by_lead(facts), contacts(cloud))


def contacts(cloud: Cloud) -> list[Contact]:
    """The people in the CRM, oldest first."""
    return [
        Contact(
            crm_id=card.crm_id,
            email=card.fields.get("email", "").lower(),
            lead_id=card.fields.get("lead_key", ""),
            owner_id=card.owner_id,
            created_at=card.created_at or datetime.now(UTC),
            notes=tuple(note.body for note in card.notes),
            phone=card.fields.get("phone", ""),
        )
        for card in cloud.outside.crm.dialect.cards()
    ]


def crm_owner(cloud: Cloud, rep: str | None) -> str:
    """The CRM's id of a rep; "" for nobody."""
    return cloud.rules.team.rep(rep).crm.get(cloud.outside.vendor, "") if rep else ""


def waiting(cloud: Cloud) -> dict[str, int]:
    """Dead letters by queue, where there are any."""
    queues = cloud.emulator.client("sqs")
    found = {}
    for name, url in cloud.deployed.dead_letters.items():
        told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        if count := int(told["Attributes"]["ApproximateNumberOfMessages"]):
            found[name] = count
    return found


def sweep(cloud: Cloud) -> None:
    """What the schedule does every minute, now."""
    cloud.emulator.client("lambda").invoke(FunctionName=cloud.deployed.sla_check_function_name, Payload=b"{}")


def _records(cloud: Cloud) -> Iterator[Record]:
    wanted = {f":{kind.kind}": {"S": kind.kind} for kind in SEEN}
    pages: Any = cloud.emulator.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(
        TableName=cloud.deployed.table_name,
        FilterExpression=f"kind IN ({', '.join(wanted)})",
        ExpressionAttributeValues=wanted,
        ConsistentRead=True,
    ):
        yield from (record_of(item, KINDS) for item in page["Items"])


def _by_lead(facts: Sequence[Said]) -> dict[str, tuple[Said, ...]]:
    found: dict[str, tuple[Said, ...]] = {}
    for fact in sorted(facts, key=lambda said: said.metadata.occurred_at):
        if fact.metadata.lead_id is not None:
            found[fact.metadata.lead_id] = (*found.get(fact.metadata.lead_id, ()), fact)
    return found
