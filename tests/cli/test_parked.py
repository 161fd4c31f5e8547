"""`leadrelay parked show|erase`: what waits is read before it is decided; who never became a lead can be forgotten."""

from __future__ import annotations

import pytest

from leadrelay.cli import parked
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.records import DeliveryRecord, TouchRecord
from tests.cli.conftest import Run, Stage
from tests.system import System, noisy_rules
from tests.workflows.erasing import CANARIES, form, hear

SUSPECT = {**CANARIES, "note": "[bold]cheap[/bold] canary offers"}


def suspect() -> TouchDraft:
    return form("1", "demo", **SUSPECT).with_(suspicion="honeypot")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System(noisy_rules())
    hear(system, suspect())
    monkeypatch.setattr(parked, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(parked, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "300")
    return system


def waiting(system: System) -> TouchRecord:
    [record] = [each for each in system.records() if isinstance(each, TouchRecord) and each.state == "parked"]
    return record


def test_what_was_said_is_shown_only_to_who_asks_for_it(run: Run, system: System) -> None:
    touch_id = waiting(system).touch.touch_id
    told = run("parked", "show", "honeypot")
    assert (told.code, touch_id in told.out, "canar" in told.out.casefold()) == (0, True, False)
    said = run("parked", "show", "honeypot", "--words")
    assert "[bold]cheap[/bold]" in said.out  # as it was written, no markup
    assert "no touch is parked as spam" in run("parked", "show", "spam").out


def test_nothing_is_left_of_who_is_forgotten_and_it_never_comes_back(run: Run, system: System) -> None:
    touch_id = waiting(system).touch.touch_id
    before = sorted(map(repr, system.records()))
    assert "add --yes" in run("parked", "erase", touch_id).out
    assert sorted(map(repr, system.records())) == before
    assert run("parked", "erase", touch_id, "--yes").code == 0
    assert run("parked", "erase", touch_id, "--yes").code == 0
    assert "canar" not in repr(list(system.records())).casefold()
    assert all(not each.body for each in system.records() if isinstance(each, DeliveryRecord))
    hear(system, suspect())
    assert "canar" not in repr(list(system.records())).casefold()
    assert run("parked", "redrive", "honeypot").out.startswith("0 taken up")


def test_what_a_lead_has_heard_is_not_forgotten_here(run: Run, system: System) -> None:
    hear(system, form("2", "demo", email="eva@firma.example"))
    heard = next(each for each in system.records() if isinstance(each, TouchRecord) and each.lead_id)
    refused = run("parked", "erase", heard.touch.touch_id, "--yes")
    assert refused.code == 1
    assert f"`leadrelay lead erase {heard.lead_id}`" in refused.said
    assert "no touch has this id" in run("parked", "erase", "form.0", "--yes").said
