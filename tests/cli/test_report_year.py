"""`leadrelay report funnel --format json` over a folder of facts, against what was lived."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.reports.year.generate import write, year

STAGES = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist")
DAYS = ("--since", "2026-01-01", "--until", "2026-12-31")


def test_the_terminal_tells_what_was_lived(run: Run, tmp_path: Path) -> None:
    lived = year(400, seed=9)
    folder = str(write(lived.lines, tmp_path))
    found = json.loads(run("report", "funnel", "--facts", folder, *DAYS, "--format", "json").out)
    people = [row for row in lived.rows["lead_rows"] if row["standing"] in ("live", "shadow")]
    assert found["leads"] == len(people) > 100
    told = {line["values"][0]: line["values"][1] for line in found["tables"][0]["lines"]}
    assert {stage: told[stage] for stage in STAGES} == {
        stage: sum(row[f"{stage}_ms"] is not None for row in people) for stage in STAGES
    }
