"""Whether the play ended as it must: what is still missing, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leadrelay.domain.lead import Lead
from leadrelay.local.cloud import Cloud
from leadrelay.local.lapse import problems as lapse_problems
from leadrelay.local.reps import MANAGER
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Contact, Picture, crm_owner

GENUINE = frozenset({"lead", "impatient", "linkedin", "taken", "called", "callback", "no_calls", "job_seeker"})


def missing(cloud: Cloud, acts: Sequence[Act], picture: Picture) -> list[str]:
    """What does not hold yet; nothing is missing when every genuine lead is where it belongs."""
    leads = [act for act in acts if act.scene.part in GENUINE]
    found = [problem for act in leads for problem in _lead_problems(cloud, act, picture)]
    for act in acts:
        found.extend(_others[act.scene.part](act, picture) if act.scene.part in _others else ())
    found.extend(problem for act in leads for problem in _played_out(cloud, act, picture))
    return found


def _played_out(cloud: Cloud, act: Act, picture: Picture) -> Iterable[str]:
    """What else must become of some leads."""
    story = _stories.get(act.scene.part)
    return () if story is None else story(cloud, act, picture)


def strangers(acts: Sequence[Act], picture: Picture) -> list[str]:
    """Who is in the CRM and does not belong there: nobody but the genuine leads does."""
    people = [act.scene.visit.person for act in acts if act.scene.part in GENUINE]
    genuine = {contact.crm_id for person in people for contact in picture.of_person(person)}
    return [
        f"{contact.email or contact.phone} is in the CRM and no genuine lead"
        for contact in picture.contacts
        if contact.crm_id not in genuine
    ]


def _lead_problems(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    who = act.scene.visit.person.email
    yield from _answers(act, 200)
    lead = picture.lead_of(act)
    if lead is None:
        yield f"{who} is no lead"
        return
    if not lead.ownership.placed:
        yield f"{who} has neither owner nor queue"
    if lead.next_step is None:
        yield f"{who} has no next step"
    yield from _in_crm(cloud, lead, who, picture.of_person(act.scene.visit.person))


def _in_crm(cloud: Cloud, lead: Lead, who: str, found: Sequence[Contact]) -> Iterator[str]:
    if len(found) != 1:
        yield f"{who} is in the CRM {len(found)} times"
        return
    if found[0].lead_id != lead.lead_id:
        yield f"{who} has the wrong lead key in the CRM"
    if not lead.waits and found[0].owner_id != crm_owner(cloud, lead.ownership.rep):
        yield f"{who} has another owner in the CRM"


def _lapse(cloud: Cloud, act: Act, picture: Picture) -> Iterable[str]:
    """The impatient lead has its own way to go."""
    return lapse_problems(act, picture)


def _forged(act: Act, picture: Picture) -> Iterator[str]:
    yield from _answers(act, 401)
    if any(touch in picture.touches for touch in act.touch_ids):
        yield f"the forged {act.scene.visit.key} was stored"


def _riddle(act: Act, picture: Picture) -> Iterator[str]:
    yield from _answers(act, 200)
    touch = picture.touches.get(act.touch_ids[0])
    if touch is None or touch.state != "parked":
        yield f"{act.scene.visit.key} is not parked for a person to look at"


def _follow_up(act: Act, picture: Picture) -> Iterator[str]:
    """A follow-up belongs to the lead that the person was already: the one with their address."""
    yield from _answers(act, 200)
    lead, who = picture.lead_of(act), act.scene.visit.person.email
    known = {contact.lead_id for contact in picture.of_person(act.scene.visit.person)}
    if lead is None or {lead.lead_id} != known:
        yield f"{act.scene.visit.key} was not added to the lead of {who}"


def _booked(act: Act, picture: Picture) -> Iterator[str]:
    """Who books a meeting has an appointment: nobody owes them a call any more."""
    yield from _follow_up(act, picture)
    lead = picture.lead_of(act)
    if lead is None or lead.contacted_at is None or lead.clock("first_contact") is not None:
        yield f"{act.scene.visit.person.email} booked a meeting, and the clock still runs"


def _answers(act: Act, status: int) -> Iterable[str]:
    wrong = sorted({receipt.status for receipt in act.receipts} - {status})
    return [f"{act.scene.visit.key} was answered {', '.join(map(str, wrong))} instead of {status}"] if wrong else []


def _taken(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    """Whom a manager took over in the CRM stays theirs; who is owner there is checked for everybody."""
    lead = picture.lead_of(act)
    if lead is not None and lead.ownership.rep != MANAGER:
        yield f"{act.scene.visit.person.email} was taken over in the CRM, and LeadRelay does not know"


def _called(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    """A call that a rep logged in the CRM stops the clock."""
    lead = picture.lead_of(act)
    if lead is not None and (lead.contacted_at is None or lead.clock("first_contact") is not None):
        yield f"{act.scene.visit.person.email} was called, and the clock still runs"


def _callback(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    """A time that somebody named is the deadline."""
    lead = picture.lead_of(act)
    clock = None if lead is None else lead.clock("first_contact")
    if lead is not None and (clock is None or lead.callback is None or clock.due_at != lead.callback.at):
        yield f"{act.scene.visit.person.email} named a time for a call, and it is not the deadline"


def _no_calls(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    """Who wants no calls has an owner who is told to write."""
    lead = picture.lead_of(act)
    if lead is not None and (lead.permission.may_call or "do not call" not in str(lead.next_step).lower()):
        yield f"{act.scene.visit.person.email} wants no calls, and the next step is one"


def _job_seeker(cloud: Cloud, act: Act, picture: Picture) -> Iterator[str]:
    """Who looks for work waits for no salesperson."""
    lead = picture.lead_of(act)
    if lead is not None and (lead.relation != "job_seeker" or lead.ownership.queue is None or lead.due_at() is None):
        yield f"{act.scene.visit.person.email} looks for work and is not in the queue for that"


_stories = {
    "impatient": _lapse,
    "taken": _taken,
    "called": _called,
    "callback": _callback,
    "no_calls": _no_calls,
    "job_seeker": _job_seeker,
}
_others = {"forged": _forged, "riddle": _riddle, "follow_up": _follow_up, "booked": _booked}
