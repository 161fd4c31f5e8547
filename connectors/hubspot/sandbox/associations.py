"""What is associated with what, and which contacts are on which list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox.errors import bad_input, not_found
from connectors.hubspot.sandbox.kinds import ASSOCIATIONS, CONTACTS
from connectors.hubspot.sandbox.objects import one_of, paged
from leadrelay.local.crm_world import Reply, World

LIST = "lists"
"""The world's kind for lists; a link to a contact is a membership."""
LARGEST_READ = 1000
LARGEST_CHANGE = 100_000


@dataclass(slots=True)
class Associations:
    """The endpoints of associations and list memberships over a world."""

    world: World

    def page(self, kind: str, record_id: str, other: str, query: Mapping[str, str]) -> Reply:
        """GET /objects/{kind}/{id}/associations/{other}"""
        record = one_of(self.world, kind, record_id)
        return Reply(200, paged(self._ends(kind, record.id, other), query))

    def read(self, kind: str, other: str, body: Mapping[str, Any]) -> Reply:
        """POST /associations/{kind}/{other}/batch/read: an error for each record that has none"""
        inputs = body.get("inputs") or []
        if len(inputs) > LARGEST_READ:
            raise bad_input(f"at most {LARGEST_READ} inputs")
        found = {str(one["id"]): self._ends(kind, str(one["id"]), other) for one in inputs}
        results = [{"from": {"id": one}, "to": ends} for one, ends in found.items() if ends]
        errors = [_none(kind, one, other) for one, ends in found.items() if not ends]
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results}
        return Reply(207, {**answer, "numErrors": len(errors), "errors": errors}) if errors else Reply(200, answer)

    def connect(self, kind: str, record_id: str, other: str, other_id: str) -> Reply:
        """PUT /objects/{kind}/{id}/associations/default/{other}/{otherId}"""
        if (kind, other) not in ASSOCIATIONS:
            raise bad_input(f"{kind} cannot be associated with {other}")
        one, two = one_of(self.world, kind, record_id), one_of(self.world, other, other_id)
        self.world.link((kind, one.id), (other, two.id))
        return Reply(200, {"status": "COMPLETE", "results": [{"from": {"id": one.id}, "to": {"id": two.id}}]})

    def members(self, list_id: str, verb: str, body: object) -> Reply:
        """PUT /lists/{id}/memberships/{add|remove}: who is on it already, or off it, is not said again"""
        if self.world.get(LIST, list_id) is None:
            raise not_found("list")
        if not isinstance(body, list) or len(body) > LARGEST_CHANGE:
            raise bad_input(f"send a list of at most {LARGEST_CHANGE} record ids")
        given = [str(one) for one in body]
        there = {one: record.id for one in given if (record := self.world.get(CONTACTS, one))}
        on_it = set(self.world.linked((LIST, list_id), CONTACTS))
        changed = [one for one in there.values() if (one in on_it) == (verb == "remove")]
        change = self.world.link if verb == "add" else self.world.unlink
        for one in changed:
            change((LIST, list_id), (CONTACTS, one))
        names = {"add": ("recordsIdsAdded", "recordIdsRemoved"), "remove": ("recordIdsRemoved", "recordsIdsAdded")}
        done, other = names[verb]
        return Reply(200, {done: changed, other: [], "recordIdsMissing": [one for one in given if one not in there]})

    def _ends(self, kind: str, record_id: str, other: str) -> list[dict[str, Any]]:
        types = [
            {"category": "HUBSPOT_DEFINED", "typeId": number, "label": None}
            for number in ASSOCIATIONS.get((kind, other), ())
        ]
        ids: Sequence[str] = self.world.linked((kind, record_id), other)
        return [{"toObjectId": int(one), "associationTypes": types} for one in ids]


def _none(kind: str, record_id: str, other: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other} is associated with {kind} {record_id}.",
        "context": {"fromObjectId": [record_id]},
    }
