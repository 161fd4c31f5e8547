"""How Salesforce is spoken to: tokens, hosts, API versions, the day's calls, and which endpoint does what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.salesforce.sandbox.cards import cards
from connectors.salesforce.sandbox.deploy import Deploys
from connectors.salesforce.sandbox.errors import FAULTS, Bad, not_found, over_limit
from connectors.salesforce.sandbox.hands import Hands
from connectors.salesforce.sandbox.oauth import Client, Tokens, identity
from connectors.salesforce.sandbox.objects import Objects
from connectors.salesforce.sandbox.outbound import Outbound, Telling
from connectors.salesforce.sandbox.query import LARGEST_PAGE, Cursors
from connectors.salesforce.sandbox.routes import Call, Org, answered
from connectors.salesforce.sandbox.rules import SPELLINGS, Flags, Policies, Rules
from connectors.salesforce.sandbox.schema import Schema
from connectors.salesforce.sandbox.store import INTEGRATION, ME, Store
from leadrelay.local.crm_world import Card, Change, Reply, Request, World

MULTI_CURRENCY = ("Opportunity.CurrencyIsoCode",)
VERSIONS = tuple(f"{number}.0" for number in range(52, 69))
BASE = re.compile(rf"/services/data/v(?P<version>{'|'.join(VERSIONS)})(?P<rest>/.*|)".replace(".0", r"\.0"))


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's switches.

    `default_owner` gets a lead when assignment rules run; `duplicate_rule` refuses a lead or contact whose e-mail is
    taken, and spells its answer as `duplicate_spelling` says. `page_size` is the longest page of a query; a deployment
    is done when it was asked about `deploy_polls` times; with `multi_currency` each deal has a currency of its own.
    `outbound` tells an address on this machine of every change, see `outbound.Outbound`.
    """

    daily_limit: int = 15_000
    default_owner: str = ME
    duplicate_rule: bool = False
    duplicate_spelling: str = SPELLINGS[0]
    page_size: int = LARGEST_PAGE
    deploy_polls: int = 1
    multi_currency: bool = False
    outbound: Mapping[str, object] = field(default_factory=dict)


class SalesforceDialect:
    """Salesforce over a world; see `leadrelay.local.crm_world.server.Dialect`."""

    title = "Salesforce sandbox"

    def __init__(self, world: World, client: Client) -> None:
        self._world = world
        self._tokens = Tokens(client)
        self._settings = Settings()
        self._used = 0
        self._store = Store(world)
        self.hands = Hands(self._store)
        self.telling: Telling | None = None
        world.listen(self._hear)
        self._org = Org(Cursors(), Deploys(self._store))

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
        if "outbound" in given:
            self.telling = Telling(self._store, Outbound.of(given["outbound"])) if given["outbound"] else None
        self._settings = replace(self._settings, **given)
        self._org.deploys.polls = self._settings.deploy_polls
        return {name: getattr(self._settings, name) for name in Settings.__slots__}

    def _hear(self, change: Change) -> None:
        if self.telling:
            self.telling.hear(change)

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
        call = Call(request, base, self._objects(request, base), self._org, self._inner, self._limits())
        return answered(replace(call, longest_page=self._settings.page_size), found["rest"])

    def _inner(self, request: Request) -> Reply:
        """A request inside a composite one: refused for itself alone."""
        try:
            return self._routed(request)
        except Bad as bad:
            return bad.reply()

    def _objects(self, request: Request, base: str) -> Objects:
        said = self._settings
        policies = Policies(said.default_owner, said.duplicate_rule, said.duplicate_spelling)
        schema = Schema(self._world, ME, () if said.multi_currency else MULTI_CURRENCY)
        return Objects(Rules(self._store, schema, policies, Flags.of(request.headers)), base)

    def _limits(self) -> dict[str, dict[str, int]]:
        most = self._settings.daily_limit
        return {"DailyApiRequests": {"Max": most, "Remaining": max(most - self._used, 0)}}

    def _headed(self, reply: Reply) -> Reply:
        usage = {"Sforce-Limit-Info": f"api-usage={self._used}/{self._settings.daily_limit}"}
        return replace(reply, headers={**reply.headers, **usage})


def _version(number: str) -> dict[str, str]:
    return {"label": f"Release {number}", "url": f"/services/data/v{number}", "version": number}
