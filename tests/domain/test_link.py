"""The signed link: it says what was signed, in one spelling, and nothing else is believed."""

from __future__ import annotations

import base64
import string
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.link import Action, Link, signed, verified

NEW, OLD, OTHER = "the new key of this deployment", "the key before it", "another deployment's key"
ALPHABET = string.ascii_letters + string.digits + "-_"

LINKS = st.builds(
    Link,
    lead_id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    hop=st.integers(0, 65_535),
    rep=st.text("abcdefghijklmnopqrstuvwxyz_łž-0123456789", min_size=1, max_size=40),
    action=st.sampled_from(get_args(Action)),
    expires_at=st.integers(0, 2**32 - 1).map(
        lambda second: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    ),
)
LINK = Link(
    lead_id="0123456789abcdef" * 2,
    hop=3,
    rep="anna",
    action="reject",
    expires_at=datetime(2026, 11, 30, 11, 0, tzinfo=UTC),
)


@given(LINKS)
def test_what_was_signed_is_read_back_by_any_key_of_a_rotation(link: Link) -> None:
    assert verified(signed(link, NEW), (NEW,)) == link
    assert verified(signed(link, OLD), (NEW, OLD)) == link
    assert verified(signed(link, OTHER), (NEW, OLD)) is None


@given(LINKS)
def test_a_token_needs_no_escaping_and_names_nobody(link: Link) -> None:
    token = signed(link, NEW)
    assert set(token) <= set(ALPHABET)
    assert len(token) < 200
    assert link.lead_id not in token


def test_no_other_spelling_of_any_character_is_believed() -> None:
    token = signed(LINK, NEW)
    for place in range(len(token)):
        others = (token[:place] + other + token[place + 1 :] for other in ALPHABET if other != token[place])
        assert not [each for each in others if verified(each, (NEW,)) is not None], place


@given(st.data())
def test_no_changed_byte_is_believed(data: st.DataObject) -> None:
    raw = bytearray(base64.urlsafe_b64decode(signed(LINK, NEW) + "=="))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    assert verified(base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode(), (NEW,)) is None


@given(st.one_of(st.text(max_size=300), st.text(ALPHABET, max_size=300), st.binary(max_size=200).map(bytes.hex)))
def test_whatever_else_comes_is_no_link(token: str) -> None:
    assert verified(token, (NEW, OLD)) is None


@pytest.mark.parametrize("beside", ["=", "==", "\n", " ", "A", "/", "%3D"])
def test_nothing_may_stand_beside_a_token(beside: str) -> None:
    token = signed(LINK, NEW)
    assert verified(token + beside, (NEW,)) is None
    assert verified(beside + token, (NEW,)) is None
    assert verified(token[:-1], (NEW,)) is None


def test_every_field_is_part_of_what_is_signed() -> None:
    changes: list[dict[str, object]] = [
        {"lead_id": "f" * 32}, {"hop": 4}, {"rep": "marek"}, {"action": "accept"},
        {"expires_at": LINK.expires_at + timedelta(seconds=1)},
    ]  # fmt: skip
    assert len({signed(LINK.with_(**change), NEW) for change in [{}, *changes]}) == len(changes) + 1


def test_one_answer_has_one_name_however_long_the_link_lasts() -> None:
    assert LINK.cause == LINK.with_(expires_at=LINK.expires_at + timedelta(days=9)).cause
    assert LINK.cause != LINK.with_(rep="marek").cause
    assert len({LINK.with_(action=action).cause for action in get_args(Action)}) == len(get_args(Action))
