"""Half a year of some hundred leads as base tables, drawn with a seed: something to look at."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
LEADS = 400
_TYPES = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
_SOURCES = (("website", "seo", "seo"), ("meta", "paid_social", "paid"), ("google_ads", "paid_search", "paid"),
            ("linkedin", "paid_social", "paid"), ("calendly", "website", "direct"))  # fmt: skip
_REPS = (("anna", "sdr"), ("marek", "sdr"), ("ivana", "sdr"), ("tomasz", "ae"), ("milica", "ae"))
_STAGES = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer")
_REASONS = ("too_early", "no_budget", "competitor", "no_fit")

Row = dict[str, Any]


@cache
def tables(leads: int = LEADS) -> Mapping[str, Sequence[Row]]:
    """The base tables; whoever is in them has a clock, an assignment, attempts and perhaps a deal."""
    dice = random.Random(20261122)
    found: dict[str, list[Row]] = {name: [] for name in BASE}
    for number in range(leads):
        lead = _lead(number, dice)
        found["lead_rows"].append(lead)
        for table, rows in _around(lead, dice).items():
            found[table].extend(rows)
    found["gap_rows"].extend(_gaps(dice))
    return found


def keep(folder: Path, leads: int = LEADS) -> None:
    """As the schedule keeps them."""
    with duckdb.connect() as db:
        for table, columns in BASE.items():
            lines = folder / f"{table}.jsonl"
            lines.write_text(
                "".join(json.dumps({name: row.get(name) for name in columns}) + "\n" for row in tables(leads)[table])
            )
            types = ", ".join(f"'{name}': '{_TYPES[kind]}'" for name, kind in columns.items())
            found = f"read_json('{lines}', format = 'newline_delimited', columns = {{{types}}})"
            db.execute(f"COPY (SELECT * FROM {found}) TO '{folder / f'{table}.parquet'}' (FORMAT parquet)")
            lines.unlink()


def engine(folder: Path, leads: int = LEADS) -> Engine:
    """Over these tables."""
    keep(folder, leads)
    return Engine.over_rows(folder)


def _lead(number: int, dice: random.Random) -> Row:
    captured = _ms(NOW - timedelta(days=dice.random() * 180))
    source, channel, kind = dice.choices(_SOURCES, (40, 25, 15, 12, 8))[0]
    score = min(100, max(2, round(dice.gauss(55, 22))))
    rep, pool = dice.choice(_REPS)
    row: Row = {
        "lead_id": f"{number:032x}", "captured_ms": captured, "standing": "live", "erased": False, "touches": 2,
        "first_source": source, "first_channel": channel, "first_class": kind, "first_campaign": f"{source}_autumn",
        "first_form": "demo", "last_source": source, "last_channel": channel, "last_class": kind,
        "last_campaign": f"{source}_autumn", "last_form": "demo", "intent": "demo_request", "icp": score > 40,
        "temperature": "hot" if score > 70 else "warm", "segment": dice.choice(("enterprise", "mid_market", "smb")),
        "persona": dice.choice(("executive", "manager")), "fields": "{}", "first_score": score - 10,
        "mql_score": score if score >= 50 else None, "score": score, "top_score": score, "fit": score // 2,
        "engagement": score - score // 2, "qualifications": "{}", "rep": rep, "pool": pool, "rule": "hot", "hops": 1,
        "needed_ms": captured + 2_000, "assigned_ms": captured + 5_000, "rep_ms": captured + 5_000, "attempts": 0,
        "synced_ms": captured + 9_000, "status": "attempting", "next_step": None if number % 9 == 0 else "Call",
        "next_step_due_ms": captured + 86_400_000,
    }  # fmt: skip
    return row | _stages(row, dice) | _said(dice)


def _stages(row: Row, dice: random.Random) -> Row:
    """How far they went: better ones further."""
    reached, at = {}, row["captured_ms"]
    for place, stage in enumerate(_STAGES):
        chance = 1.0 if place < 2 else 0.35 + row["score"] / 220
        if dice.random() > chance:
            break
        at += round(dice.expovariate(1 / (place * 3 + 0.01)) * 86_400_000)
        if at > _ms(NOW):
            break
        reached[f"{stage}_ms"] = at
    stage = next((name for name in reversed(_STAGES) if f"{name}_ms" in reached), "lead")
    return {"stage": stage, **reached}


def _said(dice: random.Random) -> Row:
    disposition = dice.choices((None, "accepted", "rejected", "recycled"), (40, 40, 12, 8))[0]
    reason = dice.choice(_REASONS) if disposition in ("rejected", "recycled") else None
    return {"disposition": disposition, "reason": reason}


def _around(lead: Row, dice: random.Random) -> dict[str, list[Row]]:
    """The clock, the assignment, what was tried, and the deal."""
    captured, due = lead["captured_ms"], lead["captured_ms"] + 300_000
    waited = round(dice.lognormvariate(6.2, 1.6) * 1000)
    met = captured + waited if dice.random() < 0.8 and captured + waited < _ms(NOW) else None
    base = {"lead_id": lead["lead_id"], "rep": lead["rep"], "pool": lead["pool"], "hop": 1}
    if met is not None:
        lead["contacted_ms"], lead["attempts"] = met, dice.randrange(1, 6)
    clock = base | {"kind": "first_contact", "policy": "hot", "started_ms": captured, "due_ms": due, "met_ms": met,
                    "breached_ms": due if met is None or met > due else None,
                    "in_time": None if met is None else met <= due, "lead_seconds": met and waited // 1000,
                    "owner_seconds": met and waited // 1500}  # fmt: skip
    assignment = base | {"at_ms": captured + 5_000, "why": "new", "rule": "hot", "score": lead["score"],
                         "needed_ms": captured + 2_000, "contacted_ms": met, "attempts": lead["attempts"]}  # fmt: skip
    whose = {key: base[key] for key in ("lead_id", "rep", "pool")} | {"kind": "attempt", "channel": "call"}
    tries = [whose | {"at_ms": (met or 0) + number * 86_400_000} for number in range(lead["attempts"])]
    touch = {"lead_id": lead["lead_id"], "touch_id": lead["lead_id"], "source": lead["first_source"],
             "kind": "submission", "received_ms": captured, "ready_ms": captured + 300,
             "identified_ms": captured + 900,
             "channel": lead["first_channel"], "class": lead["first_class"]}  # fmt: skip
    return {
        "clock_rows": [clock], "assignment_rows": [assignment], "activity_rows": tries, "deal_rows": _deals(lead, dice),
        "touch_rows": [touch, *_parked(lead, dice)],
    }  # fmt: skip


def _deals(lead: Row, dice: random.Random) -> list[Row]:
    opened = lead.get("opportunity_ms")
    if opened is None:
        return []
    amount, won = dice.randrange(2, 60) * 100_000, lead.get("customer_ms")
    lead.update({"deals": 1, "deal_opened_ms": opened, "won_ms": won, "currency": "EUR"})
    lead["won_amount" if won else "open_amount"] = amount
    return [{"lead_id": lead["lead_id"], "deal_id": lead["lead_id"], "opened_ms": opened, "won_ms": won,
             "amount": amount, "currency": "EUR", "rep": lead["rep"], "pool": lead["pool"]}]  # fmt: skip


def _parked(lead: Row, dice: random.Random) -> list[Row]:
    if dice.random() > 0.06:
        return []
    at, why = lead["captured_ms"], dice.choice(("address_limit", "disposable_mail", "unanswered"))
    row = {"touch_id": f"parked-{lead['lead_id']}", "source": lead["first_source"], "kind": "submission"}
    return [row | {"received_ms": at, "parked_ms": at, "parked_why": why}]


def _gaps(dice: random.Random) -> Iterator[Row]:
    for days in range(0, 60, 3):
        day = (NOW - timedelta(days=days)).date()
        theirs = dice.randrange(5, 20)
        found = dice.choice((0, 0, 0, 1, 2))
        counts = {"theirs": theirs, "ours": theirs - found, "found": found, "gone": 0}
        day_ms = _ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
        yield {"source": "meta", "form": "demo", "day": day.isoformat(), "day_ms": day_ms} | counts


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
