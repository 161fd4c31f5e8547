"""The night over the real table adapter: the sparse indexes find who is due, and who stands under former rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.cost import StreamedTable
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import LeadRecord, RescoreRecord, judged_by, lead_key, rescore_key, superseded_key
from leadrelay.workflows.nights import Nights
from tests.aws.cloud import make_table
from tests.system import System, default_rules
from tests.workflows import lives


@pytest.fixture
def system(account: None) -> System:
    """Three people of one company, over the table."""
    make_table()
    system = System(default_rules(), store=StreamedTable())
    for number in range(3):
        lives.send(system, lives.demo(submission=f"submission-{number:04d}", email=f"p{number}@acme.example"))
    return system


def rows(system: System) -> list[RescoreRecord]:
    keys = system.store.listed(judged_by(system.rules.current().version), 10)
    found = [system.store.load(key) for key in keys]
    return [row for row in found if isinstance(row, RescoreRecord)]


def sweep(system: System) -> int:
    return Nights(system.store, system.rules, system.clock, system.telemetry)()


def leads(system: System) -> list[LeadRecord]:
    found = [system.store.load(lead_key(row.lead_id)) for row in rows(system)]
    return [lead for lead in found if lead is not None]


def test_everybody_is_found_in_their_night_and_judged_once(system: System) -> None:
    assert len(rows(system)) == 3
    before = {lead.lead.lead_id: lead.lead.score.total for lead in leads(system)}
    assert sweep(system) == 0
    system.clock.set(system.clock.now() + timedelta(days=20))
    assert sweep(system) >= 3
    assert sweep(system) == 0
    after = {lead.lead.lead_id: lead.lead for lead in leads(system)}
    assert all(after[lead_id].score.total < total for lead_id, total in before.items())
    assert {(lead.account_people, lead.account_active) for lead in after.values()} <= {(3, 0), (3, 3)}
    assert all(row.due_at is None or row.due_at > system.clock.now() for row in rows(system))


def test_who_stands_under_former_rules_is_found_in_the_list(system: System) -> None:
    former = system.rules.current()
    sweep(system)
    system.rules.deploy(Rules.of(former.with_(scoring=former.scoring.with_(grades=(60, 30)))))
    sweep(system)
    known = system.store.load(superseded_key())
    assert known is not None
    assert known.due_at is not None
    system.clock.set(known.due_at)
    assert sweep(system) >= 3
    assert len(rows(system)) == 3
    assert system.store.listed(judged_by(former.version), 10) == []
    assert all(system.store.load(rescore_key(row.lead_id)) == row for row in rows(system))
