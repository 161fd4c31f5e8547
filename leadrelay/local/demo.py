"""`make demo`: the whole product on this machine. Real webhooks become owned, timed leads in a CRM, before your eyes.

The real template on an emulated cloud with IAM enforced, a sandbox CRM beside it, sample senders in front. One hot lead
has only seconds, so that a warning, a breach, a hand-over and the call that ends it are seen; one rep is away, and one
can take no more.
`--once` ends by itself: 0 when every genuine lead is in the CRM exactly once and somebody's, 1 with what is missing, 2
when the local cloud could not be brought up.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import NoReturn

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from leadrelay.domain.reporting.access import Claim
from leadrelay.local import cloud as clouds
from leadrelay.local.cast import scenes
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.dashboard import link_for, page_behind
from leadrelay.local.demo_rules import local_rules
from leadrelay.local.deploy import STAGE
from leadrelay.local.emulator import REGION, ROOT
from leadrelay.local.outage import Outage
from leadrelay.local.progress import Progress
from leadrelay.local.reps import Reps
from leadrelay.local.rows import refresh
from leadrelay.local.short_staffed import notes, problems, send_away, shares, short_staffed
from leadrelay.local.story import last_errors, ticker
from leadrelay.local.table import drawn, rows
from leadrelay.local.tools import LocalCloudError, find_tools
from leadrelay.local.traffic import Act, perform_slowly
from leadrelay.local.verdict import missing, strangers
from leadrelay.local.watch import Picture, look, sweep, waiting
from leadrelay.rulebook.problems import RulesInvalid
from leadrelay.rulebook.shares_table import shares_table
from leadrelay.rulebook.vendors import with_role

SECONDS_TO_CALL = 20
PAUSE = 0.3
"""Seconds between webhooks."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SENDING = "senders are still sending"
SWEEP_EVERY = 0.7
"""Seconds; the schedule of a real deployment sweeps every minute, and looks every ten seconds in between."""

