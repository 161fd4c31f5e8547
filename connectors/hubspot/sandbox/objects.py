"""The records of an account: one by one and in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.hubspot.sandbox.errors import Bad, bad_input, not_found
from connectors.hubspot.sandbox.kinds import ASSOCIATIONS, KINDS, SOURCE
from connectors.hubspot.sandbox.rules import EMAIL, OTHER_EMAILS, MergedIds, StageRule, addresses, checked, holder_of
from leadrelay.local.crm_world import Record, Reply, World

LARGEST_BATCH = 100
VERBS = ("create", "read", "update", "upsert")
Commit = Callable[[], dict[str, Any]]
SOURCES = {"api": "INTEGRATION", "hand": "CRM_UI"}
"""Who made a record, in the world's words and in HubSpot's."""


@dataclass(slots=True)
class Objects:
    """The object endpoints over a world. `stage_rule` is what happens to a stage written backwards, `merged_ids` what
    reading the id of a merged record gives."""

    world: World
    stage_rule: StageRule = "ignore"
    merged_ids: MergedIds = "follow"

    # -- one by one

    def create(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """POST /objects/{kind}"""
        return Reply(201, self._creation(kind, body)())

    def get(self, kind: str, record_id: str, query: Mapping[str, str]) -> Reply:
        """GET /objects/{kind}/{id}, by another unique property with `idProperty`"""
        record = self._read(kind, record_id, query.get("idProperty"))
        return Reply(200, view(record, _listed(query)))

    def page(self, kind: str, query: Mapping[str, str]) -> Reply:
        """GET /objects/{kind}: in the order of their ids; `after` is the last one that was seen"""
        after, limit = int(query.get("after") or 0), int(query.get("limit") or 10)
        following = [record for record in self.world.all(kind) if int(record.id) > after]
        page: dict[str, Any] = {"results": [view(record, _listed(query)) for record in following[:limit]]}
        if len(following) > limit:
            page["paging"] = {"next": {"after": following[limit - 1].id}}
        return Reply(200, page)

    def update(self, kind: str, record_id: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Reply:
        """PATCH /objects/{kind}/{id}"""
        return Reply(200, self._change(kind, one_of(self.world, kind, record_id, query.get("idProperty")), body)())

    def archive(self, kind: str, record_id: str) -> Reply:
        """DELETE /objects/{kind}/{id}"""
        self.world.delete(kind, one_of(self.world, kind, record_id, None).id)
        return Reply(204)

    def merge(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """POST /objects/{kind}/merge: the primary keeps its values and answers to the other's addresses and id."""
        winner = one_of(self.world, kind, str(body.get("primaryObjectId", "")), None)
        loser = one_of(self.world, kind, str(body.get("objectIdToMerge", "")), None)
        if winner.id == loser.id:
            raise bad_input("Cannot merge an object with itself")
        others = [address for address in addresses(loser) if address not in addresses(winner)]
        merged = self.world.merge(kind, winner.id, loser.id)
        extra = ";".join(filter(None, [merged.values.get(OTHER_EMAILS, ""), *others]))
        return Reply(200, view(self.world.update(kind, merged.id, {OTHER_EMAILS: extra})))

    # -- batches

    def batch(self, kind: str, verb: str, body: Mapping[str, Any], *, dated: bool) -> Reply:
        """POST /objects/{kind}/batch/{verb}. Partial failure needs a trace id in every input, or nothing is done; a
        read always answers for what there is."""
        inputs = _inputs(body)
        traced = verb == "read" or _all_traced(inputs)
        results, errors = self._each(kind, verb, body, inputs, traced=traced)
        now = wire_time(self.world.now())
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if errors:
            return Reply(200 if dated else 207, {**answer, "numErrors": len(errors), "errors": errors})
        return Reply(201 if verb == "create" else 200, answer)

    def _each(
        self, kind: str, verb: str, body: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], *, traced: bool
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        if not traced:
            for one in inputs:
                self._prepared(kind, verb, body, one)  # refuses the whole before anything is done
        results: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for one in inputs:
            try:
                results.append(self._prepared(kind, verb, body, one)())
            except Bad as bad:
                if not traced:
                    raise
                errors.append(bad.item(_context(verb, one)))
        return results, errors

    def _prepared(self, kind: str, verb: str, body: Mapping[str, Any], one: Mapping[str, Any]) -> Commit:
        if verb == "create":
            return self._creation(kind, one)
        if verb == "upsert":
            return self._upsertion(kind, one)
        id_property = (body if verb == "read" else one).get("idProperty")
        given = str(one.get("id", ""))
        record = (
            self._read(kind, given, id_property) if verb == "read" else one_of(self.world, kind, given, id_property)
        )
        if verb == "update":
            return self._change(kind, record, one)
        names = [str(name) for name in body.get("properties", [])]
        return lambda: view(record, names)

    def _read(self, kind: str, value: str, id_property: str | None) -> Record:
        """The record, or the one it was merged into, unless merged ids are gone."""
        record = one_of(self.world, kind, value, id_property)
        if self.merged_ids == "gone" and id_property is None and record.id != value:
            raise not_found(KINDS[kind].one)
        return record

    # -- what is done

    def _creation(self, kind: str, body: Mapping[str, Any]) -> Commit:
        values = checked(self.world, kind, body.get("properties", {}), None, self.stage_rule)
        links = [self._association(kind, item) for item in body.get("associations") or []]

        def commit() -> dict[str, Any]:
            record = self.world.create(kind, values)
            for link in links:
                self.world.link((kind, record.id), link)
            return view(record, list(values))

        return commit

    def _change(self, kind: str, record: Record, body: Mapping[str, Any]) -> Commit:
        values = checked(self.world, kind, body.get("properties", {}), record, self.stage_rule)
        names = list(body.get("properties", {}))
        return lambda: view(self.world.update(kind, record.id, values), names)

    def _upsertion(self, kind: str, one: Mapping[str, Any]) -> Commit:
        name, value = str(one.get("idProperty", "")), str(one.get("id", ""))
        if name == EMAIL:
            raise bad_input("Partial upserts are not supported when using email as the idProperty")
        prop = self.world.properties(kind).get(name)
        if prop is None or not prop.unique or not value:
            raise bad_input(f"{name or 'idProperty'} is not a unique identifier property for {kind}")
        record = holder_of(self.world, kind, name, value)
        body = {"properties": {**one.get("properties", {}), name: value}}
        commit = self._change(kind, record, body) if record else self._creation(kind, body)
        return lambda: {**commit(), "new": record is None}

    def _association(self, kind: str, item: Mapping[str, Any]) -> tuple[str, str]:
        """What a new record is associated with: the type says with which kind."""
        given = {types.get("associationTypeId") for types in item.get("types", [])}
        other = next((two for (one, two), ids in ASSOCIATIONS.items() if one == kind and given & {*ids}), None)
        if other is None or len(given) != 1:
            raise bad_input(f"invalid association type for {kind}")
        return other, one_of(self.world, other, str(item.get("to", {}).get("id", "")), None).id


