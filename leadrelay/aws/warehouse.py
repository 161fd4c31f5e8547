"""The lake through Firehose: many rows in one record, so that they end up in few, large objects.

Firehose adds no separator between records everywhere, so each carries its own line ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Reject

RECORD_BYTES = 1_000_000
"""Firehose takes 1,000 KiB a record, before base64."""


class FirehoseLake:
    """Implements `ports.bus.Lake` on the delivery stream of this name."""

    def __init__(self, stream: str) -> None:
        self._stream = stream

    def append(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Store the rows as one record, as more when they outgrow one. Raises Retry, Misconfigured, Reject.

        After a Retry rows may be stored twice: reports count each fact id once.
        """
        for record in _records([_line(row) for row in rows]):
            with speaking_to(f"delivery stream {self._stream}"):
                client("firehose").put_record(DeliveryStreamName=self._stream, Record={"Data": record})


def _line(row: Mapping[str, object]) -> bytes:
    line = json.dumps(dict(row), separators=(",", ":"), allow_nan=False).encode() + b"\n"
    if len(line) > RECORD_BYTES:
        raise Reject("row_too_large", f"a lake row of {len(line)} bytes; Firehose takes {RECORD_BYTES}")
    return line


def _records(lines: Sequence[bytes]) -> Iterator[bytes]:
    record = bytearray()
    for line in lines:
        if len(record) + len(line) > RECORD_BYTES:
            yield bytes(record)
            record.clear()
        record += line
    if record:
        yield bytes(record)
