"""Many records in one call: collections of up to 200, and composite requests of up to 25 that build on one another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.salesforce.sandbox.errors import Bad, unreadable
from connectors.salesforce.sandbox.ids import kind_of
from connectors.salesforce.sandbox.objects import Objects
from connectors.salesforce.sandbox.org import OBJECTS
from leadrelay.local.crm_world import Reply, Request

LARGEST_COLLECTION = 200
LARGEST_COMPOSITE = 25
REFERENCE = re.compile(r"@\{(?P<name>\w+)\.(?P<path>[\w.\[\]]+)\}")
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"
HALTED = "The transaction was rolled back since another operation in the same transaction failed."
FAILED = 400
Work = Callable[[], dict[str, Any]]


class Undone(Exception):
    """Ends a transaction in which something failed."""


@dataclass(frozen=True, slots=True)
class Collections:
    """The collection endpoints: always 200, one result for each record, in order."""

    objects: Objects

    def create(self, body: object) -> Reply:
        """POST composite/sobjects"""
        records = _records(body)
        return self._each(body, [self._work("create", record) for record in records])

    def update(self, body: object) -> Reply:
        """PATCH composite/sobjects"""
        return self._each(body, [self._work("update", record) for record in _records(body)])

    def upsert(self, kind: str, field: str, body: object) -> Reply:
        """PATCH composite/sobjects/{kind}/{external id field}: one object, and the field in every record"""
        records = _records(body)
        twice = _repeated([str(record.get(field, "")).lower() for record in records])
        if any(_type(record) != kind for record in records):
            raise unreadable(f"every record must be a {kind}")
        return self._each(body, [self._upsertion(kind, field, record, twice) for record in records])

    def delete(self, query: Mapping[str, str]) -> Reply:
        """DELETE composite/sobjects?ids="""
        ids = _limited([one for one in query.get("ids", "").split(",") if one])
        work = [partial(self.objects.delete, kind_of(one), one) for one in ids]
        return self._each({"allOrNone": query.get("allOrNone") == "true"}, work)

    def read(self, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Reply:
        """GET or POST composite/sobjects/{kind}: null for what is not there"""
        return Reply(200, [self._found(kind, one, fields) for one in _limited(ids)])

    def _found(self, kind: str, record_id: str, fields: Sequence[str]) -> dict[str, Any] | None:
        try:
            row = self.objects.alive(kind, record_id)
        except Bad:
            return None
        return self.objects.shown(kind, row, list(fields))

    def _work(self, verb: str, record: Mapping[str, Any]) -> Work:
        kind = _type(record)
        fields = {name: value for name, value in record.items() if name.lower() not in {"attributes", "id"}}
        if verb == "create":
            return lambda: self.objects.create(kind, fields)
        record_id = str(record.get("id") or record.get("Id") or "")
        return lambda: self.objects.update(kind, record_id, fields)

    def _upsertion(self, kind: str, field: str, record: Mapping[str, Any], twice: set[str]) -> Work:
        value = str(record.get(field, ""))
        fields = {name: one for name, one in record.items() if name not in {"attributes", field, "id", "Id"}}

        def work() -> dict[str, Any]:
            if not value:
                raise Bad(400, "MISSING_ARGUMENT", f"{field} not specified")
            if value.lower() in twice:
                raise Bad(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [field])
            return self.objects.upserted(kind, field, value, fields)

        return work

    def _each(self, body: object, work: Sequence[Work]) -> Reply:
        together = isinstance(body, dict) and body.get("allOrNone") is True
        results: list[dict[str, Any]] = []
        try:
            with self.objects.store.undoable():
                results.extend(_result(one) for one in work)
                if together and not all(result["success"] for result in results):
                    raise Undone
        except Undone:
            results = [_undone(result) for result in results]
        return Reply(200, results)


@dataclass(frozen=True, slots=True)
class Composite:
    """POST composite: requests in order, each its own status; a later one may use what an earlier one answered."""

    objects: Objects
    route: Callable[[Request], Reply]

    def answer(self, body: object) -> Reply:
        """Runs the requests. Raises Bad for a body that is no composite request."""
        asked = body.get("compositeRequest") if isinstance(body, dict) else None
        if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
            raise unreadable("compositeRequest must be a list")
        if len(asked) > LARGEST_COMPOSITE:
            raise Bad(400, "LIMIT_EXCEEDED", f"Cannot execute more than {LARGEST_COMPOSITE} composite subrequests")
        together = isinstance(body, dict) and body.get("allOrNone") is True
        answers: dict[str, Reply] = {}
        try:
            with self.objects.store.undoable():
                for one in asked:
                    answers[str(one.get("referenceId"))] = self._one(one, answers)
                if together and any(reply.status >= FAILED for reply in answers.values()):
                    raise Undone
        except Undone:
            answers = {name: _halted(reply) for name, reply in answers.items()}
        return Reply(200, {"compositeResponse": [_told(name, reply) for name, reply in answers.items()]})

    def _one(self, asked: Mapping[str, Any], answers: Mapping[str, Reply]) -> Reply:
        try:
            filled = json.loads(_filled(json.dumps(asked), answers))
        except LookupError as error:
            return Bad(400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {error}").reply()
        url = urlsplit(str(filled.get("url", "")))
        # Only what says who is asking comes from the outer request: `Sforce-…` headers are each request's own.
        given = filled.get("httpHeaders")
        headers = {name.lower(): str(value) for name, value in (given if isinstance(given, dict) else {}).items()}
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        return self.route(Request(str(filled.get("method")), unquote(url.path), query, headers, filled.get("body")))


def _filled(text: str, answers: Mapping[str, Reply]) -> str:
    def value(found: re.Match[str]) -> str:
        place: Any = answers[found["name"]].body
        for step in re.split(r"\.", found["path"]):
            name, *indexes = re.findall(r"\w+", step)
            place = place[name]
            for index in indexes:
                place = place[int(index)]
        return json.dumps(str(place))[1:-1]

    def found(match: re.Match[str]) -> str:
        try:
            return value(match)
        except (KeyError, IndexError, TypeError):
            raise LookupError(f"{match['name']}.{match['path']}") from None

    return REFERENCE.sub(found, text)


def _told(name: str, reply: Reply) -> dict[str, Any]:
    status, headers = {"httpStatusCode": reply.status, "referenceId": name}, dict(reply.headers)
    return {"body": reply.body, "httpHeaders": headers, **status}


def _halted(reply: Reply) -> Reply:
    return reply if reply.status >= FAILED else Bad(400, "PROCESSING_HALTED", HALTED).reply()


def _result(work: Work) -> dict[str, Any]:
    try:
        return work()
    except Bad as bad:
        return bad.item()


def _undone(result: Mapping[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return dict(result)
    return Bad(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, ()).item()


def _records(body: object) -> list[Mapping[str, Any]]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise unreadable("records must be a list of objects")
    for record in records:
        _type(record)
    return _limited(records)


def _limited(items: Sequence[Any]) -> list[Any]:
    if len(items) > LARGEST_COLLECTION:
        message = f"record limit reached. cannot submit more than {LARGEST_COLLECTION} records into this call"
        raise Bad(400, "EXCEEDED_ID_LIMIT", message)
    return list(items)


def _type(record: Mapping[str, Any]) -> str:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(kind, str):
        raise Bad(400, "INVALID_FIELD", "attributes.type is missing from a record")
    if kind not in OBJECTS:
        raise Bad(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    return kind


def _repeated(values: Sequence[str]) -> set[str]:
    return {value for value in values if values.count(value) > 1}
