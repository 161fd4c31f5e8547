"""The generated year is what it says it is: every kind of its facts is one that the real code would have said."""

from __future__ import annotations

import json

import pytest

from tests.reports.year.generate import year
from tests.reports.year.life import Ledger
from tests.reports.year.mould import kept, said_row


@pytest.fixture(scope="module")
def small() -> Ledger:
    return year(1500, seed=3)


def test_a_line_is_the_row_that_the_lake_would_have_kept(small: Ledger) -> None:
    for number, (name, values, log, lead, place, at) in enumerate(small.sample):
        told = json.loads(small.lines[number * 100])
        real = said_row(name, values, f"{log[0]}:{log[1]}", lead, place, at)
        assert told == json.loads(json.dumps(kept(real))), name


def test_every_fact_has_its_own_id(small: Ledger) -> None:
    ids = [json.loads(line)["fact_id"] for line in small.lines]
    assert len(ids) == len(set(ids))


def test_the_same_seed_is_the_same_year(small: Ledger) -> None:
    assert year(1500, seed=3).lines == small.lines
    assert year(50, seed=4).lines != year(50, seed=3).lines


def test_everything_that_reports_count_happens_in_it(small: Ledger) -> None:
    leads = small.rows["lead_rows"]
    told = {json.loads(line)["fact"] for line in small.lines}
    assert {row["standing"] for row in leads} == {"visitor", "imported", "shadow", "live", "gone"}
    assert {row["currency"] for row in small.rows["deal_rows"]} >= {"EUR", "PLN", "RSD", None}
    assert told >= {"LeadMerged", "LeadUnmerged", "LeadErased", "RecordDeleted", "LeadRetired", "LeadWaits"}
    assert told >= {"LeadRecycled", "LeadReactivated", "LeadRejected", "LeadAccepted", "DealWon", "DealLost"}
    assert told >= {"SlaMet", "SlaBreached", "ClockStopped", "MeetingBooked", "TouchParked", "SourceGap"}
    assert max(row["hops"] for row in leads) >= 3
