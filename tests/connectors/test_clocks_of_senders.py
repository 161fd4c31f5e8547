"""Senders' clocks: their time is kept beside ours, and nothing has occurred in the future.

A sender whose clock runs ahead is played by reading its genuine cases with a clock of ours that is behind: whatever
member of the body its time is in, for any vendor whose folder exists.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.kit.drafts import AHEAD
from leadrelay.domain.touch import Touch, TouchDraft, touch_id
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.records import TouchRecord, touch_key
from leadrelay.ports.source import Malformed
from leadrelay.workflows.take import Brought, Take
from tests.connectors.cases import Case, all_cases, delivery, now, params, settings, source

GENUINE = [(vendor, path.stem, case) for vendor, path, case in all_cases() if case["expect"].get("drafts")]
TIMED = [one for one in GENUINE if any("occurred_at" in draft for draft in one[2]["expect"]["drafts"])]
TIMELESS = frozenset({"google_ads", "jotform", "elementor", "contact_form_7", "wpforms"})
"""Senders that give no time of their own: ours is all there is."""


def parsed(vendor: str, case: Case, at: datetime) -> list[TouchDraft]:
    try:
        return list(source(vendor).parse(delivery(case), settings(case), at))
    except Malformed:  # a token of the page that is not yet valid
        return []


def taken(vendor: str, case: Case, draft: TouchDraft, at: datetime) -> Touch:
    store = MemoryStore()
    take = Take(store, MemoryTelemetry())
    take(draft, Brought(settings(case), "verified", "delivery:1", "rules", at))
    record = store.load(touch_key(touch_id(settings(case).name, draft.key)))
    assert isinstance(record, TouchRecord)
    return record.touch


def test_every_sender_that_gives_a_time_is_here() -> None:
    vendors = {vendor for vendor, _, _ in GENUINE}
    assert vendors - {vendor for vendor, _, _ in TIMED} <= TIMELESS


@pytest.mark.parametrize(("vendor", "case"), params(TIMED))
def test_both_times_are_kept(vendor: str, case: Case) -> None:
    """We may hear of it hours later: theirs is when it occurred, ours when we heard."""
    later = now(case) + timedelta(hours=7)
    theirs = [draft for draft in parsed(vendor, case, now(case)) if draft.occurred_at is not None]
    assert theirs
    for draft in theirs:
        touch = taken(vendor, case, draft, later)
        assert (touch.occurred_at, touch.received_at) == (draft.occurred_at, later)


@pytest.mark.parametrize("behind", [timedelta(hours=1), timedelta(days=400), timedelta(days=4000)], ids=str)
@pytest.mark.parametrize(("vendor", "case"), params(TIMED))
def test_a_clock_that_runs_ahead_is_not_believed(vendor: str, case: Case, behind: timedelta) -> None:
    ours = now(case) - behind
    for draft in parsed(vendor, case, ours):
        assert draft.occurred_at is None or draft.occurred_at <= ours + AHEAD
        touch = taken(vendor, case, draft, ours)
        assert touch.occurred_at <= touch.received_at == ours


@pytest.mark.parametrize(("vendor", "case"), params(TIMED))
def test_who_is_a_little_ahead_counts_from_when_we_heard(vendor: str, case: Case) -> None:
    for draft in parsed(vendor, case, now(case)):
        if draft.occurred_at is not None:
            ours = draft.occurred_at - timedelta(minutes=2)
            assert taken(vendor, case, draft, ours).occurred_at == ours
