"""How Salesforce is spoken to: tokens, hosts, API versions, the day's calls, and which endpoint does what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.salesforce.sandbox.batches import Collections, Composite
from connectors.salesforce.sandbox.cards import cards
from connectors.salesforce.sandbox.errors import FAULTS, Bad, not_found, over_limit
from connectors.salesforce.sandbox.oauth import Client, Tokens, identity
from connectors.salesforce.sandbox.objects import Objects
from connectors.salesforce.sandbox.query import LARGEST_PAGE, Cursors, Query
from connectors.salesforce.sandbox.rules import SPELLINGS, Flags, Policies, Rules
from connectors.salesforce.sandbox.schema import OBJECTS, Schema
from connectors.salesforce.sandbox.store import INTEGRATION, ME, Store
from leadrelay.local.crm_world import Card, Reply, Request, World

VERSIONS = tuple(f"{number}.0" for number in range(52, 69))
BASE = re.compile(rf"/services/data/v(?P<version>{'|'.join(VERSIONS)})(?P<rest>/.*|)".replace(".0", r"\.0"))
OPTIONS = re.compile(r"batchsize=(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's switches. `duplicate_rule` refuses a lead or contact whose e-mail is taken; `default_owner` is who
    gets a lead when assignment rules run; `page_size` is the longest page of a query."""

    daily_limit: int = 15_000
    default_owner: str = ME
    duplicate_rule: bool = False
    duplicate_spelling: str = SPELLINGS[0]
    page_size: int = LARGEST_PAGE


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way: what is left of the path is in `names`."""

    request: Request
    base: str
    objects: Objects
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of the request, empty where there is none."""
        return self.request.body if isinstance(self.request.body, dict) else {}

    @property
    def kind(self) -> str:
        """The object that the path names. Raises Bad for one that is not there."""
        return known(self.names["kind"])


