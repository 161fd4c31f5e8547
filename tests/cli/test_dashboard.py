"""`leadrelay dashboard`: the link lets in whom it was made for, for as long as it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from leadrelay.cli import dashboard as command
from leadrelay.domain.reporting.access import Viewer
from leadrelay.workflows.sign_in import KEPT_IN, SignIn
from tests.cli.conftest import Run
from tests.cli.test_lead import Stage
from tests.system import System


@dataclass(frozen=True)
class Reached(Stage):
    """A stage with an address."""

    def dashboard(self) -> str:
        return "https://leads.example.com/relay/dashboard"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System()
    system.secrets.set(KEPT_IN, key="a key of dashboards for tests only")
    monkeypatch.setattr(command, "Deployed", lambda stage: Reached(system))
    monkeypatch.setattr(command, "now", system.clock.now)
    return system


def followed(system: System, link: str) -> tuple[Viewer | None, datetime]:
    sign_in = SignIn(None, system.rules, system.secrets, system.clock, str, "https://leads.example.com/relay")
    entered = sign_in.follow(link.rpartition("/")[2])
    return sign_in.viewer(entered.token), entered.until


@pytest.mark.parametrize(
    ("arguments", "viewer"),
    [
        ([], Viewer(role="manager")),
        (["--as", "revops"], Viewer(role="revops")),
        (["--as", "rep", "--rep", "anna"], Viewer(role="rep", rep="anna")),
    ],
)
def test_the_link_lets_in_whom_it_was_made_for(run: Run, system: System, arguments: list[str], viewer: Viewer) -> None:
    told = json.loads(run("dashboard", *arguments, "--hours", "2", "--json").out)
    assert told["link"].startswith("https://leads.example.com/relay/dashboard/enter/")
    assert followed(system, told["link"]) == (viewer, system.clock.now() + timedelta(hours=2))


def test_it_leads_where_it_is_told_to(run: Run, system: System) -> None:
    for url in ("http://127.0.0.1:4566/x", "http://127.0.0.1:4566/x/", "http://127.0.0.1:4566/x/dashboard"):
        assert run("dashboard", "--url", url).out.startswith("http://127.0.0.1:4566/x/dashboard/enter/")


@pytest.mark.parametrize("arguments", [["--as", "rep"], ["--as", "rep", "--rep", "nobody"]])
def test_nobody_is_let_in_as_a_rep_whom_the_team_does_not_have(run: Run, system: System, arguments: list[str]) -> None:
    ran = run("dashboard", *arguments)
    assert ran.code == 1
    assert "team.yaml" in ran.said


def test_a_role_that_there_is_not_is_named(run: Run, system: System) -> None:
    ran = run("dashboard", "--as", "admin")
    assert ran.code == 2
    assert "rep, manager, revops" in ran.said
