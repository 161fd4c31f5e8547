"""People: every name that a rule gives a lead to exists, works, and has hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadrelay.domain.routing.policy import RouteRule, RoutingPolicy
from leadrelay.domain.routing.tables import Row
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.files import WrittenCalendars
from leadrelay.rulebook.lint.promises import policies
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps


def _must_be(
    draft: Draft, file: str, what: str, named: Iterable[tuple[Steps, str | None]], known: Iterable[str]
) -> Iterator[Problem]:
    existing = set(known)
    for steps, name in named:
        if name is not None and name not in existing:
            yield draft.fault(file, steps, f"unknown {what} '{name}'", closest(name, existing))


def _places(team: TeamPolicy) -> dict[str, tuple[str, ...]]:
    """Where a lead can be routed to: key of a rule -> ids."""
    return {
        "pool": tuple(pool.id for pool in team.pools),
        "rep": tuple(rep.id for rep in team.reps),
        "queue": tuple(queue.id for queue in team.queues),
    }


def _routed(draft: Draft) -> Iterator[tuple[Steps, RouteRule | Row]]:
    """Everything that leads somewhere: rules, and the rows of their tables."""
    policy = draft.of(RoutingPolicy)
    yield from ((("rules", number), rule) for number, rule in enumerate(policy.rules))
    for name, table in policy.tables.items():
        yield from ((("tables", name, "rows", number), row) for number, row in enumerate(table.rows))


def reps(draft: Draft) -> Iterator[Problem]:
    """Members, managers, who is above them, and RevOps are people of the team."""
    team = draft.of(TeamPolicy)
    named: list[tuple[Steps, str | None]] = [(("revops",), team.revops)]
    for number, pool in enumerate(team.pools):
        named.append((("pools", number, "manager"), pool.manager))
        named += [(("pools", number, "escalation", place), rep) for place, rep in enumerate(pool.escalation)]
        for place, member in enumerate(pool.members):
            named.append((("pools", number, "members", place, "rep"), member.rep))
    yield from _must_be(draft, "team", "rep", named, (rep.id for rep in team.reps))


def addresses(draft: Draft) -> Iterator[Problem]:
    """Whoever signs in is who their address says: no two people have the same one."""
    seen: dict[str, str] = {}
    for number, rep in enumerate(draft.of(TeamPolicy).reps):
        address = rep.email.strip().casefold()
        if address and address in seen:
            message = f"'{seen[address]}' has this address too; who signs in with it must be one person"
            yield draft.fault("team", ("reps", number, "email"), message)
        seen.setdefault(address, rep.id)


def pools(draft: Draft) -> Iterator[Problem]:
    """A pool has somebody who can take a lead, each of them once."""
    team = draft.of(TeamPolicy)
    active = {rep.id for rep in team.reps if rep.active}
    for number, pool in enumerate(team.pools):
        members = [member.rep for member in pool.members]
        if not members:
            yield draft.fault("team", ("pools", number, "members"), f"the pool '{pool.id}' is empty")
        elif not active & set(members):
            yield draft.fault("team", ("pools", number, "members"), f"nobody in the pool '{pool.id}' is active")
        for place, member in enumerate(members):
            if member in members[:place]:
                steps = ("pools", number, "members", place, "rep")
                yield draft.fault("team", steps, f"'{member}' is in this pool twice; use the weight")


def calendars(draft: Draft) -> Iterator[Problem]:
    """Every person has hours that exist; so has every policy that names its own."""
    known = draft.of(WrittenCalendars).calendars
    reps_named = [(("reps", number, "calendar"), rep.calendar) for number, rep in enumerate(draft.of(TeamPolicy).reps)]
    yield from _must_be(draft, "team", "calendar", reps_named, known)
    own = [((*steps, "calendar"), policy.calendar) for _, steps, policy in policies(draft)]
    yield from _must_be(draft, "sla", "calendar", own, known)


def destinations(draft: Draft) -> Iterator[Problem]:
    """Every routing rule leads somewhere that exists."""
    team = draft.of(TeamPolicy)
    for key, known in _places(team).items():
        named = [((*steps, key), getattr(place, key)) for steps, place in _routed(draft)]
        yield from _must_be(draft, "routing", key, named, known)
    refused = draft.of(RoutingPolicy).do_not_contact
    queues = _places(team)["queue"]
    if refused not in queues:
        message = f"team.yaml has no queue '{refused}'; who may not be contacted waits there (`do_not_contact`)"
        yield draft.fault("routing", ("do_not_contact",), message, closest(refused, queues))


def used(draft: Draft) -> Iterator[Problem]:
    """A pool or queue that no rule routes into gets nothing."""
    team = draft.of(TeamPolicy)
    for key in ("pool", "queue"):
        routed = {getattr(place, key) for _, place in _routed(draft)} | {draft.of(RoutingPolicy).do_not_contact}
        routed |= {pool.follow_the_sun for pool in team.pools}
        for number, place in enumerate(_places(team)[key]):
            if place not in routed:
                message = f"no rule routes into the {key} '{place}'"
                yield draft.fault("team", (f"{key}s", number, "id"), message, severity="warning")


CHECKS = (reps, addresses, pools, calendars, destinations, used)
