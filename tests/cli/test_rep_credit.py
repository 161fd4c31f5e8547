"""`leadrelay rep credit`: a manager's word about turns is kept apart, in the ledger and in the log."""

from __future__ import annotations

from collections import Counter

import pytest

from leadrelay.domain.routing.ledger import MILLION, Turns
from leadrelay.ports.records import LogRecord, pool_key
from leadrelay.ports.store import Change
from tests.cli.conftest import Run
from tests.domain.test_fairness import Office
from tests.system import System, default_rules

POOLS = ", ".join(pool.id for pool in default_rules().team.pools)


def turns(system: System) -> Turns:
    record = system.store.load(pool_key("sdr"))
    return Turns() if record is None else record.turns


def test_a_lead_that_was_none_comes_again(run: Run, system: System) -> None:
    """Of the next leads, the one who is credited gets one more than the others of their weight."""
    ran = run("rep", "credit", "anna", "--pool", "sdr", "--leads", "-1", "--why", "returned", "--hot")
    assert (ran.code, ran.out) == (
        0,
        "anna counts -1.0 hot leads in sdr now (0 given), 0.6 short of their share\n",
    )
    assert turns(system).of("hot").credits == {"returned": {"anna": -MILLION}}
    assert turns(system).of("other").credits == {}
    office = Office(default_rules().team.pool("sdr"), turns(system))
    got = Counter(office.one(temperature="hot") for _ in range(11))
    assert got == {"anna": 5, "ivana": 4, "marek": 2}


def test_it_is_said_who_was_told_what(run: Run, system: System) -> None:
    run("rep", "credit", "marek", "--pool", "sdr", "--leads", "3", "--why", "agreed")
    run("rep", "credit", "marek", "--pool", "sdr", "--leads", "-1", "--why", "mistake")
    assert turns(system).of("other").credits == {"manual": {"marek": 2 * MILLION}}
    rows = [row for row in system.store.story("POOL#sdr") if isinstance(row, LogRecord)]
    said = [fact for row in rows for fact in row.facts]
    assert [(fact.name, fact.data["leads"], fact.data["why"]) for fact in said] == [
        ("RepCredited", 3, "agreed"),
        ("RepCredited", -1, "mistake"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ana", "--pool", "sdr", "--leads", "1"), "pool sdr has no member 'ana'; it has anna, marek, ivana"),
        (("tomasz", "--pool", "sdr", "--leads", "1"), "pool sdr has no member 'tomasz'"),
        (
            ("anna", "--pool", "sales", "--leads", "1"),
            f"team.yaml has no pool 'sales'; it has {POOLS}",
        ),
        (("anna", "--pool", "sdr", "--leads", "0"), "a credit of no leads changes nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, system: System, arguments: tuple[str, ...], said: str) -> None:
    ran = run("rep", "credit", *arguments, "--why", "agreed")
    assert ran.code == 1
    assert said in ran.said
    assert system.store.load(pool_key("sdr")) is None


def test_a_turn_that_is_taken_meanwhile_is_not_lost(run: Run, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else changes the pool between reading and writing, once."""
    real, others = system.store.commit, [("rep", "credit", "ivana", "--pool", "sdr", "--leads", "1", "--why", "agreed")]

    def commit(change: Change) -> None:
        if others:
            run(*others.pop())
        real(change)

    monkeypatch.setattr(system.store, "commit", commit)
    run("rep", "credit", "anna", "--pool", "sdr", "--leads", "2", "--why", "agreed")
    assert turns(system).of("other").credits == {"manual": {"anna": 2 * MILLION, "ivana": MILLION}}
