"""What reports.yaml watches is there: the reports, their numbers, the filters, the notices; and it can be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from zoneinfo import available_timezones

from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.filters import reported
from leadrelay.reports.registry import names
from leadrelay.reports.wording import report_text
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps

FILE = "reports"


def counting(draft: Draft) -> Iterator[Problem]:
    """Days are those of a zone that there is, and bands rise from 0."""
    policy = draft.of(ReportsPolicy)
    if policy.zone not in available_timezones():
        meant = closest(policy.zone, available_timezones())
        yield draft.fault(FILE, ("zone",), f"no zone '{policy.zone}'; write one such as Europe/Warsaw", meant)
    if list(policy.bands) != sorted({0, *policy.bands}) or max(policy.bands, default=0) > 100:
        yield draft.fault(FILE, ("bands",), "bands begin with 0 and rise, up to 100, such as [0, 40, 60, 80]")


def thresholds(draft: Draft) -> Iterator[Problem]:
    """Each threshold names a number of a report, and a line that it can cross."""
    taken: set[str] = set()
    for number, threshold in enumerate(draft.of(ReportsPolicy).thresholds):
        steps: Steps = ("thresholds", number)
        if threshold.id in taken:
            yield draft.fault(FILE, (*steps, "id"), f"'{threshold.id}' is taken by a threshold before it")
        taken.add(threshold.id)
        if threshold.below is None and threshold.above is None:
            yield draft.fault(FILE, steps, f"'{threshold.id}' can never be crossed; say `below` or `above`")
        yield from _known(draft, (*steps, "report"), threshold.report, names(), "report")
        if threshold.report in names():
            numbers = report_text(threshold.report, "en").numbers
            yield from _known(draft, (*steps, "number"), threshold.number, numbers, f"number of '{threshold.report}'")
        for name in threshold.where:
            yield from _known(draft, (*steps, "where", name), name, reported(draft.of(FieldsPolicy)), "filter")


def told(draft: Draft) -> Iterator[Problem]:
    """Somebody hears of what is watched."""
    policy = draft.of(ReportsPolicy)
    heard = {rule.notice for rule in draft.of(NoticesPolicy).rules}
    for number, threshold in enumerate(policy.thresholds):
        yield from _known(draft, ("thresholds", number, "notice"), threshold.notice, heard, "rule of notices.yaml for")
    if policy.digest is not None:
        yield from _known(draft, ("digest", "notice"), policy.digest.notice, heard, "rule of notices.yaml for")


def _known(draft: Draft, steps: Steps, word: str, known: Collection[str], what: str) -> Iterator[Problem]:
    if word not in known:
        message = f"no {what} '{word}'; there are {', '.join(sorted(known))}"
        yield draft.fault(FILE, steps, message, closest(word, known))


CHECKS = (counting, thresholds, told)
