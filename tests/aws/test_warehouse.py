from __future__ import annotations

import json
from typing import Any

import pytest

from leadrelay.aws.warehouse import RECORD_BYTES, FirehoseLake
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.aws.cloud import answering, failing, silent_before


def stored(calls: list[dict[str, Any]]) -> list[bytes]:
    return [call["Record"]["Data"] for call in calls]


def accept(params: dict[str, Any]) -> dict[str, Any]:
    return {"RecordId": "1"}


def test_rows_are_one_record_of_lines(account: None) -> None:
    rows = [{"fact_id": "a:1.0", "score": 41, "owner": None}, {"fact_id": "a:2.0", "score": None, "owner": "ü"}]
    with answering("firehose.PutRecord", accept) as calls:
        FirehoseLake("lake").append(rows)
    (record,) = stored(calls)
    assert calls[0]["DeliveryStreamName"] == "lake"
    assert record.endswith(b"\n")
    assert [json.loads(line) for line in record.splitlines()] == rows


def test_no_rows_are_no_call(account: None) -> None:
    with answering("firehose.PutRecord", accept) as calls:
        FirehoseLake("lake").append([])
    assert calls == []


def test_what_outgrows_a_record_goes_into_several_at_line_ends(account: None) -> None:
    rows = [{"n": n, "text": "x" * 400_000} for n in range(5)]
    with answering("firehose.PutRecord", accept) as calls:
        FirehoseLake("lake").append(rows)
    records = stored(calls)
    assert [len(record.splitlines()) for record in records] == [2, 2, 1]
    assert all(len(record) <= RECORD_BYTES for record in records)
    assert [json.loads(line)["n"] for record in records for line in record.splitlines()] == [0, 1, 2, 3, 4]


def test_a_row_no_record_can_hold_is_refused_before_anything_is_sent(account: None) -> None:
    with answering("firehose.PutRecord", accept) as calls, pytest.raises(Reject, match="row_too_large"):
        FirehoseLake("lake").append([{"n": 1}, {"text": "x" * RECORD_BYTES}])
    assert calls == []


def test_numbers_that_are_none_are_a_defect(account: None) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        FirehoseLake("lake").append([{"score": float("nan")}])


def test_away_and_missing(account: None, naps: list[float]) -> None:
    with silent_before("firehose.PutRecord"), pytest.raises(Retry):
        FirehoseLake("lake").append([{"n": 1}])
    with failing("firehose.PutRecord", "ServiceUnavailableException", 503), pytest.raises(Retry):
        FirehoseLake("lake").append([{"n": 1}])
    with pytest.raises(Misconfigured, match="delivery stream lake"):
        FirehoseLake("lake").append([{"n": 1}])
