"""Base tables against the table: what is counted from facts is what the workflows keep of each lead.

Lives at random, by the real workflows: people ask, are merged, told apart and erased, are called, bought from.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from leadrelay.domain.facts import Said
from leadrelay.domain.lead import VISITOR, Lead
from leadrelay.domain.touch import CrmRecord, Deal, TouchDraft
from leadrelay.ports.errors import Reject, Retry
from leadrelay.ports.records import LeadRecord, SyncRecord
from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine
from tests.reports.lake import engine_of
from tests.system import System, noisy_rules
from tests.workflows import lives
from tests.workflows.erasing import deleted
from tests.workflows.test_unmerge import ADA, PHONE, form, hear, told, unmerge, unmerger

_MAILS = ("ada@firma.example", "bob@other.example", "eva@third.example", "ola@fourth.example")
_PHONES = ("+48601111222", "+48602222333", "+48603333444")
_BROWSERS = ("one", "two")
_SEEDS = (1, 9, 13, 22, 23, 40, 44, 49)
_STEPS = 16


class _Life:
    """A world in which something happens at each step."""

    def __init__(self, seed: int) -> None:
        self.dice, self.system, self.number = random.Random(seed), System(noisy_rules()), 0
        self.sent: list[str] = []

    def lived(self) -> System:
        steps = (self._asks, self._asks, self._asks, self._looks, self._called, self._told, self._deal, self._waits)
        for _ in range(_STEPS):
            self.dice.choice((*steps, self._told, self._parted, self._parted, self._taken_back))()
            self.system.settle()
            self.system.later(minutes=self.dice.choice((0, 1, 7)))
        return self.system

    def _key(self) -> str:
        self.number += 1
        return f"touch-{self.number}"

    def _maybe(self, choices: tuple[str, ...], odds: float) -> str | None:
        return self.dice.choice(choices) if self.dice.random() < odds else None

    def _asks(self) -> None:
        said = {
            "email": self._maybe(_MAILS, 0.7),
            "phone": self._maybe(_PHONES, 0.6),
            "anonymous_id": self._maybe(_BROWSERS, 0.4),
            "country": self._maybe(("Poland", "Serbia"), 0.5),
        }
        fields = {name: value for name, value in said.items() if value is not None}
        draft = lives.draft(self._key(), form=self.dice.choice(("demo", "newsletter", "offer")), **fields)
        self.sent.append(draft.key)
        self.system.tell(draft)

    def _looks(self) -> None:
        event = self.dice.choice(("pricing_page_viewed", "page_viewed"))
        browser = self.dice.choice(_BROWSERS)
        self.system.tell(lives.draft(self._key(), event=event, kind="behaviour", anonymous_id=browser))

    def _called(self) -> None:
        event = self.dice.choice(("call", "email", "meeting_booked"))
        self.system.tell(lives.draft(self._key(), event=event, kind="activity", email=self.dice.choice(_MAILS)))

    def _person(self) -> str | None:
        shown = [row.crm_id for row in self.system.records() if isinstance(row, SyncRecord) and row.crm_id]
        return self.dice.choice(shown) if shown else None

    def _told(self) -> None:
        person = self._person()
        if person is not None:
            status = self.dice.choice((None, "attempting", "connected", "nurturing", "unqualified", "meeting_booked"))
            event, reason = "edited" if status else "deleted", self.dice.choice((None, "too_early", "no_budget"))
            record = CrmRecord(crm="hubspot", kind="person", person=person, record_id=person, status=status)
            record = record.with_(reason=reason if event == "edited" else None)
            self.system.tell(TouchDraft(kind="crm_change", key=self._key(), event=event, record=record))

    def _deal(self) -> None:
        person = self._person()
        if person is not None:
            state = self.dice.choice(("open", "open", "won", "lost"))
            deal = Deal(state=state, amount=self.dice.choice((None, 5000, 70_000)), currency="EUR")
            name = self.dice.choice(("d1", "d2"))
            record = CrmRecord(crm="hubspot", kind="deal", person=person, record_id=f"{name}-{person}", deal=deal)
            self.system.tell(TouchDraft(kind="crm_change", key=self._key(), event="deal", record=record))

    def _waits(self) -> None:
        self.system.later(hours=self.dice.choice((1, 20, 24 * 9)))

    def _parted(self) -> None:
        aliases = [each.lead.lead_id for each in _leads(self.system) if each.lead.merged_into is not None]
        if aliases:
            try:
                unmerger(self.system)(self.dice.choice(aliases))
            except (Reject, Retry):
                return

    def _taken_back(self) -> None:
        if self.sent and self.dice.random() < 0.5:
            self.system.tell(deleted(self.dice.choice(self.sent)))


def _leads(system: System) -> list[LeadRecord]:
    return [record for record in system.records() if isinstance(record, LeadRecord)]


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def _kept(lead: Lead) -> dict[str, Any]:
    """What the table says, in the columns of `lead_rows`."""
    visits = lead.decided and lead.stage == VISITOR
    submissions = {
        f"{which}_{name}": value
        for which, told in (("first", lead.first), ("last", lead.last))
        if told is not None
        for name, value in (("source", told.source), ("campaign", told.origin.campaign), ("form", told.origin.form))
    }
    return {
        "captured_ms": _ms(lead.captured_at),
        "standing": "visitor" if visits else lead.standing,
        "erased": lead.erased_at is not None,
        "touches": lead.touches,
        **submissions,
        "segment": lead.segment,
        "persona": lead.persona,
        "icp": lead.icp,
        "stage": lead.stage,
        "rep": lead.ownership.rep,
        "pool": lead.ownership.pool,
        "queue": lead.ownership.queue,
        "rule": lead.ownership.rule,
        "hops": lead.ownership.hop,
        "contacted_ms": _ms(lead.contacted_at),
        "attempts": lead.attempts,
        "status": lead.status,
        "disposition": lead.disposition,
        "reason": lead.reason,
        "retired_ms": _ms(lead.retired_at),
        "next_step": None if lead.next_step is None else lead.next_step.what,
        "next_step_due_ms": None if lead.next_step is None else _ms(lead.next_step.due_at),
        "enrolled": None if lead.enrolment is None else lead.enrolment.sequence,
        "deals": len(lead.deals),
        "score": lead.score.total,
    }


@dataclass(frozen=True)
class _World:
    """What was lived, and the base tables of it."""

    leads: dict[str, Lead]
    said: list[Said]
    engine: Engine

    def rows(self, table: str) -> list[dict[str, Any]]:
        return _rows(self.engine, table)


def _rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    return [dict(zip(BASE[table], row, strict=True)) for row in engine.select(f"SELECT * FROM {table} ORDER BY ALL")]


@pytest.fixture(scope="module")
def worlds() -> list[_World]:
    found = []
    for seed in _SEEDS:
        system = _Life(seed).lived()
        leads = {record.lead.lead_id: record.lead for record in _leads(system) if record.lead.merged_into is None}
        found.append(_World(leads, system.said, engine_of(system.said)))
    return found


def test_lives_have_everything_that_makes_counting_hard(worlds: list[_World]) -> None:
    """Else the tests below would prove little."""
    names = Counter(said.name for world in worlds for said in world.said)
    wanted = ("LeadMerged", "LeadUnmerged", "TouchErased", "LeadErased", "RecordDeleted", "DealWon", "LeadReactivated")
    assert not [name for name in wanted if not names[name]]


def test_each_living_lead_is_one_row_that_says_what_the_table_says(worlds: list[_World]) -> None:
    for seed, world in zip(_SEEDS, worlds, strict=True):
        rows = {row["lead_id"]: row for row in world.rows("lead_rows")}
        assert rows.keys() == world.leads.keys(), seed
        for lead_id, lead in world.leads.items():
            kept = _kept(lead)
            row = {**rows[lead_id], "score": rows[lead_id]["score"] or 0}
            assert {name: row[name] for name in kept} == kept, (seed, lead_id)


def test_clocks_that_the_table_waits_for_are_those_that_run(worlds: list[_World]) -> None:
    for seed, world in zip(_SEEDS, worlds, strict=True):
        kept = {
            (lead_id, clock.kind, clock.hop, _ms(clock.started_at), clock.breached_at is not None)
            for lead_id, lead in world.leads.items()
            for clock in lead.clocks
        }
        open_ = [row for row in world.rows("clock_rows") if row["met_ms"] is None and row["stopped_ms"] is None]
        names = ("lead_id", "kind", "hop", "started_ms")
        found = {(*(row[name] for name in names), row["breached_ms"] is not None) for row in open_}
        over = {each for each in found - kept if each[-1]}
        assert found - over == kept, seed


def test_deals_have_the_state_that_the_table_keeps(worlds: list[_World]) -> None:
    for seed, world in zip(_SEEDS, worlds, strict=True):
        kept = {(lead_id, deal): state for lead_id, lead in world.leads.items() for deal, state in lead.deals.items()}
        found = {
            (row["lead_id"], row["deal_id"]): "won" if row["won_ms"] else "lost" if row["lost_ms"] else "open"
            for row in world.rows("deal_rows")
        }
        assert found == kept, seed


def test_attempts_and_the_owner_are_those_of_the_table(worlds: list[_World]) -> None:
    for seed, world in zip(_SEEDS, worlds, strict=True):
        tries = Counter(row["lead_id"] for row in world.rows("activity_rows") if row["kind"] == "attempt")
        assert tries == {lead_id: lead.attempts for lead_id, lead in world.leads.items() if lead.attempts}, seed
        held = [
            row for row in world.rows("assignment_rows") if row["log"] == row["lead_id"] and row["ended_ms"] is None
        ]
        now = {row["lead_id"]: (row["hop"], row["rep"], row["pool"]) for row in held}
        owned = {lead_id: lead.ownership for lead_id, lead in world.leads.items() if lead.ownership.hop}
        assert now == {lead_id: (each.hop, each.rep, each.pool) for lead_id, each in owned.items()}, seed


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_twice_or_in_another_order_changes_nothing(worlds: list[_World], seed: int) -> None:
    dice = random.Random(seed)
    world = worlds[seed * 2]
    told = [*world.said, *dice.sample(world.said, len(world.said) // 3)]
    dice.shuffle(told)
    again = engine_of(told)
    for table in BASE:
        assert _rows(again, table) == world.rows(table), table


def test_of_a_chain_that_is_parted_in_the_middle_each_half_keeps_its_own() -> None:
    system = told(
        form("1", intent="demo", email=ADA, company="Firma"),
        form("2", phone=PHONE, first_name="Bob"),
        form("3", anonymous_id="browser", last_name="Cook"),
    )
    a, b, c = (each.lead.lead_id for each in sorted(system.leads(), key=lambda record: record.lead.captured_at))
    hear(system, form("4", phone=PHONE, anonymous_id="browser"), form("5", email=ADA, phone=PHONE))
    assert _touches(system) == {a: 5}
    unmerge(system, b)
    assert _touches(system) == {a: 2, b: 3}
    unmerge(system, c)
    assert _touches(system) == {a: 2, b: 2, c: 1}


def _touches(system: System) -> dict[str, int]:
    """Of every person, as facts and as the table have them."""
    found = {row["lead_id"]: row["touches"] for row in _rows(engine_of(system.said), "lead_rows")}
    assert found == {record.lead.lead_id: record.lead.touches for record in system.leads()}
    return found
