"""Base tables against the store: whole deployments are simulated, with all their trouble, and what the bus told is
compared with what the leads are.

The year knows what it meant to say; this proves that the workflows say it, and in which order.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from leadrelay.domain.facts import Said
from leadrelay.domain.lead import VISITOR, Lead
from leadrelay.domain.signal import Attribution
from leadrelay.ports.records import LeadRecord, TouchRecord
from leadrelay.reports.engine import Engine
from leadrelay.workflows.erasures import BY_HAND
from leadrelay.workflows.lake import row
from tests.reports.year.known import table_of
from tests.reports.year.life import Row
from tests.reports.year.mould import EPOCH
from tests.simulation.world import World

SEEDS = (0, 7, 14, 39, 54, 55, 120, 156)
"""Among them people who were two leads, who waited, who were given back, erased, and whose touches were parked."""

STAGES = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist", "disqualified")
_MS = timedelta(milliseconds=1)


@cache
def world(seed: int) -> tuple[World, Engine]:
    lived, told = World(seed), list[Said]()
    lived.store.on_insert.append(lambda record: told.extend(record.announces()))
    assert lived.run().broken == []
    return lived, Engine.over_said(map(row, told))


def leads(lived: World) -> list[Lead]:
    found = (record.lead for record in lived.store.rows.values() if isinstance(record, LeadRecord))
    return [lead for lead in found if lead.merged_into is None]


def ms(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // _MS


def by_lead(engine: Engine, table: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for each in table_of(engine, table):
        found.setdefault(each["lead_id"], []).append(each)
    return found


def now(lead: Lead) -> Row:
    """What holds of a lead now."""
    owner, step = lead.ownership, lead.next_step
    unknown = lead.stage == VISITOR and lead.standing in ("live", "shadow")
    return {
        "standing": VISITOR if unknown else lead.standing,
        "erased": lead.erased_at is not None,
        "stage": lead.stage,
        "segment": lead.segment,
        "persona": lead.persona,
        "icp": lead.icp,
        "rep": owner.rep,
        "pool": owner.pool,
        "queue": owner.queue,
        "rule": owner.rule,
        "hops": owner.hop,
        "status": lead.status,
        "disposition": lead.disposition,
        "reason": lead.reason,
        "retired_ms": ms(lead.retired_at),
        "next_step": None if step is None else step.what,
        "next_step_due_ms": None if step is None else ms(step.due_at),
        "enrolled": None if lead.enrolment is None else lead.enrolment.sequence,
    }


def became(lead: Lead) -> Row:
    """What happened to it until now, over all that it was made of."""
    first, last = lead.first_partner, lead.last_partner
    return {
        "captured_ms": ms(lead.captured_at),
        "touches": lead.touches,
        "contacted_ms": ms(lead.contacted_at),
        "attempts": lead.attempts,
        "deals": len(lead.deals),
        "first_partner": None if first is None else first.partner,
        "last_partner": None if last is None else last.partner,
        **({} if lead.first is None else came("first", lead.first)),
        **({} if lead.last is None else came("last", lead.last)),
    }


def came(which: str, attribution: Attribution) -> Row:
    return {
        f"{which}_source": attribution.source,
        f"{which}_channel": attribution.channel,
        f"{which}_class": attribution.channel_class,
        f"{which}_campaign": attribution.origin.campaign,
        f"{which}_form": attribution.origin.form,
    }


def differences(told: Row, true: Row) -> dict[str, tuple[Any, Any]]:
    return {name: (told[name], value) for name, value in true.items() if told[name] != value}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lead_is_what_its_facts_say(seed: int) -> None:
    lived, engine = world(seed)
    told = {lead_id: rows[0] for lead_id, rows in by_lead(engine, "lead_rows").items()}
    assert told.keys() == {lead.lead_id for lead in leads(lived)}
    for lead in leads(lived):
        assert differences(told[lead.lead_id], {**now(lead), **became(lead)}) == {}
        assert (told[lead.lead_id]["score"] or 0) == lead.score.total
        reached = {f"{stage}_ms": ms(at) for stage, at in lead.reached.items() if stage in STAGES}
        if not lead.absorbed:  # of two it is the earlier one
            assert {name: told[lead.lead_id][f"{name}"] for name in reached} == reached
        qualified = {name: ms(at) for name, at in lead.qualifications.items()}
        assert json.loads(told[lead.lead_id]["qualifications"] or "{}") == qualified


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clock_runs_as_long_as_the_lead_has_it(seed: int) -> None:
    lived, engine = world(seed)
    rows = by_lead(engine, "clock_rows")
    for lead in leads(lived):
        running = {
            (clock["kind"], clock["hop"], clock["started_ms"], clock["breached_ms"] is not None)
            for clock in rows.get(lead.lead_id, ())
            if clock["met_ms"] is None and clock["stopped_ms"] is None and clock["kind"] in WATCHED
        }
        kept = {(clock.kind, clock.hop, ms(clock.started_at), clock.breached_at is not None) for clock in lead.clocks}
        assert running == {clock for clock in kept if clock[0] in WATCHED}


WATCHED = ("lead", "first_contact", "acceptance", "attempts", "follow_up", "disposition", "stage")
"""Promises: those that bring a next step run out where the facts tell of a breach alone."""


@pytest.mark.parametrize("seed", SEEDS)
def test_who_has_it_is_the_last_to_whom_it_was_given(seed: int) -> None:
    lived, engine = world(seed)
    hands = by_lead(engine, "assignment_rows")
    for lead in leads(lived):
        if lead.ownership.hop:
            last = max(hands[lead.lead_id], key=lambda hand: int(hand["rank"]))
            assert (last["hop"], last["rep"], last["queue"]) == (
                lead.ownership.hop,
                lead.ownership.rep,
                lead.ownership.queue,
            )
            assert last["ended_ms"] is None
        tried = [act for act in by_lead(engine, "activity_rows").get(lead.lead_id, ()) if act["kind"] == "attempt"]
        assert len(tried) == lead.attempts


@pytest.mark.parametrize("seed", SEEDS)
def test_a_touch_is_where_it_was_put(seed: int) -> None:
    lived, engine = world(seed)
    told = {touch["touch_id"]: touch for touch in table_of(engine, "touch_rows")}
    touches = [record for record in lived.store.rows.values() if isinstance(record, TouchRecord)]
    stored = [record for record in touches if record.touch.source != BY_HAND]  # who is to be forgotten
    assert told.keys() == {record.touch.touch_id for record in stored}
    for record in stored:
        touch, found = record.touch, told[record.touch.touch_id]
        assert (found["source"], found["kind"], found["received_ms"]) == (
            touch.source,
            touch.kind,
            ms(touch.received_at),
        )
        if record.state == "parked":
            assert (found["parked_why"], found["parked_ms"]) == (record.reason, ms(record.parked_at))
