"""A prepared account: the sandbox on loopback with our fields deployed, people and a queue, the CRM role before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.salesforce.crm import crm
from connectors.salesforce.sandbox import DEMO_KEY, DEMO_SECRET, serve
from connectors.salesforce.sandbox.hands import Hands
from connectors.salesforce.sandbox.ids import shown as id_of
from connectors.salesforce.sandbox.store import Row, Store
from connectors.salesforce.setup import setup
from leadrelay.local.crm_world import Owner, Sandbox, World
from leadrelay.ports.crm import Crm

SECRET = {"domain": "acme.my", "consumer_key": DEMO_KEY, "consumer_secret": DEMO_SECRET}
PATIENCE = (3.0, 3.0)  # seconds: what the sandbox holds back is longer, what a busy machine holds back is not
PATIENT = (5.0, 30.0)  # however busy the machine is
REP, GONE, OTHER, QUEUE = id_of("User", "7"), id_of("User", "8"), id_of("User", "9"), id_of("Group", "5")


LIVE = "--live-salesforce"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known when this folder is named on the command line: `pytest tests/connectors/salesforce --live-salesforce`."""
    parser.addoption(LIVE, action="store_true", help="also run the contract against a Salesforce org (test_live.py)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the option, what would speak to an org is not there at all."""
    if config.getoption(LIVE, default=False):
        return
    live = [item for item in items if "live salesforce" in item.name]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in live]


@dataclass(frozen=True, slots=True)
class Account:
    """The sandbox, the CRM role before it, and ways to look inside."""

    sandbox: Sandbox
    crm: Crm

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def hasty(self) -> Crm:
        """The same account through a client that does not wait long."""
        return crm(SECRET, self.sandbox.url, PATIENCE)

    @property
    def store(self) -> Store:
        return Store(self.world)

    def rows(self, kind: str) -> list[Row]:
        """The rows that are not deleted, oldest first."""
        return self.store.rows(kind)

    def row(self, crm_id: str) -> Row:
        """The row with this id."""
        return next(row for kind in ("Lead", "Contact", "Task") for row in self.rows(kind) if row["Id"] == crm_id)

    @property
    def hands(self) -> Hands:
        """What people do in Salesforce's pages."""
        return Hands(self.store)

    def put(self, kind: str, **values: str) -> str:
        """A record somebody made by hand; returns its id."""
        needed = {"Lead": {"LastName": "Doe", "Company": "Example"}, "Contact": {"LastName": "Doe"}}.get(kind, {})
        return self.hands.add(kind, {"OwnerId": REP, **needed, **values}, REP)

    def edit(self, crm_id: str, **values: str) -> None:
        """A person changes fields by hand."""
        self.hands.change(crm_id, values, REP)

    def convert(self, lead_id: str) -> str:
        """A rep converts a lead; returns the contact's id. What hangs on it goes along."""
        return self.hands.convert(lead_id)["Contact"]

    def calls(self) -> list[str]:
        """Every request but the logins, as "METHOD /path" below the API's base."""
        asked = (f"{one.method} {one.path}" for one in self.world.journal() if "/services/oauth2" not in one.path)
        return [line.replace("/services/data/v62.0", "") for line in asked]

    def logins(self) -> int:
        """How many tokens were asked for."""
        return sum("/oauth2/token" in one.path for one in self.world.journal())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve() as running:
        people = ((REP, "rep.one", True), (GONE, "rep.two", False), (OTHER, "rep.three", True))
        for owner_id, name, active in people:
            running.world.put_owner(Owner(owner_id, f"{name}@example.test", "Rep", name, active=active))
        running.world.put_owner(Owner(QUEUE, "", "Queue", "One"))
        yield running


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    role = setup(SECRET, sandbox.url)
    role.apply(role.plan())
    return Account(sandbox, crm(SECRET, sandbox.url, PATIENT))
