"""Lake: every fact as one flat row, every column always present. Codes and numbers, never a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadrelay.domain.facts import Said
from leadrelay.ports.bus import Lake

CODES = (
    "touch_id", "source", "kind", "stage", "before", "after", "why", "rule", "rep", "pool", "queue", "hop", "policy",
    "notice", "channel", "outcome", "crm", "code", "reason", "amount", "currency", "in_time", "owner_seconds",
    "lead_seconds", "late", "due_at", "segment", "persona", "icp", "source_channel", "channel_class", "partner",
)  # fmt: skip
"""Columns taken from a fact's own fields; a fact without the field has null there."""


@dataclass(frozen=True, slots=True)
class KeepFacts:
    """The workflow with its port."""

    lake: Lake

    def __call__(self, facts: Sequence[Said]) -> None:
        """All rows of a batch become one object. Raises Retry."""
        if facts:
            self.lake.append([row(said) for said in facts])


def row(said: Said) -> Mapping[str, object]:
    """One fact, flat. `data` keeps the whole of it as JSON; `fact_id` is what reports drop repeats by."""
    meta = said.metadata
    score = said.data.get("score")
    totals = score if isinstance(score, dict) else {}
    return {
        "fact": said.name,
        "fact_id": meta.fact_id,
        "lead_id": meta.lead_id,
        "correlation_id": meta.correlation_id,
        "causation_id": meta.causation_id,
        "rules_version": meta.rules_version,
        "occurred_at": meta.occurred_at.isoformat(),
        "schema": meta.schema_,
        **{name: said.data.get(name) for name in CODES},
        **{name: totals.get(name) for name in ("total", "fit", "engagement", "lost")},
        **_attribution(said),
        "data": json.dumps(said.data, sort_keys=True),
    }


def _attribution(said: Said) -> dict[str, object]:
    found = said.data.get("attribution")
    attribution = found if isinstance(found, dict) else {}
    origin = attribution.get("origin")
    place = origin if isinstance(origin, dict) else {}
    return {
        "intent": attribution.get("intent"),
        "product": attribution.get("product"),
        "campaign": place.get("campaign"),
        "form": place.get("form"),
    }
