"""The shares of a pool as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.markup import escape
from rich.table import Table

from leadrelay.domain.routing.ledger import CreditKind
from leadrelay.domain.routing.skipped import Skip, telling
from leadrelay.domain.rules import Rules
from leadrelay.workflows.shares import PoolShares, Share

_CREDITS: Mapping[CreditKind, str] = {
    "absence": "absent",
    "ramp": "growing",
    "new": "joined",
    "returned": "returned",
    "manual": "by hand",
    "forgotten": "forgotten",
}
"""A kind of credit, as a column is called."""


def shares_table(found: PoolShares, rules: Rules) -> Table:
    """One line for each rep; of the credits only the kinds that somebody has."""
    leads = "hot leads" if found.kind == "hot" else "other leads"
    title = f"{found.name}, {leads}: {found.given} ({found.strategy.replace('_', ' ')})"
    kinds = [kind for kind in _CREDITS if any(share.credits.get(kind) for share in found.shares)]
    table = Table(title=escape(title), title_justify="left", title_style="bold", header_style="bold", box=None)
    table.add_column("rep")
    for name in ("weight", "promised", "given", "got", *(_CREDITS[kind] for kind in kinds), "behind", "open"):
        table.add_column(name, justify="right")
    table.add_column("now")
    for share in found.shares:
        table.add_row(*map(escape, _cells(share, kinds, rules)))
    return table


def _cells(share: Share, kinds: list[CreditKind], rules: Rules) -> Iterator[str]:
    yield share.name
    yield str(share.weight) if share.grown == 1 else f"{share.weight} ({share.grown:.0%})"
    yield f"{share.promised:.0%}"
    yield str(share.given)
    yield "" if share.got is None else f"{share.got:.0%}"
    yield from (f"{share.credits[kind]:+.2f}" if kind in share.credits else "" for kind in kinds)
    yield f"{round(share.behind, 2) + 0.0:+.2f}"  # never -0.00
    yield str(share.open) if share.cap is None else f"{share.open} of {share.cap}"
    yield _now(share, rules)


def _now(share: Share, rules: Rules) -> str:
    rep = rules.team.rep(share.rep)
    if not rep.active:
        return "inactive"
    return telling(Skip(test="away", until=share.back), rules.zone(rep.calendar)) if share.away else ""
