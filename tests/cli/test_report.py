"""`leadrelay report NAME`: the same numbers as a table, as JSON and as CSV, from a folder of facts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from leadrelay.reports.registry import names
from leadrelay.workflows.lake import row
from tests.cli.conftest import Run
from tests.system import System
from tests.workflows import lives

_DAYS = ("--since", "2026-11-20", "--until", "2026-11-25")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole life, as the lake has it."""
    system = System()
    lives.whole_life(system)
    folder: Path = tmp_path_factory.mktemp("lake")
    (folder / "day").mkdir()
    (folder / "day" / "facts.jsonl").write_text("".join(json.dumps(row(said)) + "\n" for said in system.said))
    return str(folder)


def test_json_is_exact_and_csv_says_the_same(run: Run, facts: str) -> None:
    found = json.loads(run("report", "funnel", "--facts", facts, *_DAYS, "--format", "json").out)
    assert (found["name"], found["leads"]) == ("funnel", 1)
    table = found["tables"][0]
    asked = ("--format", "csv", "--table", table["id"])
    read = list(csv.reader(io.StringIO(run("report", "funnel", "--facts", facts, *_DAYS, *asked).out)))
    assert [row[:2] for row in read[1:]] == [[str(cell) for cell in line["values"][:2]] for line in table["lines"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cut.jsonl", '{"fact": "LeadCaptured", "fact_id": "a:1'),
        ("cut.parquet", "PAR1 of another kind"),
        ("other.jsonl", '{"fact": "LeadCaptured", "fact_id": "a:1.0", "at_ms": "yesterday"}'),
    ],
)
def test_a_damaged_file_is_named(run: Run, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    refused = run("report", "funnel", "--facts", str(tmp_path))
    assert refused.code == 1
    assert name in refused.err.replace("\n", "")
    assert "Traceback" not in refused.err


def test_a_language_that_nobody_speaks_here_is_refused(run: Run, facts: str) -> None:
    refused = run("report", "funnel", "--facts", facts, "--language", "de")
    assert refused.code == 2
    assert "en, pl, sr" in refused.said


def test_a_table_has_words_and_the_language_that_is_asked_for(run: Run, facts: str) -> None:
    shown = run("report", "funnel", "--facts", facts, *_DAYS)
    assert "Funnel" in shown.out
    polish = run("report", "funnel", "--facts", facts, *_DAYS, "--language", "pl")
    assert polish.out != shown.out
    assert "lis 2026" in polish.out


def test_html_is_one_file_that_needs_nobody(run: Run, facts: str) -> None:
    page = run("report", "funnel", "--facts", facts, *_DAYS, "--format", "html", "--language", "sr").out
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert '<html lang="sr">' in page
    assert page.count("<style>") == 1
    assert '<svg class="chart funnel' in page
    for outside in ("href=", "src=", "<script", "url(", "@import"):
        assert outside not in page


def test_a_line_opens_the_leads_behind_it(run: Run, facts: str) -> None:
    opened = json.loads(
        run("report", "funnel", "--facts", facts, *_DAYS, "--open", "stages:mql", "--format", "json").out
    )
    assert [(each["source"], each["stage"], each["owner"]) for each in opened] == [("website", "sql", "tomasz")]
    assert "website" in run("report", "funnel", "--facts", facts, *_DAYS, "--open", "stages:mql").out
    listed = run("report", "funnel", "--facts", facts, *_DAYS, "--open", "stages:mql", "--format", "csv").out
    assert listed.startswith("lead_id,captured_ms,source,stage,owner,score\r\n")


def test_lines_with_the_same_first_cell_are_told_apart_by_the_second(run: Run, facts: str) -> None:
    asked = ("report", "funnel", "--facts", facts, *_DAYS, "--format", "json")
    [opened] = json.loads(run(*asked, "--open", "between:mql/sql").out)
    assert opened["stage"] == "sql"
    refused = run(*asked, "--open", "between:mql")
    assert (refused.code, "name one: mql/sal, mql/sql" in refused.said) == (2, True)


def test_filters_narrow_it(run: Run, facts: str) -> None:
    asked = ("report", "funnel", "--facts", facts, *_DAYS, "--format", "json")
    assert json.loads(run(*asked, "--where", "source=website,meta").out)["leads"] == 1
    assert json.loads(run(*asked, "--where", "source=meta").out)["leads"] == 0
    assert json.loads(run(*asked, "--by", "activity").out)["asked"]["date_by"] == "activity"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("--where", "colour=red"), 1, "colour"),
        (("--where", "source"), 2, "write for example source=meta"),
        (("--since", "yesterday"), 1, "2026-11-30"),
        (("--open", "nothing:mql"), 2, "no table 'nothing'"),
        (("--open", "stages:nowhere"), 2, "no line 'nowhere'"),
        (("--table", "nothing", "--format", "csv"), 2, "no table 'nothing'"),
        (("--open", "stages:mql", "--format", "html"), 2, "html is for whole reports"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    run: Run, facts: str, asked: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("report", "funnel", "--facts", facts, *asked)
    assert ran.code == code
    assert said in ran.said


def test_a_folder_without_facts_is_said(run: Run, tmp_path: Path) -> None:
    ran = run("report", "funnel", "--facts", str(tmp_path))
    assert ran.code == 1
    assert "has no facts" in ran.said


def test_every_report_is_listed_with_its_sentence(run: Run) -> None:
    shown = run("report", "list").out
    assert all(name in shown for name in names())


def test_the_audit_looks_at_as_many_deals_as_are_asked_for(run: Run, facts: str) -> None:
    found = json.loads(run("report", "audit", "--facts", facts, *_DAYS, "--won", "3", "--format", "json").out)
    assert found["asked"]["take"] == {"won": 3, "lost": 10}
    assert run("report", "audit", "--facts", facts, "--won", "0").code == 2
    assert "--won" not in run("report", "funnel", "--help").out
