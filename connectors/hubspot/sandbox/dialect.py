"""How HubSpot is spoken to: versions of paths, token, scopes, rate limits, and which endpoint does what."""

from __future__ import annotations

import hmac
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.hubspot.sandbox.cards import cards
from connectors.hubspot.sandbox.errors import FAULTS, Bad, no_entry, no_scope, too_many
from connectors.hubspot.sandbox.objects import KINDS, VERBS, Objects
from connectors.hubspot.sandbox.rules import STAGE_RULES
from connectors.hubspot.sandbox.schema import Account, seed, usage
from leadrelay.local.crm_world import Card, Reply, Request, World

WINDOW = 10.0  # seconds
TOO_MANY = 429
KIND = rf"(?P<kind>{'|'.join(KINDS)})"
VERB = rf"(?P<verb>{'|'.join(VERBS)})"
DATE = r"\d{4}-\d{2}"
# Both ways to write a path, and the one form the routes know.
VERSIONS = (
    (re.compile(rf"/crm/(?:v3/objects|objects/(?P<date>{DATE}))/"), "/objects/"),
    (re.compile(rf"/crm/(?:v4/objects|objects/(?P<date>{DATE}))/(?=\w+/\d+/associations/)"), "/objects/"),
    (re.compile(rf"/crm/(?:v3/properties|properties/(?P<date>{DATE}))/"), "/properties/"),
    (re.compile(rf"/crm/(?:v3/owners|owners/(?P<date>{DATE}))(?=/|$)"), "/owners"),
    (re.compile(rf"/account-info/(?:v3|(?P<date>{DATE}))/"), "/account-info/"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's switches. `limit_per_10s` 0 means no limit; `missing_scopes` are refused with 403; `retry_after` is
    the header of a 429 in seconds, 0 leaves it out, as HubSpot mostly does."""

    stage_rule: str = "ignore"
    limit_per_10s: int = 0
    daily_limit: int = 250_000
    missing_scopes: tuple[str, ...] = ()
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A request after its version is taken off: `dated` says that it came in a date version."""

    request: Request
    dated: bool
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of the request, empty where there is none."""
        return self.request.body if isinstance(self.request.body, dict) else {}


class HubSpotDialect:
    """HubSpot over a world; see `leadrelay.local.crm_world.server.Dialect`."""

    title = "HubSpot sandbox"

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self._settings = Settings()
        self._calls: deque[float] = deque()
        self._used = 0
        self._objects = Objects(world)
        self._account = Account(world)
        self._routes = self._table()

    def answer(self, request: Request) -> Reply:
        """Every answer carries the rate headers, refusals too."""
        if not self._world.properties(KINDS[0]):
            seed(self._world)
        try:
            reply = self._admitted(request)
        except Bad as bad:
            reply = bad.reply()
        return self._headed(reply)

    def refuse(self, effect: str) -> Reply:
        """HubSpot's words for an injected fault."""
        return self._headed(FAULTS[effect].reply())

    def cards(self) -> list[Card]:
        """What the sales rep sees."""
        return cards(self._world)

    def configure(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Change switches; returns them all. Raises ValueError for an unknown or impossible one."""
        unknown = set(settings) - set(Settings.__slots__)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        if settings.get("stage_rule", "ignore") not in STAGE_RULES:
            raise ValueError(f"stage_rule is one of {', '.join(STAGE_RULES)}")
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        self._settings = replace(self._settings, **changed)
        self._objects.stage_rule = self._settings.stage_rule  # type: ignore[assignment]  # checked above
        return {name: getattr(self._settings, name) for name in Settings.__slots__}

    # -- admission

    def _admitted(self, request: Request) -> Reply:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise no_entry()
        self._count()
        call = _unversioned(request)
        for method, pattern, scope, endpoint in self._routes:
            found = pattern.fullmatch(call.request.path)
            if found and method == request.method:
                if scope in self._settings.missing_scopes:
                    raise no_scope(scope)
                return endpoint(replace(call, names=found.groupdict()))
        raise Bad(404, "NOT_FOUND", "No such endpoint")

    def _count(self) -> None:
        now = time.monotonic()
        while self._calls and now - self._calls[0] > WINDOW:
            self._calls.popleft()
        if self._used >= self._settings.daily_limit:
            raise too_many("DAILY")
        if 0 < self._settings.limit_per_10s <= len(self._calls):
            raise too_many("TEN_SECONDLY_ROLLING")
        self._calls.append(now)
        self._used += 1

    def _headed(self, reply: Reply) -> Reply:
        again = {"Retry-After": str(self._settings.retry_after)} if self._settings.retry_after else {}
        return replace(reply, headers={**self._rate_headers(), **(again if reply.status == TOO_MANY else {})})

    def _rate_headers(self) -> dict[str, str]:
        most = self._settings.limit_per_10s or 190
        values = {
            "Max": most,
            "Remaining": max(most - len(self._calls), 0),
            "Interval-Milliseconds": int(WINDOW * 1000),
            "Daily": self._settings.daily_limit,
            "Daily-Remaining": max(self._settings.daily_limit - self._used, 0),
        }
        return {f"X-HubSpot-RateLimit-{name}": str(value) for name, value in values.items()}

    # -- endpoints

    def _table(self) -> list[tuple[str, re.Pattern[str], str, Callable[[Call], Reply]]]:
        """Method, path, the scope it needs, and what answers."""
        objects, account = self._objects, self._account
        read, write = "crm.objects.contacts.read", "crm.objects.contacts.write"
        one, schema = rf"/objects/{KIND}/(?P<id>\w+)", r"/properties/(?P<kind>\w+)"
        rows: list[tuple[str, str, str, Callable[[Call], Reply]]] = [
            ("POST", rf"/objects/{KIND}/batch/read", read, lambda call: self._batch(call, "read")),
            ("POST", rf"/objects/{KIND}/batch/{VERB}", write, lambda call: self._batch(call, call.names["verb"])),
            ("POST", rf"/objects/{KIND}/merge", write, lambda c: objects.merge(c.names["kind"], c.body)),
            ("POST", rf"/objects/{KIND}", write, lambda c: objects.create(c.names["kind"], c.body)),
            ("GET", rf"/objects/{KIND}", read, lambda c: objects.page(c.names["kind"], c.request.query)),
            ("GET", rf"/objects/{KIND}/(?P<id>[^/]+)", read, self._get),
            ("PATCH", rf"/objects/{KIND}/(?P<id>[^/]+)", write, self._update),
            ("DELETE", one, write, lambda c: objects.archive(c.names["kind"], c.names["id"])),
            ("GET", rf"{one}/associations/(?P<other>\w+)", read, self._associated),
            ("GET", rf"{schema}", "crm.schemas.contacts.read", lambda c: account.properties(c.names["kind"])),
            ("GET", rf"{schema}/groups", "crm.schemas.contacts.read", lambda c: account.groups(c.names["kind"])),
            ("POST", rf"{schema}/groups", "crm.schemas.contacts.write", self._create_group),
            ("POST", rf"{schema}/batch/create", "crm.schemas.contacts.write", self._create_properties),
            ("POST", rf"{schema}", "crm.schemas.contacts.write", self._create_property),
            ("GET", rf"{schema}/(?P<name>\w+)", "crm.schemas.contacts.read", self._property),
            ("GET", r"/owners/?", "crm.objects.owners.read", lambda c: account.owners(c.request.query)),
            ("GET", r"/owners/(?P<id>\w+)", "crm.objects.owners.read", lambda c: account.owner(c.names["id"])),
            ("GET", r"/account-info/api-usage/daily/private-apps", "", self._usage),
        ]
        return [(method, re.compile(path), scope, endpoint) for method, path, scope, endpoint in rows]

    def _batch(self, call: Call, verb: str) -> Reply:
        return self._objects.batch(call.names["kind"], verb, call.body, dated=call.dated)

    def _get(self, call: Call) -> Reply:
        return self._objects.get(call.names["kind"], call.names["id"], call.request.query)

    def _update(self, call: Call) -> Reply:
        return self._objects.update(call.names["kind"], call.names["id"], call.body, call.request.query)

    def _associated(self, call: Call) -> Reply:
        return self._objects.associated(call.names["kind"], call.names["id"], call.names["other"], call.request.query)

    def _create_group(self, call: Call) -> Reply:
        return self._account.create_group(call.names["kind"], call.body)

    def _create_property(self, call: Call) -> Reply:
        return self._account.create_property(call.names["kind"], call.body)

    def _create_properties(self, call: Call) -> Reply:
        return self._account.create_properties(call.names["kind"], call.body)

    def _property(self, call: Call) -> Reply:
        return self._account.property(call.names["kind"], call.names["name"])

    def _usage(self, _: Call) -> Reply:
        return usage(self._used, self._settings.daily_limit)


def _unversioned(request: Request) -> Call:
    for pattern, form in VERSIONS:
        found = pattern.match(request.path)
        if found:
            path = form + request.path[found.end() :]
            return Call(replace(request, path=path), dated=bool(found["date"]))
    raise Bad(404, "NOT_FOUND", "No such endpoint")