PATIENCE = 240.0
"""Seconds until `--once` gives up on what is still missing."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    for number in ENDINGS:
        signal.signal(number, _leave)
    try:
        return _run(console, options)
    except KeyboardInterrupt:
        console.print("\nEnded; nothing was left behind.")
        return 0 if not options.once else 130
    except (LocalCloudError, RulesInvalid) as problem:
        console.print(f"[bold red]The demo could not start:[/] {problem}", highlight=False)
        return 2


def _run(console: Console, options: argparse.Namespace) -> int:
    rules = short_staffed(local_rules(datetime.now(UTC).date(), SECONDS_TO_CALL, options.crm))
    progress = Progress(console)
    with progress, clouds.up(find_tools(), rules, progress.step) as cloud:
        send_away(cloud)
        progress.end()
        _links(console, cloud)
        acts: list[Act] = []
        outage = Outage(cloud.outside.crm.world, timedelta(seconds=options.outage), len(scenes()) // 3)
        problems = _watched(console, cloud, acts, outage)
        problems += _dashboard(console, cloud)
        code = _conclude(console, cloud, problems)
        if not options.once:
            _keep_running(console, cloud, acts)
        return code


def _watched(console: Console, cloud: Cloud, acts: list[Act], outage: Outage) -> list[str]:
    """Send the webhooks and show the live table until nothing is missing, or patience ends; what is missing then."""
    give_up = time.monotonic() + PATIENCE + outage.time.total_seconds()
    reps = Reps(cloud.outside, cloud.rules)
    with _sending(cloud, acts) as sending, Live(console=console, auto_refresh=False) as live:
        while True:
            picture = _next_picture(cloud)
            reps.work(acts, picture)
            outage.tick(acts, datetime.now(UTC))
            missed = _problems(cloud, acts, picture, outage) if sending.done() else [SENDING]
            live.update(_screen(cloud, acts, picture, missed), refresh=True)
            if not missed or time.monotonic() > give_up:
                break
        sending.result()
    _shares(console, cloud, picture)
    _story_command(console, cloud, picture)
    return [*missed, *(f"{count} in {name}" for name, count in waiting(cloud).items())]


def _problems(cloud: Cloud, acts: list[Act], picture: Picture, outage: Outage) -> list[str]:
    found = [*outage.problems(acts, picture), *missing(cloud, acts, picture), *strangers(acts, picture)]
    return [*found, *problems(cloud, picture)]


@contextlib.contextmanager
def _sending(cloud: Cloud, acts: list[Act]) -> Iterator[Future[None]]:
    """The senders at work beside us; when we leave early, they stop after the webhook in hand."""
    stopping = threading.Event()
    with ThreadPoolExecutor(1, "senders") as senders:
        try:
            yield senders.submit(_send, cloud, acts, stopping)
        finally:
            stopping.set()


def _send(cloud: Cloud, acts: list[Act], stopping: threading.Event) -> None:
    with contextlib.closing(Courier(cloud.api, clouds.WARM_DOORS)) as courier:
        for act in perform_slowly(scenes(), cloud.outside, cloud.rules, courier, PAUSE):
            acts.append(act)
            if stopping.is_set():
                return


def _next_picture(cloud: Cloud) -> Picture:
    time.sleep(SWEEP_EVERY)
    sweep(cloud)
    return look(cloud)


def _screen(cloud: Cloud, acts: Sequence[Act], picture: Picture, problems: Sequence[str]) -> Group:
    so_far = list(acts)
    sent = sum(len(act.receipts) for act in so_far)
    sources = len({act.scene.visit.source for act in so_far})
    title = f"{sent} webhooks from {sources} sources, {len(picture.leads)} leads, {len(picture.contacts)} in the CRM; "
    title += f"{len(problems)} to go: {problems[0]}" if problems else "everything is where it belongs"
    table = drawn(rows(so_far, picture), cloud.rules, datetime.now(UTC), title)
    return Group(*(Text(line, style=style) for line, style in ticker(cloud, so_far, picture)), Text(), table)


def _links(console: Console, cloud: Cloud) -> None:
    console.print()
    console.print(f"  What a sales rep sees   {cloud.outside.crm.url}/", highlight=False)
    console.print(f"  Webhooks go to          {cloud.api}/in/<source>", highlight=False, soft_wrap=True)
    there = {**cloud.emulator.environment, "LEADRELAY_STAGE": STAGE}
    reached = " ".join(f"{name}={value}" for name, value in there.items())
    console.print(f"  For the command line    export {reached}", highlight=False, soft_wrap=True)
    console.print()


def _shares(console: Console, cloud: Cloud, picture: Picture) -> None:
    """How the team shared the leads, although one is away and one could take no more; and what the notes say of it."""
    for each in shares(cloud):
        if each.given:
            console.print()
            console.print(shares_table(each, cloud.rules))
    for note in notes(cloud, picture):
        console.print(f"\n  A note in the CRM       {note}", highlight=False, markup=False, soft_wrap=True)


def _story_command(console: Console, cloud: Cloud, picture: Picture) -> None:
    """One lead's whole story is for people who may see it: the request is signed, here as the emulator's root."""
    lead_id = next(iter(picture.leads), "<lead_id>")
    signed = (
        f"--aws-sigv4 aws:amz:{REGION}:execute-api --user {ROOT['AWS_ACCESS_KEY_ID']}:{ROOT['AWS_SECRET_ACCESS_KEY']}"
    )
    console.print(f"\n\n  One lead's whole story  curl -s {signed} \\", highlight=False, soft_wrap=True)
    console.print(f"                          '{cloud.api}/leads/{lead_id}'", highlight=False, soft_wrap=True)
    console.print(f"  Why it is theirs        leadrelay lead why {lead_id}\n", highlight=False, soft_wrap=True)


def _dashboard(console: Console, cloud: Cloud) -> list[str]:
    """What a manager sees of it all, and what a rep sees; the links are good for eight hours. Answers with what is
    wrong with the pages behind them."""
    rep, link = next(iter(cloud.rules.team.reps)), link_for(cloud, Claim(role="manager"))
    try:
        refresh(cloud)
        drawn = "<svg" in page_behind(link)
    except LocalCloudError as problem:
        return [str(problem)]
    console.print(f"  The dashboard           {link}", highlight=False, soft_wrap=True)
    own = link_for(cloud, Claim(role="rep", rep=rep.id))
    console.print(f"  As {rep.name:<21}{own}\n", highlight=False, markup=False, soft_wrap=True)
    return [] if drawn else ["the dashboard draws nothing: no report has a number"]


def _conclude(console: Console, cloud: Cloud, problems: Sequence[str]) -> int:
    if not problems:
        console.print(
            "[bold green]Every genuine lead is in the CRM exactly once and somebody's, nobody's who is away or full; "
            "whom nobody called in time was given to somebody who did; the forged one is nowhere.[/]"
        )
        return 0
    console.print("[bold red]Missing:[/]")
    for problem in problems:
        console.print(f"  {problem}", highlight=False)
    for line in last_errors(cloud):
        console.print(f"  {line}", style="dim", highlight=False, markup=False)
    return 1


def _keep_running(console: Console, cloud: Cloud, acts: Sequence[Act]) -> NoReturn:
    console.print("\nStill running, with a sweep every second. Press Ctrl-C to end it and remove everything.\n")
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(_screen(cloud, acts, _next_picture(cloud), ()), refresh=True)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="The whole product on this machine.")
    parser.add_argument("--once", action="store_true", help="end by itself: 0 only if every lead is where it belongs")
    parser.add_argument("--crm", choices=with_role("crm"), default="hubspot", help="where the sales team works")
    parser.add_argument("--outage", type=int, default=0, metavar="SECONDS", help="the CRM is away in the middle of it")
    return parser.parse_args(arguments)


def _leave(number: int, frame: FrameType | None) -> None:
    """The first request to end is Ctrl-C; the next ones must not disturb what is being taken down."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
