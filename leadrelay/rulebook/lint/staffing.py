"""Staffing: whom a pool may ask, and whether what is asked of them can be answered by anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.clocks.business_time import calendar_of
from leadrelay.domain.routing.policy import RouteRule, RoutingPolicy
from leadrelay.domain.routing.team import Pool, Rep, TeamPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.files import WrittenCalendars
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.vendors import has_role, with_role

_LANGUAGE = re.compile(r"[a-z]{2}")
_HALF_HOUR = timedelta(minutes=30)
_ANY_WEEK = datetime(2026, 3, 2, tzinfo=UTC)
_TWO_WEEKS = 2 * 7 * 48


def languages(draft: Draft) -> Iterator[Problem]:
    """Languages are written as leads have them."""
    for number, rep in enumerate(draft.of(TeamPolicy).reps):
        for place, language in enumerate(rep.languages):
            if not _LANGUAGE.fullmatch(language):
                message = f"'{language}' is no language; write two small letters (ISO 639-1), such as pl"
                small = language.lower() if _LANGUAGE.fullmatch(language.lower()) else None
                yield draft.fault("team", ("reps", number, "languages", place), message, small)


def skills(draft: Draft) -> Iterator[Problem]:
    """What a rule asks for somebody has, of those to whom it leads."""
    for number, rule in enumerate(draft.of(RoutingPolicy).rules):
        for people, where in _asked(draft, rule):
            known = {skill for rep in people for skill in rep.skills}
            for key in ("needs", "prefers"):
                yield from _unknown(draft, ("rules", number, key), getattr(rule, key), known, where)
            alone = any(set(rule.needs) <= set(rep.skills) for rep in people)
            if rule.needs and set(rule.needs) <= known and not alone:
                message = f"nobody in {where} has all of {', '.join(rule.needs)}"
                yield draft.fault("routing", ("rules", number, "needs"), message)


def _unknown(draft: Draft, steps: Steps, asked: tuple[str, ...], known: set[str], where: str) -> Iterator[Problem]:
    for place, skill in enumerate(asked):
        if skill not in known:
            message = f"nobody in {where} has the skill '{skill}' (`skills` of a rep in team.yaml)"
            yield draft.fault("routing", (*steps, place), message, closest(skill, known))


def _asked(draft: Draft, rule: RouteRule) -> Iterator[tuple[list[Rep], str]]:
    """The people of each place that a rule leads to, and what the place is called."""
    team, table = draft.of(TeamPolicy), draft.of(RoutingPolicy).tables.get(rule.table or "")
    rows = () if table is None else table.rows
    pools = {pool.id: pool for pool in team.pools}
    for pool_id in dict.fromkeys((rule.pool, *(row.pool for row in rows))):
        if pool_id in pools:
            names = [member.rep for pool in _with_the_sun(pools[pool_id], pools) for member in pool.members]
            yield [rep for rep in team.reps if rep.id in names and rep.active], f"the pool '{pool_id}'"
    if rule.rep is not None:
        yield [rep for rep in team.reps if rep.id == rule.rep], f"the rule's choice '{rule.rep}'"


def _with_the_sun(pool: Pool, pools: dict[str, Pool]) -> list[Pool]:
    found = [pool]
    while (after := pools.get(found[-1].follow_the_sun or "")) is not None and after not in found:
        found.append(after)
    return found


def suns(draft: Draft) -> Iterator[Problem]:
    """The pool that is asked next exists, and asking comes to an end."""
    team = draft.of(TeamPolicy)
    pools = {pool.id: pool for pool in team.pools}
    for number, pool in enumerate(team.pools):
        after, steps = pool.follow_the_sun, ("pools", number, "follow_the_sun")
        if after is not None and after not in pools:
            yield draft.fault("team", steps, f"unknown pool '{after}'", closest(after, pools))
            continue
        asked = [each.id for each in _with_the_sun(pool, pools)]
        if after is not None and pools[asked[-1]].follow_the_sun == pool.id:
            circle = " → ".join([*asked, pool.id])
            yield draft.fault("team", steps, f"pools that follow one another in a circle: {circle}; leave one out")


def limits(draft: Draft) -> Iterator[Problem]:
    """A limit of somebody whom nothing is given to limits nothing."""
    team, routing = draft.of(TeamPolicy), draft.of(RoutingPolicy)
    asked = {member.rep for pool in team.pools for member in pool.members} | {rule.rep for rule in routing.rules}
    asked |= {row.rep for table in routing.tables.values() for row in table.rows}
    for number, rep in enumerate(team.reps):
        for key in ("cap", "monthly"):
            if getattr(rep, key) is not None and rep.id not in asked:
                message = f"'{rep.id}' is in no pool and named by no rule, so `{key}` limits nothing"
                yield draft.fault("team", ("reps", number, key), message, severity="warning")


def held(draft: Draft) -> Iterator[Problem]:
    """A lead that is held for the next shift is still there when it begins."""
    team = draft.of(TeamPolicy)
    for number, pool in enumerate(team.pools):
        closed = _longest_night(draft, pool, team) if pool.outside_hours == "hold" else timedelta()
        if closed > timedelta(minutes=pool.backlog.manager_minutes):
            message = (
                f"leads are held while nobody works, up to {closed // timedelta(hours=1)} hours, but the manager has "
                f"them after {pool.backlog.manager_minutes} minutes (`backlog.manager_minutes`)"
            )
            yield draft.fault("team", ("pools", number, "outside_hours"), message, severity="warning")


def _longest_night(draft: Draft, pool: Pool, team: TeamPolicy) -> timedelta:
    """How long nobody of the pool works, to the half hour, in two weeks without holidays."""
    specs = draft.of(WrittenCalendars).calendars
    names = {rep.calendar for rep in team.reps if rep.id in {member.rep for member in pool.members}}
    hours = [calendar_of(specs[name]) for name in names if name in specs]
    longest = closed = 0
    for step in range(_TWO_WEEKS):
        at = _ANY_WEEK + step * _HALF_HOUR
        closed = 0 if any(each.is_open(at) for each in hours) else closed + 1
        longest = max(longest, closed)
    return longest * _HALF_HOUR


def read(draft: Draft) -> Iterator[Problem]:
    """A calendar of absences that is named is read, and a CRM that is asked can answer."""
    team = draft.of(TeamPolicy)
    every, vendor = team.attendance_minutes, draft.of(CrmPolicy).vendor
    for number, rep in enumerate(team.reps):
        if rep.away_calendar is not None and every.calendars is None:
            message = "nobody reads this calendar; say how often: `attendance_minutes: { calendars: 30 }`"
            yield draft.fault("team", ("reps", number, "away_calendar"), message, severity="warning")
    if every.calendars is not None and all(rep.away_calendar is None for rep in team.reps):
        message = "no rep has an `away_calendar`, so there is nothing to read"
        yield draft.fault("team", ("attendance_minutes", "calendars"), message, severity="warning")
    if every.crm is not None and not has_role(vendor, "attendance"):
        message = f"'{vendor}' cannot say who is at work; these can: {', '.join(with_role('attendance'))}"
        yield draft.fault("team", ("attendance_minutes", "crm"), message)


CHECKS = (languages, skills, suns, limits, held, read)
