"""Keeping: what an owner promises beside the first contact, started, met and stopped here and nowhere else.

One table says of each kind of clock when it is wanted, from when it counts, and what meets it. It is held against the
lead as it stands when a decision ends, whatever brought it there: so a clock cannot be forgotten where somebody new
decides something, and no two places stop the same one.

Nobody is late from the start, and nobody is held to a promise whose time was up before it was made: new rules make no
burst of alarms about all that was old already. Its next step goes on reminding of each of these leads.

A clock stays with the policy that started it, and keeps its deadline, whatever becomes of the conditions: who was
promised something is not told later that it was never meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.business_time import NoBusinessTime
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.clocks.facts import ClockStarted, ClockStopped
from leadrelay.domain.clocks.lead_clock import is_waited_for, reached, waiting_since
from leadrelay.domain.clocks.pausing import keep_paused
from leadrelay.domain.clocks.policy import AttemptsPolicy, TimedPolicy
from leadrelay.domain.clocks.timing import met, timed
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.tries import since as tried_since

if TYPE_CHECKING:
    from leadrelay.domain.decision import Decision

Done = Callable[[Lead, datetime, TimedPolicy | None, Rules, datetime], datetime | None]
"""When (UTC) that was done which a clock waits for: of a lead, since then, by a policy, known now. None: not yet."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`wanted`: whether it is waited for at all; `since`: from when it counts; `done`: what meets it. `of_hop`: it is
    the owner's, and ends with their assignment. `of_customer`: somebody waits, whoever promised what to whom."""

    wanted: Callable[[Lead, Rules], bool]
    since: Callable[[Lead], datetime | None]
    done: Done
    of_hop: bool = True
    of_customer: bool = False


def keep(decision: Decision) -> None:
    """Start, meet, stop, and let stand still. Said again it changes nothing. While another owner is being chosen none
    starts, and those that run go on: the answer may be that the owner stays."""
    for kind, kept in TABLE.items():
        _end(kind, kept, decision)
        if decision.lead.clock(kind) is None and decision.lead.wanted is None:
            _begin(kind, kept, decision)
    keep_paused(decision)


def dropped(lead: Lead, why: str, *stays: ClockKind) -> tuple[ClockStopped, ...]:
    """The clocks that end where a lead changes hands or is given back. Those that are kept end when that is decided,
    met or not; `stays` go on."""
    gone = (clock for clock in lead.clocks if clock.kind not in TABLE and clock.kind not in stays)
    return tuple(ClockStopped(kind=clock.kind, hop=clock.hop, why=why) for clock in gone)


def _end(kind: ClockKind, kept: Kept, decision: Decision) -> None:
    lead, rules = decision.lead, decision.rules
    clock = lead.clock(kind)
    if clock is None:
        return
    policies = rules.sla.of(kind)
    policy = rules.sla.policy(kind, clock.policy) or next(iter(policies), None)
    done = kept.done(lead, clock.started_at, policy, rules, decision.at)
    if done is not None:
        decision.say(met(lead, clock, rules, done))
        return
    changed_hands = kept.of_hop and clock.hop != lead.ownership.hop
    if changed_hands or not policies or not kept.wanted(lead, rules):
        why = lead.ownership.why if changed_hands else _why_not(lead)
        decision.say(ClockStopped(kind=kind, hop=clock.hop, why=why or "given"))


def _why_not(lead: Lead) -> str:
    if not lead.permission.may_contact:
        return "do_not_contact"
    return "retired" if lead.retired_at is not None else lead.disposition or "ended"


def _begin(kind: ClockKind, kept: Kept, decision: Decision) -> None:
    lead, rules, now = decision.lead, decision.rules, decision.at
    start = kept.since(lead)
    if start is None or not rules.sla.of(kind) or not kept.wanted(lead, rules) or _was_kept(kind, kept, lead, start):
        return
    start, seen = min(start, now), decision.seen()
    policy = next((each for each in rules.sla.of(kind) if rules.holds(each.if_, seen, now)), None)
    if policy is not None and kept.done(lead, start, policy, rules, now) is None:
        clock = _clock(kind, policy, lead, rules, start, now)
        if clock is not None and clock.due_at <= now:  # the news is old, and whoever asked waits still
            clock = _clock(kind, policy, lead, rules, now, now) if kept.of_customer else None
        decision.say(None if clock is None else ClockStarted(clock=clock))


def _was_kept(kind: ClockKind, kept: Kept, lead: Lead, start: datetime) -> bool:
    """Whether what counts from then was done already: a status that is taken back, or a deal that is lost, takes no
    outcome back."""
    done = lead.kept.get(kind)
    return done is not None and start <= done.since and (not kept.of_hop or done.hop == lead.ownership.hop)


