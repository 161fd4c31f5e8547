"""Lake: every fact as one flat row, every column always present. Codes and numbers, never a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from leadrelay.domain.facts import Said
from leadrelay.domain.reporting.row import CLOCK, COLUMNS, OWN, SCORE, TIMES
from leadrelay.ports.bus import Lake


@dataclass(frozen=True, slots=True)
class KeepFacts:
    """The workflow with its port."""

    lake: Lake

    def __call__(self, facts: Sequence[Said]) -> None:
        """All rows of a batch become one object. Raises Retry."""
        if facts:
            self.lake.append([row(said) for said in facts])


def row(said: Said) -> Mapping[str, object]:
    """One fact, flat: the columns of `leadrelay.domain.reporting.row`. `data` keeps the whole of it as JSON; `fact_id`
    is what reports drop repeats by."""
    found = (_envelope(said), _own(said.data), _times(said.data), _lists(said.data), _attribution(said.data))
    known = {name: value for part in found for name, value in part.items() if value is not None}
    return {**dict.fromkeys(COLUMNS), **known, "data": json.dumps(said.data, sort_keys=True)}


def _envelope(said: Said) -> dict[str, object]:
    meta = said.metadata
    log, version, n = _place(meta.fact_id)
    return {
        "fact": said.name,
        "fact_id": meta.fact_id,
        "log": log,
        "version": version,
        "n": n,
        "lead_id": meta.lead_id,
        "correlation_id": meta.correlation_id,
        "causation_id": meta.causation_id,
        "rules_version": meta.rules_version,
        "occurred_at": meta.occurred_at.isoformat(),
        "at_ms": _ms(meta.occurred_at),
        "schema": meta.schema_,
    }


def _place(fact_id: str) -> tuple[str, int | None, int | None]:
    """The log, the commit in it and the fact in that, of `{log}:{version}.{n}`."""
    log, _, place = fact_id.rpartition(":")
    version, _, n = place.partition(".")
    return log, _whole(version), _whole(n)


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _own(data: Mapping[str, Any]) -> dict[str, object]:
    totals, clock, fields = (_part(data, name) for name in ("score", "clock", "fields"))
    return {
        **{name: data.get(name) for name in OWN},
        **{name: totals.get(name) for name in SCORE},
        **{name: clock.get(name.removeprefix("clock_")) for name in CLOCK},
        "merged_into": data.get("into"),
        "fields": json.dumps(fields, sort_keys=True) if fields else None,
    }


def _times(data: Mapping[str, Any]) -> dict[str, object]:
    clock, day = _part(data, "clock"), data.get("day")
    return {
        **{name: _ms_of(data.get(field)) for name, field in TIMES.items()},
        "clock_started_ms": _ms_of(clock.get("started_at")),
        "clock_due_ms": _ms_of(clock.get("due_at")),
        "day_ms": _ms_of(f"{day}T00:00:00+00:00" if day else None),
    }


def _ms_of(text: object) -> int | None:
    return _ms(datetime.fromisoformat(text)) if isinstance(text, str) else None


def _ms(at: datetime) -> int:
    """Milliseconds since 1970 (UTC), exactly: a float of seconds would be off by one now and then."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _lists(data: Mapping[str, Any]) -> dict[str, object]:
    gained, left = _part(data, "absorbed"), _part(data, "left")
    leads = [gained.get("lead_id"), *gained.get("absorbed", ())] if gained else None
    return {
        "absorbed": _listed(leads),
        "standing": gained.get("standing") or _part(data, "gained").get("standing") or data.get("standing"),
        "remains": _listed(left.get("absorbed", ())) if left else None,
        "moved": _listed(data.get("moved")),
        "skipped": _listed(data.get("skipped")),
        "missing": _listed(data.get("missing")),
    }


def _listed(names: object) -> str | None:
    return ",".join(map(str, names)) if isinstance(names, list | tuple) else None


def _attribution(data: Mapping[str, Any]) -> dict[str, object]:
    attribution = _part(data, "attribution")
    place = _part(attribution, "origin")
    return {
        "source": attribution.get("source"),
        "source_channel": data.get("source_channel") or attribution.get("channel"),
        "channel_class": data.get("channel_class") or attribution.get("channel_class"),
        "intent": attribution.get("intent"),
        "product": attribution.get("product"),
        "campaign": place.get("campaign"),
        "form": place.get("form"),
        "attributes": True if attribution else None,
    }


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
