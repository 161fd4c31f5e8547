"""Asking an account what it shows: records by id, what is associated with them, pages of a search.

Errors come out in the words of the ports: Retry (throttled, away), Reject (the question is refused), Misconfigured
(token, scopes). Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.hubspot.asking import Asking
from connectors.hubspot.batches import items, strings
from connectors.hubspot.fields import default_map, description
from connectors.hubspot.lookup import Contact, Lookup
from connectors.hubspot.transport import TIMEOUT, Timeout, Wire, is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import as_port_errors
from leadrelay.ports.errors import Misconfigured, Reject

BATCHES = "crm.objects.batch_api"
SEARCH = "crm.objects.search_api"
ASSOCIATIONS = "crm.associations.v4.batch_api"
PIPELINES = "crm.pipelines.pipelines_api"
DETAILS = "/account-info/v3/details"
LARGEST = 100
"""Records in one batch."""

Row = tuple[str, Mapping[str, str]]
"""A record's id and its properties as text."""


class Reading:
    """One account; safe under threads."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self.fields = fields
        self._asking = Asking(wire, fields)
        self._lookup = Lookup(wire, fields)

    def contacts(self, ids: Iterable[str]) -> dict[str, Contact]:
        """Contacts by the ids they answer to, those that were merged into them included."""
        with as_port_errors():
            return self._lookup.by_ids(ids)

    def records(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> list[Mapping[str, str]]:
        """The properties of records now, of those that exist; at most 100."""
        return [shown for _, shown in self.rows(kind, ids, properties)]

    def rows(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> list[Row]:
        """The same with their ids."""
        if not ids:
            return []
        body = {"inputs": [{"id": one} for one in ids], "properties": list(properties), "propertiesWithHistory": []}
        try:
            answer = self._asking.call(BATCHES, "read", kind, body)
        except Reject as gone:
            if gone.reason != "NOT_FOUND":
                raise
            return []
        return [(str(item["id"]), strings(item.get("properties"))) for item in items(answer, "results")]

    def associated(self, kind: str, other: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """For each record the ids of what is associated with it, smallest first; nothing for those that have none."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(ids), LARGEST):
            body = {"inputs": [{"id": one} for one in ids[start : start + LARGEST]]}
            answer = self._asking.call(ASSOCIATIONS, "get_page", kind, other, body)
            found |= {str(one["from"]["id"]): _ends(one) for one in items(answer, "results")}
        return found

    def search(self, kind: str, body: Mapping[str, Any]) -> list[Row]:
        """A page of the search index, which lags behind: never the way to know whether a record exists."""
        answer = self._asking.call(SEARCH, "do_search", kind, dict(body))
        return [(str(item["id"]), strings(item.get("properties"))) for item in items(answer, "results")]

    def pipelines(self, kind: str) -> list[dict[str, Any]]:
        """The pipelines of a kind of record, with their stages."""
        return items(self._asking.call(PIPELINES, "get_all", kind), "results")

    def details(self) -> Mapping[str, Any]:
        """What the account says about itself: its currency, its time zone."""
        return self._asking.get(DETAILS).body


def reading(
    secret: Mapping[str, str],
    endpoint: str | None,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
    timeout: Timeout = TIMEOUT,
) -> Reading:
    """An account to read from. `secret` is {"token": …}; `endpoint` replaces HubSpot's public address (the sandbox);
    `properties` places some of our words in other HubSpot properties. Raises Misconfigured."""
    token = secret.get("token", "").strip()
    if not token:
        raise Misconfigured('the HubSpot secret needs {"token": "…"}: create a Service Key in HubSpot and store it')
    wire = Wire(token, endpoint, timeout, version or secret.get("api_version") or description()["api"]["version"])
    return Reading(wire, default_map().replaced(properties or {}))


def _ends(one: Mapping[str, Any]) -> list[str]:
    """Ids that are none are left out: they would stand in paths."""
    ends = one.get("to")
    ids = {str(end.get("toObjectId")) for end in ends if isinstance(end, dict)} if isinstance(ends, list) else set()
    return sorted(filter(is_id, ids), key=int)
