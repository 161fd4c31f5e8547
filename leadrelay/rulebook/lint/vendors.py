"""Vendors: the folder exists, plays the role, takes the options, and knows the people."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from leadrelay.domain.card.bucket import LEAST
from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.notices.policy import KINDS, NoticesPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.vendors import budget, card_fields, card_values, has_role, lists_days, options_of, with_role


def _plays(draft: Draft, file: str, steps: Steps, vendor: str, role: str) -> Iterator[Problem]:
    if not has_role(vendor, role):
        offered = with_role(role)
        there = f"there are: {', '.join(offered)}" if offered else "there is none yet"
        message = f"no connector '{vendor}' with the role '{role}'; {there}"
        yield draft.fault(file, steps, message, closest(vendor, offered))


def roles(draft: Draft) -> Iterator[Problem]:
    """Every source that rules name is sent by somebody, or brought as a file."""
    for name, source in draft.of(SourcesPolicy).sources.items():
        if not has_role(source.vendor, "upload"):
            yield from _plays(draft, "sources", ("sources", name, "vendor"), source.vendor, "source")


def polled(draft: Draft) -> Iterator[Problem]:
    """Only who has a history can be asked for it."""
    for name, source in draft.of(SourcesPolicy).sources.items():
        if source.poll_seconds is not None and not has_role(source.vendor, "fetch"):
            message = f"{source.vendor} has no history to ask for; there are: {', '.join(with_role('fetch'))}"
            yield draft.fault_at_key("sources", ("sources", name, "poll_seconds"), message)


def counted(draft: Draft) -> Iterator[Problem]:
    """Only what is asked for can be counted, and only days that the sender still lists; a CRM tells of each change in
    ways of its own, so that its deliveries and its history are not to be compared one by one."""
    for name, source in draft.of(SourcesPolicy).sources.items():
        place, days = ("sources", name), lists_days(source.vendor)
        for setting in ("gap_after_minutes", "check_days"):
            if getattr(source, setting) is None:
                continue
            if days is None:
                there = ", ".join(vendor for vendor in with_role("fetch") if lists_days(vendor))
                message = f"{source.vendor} has no list to count; there are: {there}"
                yield draft.fault_at_key("sources", (*place, setting), message)
            elif source.poll_seconds is None:
                yield draft.fault_at_key("sources", (*place, setting), "nothing is counted without poll_seconds")
        if days is not None and source.check_days is not None and source.check_days > days:
            yield draft.fault("sources", (*place, "check_days"), f"{source.vendor} lists {days} days at most")


def crm(draft: Draft) -> Iterator[Problem]:
    """The CRM has a folder, and only fields that it can hold are configured."""
    policy = draft.of(CrmPolicy)
    yield from _plays(draft, "crm", ("vendor",), policy.vendor, "crm")
    known = card_fields(policy.vendor)
    named = [("fields", field) for field in policy.fields] + [("properties", field) for field in policy.properties]
    for section, field in named if known else ():
        if field not in known:
            message = f"'{field}' is no field of the card in {policy.vendor}"
            yield draft.fault_at_key("crm", (section, field), message, closest(field, known))


def crm_budget(draft: Draft) -> Iterator[Problem]:
    """Our share of the CRM's rate is enough to work with."""
    policy = draft.of(CrmPolicy)
    ours = budget(policy).ours
    if ours < LEAST:
        message = (
            f"our share would be {ours:g} calls, fewer than {LEAST}; raise `share`, or give `calls` of more seconds"
        )
        yield draft.fault("crm", ("budget",), message)


