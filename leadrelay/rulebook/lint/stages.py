"""Stages: what they, the qualifications and the nurture sequences name exists, and nothing in them is for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.vendors import with_role
from leadrelay.rulebook.vocabulary import signals

STATUSES = ("new", "attempting", "meeting_booked", "nurturing")
"""Statuses that the decisions themselves set."""

Named = tuple[Steps, str | None]


def _known(draft: Draft, what: str, named: Iterable[Named], known: Collection[str]) -> Iterator[Problem]:
    for steps, name in named:
        if name is not None and name not in known:
            yield draft.fault("stages", steps, f"unknown {what} '{name}'", closest(name, known))


def statuses(draft: Draft) -> Iterator[Problem]:
    """The statuses that LeadRelay sets are there, and no others are named."""
    policy = draft.of(StagesPolicy)
    for status in STATUSES:
        if status not in policy.statuses:
            yield draft.fault("stages", ("statuses",), f"the status '{status}' is missing; LeadRelay sets it")
    for status in policy.dispositions:
        if status not in policy.statuses:
            message = f"unknown status '{status}'"
            yield draft.fault_at_key("stages", ("dispositions", status), message, closest(status, policy.statuses))
    for number, queue in enumerate(draft.of(TeamPolicy).queues):
        if queue.status not in policy.statuses:
            message = f"unknown status '{queue.status}'"
            yield draft.fault("team", ("queues", number, "status"), message, closest(queue.status, policy.statuses))
    retire = policy.nurture.retire
    if retire is not None:
        yield from _known(draft, "status", [(("nurture", "retire", "status"), retire.status)], policy.statuses)


def ways_out(draft: Draft) -> Iterator[Problem]:
    """A stage is not both inside and outside the lifecycle, and who leaves it goes outside."""
    policy = draft.of(StagesPolicy)
    for number, stage in enumerate(policy.outside):
        if policy.rank(stage) >= 0:
            yield draft.fault("stages", ("outside", number), f"'{stage}' is a stage of the lifecycle already")
    for disposition, stage in policy.exits.items():
        if stage not in policy.outside:
            message = f"'{stage}' is no way out; list it under `outside`"
            yield draft.fault("stages", ("exits", disposition), message, closest(stage, policy.outside))


def qualifications(draft: Draft) -> Iterator[Problem]:
    """Each is declared once and can be gained; a stage names one that is declared, where any are."""
    policy = draft.of(StagesPolicy)
    declared = [rule.type for rule in policy.qualifications]
    named = {rule.qualification for rule in policy.lifecycle}
    for number, rule in enumerate(policy.qualifications):
        place: Steps = ("qualifications", number)
        if rule.type in declared[:number]:
            yield draft.fault("stages", (*place, "type"), f"'{rule.type}' is declared twice")
        if rule.if_ is None and rule.type not in named:
            message = f"nobody ever gains '{rule.type}': give it an `if`, or name it as the `qualification` of a stage"
            yield draft.fault("stages", (*place, "type"), message)
    stages = [rule.id for rule in policy.lifecycle]
    targets = [(("qualifications", number, "stage"), rule.stage) for number, rule in enumerate(policy.qualifications)]
    yield from _known(draft, "stage", targets, stages)
    given = [
        (("lifecycle", number, "qualification"), rule.qualification) for number, rule in enumerate(policy.lifecycle)
    ]
    if declared:
        yield from _known(draft, "qualification", given, declared)


def entries(draft: Draft) -> Iterator[Problem]:
    """What happens on entry can happen: the sequence exists, and somebody is told."""
    lifecycle, nurture = draft.of(StagesPolicy).lifecycle, draft.of(StagesPolicy).nurture
    enrolled = [
        (("lifecycle", number, "on_entry", "enrol"), rule.on_entry.enrol) for number, rule in enumerate(lifecycle)
    ]
    yield from _known(draft, "sequence", enrolled, [each.id for each in nurture.sequences])
    told = {rule.notice for rule in draft.of(NoticesPolicy).rules}
    for number, rule in enumerate(lifecycle):
        if rule.on_entry.notice is not None and rule.on_entry.notice not in told:
            message = f"nobody is told of '{rule.on_entry.notice}': no rule of notices.yaml names it"
            steps = ("lifecycle", number, "on_entry", "notice")
            yield draft.fault("stages", steps, message, closest(rule.on_entry.notice, told))


def sequences(draft: Draft) -> Iterator[Problem]:
    """Somebody gets into each sequence, and its lists are those of a CRM."""
    policy = draft.of(StagesPolicy)
    enrolled = {rule.on_entry.enrol for rule in policy.lifecycle}
    vendors = with_role("crm")
    for number, sequence in enumerate(policy.nurture.sequences):
        place: Steps = ("nurture", "sequences", number)
        if sequence.if_ is None and sequence.id not in enrolled:
            message = f"nobody gets into '{sequence.id}': give it an `if`, or let a stage enrol into it (on_entry)"
            yield draft.fault("stages", (*place, "id"), message)
        for vendor in sequence.list:
            if vendor not in vendors:
                message = f"'{vendor}' is no CRM; a list is given as `vendor: id`, for {', '.join(vendors)}"
                yield draft.fault_at_key("stages", (*place, "list", vendor), message, closest(vendor, vendors))


def lists(draft: Draft) -> Iterator[Problem]:
    """A lead is on the list of its sequence; a queue's own would never be used."""
    if not draft.of(StagesPolicy).nurture.sequences:
        return
    for number, queue in enumerate(draft.of(TeamPolicy).queues):
        if queue.list:
            message = "the lists belong to the sequences: move it to `nurture: sequences: list` of stages.yaml"
            yield draft.fault_at_key("team", ("queues", number, "list"), message)


def timings(draft: Draft) -> Iterator[Problem]:
    """A return comes back some day, and the timing where nobody chose one exists."""
    nurture = draft.of(StagesPolicy).nurture
    for timing, days in nurture.timings.items():
        if not 1 <= days <= 3660:
            message = f"{days} days: a timing is 1 to 3660 days"
            yield draft.fault("stages", ("nurture", "timings", timing), message)
    yield from _known(draft, "timing", [(("nurture", "otherwise"), nurture.otherwise)], nurture.timings)


def mails(draft: Draft) -> Iterator[Problem]:
    """The signals of who leaves the mails and joins them again can come."""
    nurture, known = draft.of(StagesPolicy).nurture, signals(draft)
    for key in ("unsubscribed", "subscribed"):
        named = [(("nurture", key, number), name) for number, name in enumerate(getattr(nurture, key))]
        yield from _known(draft, "signal", named, known)


CHECKS = (statuses, ways_out, qualifications, entries, sequences, lists, timings, mails)
