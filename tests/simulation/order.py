"""The same touches told again in another order and twice each: what we know of people must come out the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from leadrelay.domain.person.profile import Profile
from leadrelay.domain.scoring.score import scored
from leadrelay.ports.records import LeadRecord, TouchRecord, lead_key
from leadrelay.workflows.accounts import BY_NAME
from tests.simulation.faults import CALM, HOUR
from tests.simulation.senders import Cast, Saying
from tests.simulation.small_rules import versions
from tests.simulation.world import World

EVERY = 8
"""Telling a world twice takes time: so only every eighth seed is."""
_DOMAIN = "account.domain"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person. `placed` is the account that the name of their company told, if it told one."""

    person: Any
    placed: str | None = None

    def is_as(self, other: Known | None) -> bool:
        """Whether it is the same. Which account a name means, if any, is what was known when it was heard: one order
        may know none yet, and none may know another one."""
        if other is None:
            return False
        elsewhere = self.placed != other.placed and None not in (self.placed, other.placed)
        return self.person == other.person and not elsewhere


def reordered(world: World) -> None:
    """Compare a world at rest with a calm one that heard the same in another order. Owners, clocks, logs and the times
    of firsts depend on when something was heard, and are left out, and so are worlds in which people worked in the CRM:
    what they did depends on what was there. So are worlds in which somebody was erased. Machines whose clocks were
    wrong are left out too: no touch is said to have occurred later than it was received."""
    if world.seed % EVERY or world.mix.skew is not None or world.without or world.acts or world.erased.asked:
        return
    again = World(world.seed, mix=CALM, cast=_another_order(world)).run()
    world.broken.extend((number, f"told again: {what}") for number, what in again.broken)
    if again.broken:
        return
    ours, theirs = _known(world), _known(again)
    what = sorted(key for key in {*ours, *theirs} if key not in ours or not ours[key].is_as(theirs.get(key)))
    if what:
        world.broken.append((13, f"another order of the same touches gives other people: {what}"))


def _another_order(world: World) -> Cast:
    """Everything that was accepted, after it all has happened, shuffled, each twice."""
    rng = Random(f"order {world.seed}")
    accepted = {saying.key: saying for saying in world.accepted.values()}
    sayings = [accepted[key] for key in sorted(accepted)] * 2
    rng.shuffle(sayings)
    since = max((saying.at for saying in sayings), default=0.0) + HOUR
    told: list[Saying] = []
    for number, saying in enumerate(sayings):
        key = saying.key if all(each.key != saying.key for each in told) else f"{saying.key} again"
        told.append(replace(saying, key=key, at=since + number * 0.7))
    return Cast(told, world.cast.vendor_leads)


def _known(world: World) -> dict[tuple[str, ...], Known]:
    """By the touches that make up a person: what is known of them, and their score at one instant."""
    people: dict[str, list[str]] = {}
    for touch in (touch for touch in world.touches if touch.touch.record is None):
        people.setdefault(_lead_of(touch, world), []).append(touch.touch.touch_id)
    return {tuple(sorted(touches)): _profile(lead_id, world) for lead_id, touches in people.items()}


def _lead_of(touch: TouchRecord, world: World) -> str:
    lead_id = touch.lead_id
    while lead_id is not None:
        record = world.store.load(lead_key(lead_id))
        if record is None or record.lead.merged_into is None:
            return lead_id
        lead_id = record.lead.merged_into
    return f"{touch.state} {touch.reason}"


def _profile(lead_id: str, world: World) -> Known:
    record = world.store.load(lead_key(lead_id))
    if not isinstance(record, LeadRecord):
        return Known(lead_id)
    lead, instant = record.lead, world.start + timedelta(days=9)
    alone = lead.with_(account_people=None, account_active=None)  # colleagues count from one's own next touch on
    profile, placed = _unplaced(record.profile)
    judged = scored(alone, profile, versions()[0], instant)
    return Known(
        (
            profile.plain(), lead.touches, lead.signals, lead.pages, lead.first, lead.last, lead.temperature,
            lead.contacted_at, lead.attempts, judged,
        ),
        placed,
    )  # fmt: skip


def _unplaced(profile: Profile) -> tuple[Profile, str | None]:
    """The profile without the account that only the company's name told, and that account."""
    domain = profile.values.get(_DOMAIN)
    if domain is None or domain.source != BY_NAME:
        return profile, None
    others = {name: value for name, value in profile.values.items() if name != _DOMAIN}
    return profile.with_(values=others), str(domain.value)
