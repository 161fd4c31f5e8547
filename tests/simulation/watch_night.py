"""A night later: what fades, and what new rules say, has reached every lead that has a card, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from leadrelay.domain.account.counting import home
from leadrelay.domain.card.card import is_known
from leadrelay.domain.lead import Score
from leadrelay.domain.scoring.score import scored
from leadrelay.ports.records import LeadRecord, LogRecord, PeopleRecord, RescoreRecord, rescore_key

if TYPE_CHECKING:
    from tests.simulation.world import World

_ZONE, _HOUR = ZoneInfo("Europe/Warsaw"), time(2)
"""RevOps' calendar and `rescore.hour`, said once more: the promise is not to be read off what keeps it."""

_EACH = 3
"""In which worlds a night passes: one of so many."""


def has_night(seed: int) -> bool:
    """Whether the world lasts until a night."""
    return seed % _EACH == 1


def begins(world: World) -> datetime:
    """When the nightly hour begins (UTC), on the wall of RevOps: that of tomorrow, where only new rules are news, or
    that of the day after, when everything is a day older."""
    day = world.moment().astimezone(_ZONE).date() + timedelta(days=1 + world.seed % 2)
    return datetime.combine(day, _HOUR, _ZONE).astimezone(UTC)


def after_the_night(world: World, begun: datetime) -> Iterator[tuple[int, str]]:
    """What is not as promised, once the night that began at `begun` is over."""
    for record in list(world.store.rows.values()):
        if isinstance(record, LeadRecord):
            shown = record.lead.merged_into is None and is_known(record.profile) and record.lead.decided
            yield from _judged(world, record, begun) if shown else _left_alone(world, record)


def _judged(world: World, record: LeadRecord, begun: datetime) -> Iterator[tuple[int, str]]:
    rules, lead = world.rules.current(), record.lead
    row = _row(world, lead.lead_id)
    if row is None or row.rules_version != rules.version:
        yield 18, f"{lead.lead_id} has not met the rules of today"
    elif lead.score not in _sums(world, record, begun):
        yield 18, f"{lead.lead_id} is stored with {lead.score.total}, its reasons add up to something else"
    else:
        yield from _counted(world, record, begun)
        before = world.start + timedelta(seconds=world.mix.trouble)
        if lead.score != scored(lead, record.profile, rules, max(lead.captured_at, before)).score:
            world.seen.add("a score faded overnight")


def _sums(world: World, record: LeadRecord, begun: datetime) -> Iterator[Score]:
    """What the ledger gives when the hour begins, now, and whenever the lead was judged in between."""
    rows = world.store.story(record.key().pk)
    times = [row.at for row in rows if isinstance(row, LogRecord) and row.at >= begun]
    for at in (begun, *times, world.moment()):
        yield scored(record.lead, record.profile, world.rules.current(), at).score


def _counted(world: World, record: LeadRecord, begun: datetime) -> Iterator[tuple[int, str]]:
    """The numbers of its company are those of the hour, of now, or of a sweep in between; a lead that its company does
    not know, or that nobody has counted yet, has none."""
    lead, policy = record.lead, world.rules.current().scoring.account
    people = world.store.rows.get((f"ACCOUNT#{home(record.profile)}", "PEOPLE"))
    if not isinstance(people, PeopleRecord) or people.crowd.find(lead.lead_id) is None:
        return
    if lead.account_people is None and len(people.crowd.people) == 1:
        return
    if any(_came_since(world, each.lead_id, begun) for each in people.crowd.people):
        return  # who comes in the night itself is told of in the next
    counts = [people.crowd.counted(policy, at) for at in (begun, world.moment())]
    if len(people.crowd.people) > 1:
        world.seen.add("colleagues met in an account")
    if (lead.account_people, lead.account_active) not in [(each.people, each.active) for each in counts]:
        yield 18, f"{lead.lead_id} is counted among {lead.account_people}, of whom are {len(people.crowd.people)}"


def _came_since(world: World, lead_id: str, begun: datetime) -> bool:
    record = world.store.rows.get((f"LEAD#{lead_id}", "LEAD"))
    return isinstance(record, LeadRecord) and record.lead.captured_at >= begun


def _left_alone(world: World, record: LeadRecord) -> Iterator[tuple[int, str]]:
    row = _row(world, record.lead.lead_id)
    if row is not None and (row.due_at is not None or row.rules_version is not None):
        yield 18, f"{record.lead.lead_id} has no card, and a night"


def _row(world: World, lead_id: str) -> RescoreRecord | None:
    key = rescore_key(lead_id)
    row = world.store.rows.get((key.pk, key.sk))
    return row if isinstance(row, RescoreRecord) else None
