"""A prepared account: the sandbox on loopback, our properties declared, two owners, and the real client before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.hubspot.crm import crm
from connectors.hubspot.sandbox import serve
from connectors.hubspot.setup import setup
from leadrelay.local.crm_world import Owner, Record, Sandbox, World
from leadrelay.ports.crm import Crm

TOKEN = "test-token"
PATIENCE = (1.0, 0.4)  # seconds: what the sandbox holds back is longer


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
