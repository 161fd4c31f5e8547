"""The other things that happened: clocks that ran out, people who were told, errors in the functions' logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leadrelay.domain.card.placement import waiting_place
from leadrelay.local.cloud import Cloud
from leadrelay.local.lapse import Line, after
from leadrelay.local.lapse import lines as lapse_lines
from leadrelay.local.logs import lines
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture

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


def ticker(cloud: Cloud, acts: Sequence[Act], picture: Picture) -> Iterator[Line]:
    """Lines with their styles: the impatient lead's way and who was told of it, then what the door turned away."""
    for act in acts:
        if act.scene.part == "impatient":
            yield from lapse_lines(act, picture, cloud.rules, cloud.outside.notices.notices())
        if act.scene.part in ("taken", "called"):
            yield from _in_the_crm(cloud, act, picture)
        if act.scene.part == "booked":
            yield from _booked(act, picture)
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


def _in_the_crm(cloud: Cloud, act: Act, picture: Picture) -> Iterator[Line]:
    """What people did in the CRM, as LeadRelay heard it."""
    lead, who = picture.lead_of(act), act.scene.visit.person.first_name
    for fact in picture.facts.get(lead.lead_id, ()) if lead else ():
        if fact.name == "OwnerOverridden" and fact.data["rep"]:
            name = cloud.rules.team.rep(str(fact.data["rep"])).name
            yield f"  {after(act, fact)}  {who} was taken over in the CRM by {name}: it stays so", "cyan"
        if fact.name == "ContactAttempted":
            made = fact.data["channel"]
            yield f"  {after(act, fact)}  {who}: a {made} was logged in the CRM, the clock stops", "cyan"


def _booked(act: Act, picture: Picture) -> Iterator[Line]:
    """Who has an appointment."""
    lead, visit = picture.lead_of(act), act.scene.visit
    for fact in picture.said(lead.lead_id, "MeetingBooked")[:1] if lead else ():
        yield (
            f"  {after(act, fact)}  {visit.person.first_name} booked a meeting ({visit.source}): no call is owed",
            "cyan",
        )


def _wished(cloud: Cloud, act: Act, picture: Picture) -> Iterator[Line]:
    """Who has a wish, and what follows from it."""
    lead, who = picture.lead_of(act), act.scene.visit.person.first_name
    if lead is None or lead.next_step is None:
        return
    owner, team = lead.ownership, cloud.rules.team
    named = team.queue(owner.queue).name if owner.queue else team.rep(owner.rep or "").name
    where = waiting_place(lead, team) or named
    yield f"  {who} {WISHES[act.scene.part]}; {where}: {lead.next_step.what}", "blue"


def last_errors(cloud: Cloud) -> list[str]:
    """The functions' last error lines, each cut short."""
    said = lines(cloud, cloud.deployed.log_group)
    trouble = [line for line in said if any(sign in line for sign in SIGNS_OF_TROUBLE) and METRICS not in line]
    return [line[:LINE_LENGTH] for line in trouble[-ERRORS_SHOWN:]]
