"""`leadrelay docs`: the pages that list things, written from the things themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadrelay.cli.console import RULES, RulesFolder, now, refuse, say
from leadrelay.rulebook.compile import compile_rules
from leadrelay.rulebook.document import rules_page
from leadrelay.rulebook.document_connectors import connectors_page
from leadrelay.rulebook.editor_schema import editor_schemas
from leadrelay.rulebook.fact_schema import fact_schema_text


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a page is out of date.")] = False,
    rules: RulesFolder = RULES,
    project: Annotated[Path, typer.Option(help="The project's folder.", file_okay=False)] = Path(),
) -> None:
    """Write docs/rules.md, docs/connectors.md, the schemas of facts, and those of the rules for editors."""
    compiled = compile_rules(rules, now().date()).rules
    pages = {
        project / "docs" / "rules.md": rules_page(compiled),
        project / "docs" / "connectors.md": connectors_page(),
        project / "infra" / "schema" / "facts.json": fact_schema_text(),
        **{project / "infra" / "schema" / name: text for name, text in editor_schemas().items()},
    }
    stale = [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
    if check and stale:
        refuse(f"out of date: {', '.join(map(str, stale))}; run `leadrelay docs`")
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], "utf-8")
        say(f"written {path}")
