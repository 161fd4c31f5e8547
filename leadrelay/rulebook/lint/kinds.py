"""Signal rules: each has what its kind needs, nothing that its kind ignores, and can give points at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from leadrelay.domain.scoring.policy import ScoringPolicy, SignalRule
from leadrelay.domain.scoring.signals import COMMON, KINDS
from leadrelay.domain.signal import KEPT
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps

_POSITIVE = ("count", "within_hours", "within_days", "window_days", "fades_days", "half_life_days", "per_window")
_TOGETHER = (("per_window", "window_days"), ("window_days", "per_window"))
_LONGEST = 3650
"""A half-life of ten years is none; longer ones only cost time."""


def kinds(draft: Draft) -> Iterator[Problem]:
    """The kind exists; what it needs is there, and what is there is read."""
    for place, rule in _rules(draft):
        if rule.kind not in KINDS:
            message = f"unknown kind '{rule.kind}'; there are {', '.join(sorted(KINDS))}"
            yield draft.fault("scoring", (*place, "kind"), message, closest(rule.kind, KINDS))
            continue
        kind = KINDS[rule.kind]
        for key in kind.NEEDS:
            if key not in rule.model_fields_set:
                yield draft.fault("scoring", place, f"kind '{rule.kind}' needs '{_written(key)}'")
        for key in sorted(rule.model_fields_set - {*COMMON, *kind.NEEDS, *kind.READS}):
            message = f"kind '{rule.kind}' does not read '{_written(key)}'"
            yield draft.fault_at_key("scoring", (*place, _written(key)), message)


def numbers(draft: Draft) -> Iterator[Problem]:
    """Days, hours and counts that can be."""
    for place, rule in _rules(draft):
        for key in _POSITIVE:
            value = getattr(rule, key)
            if value is not None and value < 1:
                yield draft.fault("scoring", (*place, key), f"{key} is at least 1")
        if rule.count > KEPT:
            message = f"the newest {KEPT} times of a signal are kept; {rule.count} are never counted"
            yield draft.fault("scoring", (*place, "count"), message)
        for name, count in rule.signals.items():
            if not 1 <= count <= KEPT:
                yield draft.fault("scoring", (*place, "signals", name), f"how often is 1 to {KEPT}, not {count}")


def fading(draft: Draft) -> Iterator[Problem]:
    """One way to fade; a window has a cap, and a cap per window a window."""
    for place, rule in _rules(draft):
        if rule.fades_days is not None and rule.half_life_days is not None:
            message = "points fade linearly (fades_days) or by halves (half_life_days), not both"
            yield draft.fault_at_key("scoring", (*place, "half_life_days"), message)
        if rule.half_life_days is not None and rule.half_life_days > _LONGEST:
            message = f"half_life_days is at most {_LONGEST}; without it points never fade"
            yield draft.fault("scoring", (*place, "half_life_days"), message)
        for one, other in _TOGETHER:
            if getattr(rule, one) is not None and getattr(rule, other) is None:
                yield draft.fault_at_key("scoring", (*place, one), f"'{one}' needs '{other}'")


def worth(draft: Draft) -> Iterator[Problem]:
    """A rule gives something, and its caps do not contradict its points."""
    for place, rule in _rules(draft):
        given = [rule.points, *(boost.points for boost in rule.when), *(step.points for step in rule.steps)]
        if not any(given):
            yield draft.fault("scoring", place, f"'{rule.id}' never gives a point")
        highest = max(map(abs, given))
        for key in ("most", "per_window"):
            cap = getattr(rule, key)
            if (cap is not None and 0 < cap < highest) or (key == "most" and cap is not None and cap < 1):
                message = f"at most {cap} points, but once is already worth {highest}"
                yield draft.fault("scoring", (*place, key), message)


def steps(draft: Draft) -> Iterator[Problem]:
    """Steps of silence are in order, so that the last one reached is the right one."""
    for place, rule in _rules(draft):
        days = [step.days for step in rule.steps]
        for number, (before, after) in enumerate(pairwise(days), 1):
            if after <= before:
                message = f"{after} days come after {before}: write the steps from the shortest silence on"
                yield draft.fault("scoring", (*place, "steps", number, "days"), message)
        if days and days[0] < 0:
            yield draft.fault("scoring", (*place, "steps", 0, "days"), "days of silence are 0 or more")


CHECKS = (kinds, numbers, fading, worth, steps)


def _rules(draft: Draft) -> Iterator[tuple[Steps, SignalRule]]:
    for number, rule in enumerate(draft.of(ScoringPolicy).engagement.rules):
        yield ("engagement", "rules", number), rule


def _written(key: str) -> str:
    """As it stands in the file."""
    return key.removesuffix("_")
