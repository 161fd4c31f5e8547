"""Kinds of signals, one file each: its name is the `kind` in scoring.yaml.

Each has `gives(rule, lead, worth, now)`: what the rule gives the lead at `now` (UTC) and when that changes, where
`worth` is the points of the rule for this lead. `NEEDS` are the keys of a rule that it cannot do without, `READS` those
that it reads beside them and the common ones; any other would be ignored, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.given import Given
from leadrelay.domain.scoring.policy import SignalRule


class Kind(Protocol):
    """A file of this folder."""

    NEEDS: tuple[str, ...]
    READS: tuple[str, ...]

    @staticmethod
    def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
        """What the rule gives."""


COMMON = ("id", "says", "kind", "group", "if_", "segments", "personas", "when")
"""Keys that mean the same for every kind."""


def _kind(name: str) -> Kind:
    module: Kind = import_module(f"{__name__}.{name}")  # type: ignore[assignment]
    return module


KINDS: Mapping[str, Kind] = {module.name: _kind(module.name) for module in iter_modules(__path__)}
"""Every file in this folder."""
