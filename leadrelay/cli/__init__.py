"""The command line: what a person runs. One file per group of commands; `main` is its entry.

Exit codes: 0 done; 1 refused, with the reason on standard error; 2 not understood (wrong command, option or file).
"""

from __future__ import annotations

from collections.abc import Mapping

import typer

from leadrelay.cli import crm, dashboard, document, lead, parked, parse, rep, report, rules, send, sla, sources, upload
from leadrelay.cli.console import errors, problems
from leadrelay.ports.errors import Conflict, Misconfigured, PortError, Reject, Retry
from leadrelay.rulebook.problems import RulesInvalid

_WORDS: Mapping[type[PortError], str] = {
    Retry: "Not now",
    Reject: "Refused",
    Misconfigured: "The set-up is wrong",
    Conflict: "Somebody else was quicker; run it again",
}
"""How a person reads each kind of trouble: by what they can do about it."""

app = typer.Typer(
    name="leadrelay",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # else the lines of a docstring break where the source does
    help="Inbound leads, scored and owned within seconds, written into the CRM the sales team already uses.",
)
app.add_typer(rules.app, name="rules")
app.add_typer(sla.app, name="sla")
app.add_typer(crm.app, name="crm")
app.add_typer(lead.app, name="lead")
app.add_typer(rep.app, name="rep")
app.add_typer(report.app, name="report")
app.add_typer(sources.app, name="sources")
app.add_typer(parked.app, name="parked")
app.add_typer(upload.app, name="upload")
app.command("parse")(parse.parse)
app.command("send")(send.send)
app.command("dashboard")(dashboard.dashboard)
app.command("docs")(document.docs)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code. What is wrong with the rules or the set-up is said, not traced."""
    try:
        app(arguments)
    except RulesInvalid as invalid:
        problems(invalid.problems)
        raise SystemExit(1) from None
    except OSError as error:
        errors.print(f"{error.filename}: {error.strerror}", style="red", markup=False)
        raise SystemExit(1) from None
    except PortError as error:
        errors.print(f"{_WORDS[type(error)]}: {error}", style="red", markup=False, highlight=False)
        raise SystemExit(1) from None
