"""The function that reads the outside: two kinds of facts from one queue, and who is asked about contacts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.kit.in_time import ContactsInTime
from functions import vendors, wiring
from functions.fetch.handler import handler as fetch
from leadrelay.domain.facts import Said
from leadrelay.ports.source import SourceSettings
from tests.system import MONDAY_NOON, System, message, noisy_rules
from tests.workflows import lives


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System(noisy_rules())
    monkeypatch.setattr(wiring, "telemetry", lambda: system.telemetry)
    monkeypatch.setattr(wiring, "fetch", lambda: system.works["TouchReceived"][1])
    monkeypatch.setattr(wiring, "second_look", lambda: system.works["ContactDoubted"][1])
    return system


def waiting(system: System, name: str) -> Said:
    return next(said for said in system.queue if said.name == name)


def test_each_fact_goes_to_its_own_work_and_what_is_nobodys_comes_back(system: System) -> None:
    lives.send(system, lives.demo())
    system.clock.set(MONDAY_NOON + timedelta(minutes=5))
    system.sweep()
    system.post(lives.demo("offer", "submission-0002", email="ben@example.com"))
    facts = [waiting(system, "ContactDoubted"), waiting(system, "TouchReceived")]
    wrong = next(said for said in system.said if said.name == "OwnerNeeded")
    records = [message(said, str(number)) for number, said in enumerate([*facts, wrong])]
    assert fetch({"Records": records}, None)["batchItemFailures"] == [{"itemIdentifier": "2"}]
    names = [said.name for said in system.said]
    assert "BreachConfirmed" in names
    assert names.count("TouchReady") == 2


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    vendors.looking.cache_clear()
    monkeypatch.setattr(vendors, "firsts", lambda path: {"token": path})
    yield
    vendors.looking.cache_clear()


@pytest.mark.usefixtures("secret")
def test_who_is_asked_is_kept_and_a_vendor_that_nobody_can_ask_is_none() -> None:
    settings = SourceSettings(name="crm", vendor="hubspot", options={"version": "2026-09"})
    asked = vendors.contacts(settings)
    assert isinstance(asked, ContactsInTime)
    assert vendors.contacts(SourceSettings(name="other", vendor="hubspot", options={"version": "2026-09"})) is asked
    assert vendors.contacts(SourceSettings(name="site", vendor="webform")) is None
