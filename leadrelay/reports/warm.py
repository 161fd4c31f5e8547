"""The rows that are shown now, kept ready: fetched once for each run of the schedule, and read by every question since.

What is shown is looked up again after some seconds, so that a page never waits for rows that are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Reject, Retry
from leadrelay.ports.warehouse import About, BroughtIn, Rows
from leadrelay.reports import registry
from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs
from leadrelay.reports.engine import Engine
from leadrelay.reports.inputs import brought
from leadrelay.reports.kept import kept
from leadrelay.reports.result import Report
from leadrelay.reports.run import answered

LOOK_SECONDS = 10.0
_TRIES = 3
_REMEMBERED = 64
"""Answers."""


@dataclass(frozen=True, slots=True)
class Current:
    """What reports are counted from, as it was when the lake was last looked at; with the answers that were given."""

    engine: Engine
    inputs: Inputs
    about: About
    _answers: dict[tuple[str, str, str], Report] = field(default_factory=dict)

    def answer(self, name: str, asked: Asked, rules: Rules) -> Report:
        """The report of this name: the same pages are looked at again and again. Raises KeyError for an unknown one,
        UnknownFilter."""
        key = (name, asked.model_dump_json(), rules.version)
        if key not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            entry = registry.report(name)
            self._answers[key] = answered(entry, asked, self.engine, rules, self.about.looked_at, self.inputs)
        return self._answers[key]


class WarmRows:
    """Not to be shared between threads. `monotonic` tells seconds."""

    def __init__(self, rows: Rows, brought: BroughtIn, monotonic: Callable[[], float]) -> None:
        self._rows = rows
        self._brought = brought
        self._monotonic = monotonic
        self._looked: float | None = None
        self._token: str | None = None
        self._current: Current | None = None

    def current(self) -> Current | None:
        """The newest rows, at most ten seconds behind; None before the first run. While the bucket is away, the rows
        that are here are still good. Raises Retry without any, Misconfigured."""
        if self._looked is None or self._monotonic() - self._looked >= LOOK_SECONDS:
            try:
                self._look()
            except Retry:
                if self._current is None:
                    raise
            self._looked = self._monotonic()
        return self._current

    def _look(self) -> None:
        """A run may be cleared away while it is fetched: another is shown by then."""
        for _ in range(_TRIES):
            shown = self._rows.shown()
            if shown is None or shown.token == self._token:
                return
            try:
                engine, about = self._engine(shown.about)
            except Reject:
                continue
            self._current, self._token = Current(engine, brought(self._brought), about), shown.token
            return
        raise Retry(1, "the rows change faster than they can be read")

    def _engine(self, about: About) -> tuple[Engine, About]:
        """The lake may have been looked at again without anything new in it."""
        known = self._current
        return (known.engine, about) if known is not None and known.about.run == about.run else kept(self._rows)
