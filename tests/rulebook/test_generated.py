"""Generated files are what generating gives, and say what they are for."""

from __future__ import annotations

import json
import re

from leadrelay.domain.view import KNOWN
from leadrelay.rulebook.document import rules_page
from leadrelay.rulebook.document_connectors import connectors_page
from leadrelay.rulebook.editor_schema import editor_schemas
from leadrelay.rulebook.files import FILES
from tests.rulebook.editing import PROJECT, RULES, TODAY, compiled


def test_the_pages_are_up_to_date() -> None:
    assert (PROJECT / "docs" / "rules.md").read_text("utf-8") == rules_page(compiled(RULES).rules)
    assert (PROJECT / "docs" / "connectors.md").read_text("utf-8") == connectors_page()


def test_the_schemas_are_up_to_date() -> None:
    folder = PROJECT / "infra" / "schema"
    assert {
        path.name: path.read_text("utf-8") for path in folder.iterdir() if path.name != "facts.json"
    } == editor_schemas()


def test_the_pages_do_not_change_with_the_year() -> None:
    from leadrelay.rulebook.compile import compile_rules

    later = compile_rules(RULES, TODAY.replace(year=TODAY.year + 5)).rules
    assert rules_page(later) == rules_page(compiled(RULES).rules)


def test_every_rules_file_tells_its_editor_where_its_schema_is() -> None:
    for name in FILES:
        first = (RULES / f"{name}.yaml").read_text("utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema=../schema/{name}.json"
        assert (RULES.parent / "schema" / f"{name}.json").is_file()


def test_schemas_know_the_keys_that_people_write_and_not_those_that_compiling_fills() -> None:
    sources = json.loads(editor_schemas()["sources.json"])
    assert "defaults" not in sources["$defs"]["SourcePolicy"]["properties"]
    routing = json.loads(editor_schemas()["routing.json"])["$defs"]["RouteRule"]
    assert "if" in routing["properties"]
    assert {"id", "if", "says"} <= set(routing["required"])
    assert "country" in json.loads(editor_schemas()["calendars.json"])["$defs"]["WrittenCalendar"]["properties"]


def test_the_rules_page_lists_every_field_threshold_and_rule() -> None:
    rules = compiled(RULES).rules
    page = rules_page(rules)
    for name in [*KNOWN, *rules.fields.fields, *(f"threshold.{name}" for name in rules.segments.thresholds)]:
        assert f"| `{name}` |" in page
    for rule in rules.routing.rules:
        assert rule.says in page
    for file in FILES:
        assert f"### {file}.yaml" in page
    rows = [line for line in page.splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in rows]
    heads = [number for number, line in enumerate(rows) if set(line) <= {"|", "-"}]
    assert all(widths[number] == widths[number - 1] for number in heads)


def test_the_connectors_page_tells_every_vendors_secrets() -> None:
    page = connectors_page()
    for words in (
        "## HubSpot",
        "`leadrelay_score`",
        "## Typeform",
        "`signing_secret`",
        "## Meta lead ads",
        "`verify_token`",
    ):
        assert words in page
