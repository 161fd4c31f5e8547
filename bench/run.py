"""Prints the benchmark; writes nothing."""

from __future__ import annotations

from argparse import ArgumentParser

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import clocks, cost, deadlines, decisions, night, points, pool, speed


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--leads", type=int, default=400, help="leads through memory (default 400)")
    parser.add_argument("--table-leads", type=int, default=60, help="leads through the table in memory (default 60)")
    parser.add_argument("--night-leads", type=int, default=100_000, help="leads judged in a night (default 100,000)")
    parser.add_argument("--due-clocks", type=int, default=100_000, help="clocks due at once (default 100,000)")
    parser.add_argument("--score-leads", type=int, default=5000, help="leads scored by thirty rules (default 5000)")
    parser.add_argument("--routing-decisions", type=int, default=1000, help="owners chosen (default 1000)")
    parser.add_argument("--deadlines", type=int, default=5000, help="deadlines of each sort (default 5000)")
    parser.add_argument("--pool-leads", type=int, default=500, help="leads given out by one pool (default 500)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    console = Console()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("decisions in memory", total=8)
        fast = speed.measure(asked.leads, asked.seed)
        progress.update(task, advance=1, description="requests to the table")
        bill = cost.measure(asked.table_leads, asked.seed)
        progress.update(task, advance=1, description=f"a night over {asked.night_leads:,} leads")
        worth = points.measure(asked.score_leads, asked.seed)
        progress.update(task, advance=1)
        owners = decisions.measure(asked.routing_decisions)
        progress.update(task, advance=1)
        paces = deadlines.measure(asked.deadlines)
        progress.update(task, advance=1)
        given = pool.measure(asked.pool_leads)
        progress.update(task, advance=1)
        over = night.measure(asked.night_leads, asked.seed)
        progress.update(task, advance=1, description=f"{asked.due_clocks:,} clocks due at once")
        drained = clocks.measure(asked.due_clocks, asked.seed)
    decided = (points_table(worth), decisions_table(owners), deadlines_table(paces), pool_table(given))
    many = (night_table(over), clocks_table(drained))
    for table in (speed_table(fast), *decided, port_table(fast), cost_table(bill), *many):
        console.print(table)


def points_table(worth: points.Points) -> Table:
    """Microseconds per lead."""
    table = Table("decision", title=f"Scoring by {worth.rules} rules, {worth.leads} leads")
    table.add_column("µs per lead", justify="right")
    table.add_row("segment, points and ledger", f"{worth.score:.0f}")
    table.add_row("when it changes next", f"{worth.next_change:.0f}")
    return table


def decisions_table(owners: decisions.Decisions) -> Table:
    """Microseconds per choice of an owner."""
    size = f"{decisions.RULES} routing rules, {decisions.REPS} reps"
    table = Table("decision", title=f"Choosing an owner: {size}, {owners.leads} leads")
    table.add_column("µs per lead", justify="right")
    table.add_row("the rule, the last one", f"{owners.rule:.0f}")
    table.add_row("the rule, everybody's verdict, whose turn", f"{owners.choice:.0f}")
    return table


def deadlines_table(paces: list[deadlines.Pace]) -> Table:
    """Microseconds per deadline, half of them in an office's hours and half in night shifts."""
    table = Table("deadline", title="Business time: days worked out before, and a calendar that is new")
    table.add_column("warm µs", justify="right")
    table.add_column("cold µs", justify="right")
    for pace in paces:
        table.add_row(pace.name, f"{pace.warm:.1f}", "" if pace.cold is None else f"{pace.cold:.0f}")
    return table


def pool_table(given: list[pool.Given]) -> Table:
    """One pool's leads, by how many are given out in one transaction."""
    table = Table("", title=f"One pool gives out {given[0].leads} leads, no network")
    for each in given:
        table.add_column(f"{each.together} together", justify="right")
    table.add_row("leads a second", *(f"{each.a_second:.0f}" for each in given))
    for name in sorted(given[0].calls):
        table.add_row(f"calls of {name} per lead", *(f"{each.calls[name] / each.leads:.2f}" for each in given))
    for name in sorted(given[0].units):
        table.add_row(f"write units of {name} per lead", *(f"{each.units[name] / each.leads:.2f}" for each in given))
    table.add_row("all write units per lead", *(f"{each.units.total() / each.leads:.2f}" for each in given))
    return table


def speed_table(fast: speed.Speed) -> Table:
    """Percentiles per step."""
    table = Table("step", title=f"One warm process over memory, {fast.leads} leads")
    for name in ("calls", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right")
    for step in ("ingest", *speed.STEPS.values()):
        if step in fast.milliseconds:
            shown = [f"{fast.percentile(step, percent):.2f}" for percent in (50, 99)]
            table.add_row(step, str(len(fast.milliseconds[step])), *shown)
    return table


def port_table(fast: speed.Speed) -> Table:
    """Calls of ports per lead, from webhook to CRM."""
    table = Table("port", title="Calls per lead, webhook to CRM")
    table.add_column("per lead", justify="right")
    for name, count in sorted(fast.calls.items()):
        table.add_row(name, f"{count / fast.leads:.2f}")
    return table


def cost_table(bill: cost.Bill) -> Table:
    """AWS calls and write units per lead."""
    table = Table("", title=f"DynamoDB per lead, webhook to CRM, {bill.leads} leads (write units are estimated)")
    table.add_column("per lead", justify="right")
    for heading, counted in (("calls of", bill.calls), ("write units by", bill.units), ("write units of", bill.kinds)):
        for name, count in sorted(counted.items()):
            table.add_row(f"{heading} {name}", f"{count / bill.leads:.2f}")
        table.add_row(f"[bold]all {heading.rpartition(' ')[0]}[/]", f"[bold]{counted.total() / bill.leads:.2f}[/]")
        table.add_section()
    return table


def night_table(over: night.Night) -> Table:
    """A night over many leads."""
    town = over.town
    table = Table("", title=f"A night over {town.leads:,} leads, {over.rules} scoring rules, one process")
    table.add_column("", justify="right")
    rows = {
        "deciding, µs per lead": f"{over.microseconds():.0f}",
        "in the first tenth": f"{over.microseconds(slice(0, 1)):.0f}",
        "in the last tenth": f"{over.microseconds(slice(-1, None)):.0f}",
        "leads that changed": f"{100 * town.changed / town.leads:.1f} %",
        "peak memory after the first tenth": f"{over.peaks[0] / 2**20:.0f} MiB",
        "peak memory at the end": f"{over.peaks[-1] / 2**20:.0f} MiB",
        **{f"calls of {name} per lead": f"{count / town.leads:.3f}" for name, count in sorted(town.calls.items())},
        **{f"write units of {name} per lead": f"{n / town.leads:.2f}" for name, n in sorted(town.units.items())},
        "all write units per lead": f"{town.units.total() / town.leads:.2f}",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def clocks_table(drained: clocks.Drained) -> Table:
    """After an outage."""
    table = Table("", title=f"After an outage: {drained.clocks:,} clocks due at once, one process, no network")
    table.add_column("", justify="right")
    table.add_row("clocks drained a second", f"{drained.a_second:.0f}")
    table.add_row("µs per clock", f"{1e6 / drained.a_second:.0f}")
    for name, count in sorted(drained.calls.items()):
        table.add_row(f"calls of {name} per clock", f"{count / drained.clocks:.3f}")
    table.add_row("read units per clock", f"{drained.read_units:.1f}")
    table.add_row("write units per clock", f"{drained.write_units:.1f}")
    for name, count in drained.facts.most_common():
        table.add_row(f"{name} per clock", f"{count / drained.clocks:.2f}")
    return table