def one_of(world: World, kind: str, value: str, id_property: str | None = None) -> Record:
    """The record with this id, or this value of a unique property. Raises Bad where there is none."""
    if id_property is None:
        found = world.get(kind, value)
    else:
        prop = world.properties(kind).get(id_property)
        if prop is None or not prop.unique:
            raise bad_input(f"Unable to infer a unique property from {id_property}")
        found = holder_of(world, kind, id_property, value)
    if found is None:
        raise not_found(KINDS[kind].one)
    return found


def properties_of(record: Record) -> dict[str, str]:
    """Every property a record has, with those HubSpot fills itself."""
    kind = KINDS[record.kind]
    own = {"hs_object_id": record.id, kind.created: wire_time(record.created_at)}
    own |= {kind.changed: wire_time(record.updated_at), SOURCE: SOURCES[record.made_by]}
    own |= {"hs_merged_object_ids": ";".join(record.merged)} if record.merged else {}
    return {**record.values, **own}


def view(record: Record, names: Sequence[str] = ()) -> dict[str, Any]:
    """The record as HubSpot shows it: with the properties asked for, and some unasked."""
    known, kind = properties_of(record), KINDS[record.kind]
    unasked = [*kind.shown, "hs_object_id", kind.created, kind.changed]
    unasked += ["hs_merged_object_ids"] if record.merged else []
    return {
        "id": record.id,
        "properties": {name: known.get(name) for name in dict.fromkeys([*unasked, *names])},
        "createdAt": known[kind.created],
        "updatedAt": known[kind.changed],
        "archived": False,
    }


def wire_time(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def paged(items: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of a list, with the cursor of the next."""
    start, limit = int(query.get("after") or 0), int(query.get("limit") or 10)
    page: dict[str, Any] = {"results": items[start : start + limit]}
    if start + limit < len(items):
        page["paging"] = {"next": {"after": str(start + limit)}}
    return page


def _listed(query: Mapping[str, str]) -> list[str]:
    return [name for name in query.get("properties", "").split(",") if name]


def _inputs(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise bad_input("inputs must be a list of objects")
    if len(inputs) > LARGEST_BATCH:
        raise bad_input(f"The maximum number of inputs is {LARGEST_BATCH}, but {len(inputs)} were given")
    ids = [one.get("id") for one in inputs if one.get("id")]
    if len(set(ids)) < len(ids):
        raise bad_input("Duplicate IDs found in batch input")
    return inputs


def _all_traced(inputs: Sequence[Mapping[str, Any]]) -> bool:
    traces = [one.get("objectWriteTraceId") for one in inputs]
    return all(traces) and len(set(traces)) == len(traces)


def _context(verb: str, one: Mapping[str, Any]) -> dict[str, list[str]]:
    return {"ids": [str(one.get("id"))]} if verb == "read" else {"objectWriteTraceId": [str(one["objectWriteTraceId"])]}
