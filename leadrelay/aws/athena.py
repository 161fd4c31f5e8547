"""SQL over the lake by Athena: all queries are started, then waited for; answers are files in the lake's bucket."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.aws.rows import download
from leadrelay.ports.errors import PortError, Reject, Retry

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionStatusTypeDef

LAKE = "parquet/"
ANSWERS = "athena/"
_AGAIN_SECONDS = 60
_WAITING = frozenset({"QUEUED", "RUNNING"})
_THEIR_FAULT = 2
"""Athena's category of an error by which the query itself is at fault; 1 is its own, 3 somebody else's."""


@dataclass(frozen=True, slots=True)
class AthenaWarehouse:
    """Implements `ports.warehouse.Warehouse` on a database of the Glue catalogue, by this workgroup, whose answers are
    in the bucket. With `staged` the table `facts` is made first and dropped at the end: Athena works a common table out
    anew wherever it is read. Waits `patience` seconds for each answer, asking every `pause` seconds."""

    bucket: str
    database: str
    workgroup: str
    staged: bool = True
    patience: float = field(default=300, kw_only=True)
    pause: float = field(default=0.5, kw_only=True)

    def objects(self, since: date) -> int:
        """See the port: objects lie in one folder a day, so that the keys of earlier days come first."""
        with speaking_to(f"bucket {self.bucket}"):
            pages = client("s3").get_paginator("list_objects_v2")
            found = pages.paginate(Bucket=self.bucket, Prefix=LAKE, StartAfter=f"{LAKE}dt={since.isoformat()}")
            return sum(page["KeyCount"] for page in found)

    def answers(self, facts: str, queries: Mapping[str, str], folder: Path) -> Mapping[str, Path]:
        """See the port."""
        with self._read_from(facts) as source:
            asked = {
                name: f"WITH facts AS (\n{source}\n)\nSELECT * FROM (\n{sql}\n) AS answer"
                for name, sql in queries.items()
            }
            started = {name: self._start(sql) for name, sql in asked.items()}
            return {name: self._answer(name, query, folder) for name, query in started.items()}

    @contextmanager
    def _read_from(self, facts: str) -> Iterator[str]:
        """The statement that queries read the facts by, inside."""
        if not self.staged:
            yield facts
            return
        table = f"facts_{uuid4().hex}"
        try:
            self._wait("facts", self._start(f"CREATE TABLE {table} WITH (format = 'PARQUET') AS\n{facts}"))
            yield f"SELECT * FROM {table}"  # noqa: S608 the name is ours
        finally:
            with suppress(PortError):  # what is left behind is a name: its objects are forgotten in a day
                self._wait("facts", self._start(f"DROP TABLE IF EXISTS {table}"))

    def _start(self, sql: str) -> str:
        with speaking_to(f"workgroup {self.workgroup}"):
            started = client("athena").start_query_execution(
                QueryString=sql, WorkGroup=self.workgroup, QueryExecutionContext={"Database": self.database}
            )
        return started["QueryExecutionId"]

    def _answer(self, name: str, query: str, folder: Path) -> Path:
        place = self._wait(name, query).removeprefix(f"s3://{self.bucket}/")
        with speaking_to(f"bucket {self.bucket}"):
            found = client("s3").list_objects_v2(Bucket=self.bucket, Prefix=place)
        [key] = [each["Key"] for each in found.get("Contents", []) if each["Key"].endswith(".csv")]
        download(self.bucket, key, folder / f"{name}.csv")
        return folder / f"{name}.csv"

    def _wait(self, name: str, query: str) -> str:
        """Where its answer is. Raises Retry, Reject, Misconfigured."""
        give_up = time.monotonic() + self.patience
        while time.monotonic() < give_up:
            with speaking_to(f"workgroup {self.workgroup}"):
                told = client("athena").get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if told["Status"]["State"] == "SUCCEEDED":
                return told["ResultConfiguration"]["OutputLocation"]
            if told["Status"]["State"] not in _WAITING:
                raise _trouble(name, told["Status"])
            time.sleep(self.pause)
        raise Retry(_AGAIN_SECONDS, f"{name}: no answer within {self.patience:g} s", "outage")


def _trouble(name: str, status: QueryExecutionStatusTypeDef) -> PortError:
    why = f"{name}: {status['State'].lower()}: {status.get('StateChangeReason', 'no reason told')}"
    if status.get("AthenaError", {}).get("ErrorCategory", _THEIR_FAULT) == _THEIR_FAULT:
        return Reject("query_refused", why)
    return Retry(_AGAIN_SECONDS, why, "outage")
