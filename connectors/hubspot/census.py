"""Who is in an account: owners, how much each has to work on, and the people with their open deals."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from connectors.hubspot.asking import Asking, following_of
from connectors.hubspot.batches import API, LARGEST, items, strings
from connectors.hubspot.deals import open_deal
from connectors.hubspot.fields import OWNER_PROPERTY, asked_for, description
from connectors.hubspot.lookup import CONTACTS, Contact
from connectors.hubspot.people import People
from connectors.kit.crm_fields import FieldMap
from leadrelay.ports.crm_setup import CrmOwner, OpenDeal, PeoplePage
from leadrelay.ports.errors import Retry

OBJECTS = "crm.objects.basic_api"
OWNERS = "crm.owners.owners_api"
SEARCH = "crm.objects.search_api"
LINKS = "crm.associations.v4.batch_api"
PIPELINES = "crm.pipelines.pipelines_api"
DEALS = "deals"
DEAL_PROPERTIES = ["amount", "deal_currency_code", "dealstage", "pipeline"]
BETWEEN_SEARCHES = 0.25
"""Seconds: search takes five requests a second, for the whole account."""
TRIES = 3


class Census:
    """One account's people. Everything raises Retry, Reject or Misconfigured."""

    def __init__(
        self, asking: Asking, fields: FieldMap, people: People, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._asking = asking
        self._fields = fields
        self._people = people
        self._sleep = sleep

    # -- owners

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record, and those who no longer can."""
        return [_owner(item) for archived in (False, True) for item in self._owner_pages(archived=archived)]

    def _owner_pages(self, *, archived: bool) -> Iterator[dict[str, Any]]:
        return self._asking.pages(partial(self._asking.call, OWNERS, "get_page", limit=LARGEST, archived=archived))

    # -- load

    def load(self, owners: Collection[str] | None = None) -> dict[str, int]:
        """Open contacts by owner, of these or of everybody active: a count of the search index, which lags by seconds.
        Open is whose lead status and stage are not among those that `[crm.load]` of `connector.toml` calls closed."""
        counted = [owner.owner_id for owner in self.owners() if owner.active] if owners is None else owners
        return {owner_id: self._open_contacts(owner_id) for owner_id in counted}

    def _open_contacts(self, owner_id: str) -> int:
        body = {"filterGroups": _open_for(owner_id), "sorts": [], "properties": [], "limit": 1}
        for left in range(TRIES - 1, -1, -1):
            self._sleep(BETWEEN_SEARCHES)
            try:
                return int(self._asking.call(SEARCH, "do_search", CONTACTS, body).body.get("total", 0))
            except Retry as later:
                if later.scope != "second" or not left:
                    raise
                self._sleep(later.after)
        raise AssertionError("unreachable")

    # -- people

    def people(self, cursor: str | None) -> PeoplePage:
        """A hundred contacts in the order of their ids, with their open deals."""
        after = {"after": cursor} if cursor else {}
        asked = [",".join(asked_for(self._fields))]  # documented as one value; the client would repeat the parameter
        page = self._asking.call(OBJECTS, "get_page", CONTACTS, limit=LARGEST, properties=asked, **after)
        contacts = [Contact(str(item["id"]), strings(item.get("properties"))) for item in items(page, "results")]
        people = tuple(self._people.snapshot(contact) for contact in contacts)
        return PeoplePage(people, tuple(self._deals([contact.crm_id for contact in contacts])), following_of(page))

    def _deals(self, contact_ids: Sequence[str]) -> Iterator[OpenDeal]:
        """Each open deal once for each of these contacts it belongs to."""
        links = list(self._links(contact_ids))
        known = self._deal_properties(sorted({deal for _, deal in links}, key=int))
        for contact, deal in links:
            found = open_deal(deal, contact, known[deal], self._closed_stages) if deal in known else None
            if found:
                yield found

    def _links(self, contact_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        if not contact_ids:
            return
        body = {"inputs": [{"id": contact_id} for contact_id in contact_ids]}
        for item in items(self._asking.call(LINKS, "get_page", CONTACTS, DEALS, body), "results"):
            for end in item.get("to") or ():
                yield str(item["from"]["id"]), str(end["toObjectId"])

    def _deal_properties(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        known: dict[str, dict[str, str]] = {}
        for start in range(0, len(ids), LARGEST):
            inputs = [{"id": deal} for deal in ids[start : start + LARGEST]]
            body = {"inputs": inputs, "properties": DEAL_PROPERTIES, "propertiesWithHistory": []}
            found = items(self._asking.call(API, "read", DEALS, body), "results")
            known |= {str(item["id"]): strings(item.get("properties")) for item in found}
        return known

    @cached_property
    def _closed_stages(self) -> frozenset[str]:
        pipelines = items(self._asking.call(PIPELINES, "get_all", DEALS), "results")
        stages = [stage for pipeline in pipelines for stage in pipeline.get("stages") or ()]
        return frozenset(str(one["id"]) for one in stages if one.get("metadata", {}).get("isClosed") == "true")


def _open_for(owner_id: str) -> list[dict[str, Any]]:
    """A contact without a status or stage is open too, which `NOT_IN` alone does not say."""
    closed: Mapping[str, Sequence[str]] = description()["crm"]["load"]
    kinds = [
        (_not_in(name, values), {"propertyName": name, "operator": "NOT_HAS_PROPERTY"})
        for name, values in closed.items()
    ]
    owned = {"propertyName": OWNER_PROPERTY, "operator": "EQ", "value": owner_id}
    return [{"filters": [owned, one, other]} for one in kinds[0] for other in kinds[1]]


def _not_in(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"propertyName": name, "operator": "NOT_IN", "values": list(values)}


def _owner(item: Mapping[str, Any]) -> CrmOwner:
    name = f"{item.get('firstName') or ''} {item.get('lastName') or ''}".strip()
    email = str(item.get("email") or "")
    return CrmOwner(str(item["id"]), email, name or email, not item.get("archived", False))
