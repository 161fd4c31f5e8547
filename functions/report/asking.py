"""A question to the reports, answered from the rows that are shown now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions import wiring
from leadrelay.domain.rules import Rules
from leadrelay.reports import registry
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.filters import filters
from leadrelay.reports.query import asked_of
from leadrelay.reports.registry import Entry
from leadrelay.reports.result import Report
from leadrelay.reports.run import Opened, opened
from leadrelay.reports.warm import Current


class NoRows(Exception):
    """The first rows have not been made yet."""


class NotThere(Exception):
    """Nothing has this name."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by which rules, of which rows."""

    asked: Asked
    rules: Rules
    current: Current

    def answer(self, name: str) -> Report:
        """The report of this name. Raises NotThere, UnknownFilter."""
        return self.current.answer(entry(name).name, self.asked, self.rules)

    def behind(self, name: str, conditions: tuple[Condition, ...]) -> tuple[Opened, ...]:
        """The leads behind a number of it. Raises NotThere, UnknownFilter."""
        return opened(entry(name), self.asked, conditions, self.current.engine, self.rules)

    def filters(self, name: str | None = None) -> tuple[str, ...]:
        """Those of a report; without one, all. Raises NotThere."""
        own = None if name is None else entry(name).definition.filters
        return filters(self.rules) if own is None else own


def entry(name: str) -> Entry:
    """The report of this name. Raises NotThere."""
    if name not in registry.names():
        raise NotThere("there is no such report; `leadrelay report list` has them all")
    return registry.report(name)


def question(query: Iterable[tuple[str, str]], name: str | None = None) -> Question:
    """What these parameters ask, of the report of this name, or of any. Raises NotThere, NotAsked, NoRows, Retry,
    Misconfigured."""
    rules, takes = wiring.rules().current(), {} if name is None else entry(name).definition.takes
    asked = asked_of(query, filters(rules), rules.reports, wiring.clock().now(), takes)
    current = wiring.warm_rows().current()
    if current is None:
        raise NoRows("no rows have been made yet; they are, some minutes after the first fact")
    return Question(asked, rules, current)
