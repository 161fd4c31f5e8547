"""Kinds of signals, one file each: its name is the `kind` in scoring.yaml. Each has one function
`points(rule, signal, points, now)`: how much of `points` the rule gives for what the person did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules

from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.signal import Signal

Points = Callable[[SignalRule, Signal, int, datetime], int]

KINDS: Mapping[str, Points] = {
    module.name: import_module(f"{__name__}.{module.name}").points for module in iter_modules(__path__)
}
"""Every file in this folder."""