def crm_values(draft: Draft) -> Iterator[Problem]:
    """Every stage and status has its value in the CRM, or nobody there would ever see it."""
    vendor, stages = draft.of(CrmPolicy).vendor, draft.of(StagesPolicy)
    named: list[tuple[str, Steps, str]] = [
        ("lifecycle_stage", ("lifecycle", number, "id"), rule.id) for number, rule in enumerate(stages.lifecycle)
    ]
    named += [("lifecycle_stage", ("outside", number), stage) for number, stage in enumerate(stages.outside)]
    named += [("lead_status", ("statuses", number), status) for number, status in enumerate(stages.statuses)]
    named += [("timing", ("nurture", "timings", timing), timing) for timing in stages.nurture.timings]
    for field, steps, value in named:
        known = card_values(vendor, field)
        if known is not None and value not in known:
            message = f"{vendor} has no {field} for '{value}'; add it to connectors/{vendor}/connector.toml"
            yield draft.fault("stages", steps, message, closest(value, known))


def notifiers(draft: Draft) -> Iterator[Problem]:
    """Every channel has a folder; every rule names a channel and a notice that exist."""
    policy = draft.of(NoticesPolicy)
    named = (rule.on_entry.notice for rule in draft.of(StagesPolicy).lifecycle)
    kinds = sorted({*KINDS, *filter(None, named)})
    for name, channel in policy.channels.items():
        yield from _plays(draft, "notices", ("channels", name, "notifier"), channel.notifier, "notify")
    for number, rule in enumerate(policy.rules):
        if rule.channel not in policy.channels:
            message = f"unknown channel '{rule.channel}'"
            steps = ("rules", number, "channel")
            yield draft.fault("notices", steps, message, closest(rule.channel, policy.channels))
        if rule.notice not in kinds:
            message = f"unknown notice '{rule.notice}'; there are {', '.join(kinds)}"
            yield draft.fault("notices", ("rules", number, "notice"), message, closest(rule.notice, kinds))


def options(draft: Draft) -> Iterator[Problem]:
    """A source's options are those that its vendor knows."""
    for name, source in draft.of(SourcesPolicy).sources.items():
        if has_role(source.vendor, "source") or has_role(source.vendor, "upload"):
            place: Steps = ("sources", name, "options")
            yield from option_faults(draft, "sources", place, source.vendor, "source", dict(source.options))


def option_faults(
    draft: Draft, file: str, place: Steps, vendor: str, role: str, chosen: dict[str, object]
) -> Iterator[Problem]:
    """Every option that the vendor does not take in this role, or not so."""
    model = options_of(vendor, role)
    if model is None:
        if chosen:
            yield draft.fault_at_key(file, place, f"{vendor} takes no options")
        return
    try:
        model.model_validate(chosen)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            unknown = fault["type"] == "extra_forbidden"
            said = f"{vendor} has no option '{fault['loc'][-1]}'" if unknown else fault["msg"]
            meant = closest(str(fault["loc"][-1]), model.model_fields) if unknown else None
            where = draft.fault_at_key if unknown else draft.fault
            yield where(file, (*place, *fault["loc"]), said.removeprefix("Value error, "), meant)


def owners(draft: Draft) -> Iterator[Problem]:
    """Everybody who can be given a lead is somebody in the CRM."""
    vendor, team = draft.of(CrmPolicy).vendor, draft.of(TeamPolicy)
    can_own = {team.revops, *(pool.manager for pool in team.pools)}
    can_own |= {member.rep for pool in team.pools for member in pool.members}
    for number, rep in enumerate(team.reps):
        if rep.id in can_own and not rep.crm.get(vendor):
            message = f"'{rep.id}' has no owner id in {vendor} (crm.{vendor}); `leadrelay crm owners` lists them"
            yield draft.fault("team", ("reps", number), message)


def owners_once(draft: Draft) -> Iterator[Problem]:
    """Two people with one owner id would take each other's leads in the CRM."""
    vendor = draft.of(CrmPolicy).vendor
    taken: dict[str, str] = {}
    for number, rep in enumerate(draft.of(TeamPolicy).reps):
        owner = rep.crm.get(vendor)
        if owner is not None and taken.setdefault(owner, rep.id) != rep.id:
            message = f"owner {owner} in {vendor} is already {taken[owner]}"
            yield draft.fault("team", ("reps", number, "crm", vendor), message)


CHECKS = (roles, polled, counted, crm, crm_budget, crm_values, notifiers, options, owners, owners_once)
