"""Facts as the lake keeps them, for tests of what is counted from them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from leadrelay.domain.facts import Said
from leadrelay.reports.engine import Engine
from leadrelay.workflows.lake import row

_FROZEN = Path(__file__).parents[1] / "corpus" / "facts" / "0.1.json"


def frozen_facts() -> list[Said]:
    """One life with every fact that the first release knew."""
    return [Said.model_validate(said) for said in json.loads(_FROZEN.read_text(encoding="utf-8"))]


def engine_of(facts: Iterable[Said]) -> Engine:
    """The base tables of these facts."""
    return Engine.over_said(row(said) for said in facts)
