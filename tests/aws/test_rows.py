"""One contract, two keepers of rows: in memory and in a bucket."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.rows import ABOUT, BucketInputs, BucketRows
from leadrelay.memory.rows import MemoryInputs, MemoryRows
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.warehouse import About, BroughtIn, Rows
from tests.aws.cloud import silent_before

BUCKET = "lake"
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def about(run: str) -> About:
    return About(
        run=run,
        made_at=AT,
        looked_at=AT,
        shape="s",
        facts=3,
        tables={"lead_rows": 1},
        since=date(2026, 11, 1),
        objects=2,
    )


@pytest.fixture
def bucket(account: None) -> str:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return BUCKET


@pytest.fixture(params=["memory", "bucket"])
def rows(request: pytest.FixtureRequest) -> Rows:
    return MemoryRows() if request.param == "memory" else BucketRows(request.getfixturevalue("bucket"))


@pytest.fixture(params=["memory", "bucket"])
def inputs(request: pytest.FixtureRequest) -> BroughtIn:
    return MemoryInputs() if request.param == "memory" else BucketInputs(request.getfixturevalue("bucket"))


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "made.parquet"
    path.write_bytes(b"PAR1")
    return path


def test_nothing_is_shown_before_the_first_run(rows: Rows, parquet: Path) -> None:
    assert rows.shown() is None
    rows.put("one", "lead_rows", parquet)
    assert rows.shown() is None


def test_what_is_shown_can_be_fetched(rows: Rows, parquet: Path, tmp_path: Path) -> None:
    rows.put("one", "lead_rows", parquet)
    rows.show(about("one"), None)
    shown = rows.shown()
    assert shown
    assert shown.about == about("one")
    rows.fetch(shown.about.run, "lead_rows", tmp_path / "fetched.parquet")
    assert (tmp_path / "fetched.parquet").read_bytes() == b"PAR1"


def test_of_two_runs_at_once_the_slower_is_told(rows: Rows) -> None:
    rows.show(about("one"), None)
    with pytest.raises(Conflict):
        rows.show(about("other"), None)
    seen = rows.shown()
    assert seen
    rows.show(about("two"), seen.token)
    with pytest.raises(Conflict):
        rows.show(about("three"), seen.token)
    now = rows.shown()
    assert now
    assert now.about.run == "two"


def test_equal_words_shown_again_are_another_text_or_the_same_one(rows: Rows) -> None:
    """Whoever replaces a text by an equal one harms nobody, whether the keeper tells them apart or not."""
    rows.show(about("one"), None)
    seen = rows.shown()
    assert seen
    rows.show(about("one"), seen.token)
    again = rows.shown()
    assert again
    rows.show(about("two"), again.token)


def test_old_runs_are_cleared_away_and_what_is_shown_stays(rows: Rows, parquet: Path, tmp_path: Path) -> None:
    for run in ("one", "two", "three"):
        rows.put(run, "lead_rows", parquet)
        rows.put(run, "deal_rows", parquet)
    rows.show(about("three"), None)
    rows.clear({"two", "three"})
    for run in ("two", "three"):
        rows.fetch(run, "deal_rows", tmp_path / run)
    with pytest.raises(Reject, match="rows_gone"):
        rows.fetch("one", "lead_rows", tmp_path / "one")
    assert rows.shown()


def test_more_runs_than_one_call_takes_are_cleared_away(
    bucket: str, monkeypatch: pytest.MonkeyPatch, parquet: Path
) -> None:
    monkeypatch.setattr("leadrelay.aws.rows._CALL_KEYS", 2)
    rows = BucketRows(bucket)
    for number in range(5):
        rows.put(f"run{number}", "lead_rows", parquet)
    rows.clear({"run4"})
    assert [each["Key"] for each in client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == [
        "rows/run4/lead_rows.parquet"
    ]


def test_what_a_newer_program_adds_is_ignored_and_a_damaged_text_is_named(bucket: str) -> None:
    text = about("one").model_dump_json().replace("{", '{"newer": 1, ', 1)
    client("s3").put_object(Bucket=bucket, Key=ABOUT, Body=text.encode())
    shown = BucketRows(bucket).shown()
    assert shown
    assert shown.about == about("one")
    client("s3").put_object(Bucket=bucket, Key=ABOUT, Body=b"{")
    with pytest.raises(Misconfigured, match=r"rows/about\.json"):
        BucketRows(bucket).shown()


def test_what_people_bring_is_kept_until_they_bring_more(inputs: BroughtIn) -> None:
    assert inputs.read("spend") is None
    inputs.write("spend", "month,ż\n")
    inputs.write("spend", "month,source\n")
    assert inputs.read("spend") == "month,source\n"
    assert inputs.read("rates") is None


def test_silence_and_a_bucket_that_is_not_there(bucket: str, parquet: Path) -> None:
    with silent_before("s3.GetObject"), pytest.raises(Retry):
        BucketRows(bucket).shown()
    with silent_before("s3.PutObject"), pytest.raises(Retry):
        BucketRows(bucket).show(about("one"), None)
    with pytest.raises(Misconfigured, match="no-such-bucket"):
        BucketRows("no-such-bucket").shown()
    with pytest.raises(Misconfigured, match="no-such-bucket"):
        BucketInputs("no-such-bucket").write("rates", "")
