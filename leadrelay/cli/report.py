"""`leadrelay report …`: how the leads were shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.domain.routing.ledger import CreditKind
from leadrelay.domain.routing.skipped import Skip, telling
from leadrelay.domain.rules import Rules
from leadrelay.workflows.shares import PoolShares, Share, Shares

app = typer.Typer(no_args_is_help=True, help="How the leads were shared.")

_CREDITS: Mapping[CreditKind, str] = {
    "absence": "absent",
    "ramp": "growing",
    "new": "joined",
    "returned": "returned",
    "manual": "by hand",
    "forgotten": "forgotten",
}
"""A kind of credit, as a column is called."""


@app.callback()
def _reports() -> None:
    """How the leads were shared."""


@app.command()
def fairness(
    pool: Annotated[str | None, typer.Option(help="Only this pool of team.yaml.")] = None,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """What each rep was promised and what they got, by pool and class of lead; with all that counts beside it.

    Hot leads have turns of their own. A credit counts like leads: who was absent does not have to catch up, and is
    not flooded on return. "behind" is what somebody is short of their share, in leads; whoever is furthest behind for
    their weight is next.
    """
    deployed = Deployed(stage)
    rules = deployed.rules().current()
    known = [each.id for each in rules.team.pools]
    if pool is not None and pool not in known:
        refuse(f"team.yaml has no pool '{pool}'; it has {', '.join(known)}")
    found = [each for each in Shares(deployed.store())(rules, SystemClock().now()) if pool in (None, each.pool)]
    if as_json:
        say_json([each.model_dump(mode="json") for each in found])
    else:
        say(Group(*(_table(each, rules) for each in found)))


def _table(found: PoolShares, rules: Rules) -> Table:
    leads = "hot leads" if found.kind == "hot" else "other leads"
    title = f"{found.name}: {found.given} {leads}, {found.strategy.replace('_', ' ')}"
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
    yield f"{share.behind:+.2f}"
    yield str(share.open) if share.cap is None else f"{share.open} of {share.cap}"
    yield _now(share, rules)


def _now(share: Share, rules: Rules) -> str:
    rep = rules.team.rep(share.rep)
    if not rep.active:
        return "inactive"
    return telling(Skip(test="away", until=share.back), rules.zone(rep.calendar)) if share.away else ""
