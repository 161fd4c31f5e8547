"""From webhooks to a report: facts, Parquet, Athena, rows, numbers; against the leads as the table has them."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.cli.console import now
from leadrelay.domain.lead import VISITOR, Lead
from leadrelay.local import rows
from leadrelay.local.cloud import Cloud
from leadrelay.local.deploy import STAGE
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture, look
from tests.e2e.settling import Settle
from tests.e2e.test_command_line import run

pytestmark = pytest.mark.e2e

PATIENCE = 90.0


def asked(cloud: Cloud, name: str, *more: str) -> dict[str, Any]:
    """The report as a program reads it, of the days around this one: midnight is somewhere."""
    days = [f"--since={now().date() - timedelta(days=1)}", f"--until={now().date() + timedelta(days=1)}"]
    found: dict[str, Any] = json.loads(run(cloud, "report", name, "--stage", STAGE, "--format", "json", *days, *more))
    return found


def reached(report: dict[str, Any]) -> dict[str, int]:
    """Leads by the stage that they reached."""
    [table] = [table for table in report["tables"] if table["id"] == "stages"]
    places = [column["id"] for column in table["columns"]]
    lines = (dict(zip(places, line["values"], strict=True)) for line in table["lines"])
    return {line["stage"]: line["leads"] for line in lines if line["stage"] != VISITOR}


ENOUGH = 20
"""Leads of the cast who said who they are, at least."""


def too_few(seen: Picture) -> list[str]:
    """Whether all of them are worked to their end is asked elsewhere."""
    known = [each for each in seen.leads.values() if each.lead.stage != VISITOR]
    return [] if len(known) >= ENOUGH else [f"{len(known)} leads of {ENOUGH} arrived"]


def people(cloud: Cloud) -> list[Lead]:
    """Everybody in the table who said who they are."""
    found = (record.lead for record in look(cloud).leads.values())
    return [
        lead
        for lead in found
        if lead.merged_into is None and lead.standing in ("live", "shadow") and lead.stage != VISITOR
    ]


def counted(leads: list[Lead], stages: list[str]) -> dict[str, int]:
    """The same from the leads themselves."""
    found = Counter(stage for lead in leads for stage in lead.reached)
    return {stage: found[stage] for stage in stages}


def objects(cloud: Cloud, prefix: str) -> list[str]:
    pages = cloud.emulator.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=cloud.deployed.lake_bucket, Prefix=prefix)
    return [each["Key"] for page in found for each in page.get("Contents", [])]


def shown(cloud: Cloud) -> str:
    """The run whose rows are shown: those of others may be cleared away while they are read."""
    found = cloud.emulator.client("s3").get_object(Bucket=cloud.deployed.lake_bucket, Key="rows/about.json")
    run_: str = json.loads(found["Body"].read())["run"]
    return run_


def test_the_funnel_is_what_the_table_says(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    settle(too_few)
    give_up = time.monotonic() + PATIENCE
    while True:  # clocks go on running: what is compared must be of one moment
        rows.refresh(cloud)
        funnel, leads = asked(cloud, "funnel"), people(cloud)
        theirs = (reached(funnel), funnel["leads"])
        ours = (counted(leads, list(theirs[0])), len(leads))
        if theirs == ours or time.monotonic() > give_up:
            break
    assert theirs == ours
    assert funnel["leads"] >= ENOUGH
    assert theirs[0]["mql"] > 0

    sources = Counter(lead.first.source for lead in leads if lead.first)
    for source in sources.most_common(2):
        assert asked(cloud, "funnel", f"--where=source={source[0]}")["leads"] == source[1]
    assert asked(cloud, "channels")["leads"] == funnel["leads"]


def test_the_lake_holds_no_person_and_its_stream_refused_nothing(cloud: Cloud, acts: list[Act], settle: Settle) -> None:
    settle(too_few)
    rows.refresh(cloud)
    import duckdb

    assert objects(cloud, "errors/") == []
    assert all(key.endswith(".parquet") and "/dt=" in key for key in objects(cloud, "parquet/"))
    said = []
    for number, key in enumerate([*objects(cloud, "parquet/"), *objects(cloud, f"rows/{shown(cloud)}/")]):
        if key.endswith(".parquet"):
            file = cloud.emulator.scratch / f"kept-{number}.parquet"
            cloud.emulator.client("s3").download_file(cloud.deployed.lake_bucket, key, str(file))
            said += duckdb.sql(f"FROM '{file}'").fetchall()
    text = json.dumps(said, default=str)
    assert len(said) > 100
    for act in acts:
        person = act.scene.visit.person
        assert not [told for told in (person.email, person.phone, person.last_name) if told and told in text]


def test_spend_that_was_brought_in_is_counted_and_a_wrong_line_is_not(cloud: Cloud, acts: list[Act]) -> None:
    file = cloud.emulator.scratch / "spend.csv"
    month = f"{now():%Y-%m}"
    file.write_text(f"month,source,amount,currency\n{month},website,900,EUR\n{month},webside,1,EUR\n")
    refused = run(cloud, "report", "upload", "spend", str(file), "--stage", STAGE, code=1)
    assert "spend.csv:3: no source 'webside'" in refused
    file.write_text(f"month,source,amount,currency\n{month},website,900,EUR\n")
    assert "1 lines are in place" in run(cloud, "report", "upload", "spend", str(file), "--stage", STAGE)
    assert "facts" in run(cloud, "report", "refresh", "--stage", STAGE)
    assert "website" in json.dumps(asked(cloud, "channels", "--where=source=website"))
