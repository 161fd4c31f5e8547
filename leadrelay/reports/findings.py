"""What stands out among groups: by more than chance, and of enough leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from leadrelay.domain.rules import Rules
from leadrelay.reports.breakdown import Group, OfLead
from leadrelay.reports.change import Through
from leadrelay.reports.measures import counts_differ, shares_differ
from leadrelay.reports.result import Remark, Value

R = TypeVar("R", bound=OfLead)
Part = Callable[[Sequence[R]], Through]
"""How many there are to judge by, and how many of them went well."""


def weakest(groups: Sequence[Group[R]], part: Part[R], enough: int) -> Group[R] | None:
    """The named group that does worst, where it does worse than all the others together by more than chance; only
    groups with `enough` to judge by are compared."""
    named = [(group, part(group.rows)) for group in groups if group.value is not None]
    large = [(group, of) for group, of in named if of.came >= enough]
    if len(large) < 2:
        return None
    group, worst = min(large, key=lambda found: found[1].out / found[1].came)
    came, out = sum(of.came for _, of in large) - worst.came, sum(of.out for _, of in large) - worst.out
    return group if shares_differ(worst.out, worst.came, out, came) else None


def not_enough(leads: int, rules: Rules) -> tuple[Remark, ...]:
    """That there are too few to compare anything, where there are."""
    enough = rules.reports.enough
    return (Remark(id="not_enough", values={"leads": leads, "enough": enough}),) if leads < enough else ()


def fell(name: str, now: Through, before: Through, enough: int) -> tuple[Remark, ...]:
    """That a share is smaller than in the time before by more than chance, and why: more came than could be kept up
    with (`<name>_traffic`), or those that came were worked worse (`<name>_handling`)."""
    if min(now.came, before.came) < enough or not shares_differ(now.out, now.came, before.out, before.came):
        return ()
    was, is_ = before.out / before.came, now.out / now.came
    if is_ > was:
        return ()
    cause = "traffic" if now.came > before.came and counts_differ(now.came, before.came) else "handling"
    values: dict[str, Value] = {"was": was, "now": is_, "of": now.came, "before": before.came}
    return (Remark(id=f"{name}_{cause}", values=values, weight="warning"),)
