"""The lake's columns: what every fact is flattened to, so that reports need no JSON.

One list for everything that writes or reads them: the row, the Parquet schema, the table in the catalogue, the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Type = Literal["text", "int", "float", "bool"]

ENVELOPE: Mapping[str, Type] = {
    "fact": "text",
    "fact_id": "text",
    "log": "text",  # whose log: a lead, a touch, a source, a rep
    "version": "int",  # of the commit in that log
    "n": "int",  # which fact of the commit
    "lead_id": "text",
    "correlation_id": "text",
    "causation_id": "text",
    "rules_version": "text",
    "occurred_at": "text",
    "at_ms": "int",
    "schema": "int",
}
"""Of every fact."""

OWN: Mapping[str, Type] = {
    "touch_id": "text",
    "source": "text",
    "kind": "text",
    "stage": "text",
    "before": "text",
    "after": "text",
    "why": "text",
    "rule": "text",
    "rep": "text",
    "pool": "text",
    "queue": "text",
    "waits": "text",
    "counted": "text",
    "hop": "int",
    "policy": "text",
    "notice": "text",
    "channel": "text",
    "outcome": "text",
    "crm": "text",
    "code": "text",
    "reason": "text",
    "deal_id": "text",
    "amount": "int",
    "currency": "text",
    "in_time": "bool",
    "corrects": "bool",
    "runs_on": "bool",
    "owner_seconds": "int",
    "lead_seconds": "int",
    "late": "int",
    "due_at": "text",
    "segment": "text",
    "persona": "text",
    "icp": "bool",
    "qualification": "text",
    "sequence": "text",
    "what": "text",
    "standing": "text",
    "temperature": "text",
    "by_machine": "bool",
    "source_channel": "text",
    "channel_class": "text",
    "partner": "text",
    "merged_into": "text",  # `into` of the fact
    "other": "text",
    "form": "text",
    "day": "text",
    "theirs": "int",
    "ours": "int",
    "found": "int",
    "gone": "int",
}
"""A fact's own fields by their names; a fact without the field has null there."""

SCORE: Mapping[str, Type] = {"total": "int", "fit": "int", "engagement": "int", "lost": "int"}
"""Of a score."""

ORIGIN: Mapping[str, Type] = {"intent": "text", "product": "text", "campaign": "text", "attributes": "bool"}
"""Where a submission came from, beside source, channel and form; `attributes`: the touch tells."""

TIMES: Mapping[str, str] = {
    "captured_ms": "captured_at",
    "touched_ms": "occurred_at",
    "received_ms": "received_at",
    "made_ms": "made_at",
    "started_ms": "started_at",
    "due_ms": "due_at",
}
"""Milliseconds since 1970 (UTC), and the field of the fact that they are."""

CLOCK: Mapping[str, Type] = {
    "clock_kind": "text",
    "clock_hop": "int",
    "clock_policy": "text",
    "clock_started_ms": "int",
    "clock_due_ms": "int",
}
"""Of a clock that starts with the fact."""

LISTS: Mapping[str, Type] = {
    "absorbed": "text",
    "remains": "text",
    "moved": "text",
    "skipped": "text",
    "missing": "text",
}
"""Comma lists: the leads that a merge adds, those that are left after two were parted, touches that were the other's,
stages that were jumped over, what a lead lacks that is handed over."""

COLUMNS: Mapping[str, Type] = {
    **ENVELOPE,
    **OWN,
    **SCORE,
    **ORIGIN,
    **dict.fromkeys(TIMES, "int"),
    **CLOCK,
    **LISTS,
    "day_ms": "int",
    "fields": "text",  # JSON object: fields marked `report: true`, by name
    "data": "text",  # JSON: the whole fact
}
"""Every column with its type, in order."""
