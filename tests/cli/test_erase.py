"""`leadrelay lead erase`: it is told first, and done when it is asked for; who is meant must be clear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.cli import erase as command
from leadrelay.cli import lead
from leadrelay.ports.records import SyncRecord
from leadrelay.ports.store import Change, Put
from tests.cli.conftest import Run, Stage
from tests.system import System, noisy_rules
from tests.workflows.erasing import CANARIES, form, hear, left, one


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System(noisy_rules())
    hear(system, form("1", "demo", **CANARIES))
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(command, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "200")
    return system


def test_it_is_told_first_without_a_word_of_theirs_and_nothing_is_done(run: Run, system: System) -> None:
    before = sorted(map(repr, system.records()))
    told = run("lead", "erase", one(system).lead.lead_id)
    assert told.code == 0
    assert "nothing was done" in told.out
    assert "lead.email" in told.out
    assert f"hubspot/{next(iter(system.crm.people))}" in told.out
    assert "canar" not in told.out.casefold()
    assert sorted(map(repr, system.records())) == before


@pytest.mark.parametrize(
    "who", [("--email", " Canary.Person@FIRMA.example "), ("--phone", "+48 600-700-800")], ids=["email", "phone"]
)
def test_who_is_named_by_address_or_number_is_gone(run: Run, system: System, who: tuple[str, str]) -> None:
    done = run("lead", "erase", *who, "--yes")
    assert done.code == 0
    assert "done" in done.out
    system.settle()
    system.later(minutes=1)
    assert left(system) == []
    again = run("lead", "erase", *who, "--yes")
    assert again.code == 0
    assert "erased before" in again.out
    assert len([said for said in system.said if said.name == "LeadErased"]) == 1


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ((), "say who"),
        (("0" * 32,), "no lead has this id"),
        (("--email", "eva@firma.example"), "nobody is known by it"),
        (("--email", "eva"), "not an e-mail address"),
        (("--email", "info@firma.example"), "many people share it"),
        (("--phone", "600 700 800"), "with its country code"),
        (("--phone", "+1 800 555 0199"), "many people share it"),
        (("--email", "a@b.example", "--phone", "+48600700800"), "say who"),
    ],
)
def test_who_is_not_clear_is_refused_with_what_to_do(run: Run, system: System, who: tuple[str, ...], why: str) -> None:
    refused = run("lead", "erase", *who, "--yes")
    assert refused.code == 1
    assert why in refused.said
    assert one(system).lead.erased_at is None


def test_the_story_of_who_was_erased_says_so_and_which_record_is_to_be_deleted(
    run: Run, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead, "Deployed", lambda stage: Stage(system))
    lead_id = one(system).lead.lead_id
    run("lead", "erase", lead_id, "--yes")
    shown = run("lead", "show", lead_id)
    assert shown.code == 0
    assert "erased (UTC)" in shown.out
    assert f"hubspot {next(iter(system.crm.people))}" in shown.out
    assert "canar" not in shown.out.casefold()


def test_while_the_crm_is_written_the_rest_follows_by_itself(run: Run, system: System) -> None:
    [sync] = [each for each in system.records() if isinstance(each, SyncRecord)]
    busy = sync.with_(version=sync.version + 1, lease_until=system.clock.now() + timedelta(seconds=80))
    system.store.commit(Change(cause="claim", puts=(Put(busy),)))
    done = run("lead", "erase", one(system).lead.lead_id, "--yes")
    assert (done.code, "follows within minutes" in done.out) == (0, True)
    assert one(system).profile.values == {}
    for _ in range(3):
        system.later(minutes=2)
    assert left(system) == []
    assert [each for each in system.touches() if each.due_at is not None] == []
