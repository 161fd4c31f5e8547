"""Which endpoint does what: method, path below the version, and what answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.salesforce.sandbox.batches import Collections, Composite
from connectors.salesforce.sandbox.deploy import Deploys
from connectors.salesforce.sandbox.errors import not_found
from connectors.salesforce.sandbox.objects import Objects
from connectors.salesforce.sandbox.org import OBJECTS
from connectors.salesforce.sandbox.query import LARGEST_PAGE, Cursors, Query
from leadrelay.local.crm_world import Reply, Request

OPTIONS = re.compile(r"batchsize=(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Org:
    """What outlives a request: the answers still to be read, the deployments, and how many calls the day has."""

    cursors: Cursors
    deploys: Deploys


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way: what is left of the path is in `names`."""

    request: Request
    base: str
    objects: Objects
    org: Org
    inner: Callable[[Request], Reply]
    limits: Mapping[str, Mapping[str, int]]
    longest_page: int = LARGEST_PAGE
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of the request, empty where there is none."""
        return self.request.body if isinstance(self.request.body, dict) else {}

    @property
    def kind(self) -> str:
        """The object that the path names. Raises Bad for one that is not there."""
        return known(self.names["kind"])


KIND, ONE, MANY = r"/sobjects/(?P<kind>\w+)", r"(?P<id>[^/]+)", r"/composite/sobjects"
DEPLOYS = r"/metadata/deployRequest"


def answered(call: Call, rest: str) -> Reply:
    """The answer of the endpoint at this path. Raises Bad, also where there is none."""
    for method, pattern, endpoint in TABLE:
        place = pattern.fullmatch(rest.rstrip("/"))
        if place and method == call.request.method:
            return endpoint(replace(call, names=place.groupdict()))
    raise not_found()


def known(name: str) -> str:
    """The object of this name. Raises Bad where the org has none."""
    if name not in OBJECTS:
        raise not_found()
    return name


def _read(call: Call) -> Reply:
    return Reply(200, call.objects.read(call.kind, call.names["id"], call.request.query.get("fields", "")))


def _update(call: Call) -> Reply:
    call.objects.update(call.kind, call.names["id"], call.request.body)
    return Reply(204)


def _delete(call: Call) -> Reply:
    call.objects.delete(call.kind, call.names["id"])
    return Reply(204)


def _deleted(call: Call) -> Reply:
    query = call.request.query
    return Reply(200, call.objects.deleted_between(call.kind, query.get("start", ""), query.get("end", "")))


def _read_by_key(call: Call) -> Reply:
    rows = call.objects.by_external_id(call.kind, call.names["field"], call.names["id"])
    if not rows:
        raise not_found()
    names = [name for name in call.request.query.get("fields", "").split(",") if name]
    return Reply(200, call.objects.shown(call.kind, rows[0], names))


def _upsert(call: Call) -> Reply:
    only = call.request.query.get("updateOnly", "false").lower() == "true"
    place = call.kind, call.names["field"], call.names["id"]
    result = call.objects.upsert(*place, call.request.body, update_only=only)
    return Reply(201 if result["created"] else 200, result)


def _upsert_many(call: Call) -> Reply:
    return Collections(call.objects).upsert(call.kind, call.names["field"], call.body)


def _read_many(call: Call) -> Reply:
    asked = (call.request.query.get(name, "").split(",") for name in ("ids", "fields"))
    return Collections(call.objects).read(call.kind, *asked)


def _read_named(call: Call) -> Reply:
    return Collections(call.objects).read(call.kind, call.body.get("ids") or [], call.body.get("fields") or [])


def _query(call: Call) -> Reply:
    query = Query(call.objects.store, call.objects.schema, call.base)
    records, count = query.answered(call.request.query.get("q", ""), deleted=bool(call.names["all"]))
    if count is not None:
        return Reply(200, {"totalSize": count, "done": True, "records": []})
    return Reply(200, call.org.cursors.first(records, _page_size(call), f"{call.base}/query"))


def _more(call: Call) -> Reply:
    locator, start = call.names["locator"], int(call.names["start"])
    return Reply(200, call.org.cursors.page(locator, start, _page_size(call), f"{call.base}/query"))


def _page_size(call: Call) -> int:
    asked = OPTIONS.search(call.request.headers.get("sforce-query-options", "").lower().replace(" ", ""))
    return min(int(asked[1]) if asked else LARGEST_PAGE, call.longest_page)


def _deploy_asked(call: Call) -> Reply:
    details = call.request.query.get("includeDetails", "").lower() == "true"
    return call.org.deploys.asked(call.names["id"], details=details)


_ENDPOINTS: tuple[tuple[str, str, Callable[[Call], Reply]], ...] = (
    ("GET", "", lambda c: Reply(200, {name: f"{c.base}/{name}" for name in ("sobjects", "query", "limits")})),
    ("GET", r"/limits", lambda c: Reply(200, c.limits)),
    ("GET", r"/query(?P<all>All)?", _query),
    ("GET", r"/query(?:All)?/(?P<locator>01g\w+)-(?P<start>\d{1,9})", _more),
    ("GET", r"/sobjects", lambda c: Reply(200, c.objects.listed())),
    ("GET", KIND, lambda c: Reply(200, {"objectDescribe": c.objects.summary(c.kind), "recentItems": []})),
    ("GET", rf"{KIND}/describe", lambda c: Reply(200, c.objects.described(c.kind))),
    ("GET", rf"{KIND}/deleted", _deleted),
    ("POST", KIND, lambda c: Reply(201, c.objects.create(c.kind, c.request.body))),
    ("GET", rf"{KIND}/{ONE}", _read),
    ("PATCH", rf"{KIND}/{ONE}", _update),
    ("DELETE", rf"{KIND}/{ONE}", _delete),
    ("GET", rf"{KIND}/(?P<field>\w+)/{ONE}", _read_by_key),
    ("PATCH", rf"{KIND}/(?P<field>\w+)/{ONE}", _upsert),
    ("POST", MANY, lambda c: Collections(c.objects).create(c.body)),
    ("PATCH", MANY, lambda c: Collections(c.objects).update(c.body)),
    ("DELETE", MANY, lambda c: Collections(c.objects).delete(c.request.query)),
    ("PATCH", rf"{MANY}/(?P<kind>\w+)/(?P<field>\w+)", _upsert_many),
    ("GET", rf"{MANY}/(?P<kind>\w+)", _read_many),
    ("POST", rf"{MANY}/(?P<kind>\w+)", _read_named),
    ("POST", r"/composite", lambda c: Composite(c.objects, c.inner).answer(c.body)),
    ("POST", DEPLOYS, lambda c: c.org.deploys.begin(c.request, c.base)),
    ("GET", rf"{DEPLOYS}/{ONE}", _deploy_asked),
)
TABLE = tuple((method, re.compile(path), endpoint) for method, path, endpoint in _ENDPOINTS)
