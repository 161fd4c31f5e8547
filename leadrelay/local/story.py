"""The other things that happened: clocks that ran out, people who were told, errors in the functions' logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leadrelay.domain.card.placement import waiting_place
from leadrelay.domain.facts import Said
from leadrelay.local.cloud import Cloud
from leadrelay.local.logs import lines
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture

MOMENTS = {"SlaWarned": "yellow", "SlaBreached": "red", "LeadAssigned": "green"}
NOTICES_SHOWN = 4
SIGNS_OF_TROUBLE = (
    "Traceback",
    "[ERROR]",
    "_failed",
    "_unavailable",
    "_rejected",
    "misconfigured",
    "Task timed out",
    "AccessDenied",
)
METRICS = '"_aws"'
ERRORS_SHOWN = 6
LINE_LENGTH = 1000


WISHES: Mapping[str, str] = {
    "callback": "named a time for a call: that is the deadline",
    "no_calls": "wants no calls",
    "job_seeker": "looks for work",
}
"""What somebody said beside the usual."""


def ticker(cloud: Cloud, acts: Sequence[Act], picture: Picture) -> Iterator[tuple[str, str]]:
    """Lines with their styles: the impatient lead's way and who was told of it, then what the door turned away."""
    for act in acts:
        if act.scene.part == "impatient":
            yield from _impatient(cloud, act, picture)
        if act.scene.part in ("taken", "called"):
            yield from _in_the_crm(cloud, act, picture)
        if act.scene.part in WISHES:
            yield from _wished(cloud, act, picture)
        if act.scene.part == "forged":
            yield (
                f"  forged delivery to {act.scene.visit.source}: answered {act.receipts[0].status}, stored nowhere",
                "dim",
            )
        if act.scene.part == "riddle" and (touch := picture.touches.get(act.touch_ids[0])) and touch.reason:
            yield (
                f"  not understood, from {act.scene.visit.source}: {touch.state} until a person looks ({touch.reason})",
                "dim",
            )


def _in_the_crm(cloud: Cloud, act: Act, picture: Picture) -> Iterator[tuple[str, str]]:
    """What people did in the CRM, as LeadRelay heard it."""
    lead, who = picture.lead_of(act), act.scene.visit.person.first_name
    for fact in picture.facts.get(lead.lead_id, ()) if lead else ():
        if fact.name == "OwnerOverridden" and fact.data["rep"]:
            name = cloud.rules.team.rep(str(fact.data["rep"])).name
            yield f"  {_after(act, fact)}  {who} was taken over in the CRM by {name}: it stays so", "cyan"
        if fact.name == "ContactAttempted":
            made = fact.data["channel"]
            yield f"  {_after(act, fact)}  {who}: a {made} was logged in the CRM, the clock stops", "cyan"


def _wished(cloud: Cloud, act: Act, picture: Picture) -> Iterator[tuple[str, str]]:
    """Who has a wish, and what follows from it."""
    lead, who = picture.lead_of(act), act.scene.visit.person.first_name
    if lead is None or lead.next_step is None:
        return
    owner, team = lead.ownership, cloud.rules.team
    named = team.queue(owner.queue).name if owner.queue else team.rep(owner.rep or "").name
    where = waiting_place(lead, team) or named
    yield f"  {who} {WISHES[act.scene.part]}; {where}: {lead.next_step.what}", "blue"


def _impatient(cloud: Cloud, act: Act, picture: Picture) -> Iterator[tuple[str, str]]:
    lead = picture.lead_of(act)
    for fact in picture.facts.get(lead.lead_id, ()) if lead else ():
        if fact.name in MOMENTS:
            yield f"  {_told(cloud, act, fact)}", MOMENTS[fact.name]
    about = [notice for notice in cloud.outside.notices.notices() if act.scene.visit.person.company in notice.title]
    for notice in about[-NOTICES_SHOWN:]:
        yield f"            told on #{notice.channel}: {notice.title}. {notice.body.partition(chr(10))[0]}", "magenta"


def last_errors(cloud: Cloud) -> list[str]:
    """The functions' last error lines, each cut short."""
    said = lines(cloud, cloud.deployed.log_group)
    trouble = [line for line in said if any(sign in line for sign in SIGNS_OF_TROUBLE) and METRICS not in line]
    return [line[:LINE_LENGTH] for line in trouble[-ERRORS_SHOWN:]]


def _after(act: Act, fact: Said) -> str:
    """Seconds since the webhook was sent."""
    return f"{(fact.metadata.occurred_at - act.begun_at).total_seconds():6.1f} s"


def _told(cloud: Cloud, act: Act, fact: Said) -> str:
    after, who = _after(act, fact), act.scene.visit.person.first_name
    if fact.name == "LeadAssigned":
        rep = fact.data["rep"]
        name = cloud.rules.team.rep(str(rep)).name if rep else f"queue {fact.data['queue']}"
        return f"{after}  {who} goes to {name} ({fact.data['why']})"
    what = {"SlaWarned": "time is running out", "SlaBreached": "nobody called in time"}[fact.name]
    return f"{after}  {who}: {what}"
