"""`leadrelay rep`: an absence is told in days of the rep's own calendar, and everybody sees who is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.vocabulary import FACTS
from leadrelay.ports.records import LogRecord, RepRecord, rep_key
from leadrelay.workflows.reps import Reps
from tests.cli.conftest import Run
from tests.system import System, default_rules
from tests.workflows import lives

POOLS = ", ".join(pool.id for pool in default_rules().team.pools)


def stored(system: System, rep: str = "anna") -> RepRecord:
    record = system.store.load(rep_key(rep))
    assert isinstance(record, RepRecord)
    return record


def logged(system: System, rep: str = "anna") -> list[LogRecord]:
    return [row for row in system.store.story(f"REP#{rep}") if isinstance(row, LogRecord)]


def test_a_last_day_is_away_to_its_end_in_the_reps_own_zone(run: Run, system: System) -> None:
    ran = run("rep", "away", "anna", "--until", "2026-12-01", "--why", "on leave")
    assert (ran.code, ran.out) == (
        0,
        "anna is away from Mon 23 Nov 2026 12:00 Europe/Warsaw until Wed 2 Dec 2026 00:00 Europe/Warsaw\n",
    )
    (absence,) = stored(system).state.absences
    assert (absence.start, absence.until) == (system.clock.now(), datetime(2026, 12, 1, 23, tzinfo=UTC))
    assert (absence.why, absence.by) == ("on leave", "command")


def test_who_goes_away_with_open_leads_is_told_how_others_get_them(run: Run, system: System) -> None:
    system.store.put(RepRecord(version=1, rep_id="anna", state=RepState(open=3)))
    said = run("rep", "away", "anna", "--until", "2026-12-01").out.splitlines()
    assert said[-1] == "3 open leads stay theirs; leadrelay rep handover anna gives them to others"


def test_what_is_told_to_others_says_when_and_not_why(run: Run, system: System) -> None:
    run("rep", "away", "anna", "--until", "2026-12-01", "--why", "in hospital")
    run("rep", "back", "anna")
    said = [fact for row in logged(system) for fact in row.facts]
    assert [fact.name for fact in said] == ["RepAway", "RepBack"]
    assert all(fact.metadata.lead_id is None and fact.name in FACTS for fact in said)
    assert "hospital" not in json.dumps([fact.model_dump(mode="json") for fact in said])


def test_a_day_in_another_spelling_is_a_whole_day_too(run: Run, system: System) -> None:
    assert run("rep", "away", "anna", "--until", "20261201").code == 0
    assert stored(system).state.absences[0].until == datetime(2026, 12, 1, 23, tzinfo=UTC)


def test_what_a_person_wrote_is_no_markup(run: Run, system: System) -> None:
    run("rep", "away", "anna", "--why", "back soon [/maybe]")
    ran = run("rep", "list")
    assert (ran.code, "(back soon [/maybe])" in ran.out) == (0, True)


def test_days_ahead_begin_at_midnight_there_and_times_are_the_reps_own(run: Run, system: System) -> None:
    run("rep", "away", "ivana", "--from", "2026-12-24", "--until", "2026-12-26T12:00")
    (absence,) = stored(system, "ivana").state.absences
    assert absence.start == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert absence.until == datetime(2026, 12, 26, 11, tzinfo=UTC)
    assert stored(system, "ivana").state.away(system.clock.now()) is None


def test_back_ends_what_is_under_way_and_leaves_what_is_planned(run: Run, system: System) -> None:
    run("rep", "away", "anna", "--from", "2026-12-24", "--until", "2026-12-26")
    run("rep", "away", "anna")
    assert stored(system).state.away(system.clock.now()) is not None
    ran = run("rep", "back", "anna")
    assert "anna is back; was away until they are back" in ran.out
    assert stored(system).state.away(system.clock.now()) is None
    assert len(stored(system).state.absences) == 1
    version = stored(system).version
    assert "anna was not away" in run("rep", "back", "anna").out
    assert stored(system).version == version


@pytest.mark.parametrize("verb", ["away", "back"])
def test_who_is_unknown_is_refused_with_who_there_is(run: Run, system: System, verb: str) -> None:
    ran = run("rep", verb, "ana")
    assert ran.code == 1
    assert "team.yaml has no rep 'ana'; it has anna, marek, ivana" in ran.said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--until", "2026-11-20"), 1, "it would end 2026-11-20 23:00 UTC, before it begins"),
        (("--from", "2026-12-10", "--until", "2026-12-01"), 1, "before it begins"),
        (("--until", "next week"), 2, "'next week' is neither a day, such as 2026-12-01"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, system: System, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("rep", "away", "anna", *arguments)
    assert ran.code == code
    assert said in ran.said
    assert system.store.load(rep_key("anna")) is None


def test_the_list_says_who_is_away_and_how_much_everybody_has(run: Run, system: System) -> None:
    run("rep", "away", "anna", "--until", "2026-12-01", "--why", "on leave")
    run("rep", "away", "marek", "--from", "2026-12-07", "--until", "2026-12-08")
    shown = run("rep", "list").out
    assert "away until Wed 2 Dec 00:00 (on leave)" in shown
    assert "works; away from Mon 7 Dec 00:00" in shown
    told = {each["rep"]: each for each in json.loads(run("rep", "list", "--json").out)}
    assert told["anna"]["away"]["by"] == "command"
    assert (told["nina"]["works"], told["nina"]["open"], told["nina"]["monthly"]) == (True, 0, None)
    assert len(told) == 8


def waiting_for_anna(system: System) -> str:
    """A lead that nobody may take; its id."""
    for rep in ("anna", "marek", "ivana"):
        Reps(system.store, system.rules, system.clock).away(rep, None)
    lives.send(system, lives.demo())
    return system.leads()[0].lead.lead_id


def test_who_waits_is_listed_with_who_is_not_free(run: Run, system: System) -> None:
    assert run("rep", "waiting").out == "nobody waits\n"
    lead_id = waiting_for_anna(system)
    system.later(minutes=31)
    told = run("rep", "waiting").out
    assert lead_id in told
    assert "stale" in told
    assert "anna: away" in told
    [line] = json.loads(run("rep", "waiting", "--json").out)
    assert (line["lead_id"], line["pool"], line["stale"]) == (lead_id, "sdr", True)
    assert line["until"] == "2026-11-23T19:00:00Z"
    assert "ada" not in told.lower()


def test_a_hand_over_says_what_it_would_do_then_asks_then_does_it(
    run: Run, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives.send(system, lives.demo())
    [record] = system.leads()
    rep, lead_id = record.lead.ownership.rep or "", record.lead.lead_id
    dry = run("rep", "handover", rep, "--dry-run")
    assert dry.code == 0
    assert lead_id in dry.out
    assert "a first contact" in dry.out
    monkeypatch.setattr("typer.confirm", lambda text: False)
    no = run("rep", "handover", rep)
    assert (no.code, no.said) == (1, "nothing was done")
    assert system.leads()[0].version == record.version
    done = run("rep", "handover", rep, "--yes")
    assert (done.code, done.out.splitlines()[-2:]) == (
        0,
        [f"1 leads of {rep} are being given to others", f"{rep} still gets new leads: leadrelay rep away {rep}"],
    )
    system.settle()
    assert system.leads()[0].lead.ownership.rep != rep
    assert run("rep", "handover", rep).out == f"{rep} has no open leads\n"


def test_a_hand_over_into_nowhere_says_which_pools_there_are(run: Run, system: System) -> None:
    refused = run("rep", "handover", "anna", "--to-pool", "sdrs")
    assert (refused.code, refused.said) == (
        1,
        f"team.yaml has no pool 'sdrs'; it has {POOLS}",
    )
    unknown = run("rep", "handover", "ana")
    assert unknown.code == 1
    assert unknown.said.startswith("nobody called 'ana' has leads; team.yaml has anna,")
