"""`leadrelay report …`: every report by its name, which ones there are, and what the table says this moment."""

from __future__ import annotations

import typer

from leadrelay.cli import report_live, report_refresh, report_upload
from leadrelay.cli.console import say
from leadrelay.cli.report_ask import asking
from leadrelay.cli.report_shown import listed
from leadrelay.reports.registry import names
from leadrelay.reports.wording import report_text

app = typer.Typer(no_args_is_help=True, help="Where leads leak: reports from the facts of a stage, or of a folder.")
app.add_typer(report_live.app, name="live")
app.command("upload")(report_upload.upload)
app.command("refresh")(report_refresh.refresh)


@app.command("list")
def list_(language: str = typer.Option("en", help="en, pl or sr.")) -> None:
    """Every report, with what it says in one sentence."""
    say(listed(language))


for _name in names():
    app.command(_name, help=report_text(_name, "en").definition)(asking(_name))
