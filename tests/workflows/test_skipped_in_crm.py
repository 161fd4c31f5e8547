"""What the rep reads in the CRM: who was skipped for this lead, and why; and what nobody reads there."""

from __future__ import annotations

from datetime import date
from typing import Any

from leadrelay.domain.rules import Rules
from leadrelay.ports.records import LogRecord
from leadrelay.workflows.reps import Reps
from tests.system import System, default_rules
from tests.workflows import lives

SDRS = ("anna", "marek", "ivana")


def capped(cap: int, *reps: str) -> Rules:
    rules = default_rules()
    team = tuple(rep.with_(cap=cap) if rep.id in reps else rep for rep in rules.team.reps)
    return Rules.of(rules.with_(team=rules.team.with_(reps=team)))


def demos(system: System, count: int) -> list[str]:
    """So many hot leads, one after the other; the notes of the CRM."""
    for number in range(count):
        fields: dict[str, Any] = {"email": f"person{number}@example.com", "employees": "30"}
        lives.send(system, {"form": "demo", "submission_id": f"submission-{number:04d}", "fields": fields})
    return [note.body for note in system.crm.notes.values()]


def test_a_rep_at_the_limit_is_skipped_with_the_reason_in_the_note() -> None:
    system = System(capped(1, "anna"))
    notes = demos(system, 5)
    owners = [record.lead.ownership.rep for record in system.leads()]
    assert owners.count("anna") == 1
    assert sum("Skipped: Anna (SDR), open leads: 1 of 1." in note for note in notes) >= 1


def test_who_is_away_is_skipped_with_the_day_and_without_the_reason() -> None:
    system = System(default_rules())
    Reps(system.store, system.rules, system.clock).away("ivana", date(2026, 11, 29), why="in hospital")
    notes = demos(system, 5)
    assert "ivana" not in {record.lead.ownership.rep for record in system.leads()}
    assert any("Skipped: Ivana (SDR), away until Mon 30 Nov." in note for note in notes)
    assert not any("hospital" in note for note in notes)
    kept = [record for record in system.records() if isinstance(record, LogRecord) and record.pk.startswith("LEAD#")]
    assert not any("hospital" in record.model_dump_json() for record in kept)


def test_nobody_is_skipped_where_everybody_is_free() -> None:
    assert not any("Skipped" in note for note in demos(System(default_rules()), 5))
