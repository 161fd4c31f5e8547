"""Promises: a policy of sla.yaml has one deadline, can be kept, and says its checkpoints in order and to somebody."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.clocks.clock import WARN
from leadrelay.domain.clocks.policy import LISTS, AttemptsPolicy, SlaPolicy, TimedPolicy
from leadrelay.domain.handing.criteria import LACKS
from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps

NEW = "new"
"""The status of a lead that nobody has touched."""


def policies(draft: Draft) -> Iterator[tuple[str, Steps, TimedPolicy]]:
    """Every policy with the kind of clock it times, and where it stands in sla.yaml."""
    sla = draft.of(SlaPolicy)
    for kind, name in LISTS.items():
        for number, policy in enumerate(sla.of(kind)):
            yield kind, (name, number), policy


def targets(draft: Draft) -> Iterator[Problem]:
    """A policy has exactly one target, and a calendar only where its time is counted by one."""
    for _, steps, policy in policies(draft):
        given = [one for one in (policy.minutes, policy.seconds, policy.within) if one is not None]
        if len(given) != 1:
            message = f"'{policy.id}' needs one of `minutes`, `seconds` and `within`, such as `within: 48h`"
            yield draft.fault("sla", steps, message)
        elif policy.calendar is not None and not policy.target.business:
            message = f"'{policy.within}' is real time, so that no calendar is asked; `{_in_business(policy)}` is not"
            yield draft.fault("sla", (*steps, "calendar"), message)


def _in_business(policy: TimedPolicy) -> str:
    target = policy.target
    return f"{target.amount}b{target.unit}"


def consequences(draft: Draft) -> Iterator[Problem]:
    """The lead's own clock is nobody's: no owner can be at fault for it."""
    for kind, steps, policy in policies(draft):
        if kind == "lead" and policy.then == "reassign":
            message = "the lead's own clock runs through every change of hands, so nobody can lose a lead by it"
            yield draft.fault("sla", (*steps, "then"), message)


def attempts(draft: Draft) -> Iterator[Problem]:
    """So many channels can be tried in so many attempts."""
    for _, steps, policy in policies(draft):
        if not isinstance(policy, AttemptsPolicy):
            continue
        ways = {*policy.of}
        if not ways:
            yield draft.fault(
                "sla", (*steps, "of"), "nobody can be reached on no channel; leave `of` out for all three"
            )
        for most, what in ((len(ways), f"`of` names {len(ways)}"), (policy.attempts, f"{policy.attempts} attempts")):
            if 0 < most < policy.channels:
                message = f"{policy.channels} different channels can never be tried: {what}"
                yield draft.fault("sla", (*steps, "channels"), message)
                break


def levels(draft: Draft) -> Iterator[Problem]:
    """Checkpoints have names of their own, an owner is warned before the deadline, and nobody's boss before it."""
    for _, steps, policy in policies(draft):
        taken = {WARN: "the warning at `warn_at`"}
        for number, level in enumerate(policy.levels):
            place = (*steps, "levels", number)
            if level.id in taken:
                yield draft.fault("sla", (*place, "id"), f"'{level.id}' is taken, by {taken[level.id]}")
            taken.setdefault(level.id, "a level before it")
            if level.notice == WARN and level.at >= 1:
                message = f"a warning at {level.at:g} comes when the time is up; warn before 1"
                yield draft.fault("sla", (*place, "at"), message)
            elif level.at == 1:
                message = "at 1 the time is up, and the breach is said already; write less or more than 1"
                yield draft.fault("sla", (*place, "at"), message)


def told(draft: Draft) -> Iterator[Problem]:
    """Somebody hears what a checkpoint says."""
    named = {rule.notice for rule in draft.of(NoticesPolicy).rules}
    for _, steps, policy in policies(draft):
        for number, level in enumerate(policy.levels):
            if level.notice not in named:
                message = f"nobody is told of '{level.notice}': no rule of notices.yaml names it"
                place = (*steps, "levels", number, "notice")
                where = place if "notice" in level.model_fields_set else place[:-1]
                yield draft.fault("sla", where, message, closest(level.notice, named))


def handed_over(draft: Draft) -> Iterator[Problem]:
    """Somebody of marketing hears what their leads lack."""
    named = {rule.notice for rule in draft.of(NoticesPolicy).rules}
    if draft.of(SlaPolicy).handover is not None and LACKS not in named:
        message = f"nobody hears what handed-over leads lack: no rule of notices.yaml names '{LACKS}'"
        yield draft.fault_at_key("sla", ("handover",), message, severity="warning")


def reminded(draft: Draft) -> Iterator[Problem]:
    """Somebody hears of steps that are overdue for long, and only statuses that people set put clocks off."""
    sla, known = draft.of(SlaPolicy), draft.of(StagesPolicy).statuses
    named = {rule.notice for rule in draft.of(NoticesPolicy).rules}
    if sla.remind.notice not in named:
        message = f"nobody is told of '{sla.remind.notice}': no rule of notices.yaml names it"
        where = ("remind", "notice") if "remind" in sla.model_fields_set else ()
        yield draft.fault("sla", where, message, closest(sla.remind.notice, named))
    for number, status in enumerate(sla.pause_statuses):
        place = ("pause_statuses", number)
        if status not in known:
            yield draft.fault("sla", place, f"unknown status '{status}'", closest(status, known))
        elif status == NEW:
            yield draft.fault("sla", place, f"every lead begins as '{NEW}', so that no clock would ever run")


CHECKS = (targets, consequences, attempts, levels, told, handed_over, reminded)
