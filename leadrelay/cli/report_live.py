"""`leadrelay report live …`: what the table itself says this moment: of shares, of spam, of what senders lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Group

from leadrelay.aws.clock import SystemClock
from leadrelay.aws.table.touches import touches_since
from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.gaps_table import gaps_table
from leadrelay.cli.spam_table import spam_table
from leadrelay.domain.sources.spam_report import spam_report
from leadrelay.rulebook.shares_table import shares_table
from leadrelay.workflows.gaps import Gaps, counted_sources
from leadrelay.workflows.shares import Shares

app = typer.Typer(
    no_args_is_help=True,
    help="What the table has this moment: shares of leads, what was taken for spam, what senders did not deliver.",
)


@app.command()
def fairness(
    pool: Annotated[str | None, typer.Option(help="Only this pool of team.yaml.")] = None,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """What each rep was promised and what they got, by pool and class of lead; with all that counts beside it.

    Hot leads have turns of their own. A credit counts like leads: who was absent does not have to catch up, and is
    not flooded on return. "behind" is what somebody is short of their share, in leads; next is who will be a whole lead
    behind first, so that a large weight does not wait until it is far behind.
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
        say(Group(*(shares_table(each, rules) for each in found)))


@app.command()
def spam(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back.")] = 30,
    source: Annotated[str | None, typer.Option(help="Only this source of sources.yaml.")] = None,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """What was suspected of what, by day (UTC), source and form, and what share of all that came that is.

    "let through" is what somebody looked at and took up again (`leadrelay parked redrive SUSPICION`): where it is
    often, the limit or the list is too strict. Tests are not counted. It reads the whole table, for some cents.
    """
    found = touches_since(Deployed(stage).table(), SystemClock().now() - timedelta(days=days))
    report = spam_report(touch for touch in found if source in (None, touch.source))
    if as_json:
        say_json(report.model_dump(mode="json"))
    elif report.rows:
        say(spam_table(report, days))
    else:
        say(f"nothing was suspected among {report.all} touches of {days} days")


@app.command()
def gaps(
    source: Annotated[str | None, typer.Option(help="Only this source of sources.yaml.")] = None,
    days: Annotated[int, typer.Option(help="So many days, today among them.", min=1, max=100)] = 30,
    all_: Annotated[bool, typer.Option("--all", help="Also where everything agrees.")] = False,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """What each sender's own list has, by form and day, and how much of it the sender delivered.

    "theirs" is what the sender lists, "ours" what came by itself, "found" what only the list brought (it is worked like
    any other lead, but came late), "gone" what the sender listed once and does not list any more. Only sources with
    `gap_after_minutes` are counted, from when it was set.
    """
    deployed = Deployed(stage)
    rules = deployed.rules().current()
    known = counted_sources(rules)
    if source is not None and source not in known:
        counted = ", ".join(known) or "none"
        refuse(f"no source '{source}' is counted; gap_after_minutes in sources.yaml is set for: {counted}")
    named = known if source is None else [source]
    found = list(Gaps(deployed.store())(named, SystemClock().now().date(), days))
    shown = [gap for gap in found if all_ or not gap.agrees]
    if as_json:
        say_json([gap.model_dump(mode="json") for gap in shown])
    elif not named:
        say("no source is counted; set poll_seconds and gap_after_minutes in sources.yaml")
    elif not shown:
        say(f"{', '.join(named)}: nothing is missing in {days} days; {len(found)} forms and days agree")
    else:
        say(gaps_table(shown, f"What senders list, {days} days"))