class SalesforceDialect:
    """Salesforce over a world; see `leadrelay.local.crm_world.server.Dialect`."""

    title = "Salesforce sandbox"

    def __init__(self, world: World, client: Client) -> None:
        self._world = world
        self._tokens = Tokens(client)
        self._settings = Settings()
        self._used = 0
        self._store = Store(world)
        self._cursors = Cursors()
        self._routes = self._table()

    def answer(self, request: Request) -> Reply:
        """Every answer says how many of the day's calls are used."""
        self._seed()
        try:
            reply = self._admitted(request)
        except Bad as bad:
            reply = bad.reply()
        return self._headed(reply)

    def refuse(self, effect: str) -> Reply:
        """Salesforce's words for an injected fault."""
        return self._headed(FAULTS[effect])

    def cards(self) -> list[Card]:
        """What the sales rep sees."""
        self._seed()
        return cards(self._store)

    def configure(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Change switches; returns them all. `expire` ends every token given so far.

        Raises ValueError for an unknown or impossible one.
        """
        given: dict[str, Any] = dict(settings)
        if given.pop("expire", False):
            self._tokens.expire()
        unknown = set(given) - set(Settings.__slots__)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        if given.get("duplicate_spelling", SPELLINGS[0]) not in SPELLINGS:
            raise ValueError(f"duplicate_spelling is one of {', '.join(SPELLINGS)}")
        self._settings = replace(self._settings, **given)
        return {name: getattr(self._settings, name) for name in Settings.__slots__}

    # -- admission

    def _seed(self) -> None:
        if self._world.owner(ME) is None:
            self._world.put_owner(INTEGRATION)

    def _admitted(self, request: Request) -> Reply:
        if request.line == "POST /services/oauth2/token":
            return self._tokens.issued(request)
        if request.path.rstrip("/") == "/services/data":
            return Reply(200, [_version(number) for number in VERSIONS])
        self._tokens.admitted(request)
        if request.path == "/services/oauth2/userinfo" or request.path.startswith("/id/"):
            return Reply(200, identity())
        if self._used >= self._settings.daily_limit:
            raise over_limit()
        self._used += 1
        return self._routed(request)

    def _routed(self, request: Request) -> Reply:
        found = BASE.fullmatch(request.path)
        if found is None:
            raise not_found()
        base = f"/services/data/v{found['version']}"
        call = Call(request, base, self._objects(request, base))
        for method, pattern, endpoint in self._routes:
            place = pattern.fullmatch(found["rest"].rstrip("/"))
            if place and method == request.method:
                return endpoint(replace(call, names=place.groupdict()))
        raise not_found()

    def _inner(self, request: Request) -> Reply:
        """A request inside a composite one: refused for itself alone."""
        try:
            return self._routed(request)
        except Bad as bad:
            return bad.reply()

    def _objects(self, request: Request, base: str) -> Objects:
        said = self._settings
        policies = Policies(said.default_owner, said.duplicate_rule, said.duplicate_spelling)
        schema = Schema(self._world, ME)
        return Objects(Rules(self._store, schema, policies, Flags.of(request.headers)), base)

    def _headed(self, reply: Reply) -> Reply:
        usage = {"Sforce-Limit-Info": f"api-usage={self._used}/{self._settings.daily_limit}"}
        return replace(reply, headers={**reply.headers, **usage})

    # -- endpoints

    def _table(self) -> list[tuple[str, re.Pattern[str], Callable[[Call], Reply]]]:
        """Method, path below the version, and what answers."""
        kind, one, many = r"/sobjects/(?P<kind>\w+)", r"(?P<id>[^/]+)", r"/composite/sobjects"
        rows: list[tuple[str, str, Callable[[Call], Reply]]] = [
            ("GET", "", lambda c: Reply(200, {name: f"{c.base}/{name}" for name in ("sobjects", "query", "limits")})),
            ("GET", r"/limits", lambda _: Reply(200, self._limits())),
            ("GET", r"/query(?P<all>All)?", self._query),
            ("GET", r"/query(?:All)?/(?P<locator>01g\w+)-(?P<start>\d{1,9})", self._more),
            ("GET", r"/sobjects", lambda c: Reply(200, c.objects.listed())),
            ("GET", kind, lambda c: Reply(200, {"objectDescribe": c.objects.summary(c.kind), "recentItems": []})),
            ("GET", rf"{kind}/describe", lambda c: Reply(200, c.objects.described(c.kind))),
            ("GET", rf"{kind}/deleted", _deleted),
            ("POST", kind, lambda c: Reply(201, c.objects.create(c.kind, c.request.body))),
            ("GET", rf"{kind}/{one}", _read),
            ("PATCH", rf"{kind}/{one}", _update),
            ("DELETE", rf"{kind}/{one}", _delete),
            ("GET", rf"{kind}/(?P<field>\w+)/{one}", _read_by_key),
            ("PATCH", rf"{kind}/(?P<field>\w+)/{one}", _upsert),
            ("POST", many, lambda c: Collections(c.objects).create(c.body)),
            ("PATCH", many, lambda c: Collections(c.objects).update(c.body)),
            ("DELETE", many, lambda c: Collections(c.objects).delete(c.request.query)),
            ("PATCH", rf"{many}/(?P<kind>\w+)/(?P<field>\w+)", _upsert_many),
            ("GET", rf"{many}/(?P<kind>\w+)", _read_many),
            ("POST", rf"{many}/(?P<kind>\w+)", _read_named),
            ("POST", r"/composite", lambda c: Composite(c.objects, self._inner).answer(c.body)),
        ]
        return [(method, re.compile(path), endpoint) for method, path, endpoint in rows]

    def _limits(self) -> dict[str, dict[str, int]]:
        most = self._settings.daily_limit
        return {"DailyApiRequests": {"Max": most, "Remaining": max(most - self._used, 0)}}

    def _query(self, call: Call) -> Reply:
        query = Query(self._store, call.objects.schema, call.base)
        records, count = query.answered(call.request.query.get("q", ""), deleted=bool(call.names["all"]))
        if count is not None:
            return Reply(200, {"totalSize": count, "done": True, "records": []})
        return Reply(200, self._cursors.first(records, self._page_size(call), f"{call.base}/query"))

    def _more(self, call: Call) -> Reply:
        locator, start = call.names["locator"], int(call.names["start"])
        return Reply(200, self._cursors.page(locator, start, self._page_size(call), f"{call.base}/query"))

    def _page_size(self, call: Call) -> int:
        asked = OPTIONS.search(call.request.headers.get("sforce-query-options", "").lower().replace(" ", ""))
        return min(int(asked[1]) if asked else LARGEST_PAGE, self._settings.page_size)


def known(name: str) -> str:
    """The object of this name. Raises Bad where the org has none."""
    if name not in OBJECTS:
        raise not_found()
    return name


def _version(number: str) -> dict[str, str]:
    return {"label": f"Release {number}", "url": f"/services/data/v{number}", "version": number}


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
