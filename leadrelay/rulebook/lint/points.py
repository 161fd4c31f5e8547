"""Points: caps that add up, groups, segments and personas that exist, questions with words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadrelay.domain.scoring.policy import Caps, PersonaRule, ScoringPolicy, SegmentRule, SegmentsPolicy
from leadrelay.domain.scoring.questions import asked
from leadrelay.domain.sources.policy import SourcesPolicy
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


def engagement_groups(draft: Draft) -> Iterator[Problem]:
    """A group of engagement rules has a cap, unless it is the common one."""
    engagement = draft.of(ScoringPolicy).engagement
    for number, rule in enumerate(engagement.rules):
        if rule.group != "engagement" and rule.group not in engagement.groups:
            message = f"unknown group '{rule.group}'; give it a cap under engagement.groups"
            place = ("engagement", "rules", number, "group")
            yield draft.fault("scoring", place, message, closest(rule.group, engagement.groups))


def own_caps(draft: Draft) -> Iterator[Problem]:
    """What a segment or persona caps otherwise adds up to 100 as well."""
    for steps, rule in _profiles(draft):
        if rule.caps is not None and (min(rule.caps.fit, rule.caps.engagement) < 1 or sum(_both(rule.caps)) != 100):
            message = f"these caps add up to {sum(_both(rule.caps))}; they must be positive and add up to 100"
            yield draft.fault("segments", (*steps, "caps"), message)


def limited_to(draft: Draft) -> Iterator[Problem]:
    """A rule is limited to segments and personas that exist."""
    scoring, profiles = draft.of(ScoringPolicy), draft.of(SegmentsPolicy)
    known = {"segments": [rule.id for rule in profiles.segments], "personas": [rule.id for rule in profiles.personas]}
    places = [(("fit", "rules", number), rule) for number, rule in enumerate(scoring.fit.rules)]
    signals = [(("engagement", "rules", number), rule) for number, rule in enumerate(scoring.engagement.rules)]
    for steps, rule in (*places, *signals):
        for key, ids in known.items():
            for number, name in enumerate(getattr(rule, key)):
                if name not in ids:
                    message = f"segments.yaml has no {key.removesuffix('s')} '{name}'"
                    yield draft.fault("scoring", (*steps, key, number), message, closest(name, ids))


def nothing_given(draft: Draft) -> Iterator[Problem]:
    """A rule of no points only looks like one."""
    for number, rule in enumerate(draft.of(ScoringPolicy).fit.rules):
        if rule.points == 0:
            yield draft.fault("scoring", ("fit", "rules", number, "points"), f"'{rule.id}' never gives a point")


def bands(draft: Draft) -> Iterator[Problem]:
    """A band begins at a threshold that exists, and the one that takes everything is the last."""
    known, found = draft.of(SegmentsPolicy).thresholds, draft.of(ScoringPolicy).bands
    for number, each in enumerate(found):
        if each.from_ is not None and each.from_ not in known:
            message = f"segments.yaml has no threshold '{each.from_}'"
            yield draft.fault("scoring", ("bands", number, "from"), message, closest(each.from_, known))
        if each.from_ is None and number + 1 < len(found):
            yield draft.fault("scoring", ("bands", number, "id"), f"'{each.id}' takes every score; put it last")


def questions(draft: Draft) -> Iterator[Problem]:
    """A question has words, and no name that a form or an event has already."""
    sources = draft.of(SourcesPolicy)
    for name, words in draft.of(ScoringPolicy).questions.items():
        if name in sources.intents or name in sources.events:
            yield draft.fault_at_key("scoring", ("questions", name), f"'{name}' is taken in sources.yaml")
        for number, word in enumerate(words):
            if not asked(word, {name: (word,)}) or not any(map(str.isalnum, word)):
                yield draft.fault("scoring", ("questions", name, number), f"there is no word in '{word}'")
        if not words:
            yield draft.fault("scoring", ("questions", name), f"nothing raises '{name}'; give it words")


def thresholds(draft: Draft) -> Iterator[Problem]:
    """Thresholds can be reached, and a segment or persona overrides only one that exists."""
    policy = draft.of(SegmentsPolicy)
    for steps, found in [(("thresholds",), policy.thresholds), *_own_thresholds(draft)]:
        for name, value in found.items():
            if name not in policy.thresholds:
                message = f"no common threshold '{name}' to override"
                yield draft.fault_at_key("segments", (*steps, name), message, closest(name, policy.thresholds))
            if not 0 <= value <= 100:
                yield draft.fault("segments", (*steps, name), f"a score is 0 to 100, never {value}")


def rearmed(draft: Draft) -> Iterator[Problem]:
    """An alert that is taken back above its own line would be told again at every rescore."""
    policy = draft.of(SegmentsPolicy)
    for steps, found in [(("thresholds",), policy.thresholds), *_own_thresholds(draft)]:
        lines = {**policy.thresholds, **found}
        if lines.get("alert_rearm", 0) > lines.get("alert", 100):
            name = "alert_rearm" if "alert_rearm" in found else "alert"
            message = f"alert_rearm ({lines['alert_rearm']}) is above alert ({lines['alert']}); it must not be"
            yield draft.fault("segments", (*steps, name), message)


def _own_thresholds(draft: Draft) -> list[tuple[Steps, Mapping[str, int]]]:
    """Those of segments and personas that have any, with their places."""
    return [((*steps, "thresholds"), rule.thresholds) for steps, rule in _profiles(draft) if rule.thresholds]


CHECKS = (caps, groups, engagement_groups, own_caps, limited_to, nothing_given, bands, questions, thresholds, rearmed)


def _profiles(draft: Draft) -> Iterator[tuple[Steps, SegmentRule | PersonaRule]]:
    policy = draft.of(SegmentsPolicy)
    for number, segment in enumerate(policy.segments):
        yield ("segments", number), segment
    for number, persona in enumerate(policy.personas):
        yield ("personas", number), persona


def _both(caps: Caps) -> tuple[int, int]:
    return caps.fit, caps.engagement