def _clock(
    kind: ClockKind, policy: TimedPolicy, lead: Lead, rules: Rules, start: datetime, now: datetime
) -> Clock | None:
    """What was to be said by now was said, when it ran before, or comes too late. None for an owner who never works
    again."""
    own = rules.team.rep(lead.ownership.rep or rules.team.revops).calendar
    try:
        clock = timed(kind, policy, lead.ownership.hop, own, rules, start)
    except NoBusinessTime:
        return None
    return clock.with_(checkpoints=tuple(point for point in clock.checkpoints if point.at > now))


def _is_worked(lead: Lead, rules: Rules) -> bool:
    """Somebody of ours has it, is to work it now, and may."""
    return _is_theirs(lead) and not lead.rests and lead.permission.may_contact


def _is_theirs(lead: Lead) -> bool:
    return lead.live and lead.merged_into is None and lead.ownership.rep is not None


def _wants_attempts(lead: Lead, rules: Rules) -> bool:
    """Who asked for a call at a time of their own is not to be tried before it."""
    contact = lead.clock("first_contact")
    called_then = contact is not None and contact.runs and contact.policy == CALLBACK
    return _is_worked(lead, rules) and not called_then


def _wants_follow_up(lead: Lead, rules: Rules) -> bool:
    """A meeting that stands, or a deal, is how it goes on."""
    return _is_worked(lead, rules) and lead.status != "meeting_booked" and not _is_dealt(lead)


def _wants_outcome(lead: Lead, rules: Rules) -> bool:
    """Of what was given back the reason is still waited for."""
    return _is_worked(lead, rules) or (_is_theirs(lead) and lead.retired_at is None and _is_given_back(lead))


def _given(lead: Lead) -> datetime | None:
    """When the owner got it, or they last asked for something."""
    known = (lead.ownership.since, lead.asked_at, lead.reopened_at)
    return max(filter(None, known), default=None)


def _to_be_tried(lead: Lead) -> datetime | None:
    """As they got it; who asked for a call at a time of their own is tried from then on, or since they were called
    before it."""
    given, callback = _given(lead), lead.callback
    if given is None or callback is None:
        return given
    called = tried_since(lead.tries, callback.asked_at) if callback.served else ()
    return max(given, min([callback.at, *(each.at for each in called)]))


def _to_be_said(lead: Lead) -> datetime | None:
    """As they got it; who gives back without a reason what they had taken on owes the reason from then on."""
    return lead.status_since if _is_unexplained(lead) and lead.status_since is not None else _given(lead)


def _contact(lead: Lead) -> datetime | None:
    """The owner's newest attempt."""
    return max((each.at for each in tried_since(lead.tries, lead.ownership.since)), default=None)


def _accepted(lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime) -> datetime | None:
    """Taken on, or given back: either is an answer."""
    return now if lead.disposition is not None or _is_settled(lead, rules) else None


def _tried(lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime) -> datetime | None:
    """Often enough, on enough channels; or it is settled, and there is nothing left to try."""
    if _is_settled(lead, rules):
        return now
    if not isinstance(policy, AttemptsPolicy):
        return None
    may = [channel for channel in policy.of if channel != "phone" or lead.permission.may_call]
    counted = [each for each in tried_since(lead.tries, since) if each.channel in may]
    if not may:
        return now
    for number, each in enumerate(counted, start=1):
        channels = {one.channel for one in counted[:number]}
        if number >= policy.attempts and len(channels) >= min(policy.channels, len(may)):
            return each.at
    return None


def _back_in_touch(
    lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime
) -> datetime | None:
    newest = _contact(lead)
    return newest if newest is not None and newest > since else None


def _settled(lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime) -> datetime | None:
    """What was given back without a reason is not."""
    return now if _is_settled(lead, rules) and not _is_unexplained(lead) else None


def _stood(lead: Lead) -> datetime | None:
    """Since when it stands at its stage, and is worked."""
    return max(filter(None, (lead.stage_since, lead.reopened_at)), default=None)


def _left(lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime) -> datetime | None:
    return lead.stage_since if lead.stage_since is not None and lead.stage_since > since else None


def _is_settled(lead: Lead, rules: Rules) -> bool:
    """Whether sales said what became of it: by a status that says so, by giving it back, or by a deal."""
    return rules.stages.dispositions.get(lead.status) == "accepted" or _is_given_back(lead) or _is_dealt(lead)


def _is_given_back(lead: Lead) -> bool:
    return lead.disposition in ("rejected", "recycled")


def _is_unexplained(lead: Lead) -> bool:
    return _is_given_back(lead) and lead.reason is None


def _is_dealt(lead: Lead) -> bool:
    return bool({"open", "won"} & {*lead.deals.values()})


TABLE: Mapping[ClockKind, Kept] = {
    "lead": Kept(is_waited_for, waiting_since, reached, of_hop=False, of_customer=True),
    "acceptance": Kept(_is_worked, _given, _accepted),
    "attempts": Kept(_wants_attempts, _to_be_tried, _tried),
    "follow_up": Kept(_wants_follow_up, _contact, _back_in_touch),
    "disposition": Kept(_wants_outcome, _to_be_said, _settled),
    "stage": Kept(_is_worked, _stood, _left, of_hop=False),
}
