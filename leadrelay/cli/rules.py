"""`leadrelay rules …`: check, explain, compile and deploy what RevOps wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from leadrelay.cli import release
from leadrelay.cli.console import RULES, AsJson, RulesFolder, errors, now, problems, say, say_json
from leadrelay.rulebook.case import read_case
from leadrelay.rulebook.compile import Compiled, bundle, compile_rules
from leadrelay.rulebook.editor_schema import write_schemas
from leadrelay.rulebook.explain import explain
from leadrelay.rulebook.show import shown

app = typer.Typer(no_args_is_help=True, help="Check, explain, compile and deploy the rules.")

Case = Annotated[
    Path, typer.Argument(help="A case file (YAML or JSON), as in infra/cases/.", exists=True, dir_okay=False)
]
Folder = Annotated[Path, typer.Argument(help="The folder of the rules.", file_okay=False)]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; standard output without it.")]


@app.command()
def check(folder: Folder = RULES) -> None:
    """Say everything that is wrong with the rules: each fault with file, line and column."""
    compiled = _compiled(folder)
    rules = compiled.rules
    counted = (
        (len(rules.sources.sources), "sources"),
        (len(rules.segments.segments), "segments"),
        (len(rules.scoring.fit.rules) + len(rules.scoring.engagement.rules), "scoring rules"),
        (len(rules.routing.rules), "routing rules"),
        (len(rules.team.reps), "people"),
    )
    say(f"[green]The rules are valid[/] ({', '.join(f'{count} {what}' for count, what in counted)})")
    say(f"version {rules.version}")


@app.command("explain")
def explain_case(case: Case, rules: RulesFolder = RULES, as_json: AsJson = False) -> None:
    """Tell how a lead is decided: what was understood, every point, every rule that was asked, every deadline."""
    compiled = compile_rules(rules, now().date()).rules
    explanation = explain(read_case(case, compiled), compiled)
    if as_json:
        say_json(explanation.model_dump(mode="json"))
    else:
        say(shown(explanation, compiled))
    if explanation.differs:
        raise typer.Exit(1)


@app.command()
def schema(folder: Annotated[Path, typer.Option("--output", "-o", help="The folder.")] = Path("infra/schema")) -> None:
    """Write the JSON Schemas with which editors complete and check the rules."""
    for path in write_schemas(folder):
        say(f"written {escape(str(path))}")


@app.command("compile")
def compile_bundle(output: Output = None, rules: RulesFolder = RULES) -> None:
    """Write the compiled bundle: what Lambdas read."""
    compiled = _compiled(rules).rules
    text = bundle(compiled)
    if output is None:
        typer.echo(text)
        return
    output.write_text(text, "utf-8")
    errors.print(f"{output}: rules {compiled.version}", markup=False)


@app.command()
def deploy(
    stage: Annotated[str, typer.Option(help="The stage; its stack is leadrelay-STAGE.")] = "dev",
    stack: Annotated[str | None, typer.Option(help="The stack, where it is named otherwise.")] = None,
    rules: RulesFolder = RULES,
    wait: Annotated[bool, typer.Option(help="Stay until the deployment has ended.")] = True,
    only_first: Annotated[bool, typer.Option("--only-first", help="Leave a stack alone that has rules.")] = False,
) -> None:
    """Check the rules, store their bundle for ever, and roll them out. Invalid rules never replace valid ones."""
    compiled = _compiled(rules).rules
    release.deploy(stack or f"leadrelay-{stage}", compiled.version, bundle(compiled), wait=wait, only_first=only_first)


@app.command()
def rollback(
    stage: Annotated[str, typer.Option(help="The stage; its stack is leadrelay-STAGE.")] = "dev",
    stack: Annotated[str | None, typer.Option(help="The stack, where it is named otherwise.")] = None,
    wait: Annotated[bool, typer.Option(help="Stay until the deployment has ended.")] = True,
) -> None:
    """Stop a roll-out that is under way, or bring back the rules that were in force before these."""
    release.rollback(stack or f"leadrelay-{stage}", wait=wait)


def _compiled(folder: Path) -> Compiled:
    """The rules of a folder; warnings are said on the way."""
    compiled = compile_rules(folder, now().date())
    problems(compiled.warnings)
    return compiled
