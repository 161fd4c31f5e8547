"""What is asked of Athena, and what its answers mean; checked against the shapes that botocore knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leadrelay.aws.athena import AthenaWarehouse
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from tests.aws.cloud import answering, failing

BUCKET = "lake"
QUERIES = {"lead_rows": "SELECT lead_id FROM facts", "told": "SELECT count(*) AS facts FROM facts"}


class Athena:
    """Answers each query with a file and its metadata; `states` are told in turn, the last one for ever."""

    def __init__(self, states: dict[str, Any] | None = None) -> None:
        self.asked: list[str] = []
        self.groups: list[tuple[str, str]] = []
        self._states = states or {}
        self._told: dict[str, Iterator[Any]] = {}

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        query = f"q{len(self.asked)}"
        self.asked.append(params["QueryString"])
        self.groups.append((params["WorkGroup"], params["QueryExecutionContext"]["Database"]))
        word = next((word for word in self._states if word in params["QueryString"]), None)
        states = self._states[word] if word else ["QUEUED", "RUNNING", "SUCCEEDED"]
        self._told[query] = itertools.chain(states, itertools.repeat(states[-1]))
        for suffix in (".csv", ".csv.metadata"):
            client("s3").put_object(Bucket=BUCKET, Key=f"athena/{query}{suffix}", Body=f"{query}{suffix}".encode())
        return {"QueryExecutionId": query}

    def told(self, params: dict[str, Any]) -> dict[str, Any]:
        query = params["QueryExecutionId"]
        state = next(self._told[query])
        status = state if isinstance(state, dict) else {"State": state}
        place = {"OutputLocation": f"s3://{BUCKET}/athena/{query}.csv"}
        return {"QueryExecution": {"QueryExecutionId": query, "Status": status, "ResultConfiguration": place}}

    @contextmanager
    def answers(self) -> Iterator[None]:
        with answering("athena.StartQueryExecution", self.start), answering("athena.GetQueryExecution", self.told):
            yield


@pytest.fixture(autouse=True)
def bucket(account: None) -> None:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})


def warehouse(*, staged: bool = True, patience: float = 60) -> AthenaWarehouse:
    return AthenaWarehouse(BUCKET, "leadrelay_dev", "leadrelay-dev", staged, patience=patience, pause=0)


def test_facts_are_made_once_read_by_all_and_dropped(tmp_path: Path) -> None:
    athena = Athena()
    with athena.answers():
        files = warehouse().answers("SELECT 1 AS fact FROM lake", QUERIES, tmp_path)
    made, *asked, dropped = athena.asked
    table = made.split()[2]
    assert table.startswith("facts_")
    assert made == f"CREATE TABLE {table} WITH (format = 'PARQUET') AS\nSELECT 1 AS fact FROM lake"
    assert dropped == f"DROP TABLE IF EXISTS {table}"
    assert [sql.startswith(f"WITH facts AS (\nSELECT * FROM {table}\n)") for sql in asked] == [True, True]
    assert all(own in sql for own, sql in zip(QUERIES.values(), asked, strict=True))
    assert {name: file.read_text() for name, file in files.items()} == {"lead_rows": "q1.csv", "told": "q2.csv"}
    assert set(athena.groups) == {("leadrelay-dev", "leadrelay_dev")}


def test_two_runs_make_two_tables(tmp_path: Path) -> None:
    athena = Athena()
    with athena.answers():
        for _ in range(2):
            warehouse().answers("SELECT 1", QUERIES, tmp_path)
    assert len({sql.split()[2] for sql in athena.asked if sql.startswith("CREATE")}) == 2


def test_where_nothing_is_staged_each_query_has_the_facts_in_it(tmp_path: Path) -> None:
    athena = Athena()
    with athena.answers():
        warehouse(staged=False).answers("SELECT 1 AS fact FROM lake", QUERIES, tmp_path)
    assert len(athena.asked) == 2
    assert all("SELECT 1 AS fact FROM lake" in sql for sql in athena.asked)


REFUSED = {"State": "FAILED", "StateChangeReason": "COLUMN_NOT_FOUND", "AthenaError": {"ErrorCategory": 2}}
THEIR_OWN = {"State": "FAILED", "StateChangeReason": "INTERNAL_ERROR", "AthenaError": {"ErrorCategory": 1}}


@pytest.mark.parametrize(
    ("word", "state", "raised", "told"),
    [
        ("count", REFUSED, Reject, "told: failed: COLUMN_NOT_FOUND"),
        ("lead_id", THEIR_OWN, Retry, "lead_rows: failed: INTERNAL_ERROR"),
        ("CREATE", REFUSED, Reject, "facts: failed"),
        ("count", "RUNNING", Retry, "told: no answer"),
        ("count", {"State": "CANCELLED"}, Reject, "told: cancelled"),
    ],
)
def test_trouble_is_told_with_the_query_and_the_table_is_dropped_all_the_same(
    tmp_path: Path, word: str, state: object, raised: type[PortError], told: str
) -> None:
    athena = Athena({word: [state]})
    with athena.answers(), pytest.raises(raised, match=told):
        warehouse(patience=0.2).answers("SELECT 1", QUERIES, tmp_path)
    assert athena.asked[-1].startswith("DROP TABLE IF EXISTS facts_")


def test_a_table_that_cannot_be_dropped_costs_no_answer(tmp_path: Path) -> None:
    with Athena({"DROP": [REFUSED]}).answers():
        assert set(warehouse().answers("SELECT 1", QUERIES, tmp_path)) == set(QUERIES)


def test_throttled_and_unknown_workgroups(tmp_path: Path, naps: list[float]) -> None:
    with failing("athena.StartQueryExecution", "TooManyRequestsException"), pytest.raises(Retry):
        warehouse(staged=False).answers("SELECT 1", QUERIES, tmp_path)
    with (
        failing("athena.StartQueryExecution", "AccessDeniedException"),
        pytest.raises(Misconfigured, match="workgroup"),
    ):
        warehouse(staged=False).answers("SELECT 1", QUERIES, tmp_path)


def test_objects_are_counted_from_their_day_on() -> None:
    for day in ("2026-10-31", "2026-11-01", "2026-11-02"):
        client("s3").put_object(Bucket=BUCKET, Key=f"parquet/dt={day}/a.parquet", Body=b"")
    client("s3").put_object(Bucket=BUCKET, Key="rows/about.json", Body=b"")
    counted = {day: warehouse().objects(date.fromisoformat(day)) for day in ("2020-01-01", "2026-11-01", "2026-11-03")}
    assert counted == {"2020-01-01": 3, "2026-11-01": 2, "2026-11-03": 0}
