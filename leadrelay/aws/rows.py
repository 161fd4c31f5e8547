"""Rows and what people bring in, in the lake's bucket.

`rows/<run>/<table>.parquet` are written first, then `rows/about.json` names the run: readers see all tables of a run,
or none. Who writes it says which text they mean to replace, so that a slower run never hides the rows of a later one.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from leadrelay.aws.answers import code_of, speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Conflict, Misconfigured, Reject
from leadrelay.ports.warehouse import About, InputName, Shown

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, ObjectIdentifierTypeDef

ROWS = "rows/"
ABOUT = f"{ROWS}about.json"
INPUTS = "inputs/"
_ABSENT = frozenset({"NoSuchKey", "404"})
_OTHERS = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_CALL_KEYS = 1000
"""DeleteObjects takes so many."""


class BucketRows:
    """Implements `ports.warehouse.Rows` on the bucket of this name."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def shown(self) -> Shown | None:
        """See the port."""
        found = _read(self._bucket, ABOUT)
        if found is None:
            return None
        try:
            return Shown(About.model_validate_json(found[0]), found[1])
        except ValidationError as wrong:
            problem = f"{ABOUT} in bucket {self._bucket} cannot be read; delete it, and the next refresh makes it anew"
            raise Misconfigured(problem) from wrong

    def put(self, run: str, table: str, parquet: Path) -> None:
        """See the port."""
        with speaking_to(f"bucket {self._bucket}"), parquet.open("rb") as body:
            client("s3").put_object(Bucket=self._bucket, Key=_key(run, table), Body=body)

    def show(self, about: About, over: str | None) -> None:
        """See the port."""
        from botocore.exceptions import ClientError

        body, kind = about.model_dump_json().encode(), "application/json"
        with speaking_to(f"bucket {self._bucket}"):
            s3 = client("s3")
            try:
                if over is None:
                    s3.put_object(Bucket=self._bucket, Key=ABOUT, Body=body, ContentType=kind, IfNoneMatch="*")
                else:
                    s3.put_object(Bucket=self._bucket, Key=ABOUT, Body=body, ContentType=kind, IfMatch=over)
            except ClientError as error:
                if code_of(error) not in _OTHERS:
                    raise
                raise Conflict(ABOUT) from error

    def fetch(self, run: str, table: str, into: Path) -> None:
        """See the port."""
        if not download(self._bucket, _key(run, table), into):
            raise Reject("rows_gone", f"the rows of run {run} were cleared away; read what is shown now")

    def clear(self, keep: Collection[str]) -> None:
        """See the port."""
        with speaking_to(f"bucket {self._bucket}"):
            pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=ROWS)
            keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
            old = [key for key in keys if key != ABOUT and key.split("/")[1] not in keep]
            for begin in range(0, len(old), _CALL_KEYS):
                chosen: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in old[begin : begin + _CALL_KEYS]]
                client("s3").delete_objects(Bucket=self._bucket, Delete={"Objects": chosen, "Quiet": True})


class BucketInputs:
    """Implements `ports.warehouse.BroughtIn` on the bucket of this name."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, name: InputName) -> str | None:
        """See the port."""
        found = _read(self._bucket, f"{INPUTS}{name}.csv")
        return None if found is None else found[0].decode()

    def write(self, name: InputName, text: str) -> None:
        """See the port."""
        with speaking_to(f"bucket {self._bucket}"):
            client("s3").put_object(
                Bucket=self._bucket, Key=f"{INPUTS}{name}.csv", Body=text.encode(), ContentType="text/csv"
            )


def _key(run: str, table: str) -> str:
    return f"{ROWS}{run}/{table}.parquet"


def download(bucket: str, key: str, into: Path) -> bool:
    """Write an object to a file, piece by piece; False when there is none. Raises Retry, Misconfigured."""
    with speaking_to(f"bucket {bucket}"):
        found = _get(bucket, key)
        if found is None:
            return False
        with into.open("wb") as file:
            shutil.copyfileobj(found["Body"], file)
    return True


def _read(bucket: str, key: str) -> tuple[bytes, str] | None:
    """An object and its entity tag; None when there is none."""
    with speaking_to(f"bucket {bucket}"):
        found = _get(bucket, key)
        return None if found is None else (found["Body"].read(), found["ETag"])


def _get(bucket: str, key: str) -> GetObjectOutputTypeDef | None:
    from botocore.exceptions import ClientError

    try:
        return client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise
        return None
