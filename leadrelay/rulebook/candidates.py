"""Why this rep? The record of a choice as a person reads it: who might have had the lead, why not, and whose turn it
was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from leadrelay.domain.card.placement import TIES
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.known_owner import Tie
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.skipped import TELLING, UNASSIGNABLE, Skip, telling
from leadrelay.domain.routing.team import Strategy
from leadrelay.domain.rules import Rules

TURNS: Mapping[Strategy, str] = {
    "weighted_round_robin": "next to be a whole lead behind, of those who may take it",
    "round_robin": "next in the circle",
    "least_loaded": "fewest open leads for their weight",
    "fastest_responder": "quickest to make first contact",
    "claim": "not offered (any more); next to be a whole lead behind, of those who may take it",
}
"""What makes somebody next, in words."""

_WAITS = {
    "backlog": "it waits in {pool} until somebody is free",
    "claim": "it is open to all of {pool} who may take it",
}


def candidates_table(record: DecisionRecord, rules: Rules) -> Table:
    """Everybody who was looked at: the verdict, and the numbers that decided. Times are those of each one's clock."""
    leads = "hot leads" if record.kind == "hot" else "leads that are not hot"
    strategy = "" if record.strategy is None else f", {record.strategy.replace('_', ' ')}"
    title = f"candidates: {_pool(record, rules)} ({leads}{strategy})"
    table = Table(title=escape(title), box=None, title_justify="left", title_style="bold", header_style="dim")
    for name in ("rep", "verdict"):
        table.add_column(name, overflow="fold")
    for name in ("weight", "given", "credited", "behind", "open"):
        table.add_column(name, justify="right")
    table.add_column("could promise")
    for each in record.candidates:
        style = "bold" if each.rep == record.rep else "dim" if each.failed else ""
        table.add_row(*map(escape, _cells(each, record, rules)), style=style)
    return table


def because(record: DecisionRecord, rules: Rules) -> Text:
    """Who has it and what made them next, in a sentence."""
    if record.queue is not None:
        return Text(f"it goes to the queue {rules.team.queue(record.queue).name}")
    if record.waits is not None:
        return Text(_WAITS[record.waits].format(pool=_pool(record, rules)))
    name = rules.team.rep(record.rep or "").name
    if record.unassignable is not None:
        return Text(f"{name} has it: {_unassignable(record.unassignable)}", style="yellow")
    return Text(f"{name} has it: {'; '.join(_turn(record, rules))}")


def verdict(candidate: Candidate, rules: Rules) -> str:
    """Why they may not take it, in words, or that they may."""
    return "may take it" if candidate.failed is None else telling(Skip.of(candidate), _zone(candidate.rep, rules))


def _unassignable(code: str) -> str:
    """Why the fallback had to take it; where a rule names one person, that is the test which that person failed."""
    return UNASSIGNABLE.get(code) or f"whom the rule names {TELLING.get(code, code)}"


def _cells(each: Candidate, record: DecisionRecord, rules: Rules) -> Iterator[str]:
    yield rules.team.rep(each.rep).name
    yield ", ".join(_verdicts(each, record, rules))
    yield str(each.weight)
    yield f"{each.given:g}"
    yield f"{each.credit:+.2f}" if each.credit else ""
    yield "" if each.behind is None else f"{each.behind:+.2f}"
    yield str(each.open) if each.cap is None else f"{each.open} of {each.cap}"
    yield "" if each.due_at is None or each.failed else _local(each.due_at, _zone(each.rep, rules))


def _verdicts(each: Candidate, record: DecisionRecord, rules: Rules) -> Iterator[str]:
    """The verdict, and what made the rep special among the others."""
    yield "has it" if each.rep == record.rep else verdict(each, rules)
    if each.preferred:
        yield "preferred"
    if each.rep in record.asked_first:
        yield f"asked first: {_tied(record.asked_first[each.rep])}"


def _turn(record: DecisionRecord, rules: Rules) -> Iterator[str]:
    """What made the rep next, and what could honestly be promised."""
    chosen = next((each for each in record.candidates if each.rep == record.rep), None)
    tie = record.asked_first.get(record.rep or "")
    if tie is not None:
        yield f"asked before it was anybody's turn, because they are who {_tied(tie)}"
    elif chosen is None or record.strategy is None:
        yield "the rule names them"
    else:
        yield TURNS[record.strategy] + (_share(chosen) if record.strategy in ("weighted_round_robin", "claim") else "")
    if chosen is not None and chosen.due_at is not None:
        yield f"first contact could be promised by {_local(chosen.due_at, _zone(chosen.rep, rules))}"


def _share(chosen: Candidate) -> str:
    if chosen.behind is None:
        return ""
    where = "behind" if chosen.behind >= 0 else "ahead of"
    return f"; now {abs(chosen.behind):.2f} leads {where} their share"


def _tied(tie: Tie) -> str:
    return TIES.get(tie, tie)


def _pool(record: DecisionRecord, rules: Rules) -> str:
    """The pool's name; without one, the rep whom the rule names is the only candidate."""
    return next((pool.name for pool in rules.team.pools if pool.id == record.pool), record.pool or "one person")


def _zone(rep: str, rules: Rules) -> ZoneInfo:
    return rules.zone(rules.team.rep(rep).calendar)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %H:%M}"
