"""Reach: no rule that can never hold, no lead that no rule takes, no hot lead that waits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.conditions import Condition
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.rulebook.draft import Draft, NotReadable
from leadrelay.rulebook.lint.conditions import compiled
from leadrelay.rulebook.problems import Problem
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.sites import Site

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for now where a condition reads no time."""
_HOT: Mapping[str, object] = {"lead.temperature": "hot"}


def _always(condition: Condition) -> bool:
    return not condition.fields and condition.holds({}, _ANY_TIME)


def _ordered(draft: Draft) -> dict[tuple[str, str], list[tuple[Site, Condition]]]:
    """Lists in which the first rule that holds wins, by file and name."""
    found: dict[tuple[str, str], list[tuple[Site, Condition]]] = {}
    for site, condition in compiled(draft).items():
        if site.ordered is not None:
            found.setdefault((site.file, site.ordered), []).append((site, condition))
    return found


def _passing(draft: Draft) -> set[tuple[str, Steps]]:
    """Rules that may hold and yet leave a lead to the next: no row of their table need hold."""
    with suppress(NotReadable):
        policy = draft.of(RoutingPolicy)
        going_on = {name for name, table in policy.tables.items() if table.otherwise == "next_rule"}
        return {("routing", ("rules", n, "if")) for n, rule in enumerate(policy.rules) if rule.table in going_on}
    return set()


def _parts(condition: str) -> frozenset[str]:
    """The parts of a condition that must all hold, each written in one way; without `and` it is one part."""
    whole = ast.parse(f"({condition}\n)", mode="eval").body
    joined = whole.values if isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.And) else [whole]
    return frozenset(map(ast.unparse, joined))


def unreachable(draft: Draft) -> Iterator[Problem]:
    """Nothing comes after a rule that always holds, nor after one that asks for the same, or for a part of it."""
    passing = _passing(draft)
    for (file, _), rules in _ordered(draft).items():
        earlier: dict[frozenset[str], int] = {}
        catch_all = None
        for site, condition in rules:
            line = draft.documents[file].value_at(site.steps).line
            parts = _parts(site.text)
            before = next((at for asked, at in earlier.items() if asked <= parts), None)
            if catch_all is not None:
                yield draft.fault(file, site.steps, f"never reached: the rule on line {catch_all} always holds")
            elif before is not None:
                message = f"never reached: the rule on line {before} holds whenever this one does"
                yield draft.fault(file, site.steps, message)
            if (file, site.steps) not in passing:
                earlier.setdefault(parts, line)
                catch_all = catch_all or (line if _always(condition) else None)


def catch_all(draft: Draft) -> Iterator[Problem]:
    """The last routing rule takes everything, so that where a lead goes is decided by somebody and not by default."""
    rules, passing = _ordered(draft).get(("routing", "rules"), []), _passing(draft)
    ends = any(_always(condition) and ("routing", site.steps) not in passing for site, condition in rules)
    if len(rules) == len(draft.of(RoutingPolicy).rules) and not ends:
        message = 'no rule takes what is left; end with one whose `if` is "True"'
        yield draft.fault_at_key("routing", ("rules",), message)


def contradictory(draft: Draft) -> Iterator[Problem]:
    """No condition waits for a field to be two things at once."""
    for site in compiled(draft):
        asked: dict[str, str] = {}
        for field, value in filter(None, map(_equality, sorted(_parts(site.text)))):
            if asked.setdefault(field, value) != value:
                message = f"never holds: '{field}' is not {asked[field]} and {value} at once"
                yield draft.fault(site.file, site.steps, message)
                break


def _equality(part: str) -> tuple[str, str] | None:
    """The field and the value of a part that says `field == value`, as written."""
    found = ast.parse(part, mode="eval").body
    if not isinstance(found, ast.Compare) or [type(each) for each in found.ops] != [ast.Eq]:
        return None
    sides = (found.left, found.comparators[0])
    constant = next((side for side in sides if isinstance(side, ast.Constant)), None)
    field = next((side for side in sides if isinstance(side, ast.Attribute)), None)
    return None if constant is None or field is None else (ast.unparse(field), ast.unparse(constant))


def everybody_is_called(draft: Draft) -> Iterator[Problem]:
    """Whoever gets a lead owes it a first contact, by a deadline that somebody decided."""
    policies = _ordered(draft).get(("sla", "first_contact"), [])
    whole = len(policies) == len(draft.of(SlaPolicy).first_contact)
    if whole and not any(_always(condition) for _, condition in policies):
        message = 'no policy takes what is left: of those leads nobody owes a call; end with one whose `if` is "True"'
        yield draft.fault_at_key("sla", ("first_contact",), message, severity="warning")


def hot_has_a_clock(draft: Draft) -> Iterator[Problem]:
    """Somebody who asked to be called is called by a deadline."""
    policies = _ordered(draft).get(("sla", "first_contact"), [])
    unread = len(policies) < len(draft.of(SlaPolicy).first_contact)
    if unread or any(condition.holds(_HOT, _ANY_TIME) for _, condition in policies):
        return
    for intent, temperature in draft.of(SourcesPolicy).intents.items():
        if temperature == "hot":
            message = f"'{intent}' is hot, but no policy of sla.yaml holds for a hot lead"
            yield draft.fault_at_key("sources", ("intents", intent), message)


def hot_has_a_person(draft: Draft) -> Iterator[Problem]:
    """A hot lead goes to people, however little is known of it."""
    policy = draft.of(RoutingPolicy)
    for site, condition in _ordered(draft).get(("routing", "rules"), []):
        rule = policy.rules[int(site.steps[1])]
        landed = policy.landed(rule, _HOT) if condition.holds(_HOT, _ANY_TIME) else None
        if landed is not None:
            if landed.queue is not None:
                message = f"a hot lead of whom nothing else is known would wait in the queue '{landed.queue}'"
                yield draft.fault("routing", ("rules", site.steps[1], "table" if rule.table else "queue"), message)
            return


CHECKS = (unreachable, contradictory, catch_all, everybody_is_called, hot_has_a_clock, hot_has_a_person)
