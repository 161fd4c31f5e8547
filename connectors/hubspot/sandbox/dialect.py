"""How HubSpot is spoken to: versions of paths, token, scopes, rate limits, and which endpoint does what."""

from __future__ import annotations

import hmac
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.hubspot.sandbox.associations import Associations
from connectors.hubspot.sandbox.cards import cards
from connectors.hubspot.sandbox.errors import FAULTS, Bad, no_entry, no_scope, too_many
from connectors.hubspot.sandbox.hands import Hands
from connectors.hubspot.sandbox.hooks import Telling, hooks
from connectors.hubspot.sandbox.kinds import CONTACTS
from connectors.hubspot.sandbox.objects import Objects
from connectors.hubspot.sandbox.paths import Call, unversioned
from connectors.hubspot.sandbox.pipelines import flows, flows_read
from connectors.hubspot.sandbox.routes import Route, compiled, links, records, scope_of, settings
from connectors.hubspot.sandbox.rules import MERGED_IDS, STAGE_RULES
from connectors.hubspot.sandbox.schema import Account, details, seed, usage
from connectors.hubspot.sandbox.search import Search
from leadrelay.local.crm_world import Card, Change, Reply, Request, World

WINDOW = 10.0  # seconds
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's switches. `limit_per_10s` 0 means no limit; `missing_scopes` are refused with 403; `retry_after` is
    the header of a 429 in seconds, 0 leaves it out, as HubSpot mostly does. `search_lag` is how many seconds the search
    index is behind, `search_ragged` lets each change lag by a part of it; `flows` are the account's workflows,
    `currency` (ISO 4217) is what its deals are in unless they say otherwise; `hooks` tells an
    app of every change, see `hooks.Hooks`."""

    stage_rule: str = "ignore"
    merged_ids: str = "follow"
    limit_per_10s: int = 0
    daily_limit: int = 250_000
    missing_scopes: tuple[str, ...] = ()
    retry_after: int = 0
    search_lag: float = 0.0
    search_ragged: bool = False
    flows: tuple[Mapping[str, object], ...] = ()
    currency: str = "EUR"
    hooks: Mapping[str, object] = field(default_factory=dict)


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
        self.hands = Hands(world)
        self._search = Search(world)
        self.telling: Telling | None = None
        world.listen(self._hear)
        self._routes: list[Route] = [
            *links(Associations(world)),
            *records(self._objects, self._search),
            *settings(Account(world)),
            *compiled([("GET", r"/account-info/api-usage/daily/private-apps", "", self._usage)]),
            *compiled([("GET", r"/account-info/details", "", self._details)]),
            *compiled([("GET", r"/flows/?", "automation", self._flows)]),
            *compiled([("POST", r"/flows/batch/read", "automation", self._flows_read)]),
        ]

    def answer(self, request: Request) -> Reply:
        """Every answer but a search's carries the rate headers, refusals too."""
        if not self._world.properties(CONTACTS):
            seed(self._world)
        try:
            reply = self._admitted(request)
        except Bad as bad:
            reply = bad.reply()
        return reply if request.path.endswith("/search") else self._headed(reply)

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
        for name, choices in (("stage_rule", STAGE_RULES), ("merged_ids", MERGED_IDS)):
            if settings.get(name, choices[0]) not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}")
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        if "hooks" in changed:
            self._tell(changed["hooks"])
        self._settings = replace(self._settings, **changed)
        self._objects.stage_rule = self._settings.stage_rule  # type: ignore[assignment]  # checked above
        self._objects.merged_ids = self._settings.merged_ids  # type: ignore[assignment]  # checked above
        self._search.lag, self._search.ragged = float(self._settings.search_lag), bool(self._settings.search_ragged)
        shown = {name: getattr(self._settings, name) for name in Settings.__slots__}
        return {**shown, "hooks": {name: value for name, value in self._settings.hooks.items() if name != "secret"}}

    def _tell(self, chosen: Mapping[str, Any]) -> None:
        """Another app is told from now on, or none."""
        self.telling = Telling(self._world, hooks(chosen)) if chosen else None

    def _hear(self, change: Change) -> None:
        if self.telling:
            self.telling.hear(change)

    # -- admission

    def _admitted(self, request: Request) -> Reply:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise no_entry()
        self._count()
        call = unversioned(request)
        for method, pattern, scope, endpoint in self._routes:
            found = pattern.fullmatch(call.request.path)
            if found and method == request.method:
                named = call.with_names(found.groupdict())
                if scope_of(scope, named) in self._settings.missing_scopes:
                    raise no_scope(scope_of(scope, named))
                return endpoint(named)
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

    # -- what an account tells about itself

    def _usage(self, _: Call) -> Reply:
        return usage(self._used, self._settings.daily_limit)

    def _details(self, _: Call) -> Reply:
        return details(self._settings.currency)

    def _flows(self, _: Call) -> Reply:
        return flows(self._settings.flows)

    def _flows_read(self, call: Call) -> Reply:
        return flows_read(self._settings.flows, call.body)
