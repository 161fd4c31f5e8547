"""Words for a report's codes and numbers: of one language, with the names that the rules give to people and pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from string import Formatter
from typing import Any, get_args
from zoneinfo import ZoneInfo

from leadrelay.domain.notices.policy import Language
from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Condition
from leadrelay.reports.pages import values
from leadrelay.reports.pages.catalogue import Catalogue, catalogue
from leadrelay.reports.result import Kind, Remark, Value
from leadrelay.reports.wording import ReportText, report_text

_KINDS = frozenset(get_args(Kind))
AS_WRITTEN = frozenset({"campaign", "form", "rule", "partner", "product", "page"})
"""Vocabularies that people made up themselves: their codes are shown as they are."""


@dataclass(frozen=True)
class Words:
    """`zone` is whose clocks are told, `currency` that of amounts."""

    language: Language
    rules: Rules
    zone: ZoneInfo
    currency: str

    @cached_property
    def catalogue(self) -> Catalogue:
        """The language's own words."""
        return catalogue(self.language)

    def say(self, name: str, **told: object) -> str:
        """A sentence of the pages. Raises KeyError for an unknown one."""
        return self.catalogue.say[name].format(**told)

    def report(self, name: str) -> ReportText:
        """What a report says of itself."""
        return report_text(name, self.language)

    def value(self, value: Value, kind: Kind, codes: str | None = None, text: ReportText | None = None) -> str:
        """A value as it is read; a dash where there is none."""
        if value is None:
            return values.NOTHING
        if isinstance(value, bool):
            return self.catalogue.codes["bool"][str(value).lower()]
        if isinstance(value, str):
            return self._written(value, kind, codes, text)
        return self._measured(value, kind)

    def _written(self, value: str, kind: Kind, codes: str | None, text: ReportText | None) -> str:
        if kind == "day":
            return values.day(date.fromisoformat(value), self.catalogue)
        if kind == "month":
            return values.month(value, self.catalogue)
        return value if kind == "text" else self.code(codes, value, text)

    def _measured(self, value: float, kind: Kind) -> str:
        if kind == "money":
            return values.money(value, self.currency, self.catalogue)
        whole = kind in ("count", "code", "score") and value == int(value)
        tell = {"share": values.share, "seconds": values.seconds, "days": values.days}
        return tell.get(kind, values.count if whole else values.number)(value, self.catalogue)

    def code(self, vocabulary: str | None, code: str, text: ReportText | None = None) -> str:
        """What a code is called: by the report, by the rules, by the language; else the code, readable."""
        named = self._named.get(vocabulary or "", {})
        known = self.catalogue.codes.get(vocabulary or "", {})
        for names in ({} if text is None else text.codes, named, known):
            if code in names:
                return names[code]
        return code if vocabulary in AS_WRITTEN else readable(code)

    @cached_property
    def _named(self) -> Mapping[str, Mapping[str, str]]:
        team = self.rules.team
        pools = {pool.id: pool.name for pool in team.pools}
        queues = {queue.id: queue.name for queue in team.queues}
        return {
            "rep": {rep.id: rep.name for rep in team.reps},
            "owner": {**queues, **{rep.id: rep.name for rep in team.reps}},
            "pool": pools,
            "queue": queues,
        }

    def remark(self, remark: Remark, text: ReportText) -> str:
        """The sentence of a finding; its id where the report has none for it."""
        sentence = text.remarks.get(remark.id)
        if sentence is None:
            return readable(remark.id)
        return _Filled(self, text, remark).vformat(sentence, (), remark.values)

    def condition(self, condition: Condition, text: ReportText) -> str:
        """A condition on a report's rows, as a person says it."""
        name = condition.column.removesuffix("_ms").removesuffix("_seconds")
        called = text.columns.get(condition.column) or text.columns.get(name) or self.code("stage", name)
        return self.say(f"op.{condition.op}", column=called, value=self._limit(condition, name, text))

    def _limit(self, condition: Condition, name: str, text: ReportText) -> str:
        value = condition.value
        if condition.column.endswith("_ms") and isinstance(value, int):
            return self.at(datetime.fromtimestamp(value / 1000, UTC))
        kind: Kind = "seconds" if condition.column.endswith("_seconds") else "code"
        return self.value(value, kind, name, text)

    def day(self, value: date) -> str:
        """A day."""
        return values.day(value, self.catalogue)

    def at(self, at: datetime) -> str:
        """A day and a time, on the clocks of `zone`."""
        return values.moment(at, self.zone, self.catalogue)

    def count(self, value: float) -> str:
        """A whole number."""
        return values.count(value, self.catalogue)


class _Filled(Formatter):
    """Fills sentences. How a value reads its remark says, or what stands behind a colon: its kind, or the vocabulary of
    a code; else a number is a count. What a sentence names and the remark has not is a dash: no finding is lost for
    want of a value."""

    def __init__(self, words: Words, text: ReportText, remark: Remark) -> None:
        super().__init__()
        self._words, self._text, self._remark = words, text, remark

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        return field_name, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        found = self._remark.values.get(value)
        told = format_spec if format_spec in _KINDS else None
        kind: Any = told or ("code" if isinstance(found, str) else "count")
        codes = format_spec if format_spec and format_spec not in _KINDS else _vocabulary(value)
        return self._words.value(found, kind, codes, self._text)


def _vocabulary(name: str) -> str:
    """`first_source`, `source` and `to_source` are all sources."""
    return name.rpartition("_")[2]


def readable(code: str) -> str:
    """`paid_social` as `Paid social`."""
    text = code.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
