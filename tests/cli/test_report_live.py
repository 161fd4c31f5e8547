"""`leadrelay report live fairness`: the shares as the choices see them, readable and for programs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.cli import report_live as command
from leadrelay.domain.routing.rep_state import Absence
from leadrelay.ports.records import RepRecord
from tests.cli.conftest import Run
from tests.cli.test_lead import Stage
from tests.system import System
from tests.workflows import lives


def demo(system: System, number: int) -> None:
    fields: dict[str, Any] = {"email": f"person{number}@example.com", "employees": "30"}
    lives.send(system, {"form": "demo", "submission_id": f"submission-{number:04d}", "fields": fields})


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """Ten hot leads; Ivana was away during the second half."""
    system = System()
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(command, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "200")
    for number in range(5):
        demo(system, number)
    away = system.store.load(RepRecord(rep_id="ivana").key()) or RepRecord(rep_id="ivana")
    start = system.clock.now()
    absence = Absence(start=start, until=start + timedelta(days=7))
    system.store.put(away.with_(version=away.version + 1, state=away.state.with_(absences=(absence,))))
    for number in range(5, 10):
        demo(system, number)
    return system


def test_everybody_gets_what_their_weight_promises_of_the_leads_for_which_they_were_there(
    run: Run, system: System
) -> None:
    told = json.loads(run("report", "live", "fairness", "--pool", "sdr", "--json").out)
    (hot,) = told
    assert (hot["pool"], hot["kind"], hot["given"]) == ("sdr", "hot", 10)
    shares = {share["rep"]: share for share in hot["shares"]}
    assert {rep: share["promised"] for rep, share in shares.items()} == {"anna": 0.4, "marek": 0.2, "ivana": 0.4}
    assert shares["ivana"]["given"] == 2
    assert shares["anna"]["given"] + shares["marek"]["given"] == 8
    assert shares["ivana"]["credits"]["absence"] == pytest.approx(5 * 2 / 3, abs=1e-5)
    assert sum(share["behind"] for share in shares.values()) == pytest.approx(0)
    assert all(abs(share["behind"]) < 1 for share in shares.values())
    assert [share["open"] for share in hot["shares"]] == [share["given"] for share in hot["shares"]]
    assert (shares["ivana"]["away"], shares["anna"]["away"]) == (True, False)


def test_the_table_shows_shares_credits_and_who_is_away(run: Run, system: System) -> None:
    told = run("report", "live", "fairness")
    assert told.code == 0
    for expected in (
        "Sales development, hot leads: 10 (weighted round robin)",
        "Account executives, other leads: 0",
        "absent",
        "+3.33",
        "away until Mon 30 Nov 12:00",
        "40%",
    ):
        assert expected in told.out
    assert "returned" not in told.out


def test_an_unknown_pool_is_refused_with_those_there_are(run: Run, system: System) -> None:
    refused = run("report", "live", "fairness", "--pool", "sdrs")
    assert refused.code == 1
    known = ", ".join(pool.id for pool in system.rules_now.team.pools)
    assert f"no pool 'sdrs'; it has {known}" in refused.said
