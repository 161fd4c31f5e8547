"""Who is in an account: users and queues, how much each has to work on, and the people with their open deals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from connectors.kit.money import minor_units
from connectors.salesforce.asking import Asking, listed, quoted, select
from connectors.salesforce.fields import KEY, KINDS, Kind
from connectors.salesforce.ids import long_id
from leadrelay.ports.crm import OWNER, Snapshot
from leadrelay.ports.crm_setup import CrmOwner, OpenDeal, PeoplePage
from leadrelay.ports.errors import Reject

PAGE = 200
STATUS = "lead_status"
CLOSED = ("unqualified", "nurturing")
"""Lead statuses, in our words, that leave a rep nothing to do."""
USERS = "SELECT Id, Name, Email, IsActive FROM User WHERE UserType = 'Standard' ORDER BY Id"
QUEUES = "SELECT QueueId, Queue.Name FROM QueueSobject WHERE SobjectType = 'Lead' ORDER BY QueueId"
ONLY_OPEN: Mapping[Kind, str] = {"Lead": "IsConverted = false", "Contact": "Id != null"}
OPEN_DEAL = "Opportunity.IsClosed = false"
CURRENCY = "CurrencyIsoCode"


class Census:
    """One account's people. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    # -- owners

    def owners(self) -> list[CrmOwner]:
        """Users, those who left too, and the queues that take leads."""
        users = [
            CrmOwner(str(row["Id"]), str(row["Email"] or ""), str(row["Name"]), row["IsActive"] is True)
            for row in self._asking.rows(USERS)
        ]
        queues = [
            CrmOwner(str(row["QueueId"]), "", str((row["Queue"] or {}).get("Name") or ""), active=True, kind="queue")
            for row in self._asking.rows(QUEUES)
        ]
        return users + queues

    # -- load

    def load(self, owners: Collection[str] | None = None) -> dict[str, int]:
        """Open leads and contacts by owner, in two calls, of all whoever is asked for: a lead is open while it is not
        converted and its status leaves something to do, a contact while it has an open deal."""
        status = self._asking.maps["Lead"].of(STATUS)
        closed = [status.values[word] for word in CLOSED if word in status.values]
        still = [f"({status.name} = null OR {status.name} NOT IN {listed(closed)})"] if closed else []
        by_owner = "GROUP BY OwnerId"
        leads = select(["OwnerId", "COUNT(Id) n"], "Lead", ONLY_OPEN["Lead"], *still, then=by_owner)
        names, by_owner = ["Contact.OwnerId", "COUNT_DISTINCT(ContactId) n"], "GROUP BY Contact.OwnerId"
        contacts = select(names, "OpportunityContactRole", OPEN_DEAL, then=by_owner)
        counts: Counter[str] = Counter()
        for query in (leads, contacts):
            for row in self._asking.rows(query):
                counts[str(row["OwnerId"])] += int(row["n"])
        return dict(counts)

    # -- people

    def people(self, cursor: str | None) -> PeoplePage:
        """Two hundred leads that are not converted, in the order of their ids; after the last of them the contacts,
        with their open deals. The cursor is the last id. What a deal is worth is told where the account says in which
        currency: one with a single currency does not."""
        kind, after = _place(cursor)
        name = self._asking.maps[kind].of(KEY).name
        beyond = [f"Id > {quoted(after)}"] if after else []
        query = select(self._columns[kind], kind, ONLY_OPEN[kind], *beyond, then=f"ORDER BY Id LIMIT {PAGE}")
        rows = list(self._asking.rows(query))
        people = tuple(self._snapshot(kind, row, name) for row in rows)
        ids = [person.crm_id for person in people]
        deals = tuple(self._deals(ids)) if kind == "Contact" else ()
        return PeoplePage(people, deals, _following(kind, ids))

    def _snapshot(self, kind: Kind, row: Mapping[str, Any], key: str) -> Snapshot:
        shown = self._asking.maps[kind].shown(row)
        return Snapshot(str(row["Id"]), str(row.get(key) or "") or None, shown.pop(OWNER, None), shown)

    @cached_property
    def _columns(self) -> Mapping[Kind, Sequence[str]]:
        """What our user sees of the fields that the map knows."""
        return {
            kind: sorted({"Id", *self._asking.maps[kind].names()} & set(self._asking.columns(kind))) for kind in KINDS
        }

    @cached_property
    def _currency(self) -> list[str]:
        """The field of a deal's own currency, where the account has several."""
        return [f"Opportunity.{CURRENCY}"] if CURRENCY in self._asking.columns("Opportunity") else []

    def _deals(self, contacts: list[str]) -> Iterator[OpenDeal]:
        if not contacts:
            return
        names = ["OpportunityId", "ContactId", "Opportunity.Amount", *self._currency]
        query = select(
            names, "OpportunityContactRole", OPEN_DEAL, f"ContactId IN {listed(contacts)}", then="ORDER BY Id"
        )
        for row in self._asking.rows(query):
            deal = row["Opportunity"] or {}
            currency, amount = str(deal.get(CURRENCY) or ""), deal.get("Amount")
            minor = None if amount is None or not currency else minor_units(str(amount), currency)
            yield OpenDeal(str(row["OpportunityId"]), str(row["ContactId"]), minor, currency or None)


def _place(cursor: str | None) -> tuple[Kind, str]:
    """Where to go on. Raises Reject for a cursor that is none of ours."""
    if cursor is None:
        return "Lead", ""
    if cursor == "Contact":
        return "Contact", ""
    kind = next((kind for kind in KINDS if long_id(cursor, kind)), None)
    if kind is None:
        raise Reject("CURSOR", "the cursor of an import is an id of Salesforce")
    return kind, cursor


def _following(kind: Kind, ids: Sequence[str]) -> str | None:
    """The last id; after the last lead, the first contact."""
    if len(ids) == PAGE:
        return ids[-1]
    return "Contact" if kind == "Lead" else None
