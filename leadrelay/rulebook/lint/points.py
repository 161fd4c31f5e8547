"""Points: caps that add up, groups that exist, repeats that are worth something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadrelay.domain.scoring.policy import ScoringPolicy, SegmentsPolicy
from leadrelay.domain.scoring.signals import KINDS
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps


def caps(draft: Draft) -> Iterator[Problem]:
    """Fit and engagement together are 100, so that a score reads as a percentage."""
    policy = draft.of(ScoringPolicy)
    total = policy.fit.cap + policy.engagement.cap
    if min(policy.fit.cap, policy.engagement.cap) < 1 or total != 100:
        message = f"the caps of fit and engagement add up to {total}; they must be positive and add up to 100"
        yield draft.fault("scoring", ("engagement", "cap"), message)


def groups(draft: Draft) -> Iterator[Problem]:
    """Every rule belongs to a group with a cap, and no rule promises more than its group can keep."""
    fit = draft.of(ScoringPolicy).fit
    for number, rule in enumerate(fit.rules):
        place = ("fit", "rules", number)
        if rule.group not in fit.groups:
            message = f"unknown group '{rule.group}'; give it a cap under fit.groups"
            yield draft.fault("scoring", (*place, "group"), message, closest(rule.group, fit.groups))
        elif rule.points > fit.groups[rule.group]:
            message = f"{rule.points} points are more than the group '{rule.group}' allows ({fit.groups[rule.group]})"
            yield draft.fault("scoring", (*place, "points"), message)
    for group in fit.groups:
        if group not in {rule.group for rule in fit.rules}:
            message = f"no rule is in the group '{group}'"
            yield draft.fault_at_key("scoring", ("fit", "groups", group), message, severity="warning")


def repeats(draft: Draft) -> Iterator[Problem]:
    """`most` limits repeats; below the points of one time it would contradict them."""
    for number, rule in enumerate(draft.of(ScoringPolicy).engagement.rules):
        place = ("engagement", "rules", number)
        if rule.kind not in KINDS:
            message = f"unknown kind '{rule.kind}'; there are {', '.join(sorted(KINDS))}"
            yield draft.fault("scoring", (*place, "kind"), message, closest(rule.kind, KINDS))
        highest = max([rule.points, *(boost.points for boost in rule.when)])
        if rule.most is not None and rule.most < highest:
            message = f"at most {rule.most} points, but once is already worth {highest}"
            yield draft.fault("scoring", (*place, "most"), message)
        for key in ("count", "within_hours", "fades_days"):
            value = getattr(rule, key)
            if value is not None and value < 1:
                yield draft.fault("scoring", (*place, key), f"{key} is at least 1")


def thresholds(draft: Draft) -> Iterator[Problem]:
    """Thresholds can be reached, and a segment overrides only one that exists."""
    policy = draft.of(SegmentsPolicy)
    for steps, found in [(("thresholds",), policy.thresholds), *_own_thresholds(policy)]:
        for name, value in found.items():
            if name not in policy.thresholds:
                message = f"no common threshold '{name}' to override"
                yield draft.fault_at_key("segments", (*steps, name), message, closest(name, policy.thresholds))
            if not 0 <= value <= 100:
                yield draft.fault("segments", (*steps, name), f"a score is 0 to 100, never {value}")


def rearmed(draft: Draft) -> Iterator[Problem]:
    """An alert that is taken back above its own line would be told again at every rescore."""
    policy = draft.of(SegmentsPolicy)
    for steps, found in [(("thresholds",), policy.thresholds), *_own_thresholds(policy)]:
        lines = {**policy.thresholds, **found}
        if lines.get("alert_rearm", 0) > lines.get("alert", 100):
            name = "alert_rearm" if "alert_rearm" in found else "alert"
            message = f"alert_rearm ({lines['alert_rearm']}) is above alert ({lines['alert']}); it must not be"
            yield draft.fault("segments", (*steps, name), message)


def _own_thresholds(policy: SegmentsPolicy) -> list[tuple[Steps, Mapping[str, int]]]:
    """Those of segments that have any, with their places."""
    found = enumerate(policy.segments)
    return [(("segments", number, "thresholds"), rule.thresholds) for number, rule in found if rule.thresholds]


CHECKS = (caps, groups, repeats, thresholds, rearmed)
