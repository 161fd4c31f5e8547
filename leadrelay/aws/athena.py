"""SQL over the lake by Athena: all queries are started, then waited for; answers are files in the lake's bucket."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.aws.rows import download
from leadrelay.ports.errors import Reject, Retry

LAKE = "parquet/"
ANSWERS = "athena/"
_WAITING = frozenset({"QUEUED", "RUNNING"})
_THEIR_FAULT = 2
"""Athena's category of an error by which the query itself is at fault; 1 is its own, 3 somebody else's."""


class AthenaWarehouse:
    """Implements `ports.warehouse.Warehouse` on a database of the Glue catalogue, by this workgroup, whose answers are
    in the bucket. Waits for at most `patience` seconds in all, asking every `pause` seconds."""

    def __init__(self, bucket: str, database: str, workgroup: str, patience: float = 600, pause: float = 0.5) -> None:
        self._bucket = bucket
        self._database = database
        self._workgroup = workgroup
        self._patience = patience
        self._pause = pause

    def objects(self, since: date) -> int:
        """See the port: objects lie in one folder a day, so that the keys of earlier days come first."""
        with speaking_to(f"bucket {self._bucket}"):
            pages = client("s3").get_paginator("list_objects_v2")
            found = pages.paginate(Bucket=self._bucket, Prefix=LAKE, StartAfter=f"{LAKE}dt={since.isoformat()}")
            return sum(page["KeyCount"] for page in found)

    def answers(self, queries: Mapping[str, str], folder: Path) -> Mapping[str, Path]:
        """See the port."""
        started = {name: self._start(sql) for name, sql in queries.items()}
        give_up = time.monotonic() + self._patience
        return {name: self._answer(name, query, folder, give_up) for name, query in started.items()}

    def _start(self, sql: str) -> str:
        with speaking_to(f"workgroup {self._workgroup}"):
            started = client("athena").start_query_execution(
                QueryString=sql, WorkGroup=self._workgroup, QueryExecutionContext={"Database": self._database}
            )
        return started["QueryExecutionId"]

    def _answer(self, name: str, query: str, folder: Path, give_up: float) -> Path:
        place = self._wait(name, query, give_up)
        with speaking_to(f"bucket {self._bucket}"):
            found = client("s3").list_objects_v2(
                Bucket=self._bucket, Prefix=place.removeprefix(f"s3://{self._bucket}/")
            )
            [key] = [each["Key"] for each in found.get("Contents", []) if each["Key"].endswith(".csv")]
        download(self._bucket, key, folder / f"{name}.csv")
        return folder / f"{name}.csv"

    def _wait(self, name: str, query: str, give_up: float) -> str:
        """Where its answer is."""
        while True:
            with speaking_to(f"workgroup {self._workgroup}"):
                told = client("athena").get_query_execution(QueryExecutionId=query)["QueryExecution"]
            status = told["Status"]
            if status["State"] == "SUCCEEDED":
                return told["ResultConfiguration"]["OutputLocation"]
            if status["State"] not in _WAITING:
                why = f"{name}: {status['State'].lower()}: {status.get('StateChangeReason', 'no reason told')}"
                if status.get("AthenaError", {}).get("ErrorCategory", _THEIR_FAULT) == _THEIR_FAULT:
                    raise Reject("query_refused", why)
                raise Retry(60, why, "outage")
            if time.monotonic() > give_up:
                raise Retry(60, f"{name}: no answer within {self._patience:g} s", "outage")
            time.sleep(self._pause)
