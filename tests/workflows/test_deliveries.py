"""A raw delivery is kept whole, however large it is and whatever bytes it has, and reads as it came."""

from __future__ import annotations

import base64
import gzip
import random

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from leadrelay.aws.table.items import item_of
from leadrelay.ports.errors import Reject
from leadrelay.ports.records.deliveries import PLAIN_BYTES, UNPACKED_BYTES, DeliveryRecord, packed, unpacked
from tests.system import MONDAY_NOON

NOISE = random.Random(7).randbytes(2_000_000)


def rows(body: bytes) -> tuple[DeliveryRecord, ...]:
    return packed("ab" * 32, "tiktok", body, MONDAY_NOON)


@examples(max_examples=80, deadline=None)
@given(
    body=st.binary(max_size=2000)
    | st.builds(lambda piece, times: piece * times, st.binary(min_size=1, max_size=40), st.integers(1, 20_000))
)
def test_every_body_comes_back_and_every_row_fits(body: bytes) -> None:
    kept = rows(body)
    assert unpacked(kept) == body
    assert unpacked(tuple(reversed(kept))) == body
    assert all(item_of(row) for row in kept)
    assert len({row.key().sk for row in kept}) == len(kept)
    assert [row.part for row in kept] == list(range(kept[0].parts))


@pytest.mark.parametrize("body", [b"\x01" * PLAIN_BYTES, b'"' * PLAIN_BYTES, b"\xff" * PLAIN_BYTES])
def test_the_largest_plain_body_fits_whatever_it_is_made_of(body: bytes) -> None:
    assert item_of(rows(body)[0])
    assert unpacked(rows(body)) == body


def test_a_usual_delivery_is_text_that_a_person_reads_under_the_key_it_always_had() -> None:
    [row] = rows(b'{"email": "ada@example.com"}')
    assert (row.body, row.base64, row.gzip) == ('{"email": "ada@example.com"}', False, False)
    assert (row.key().pk, row.key().sk) == (f"DELIVERY#{'ab' * 32}", "RAW")


def test_what_does_not_compress_lies_in_several_rows() -> None:
    kept = rows(NOISE)
    assert len(kept) > 5
    assert all(item_of(row) for row in kept)
    assert unpacked(kept) == NOISE
    assert kept[1].key().sk == "RAW#001"
    assert all(row.expires_at() == kept[0].expires_at() for row in kept)


def test_the_same_body_makes_the_same_rows() -> None:
    assert rows(NOISE) == rows(NOISE)


@pytest.mark.parametrize("missing", [0, 2, -1])
def test_a_missing_row_is_said(missing: int) -> None:
    kept = list(rows(NOISE))
    del kept[missing]
    with pytest.raises(Reject, match="delivery_incomplete"):
        unpacked(kept)
    with pytest.raises(Reject, match="delivery_incomplete"):
        unpacked([])


@pytest.mark.parametrize(
    "body",
    [
        "!",
        "abc",
        base64.b64encode(b"no gzip").decode(),
        base64.b64encode(gzip.compress(b"x" * 999, mtime=0)[:-9]).decode(),
    ],
)
def test_a_damaged_row_is_said(body: str) -> None:
    [row] = rows(b"x" * (PLAIN_BYTES + 1))
    with pytest.raises(Reject, match="delivery_damaged"):
        unpacked([row.with_(body=body)])


def test_a_bomb_is_not_unpacked() -> None:
    [row] = rows(b"x" * (PLAIN_BYTES + 1))
    bomb = gzip.compress(b"\0" * (UNPACKED_BYTES + 1))
    with pytest.raises(Reject, match="delivery_damaged"):
        unpacked([row.with_(body=base64.b64encode(bomb).decode())])


def test_a_row_of_the_former_release_reads_as_before() -> None:
    old = {"version": 1, "sha": "ab", "source": "meta", "received_at": "2031-05-06T12:00:00Z", "body": "{}"}
    assert unpacked([DeliveryRecord.model_validate(old)]) == b"{}"
    packed_bytes = {**old, "body": base64.b64encode(b"\xff").decode(), "base64": True}
    assert unpacked([DeliveryRecord.model_validate(packed_bytes)]) == b"\xff"
