"""Conditions: they compile, read only what is known in time, and name only values that can occur."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TypeAlias

from leadrelay.domain.conditions import Condition, ConditionError, FieldType, compile_condition, literal_values
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.scoring.policy import SegmentsPolicy
from leadrelay.domain.view import schema
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.sites import FOUND_IN, Site, sites
from leadrelay.rulebook.vocabulary import vocabulary

_Types: TypeAlias = tuple[tuple[str, FieldType], ...]


def compiled(draft: Draft) -> dict[Site, Condition]:
    """The conditions that can be used, by place. Raises NotReadable when the fields are unknown."""
    types = _types(draft)
    found = {}
    for site in sites(draft):
        with suppress(ConditionError):
            found[site] = _condition(site.text, types)
    return found


def _types(draft: Draft) -> _Types:
    return tuple(schema(draft.of(FieldsPolicy), draft.of(SegmentsPolicy).thresholds).items())


@lru_cache(maxsize=1024)
def _condition(text: str, types: _Types) -> Condition:
    """Compiled once, however many checks ask."""
    return compile_condition(text, dict(types))


def understood(draft: Draft) -> Iterator[Problem]:
    """Every condition that cannot be used, at the word that is wrong."""
    types = _types(draft)
    for site in sites(draft):
        try:
            _condition(site.text, types)
        except ConditionError as error:
            before = error.text.split("\n")[: error.line - 1]
            offset = sum(len(line) + 1 for line in before) + error.column - 1
            yield draft.fault_inside(site.file, site.steps, offset, error.message, error.suggestion)


def known_in_time(draft: Draft) -> Iterator[Problem]:
    """No condition reads what is only decided later."""
    for site, condition in compiled(draft).items():
        for field in sorted(condition.fields):
            if not site.may_read(field):
                offset = max(0, site.text.find(field))
                yield draft.fault_inside(site.file, site.steps, offset, _too_early(site, field), None)


def _too_early(site: Site, field: str) -> str:
    if field in FOUND_IN and FOUND_IN[field] >= site.step:
        return f"'{field}' is not known yet here: the {FOUND_IN[field].name.lower()} step comes later or is this one"
    return f"'{field}' is not known here: a channel is decided by the touch alone (touch.…)"


def values_exist(draft: Draft) -> Iterator[Problem]:
    """No condition waits for a value that cannot occur."""
    words = vocabulary(draft)
    for site, condition in compiled(draft).items():
        for field, values in sorted(literal_values(condition).items()):
            for value in sorted(values - words[field]) if field in words else ():
                offset = max(site.text.find(f'"{value}"'), site.text.find(f"'{value}'"), 0)
                message = f"'{field}' is never '{value}'"
                yield draft.fault_inside(site.file, site.steps, offset, message, closest(value, words[field]))


def thresholds_used(draft: Draft) -> Iterator[Problem]:
    """A threshold that nobody cites moves nothing when it is moved."""
    cited = {field for condition in compiled(draft).values() for field in condition.fields}
    for name in draft.of(SegmentsPolicy).thresholds:
        if f"threshold.{name}" not in cited:
            message = f"no rule cites threshold.{name}"
            yield draft.fault_at_key("segments", ("thresholds", name), message, severity="warning")


def relations_routed(draft: Draft) -> Iterator[Problem]:
    """Who is no sales lead is routed somewhere of their own, or they are called like everybody else."""
    cited: set[str] = set()
    for site, condition in compiled(draft).items():
        if site.file == "routing" and "lead.relation" in condition.fields:
            values = literal_values(condition).get("lead.relation")
            if not values:
                return
            cited |= values
    for number, rule in enumerate(draft.of(SegmentsPolicy).relations):
        if rule.id not in cited:
            message = f"no rule of routing.yaml asks for '{rule.id}': they are routed as sales leads"
            yield draft.fault("segments", ("relations", number, "id"), message, severity="warning")


CHECKS = (understood, known_in_time, values_exist, thresholds_used, relations_routed)
