"""A prepared account: the sandbox on loopback, our properties declared, two owners, and the real client before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.hubspot import transport
from connectors.hubspot.crm import crm
from connectors.hubspot.sandbox import serve
from connectors.hubspot.setup import setup
from leadrelay.local.crm_world import Owner, Record, Sandbox, World
from leadrelay.ports.crm import Crm

TOKEN = "test-token"
PATIENCE = (3.0, 3.0)  # seconds: what the sandbox holds back is longer, what a busy machine holds back is not


LIVE = "--live-hubspot"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known when this folder is named on the command line: `pytest tests/connectors/hubspot --live-hubspot`."""
    parser.addoption(LIVE, action="store_true", help="also run the contract against a HubSpot account (test_live.py)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the option, what would speak to an account is not there at all."""
    if config.getoption(LIVE, default=False):
        return
    live = [item for item in items if "live hubspot" in item.name]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in live]


@pytest.fixture(autouse=True)
def validating_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client checks what we ask of it: a required argument that is missing raises ValueError."""
    address = transport._address
    monkeypatch.setattr(transport, "_address", lambda url: {**address(url), "client_side_validation": True})


@dataclass(frozen=True, slots=True)
class Account:
    """The sandbox, the CRM role before it, and ways to look inside."""

    sandbox: Sandbox
    crm: Crm
    version: str

    @property
    def world(self) -> World:
        return self.sandbox.world

    def contacts(self) -> list[Record]:
        return self.world.all("contacts")

    def asked(self, part: str) -> int:
        """How many requests had this in their "METHOD /path"."""
        return sum(part in f"{asked.method} {asked.path}" for asked in self.world.journal())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve(token=TOKEN) as running:
        running.world.put_owner(Owner("7", "rep.one@example.test", "Rep", "One"))
        running.world.put_owner(Owner("8", "rep.two@example.test", "Rep", "Two", active=False))
        yield running


@pytest.fixture(params=["v3", "2026-09"])
def account(sandbox: Sandbox, request: pytest.FixtureRequest) -> Account:
    role = setup({"token": TOKEN}, sandbox.url)
    role.apply(role.plan())
    return Account(sandbox, crm({"token": TOKEN}, sandbox.url, PATIENCE, request.param), request.param)
