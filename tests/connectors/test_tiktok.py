"""TikTok: two spellings of what is signed, many leads in one delivery."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.kit import signing
from connectors.tiktok import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("tiktok", "tiktok")
SECRET = "an-app-secret-of-good-length"


def _verify(body: bytes, signed: bytes) -> str:
    headers = {"x-open-signature": signing.sign(SECRET, signed).decode()}
    return source.verify(Delivery("POST", headers, (), body), SETTINGS, {"app_secret": (SECRET,)}, NOW)


@examples(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), st.text(st.characters(codec="utf-8"))))
def test_either_spelling_may_be_sent_and_signed(said: dict[str, str]) -> None:
    plain = json.dumps(said, ensure_ascii=False).encode()
    escaped = json.dumps(said).replace("\\u007f", "\x7f").encode()
    assert _verify(plain, plain) == _verify(plain, escaped) == _verify(escaped, escaped) == "verified"


def test_only_the_spelling_may_differ() -> None:
    plain, other = '{"name":"Zoë"}'.encode(), b'{"name":"Zo\\u00ea"}'
    with pytest.raises(Unauthentic):
        _verify(plain, other)
    with pytest.raises(Unauthentic):
        _verify(b'{"name":"\xff"}', plain)


def _parse(*entries: Any, **more: Any) -> list[TouchDraft]:
    body = json.dumps({"object": 1, "entry": entries, **more}).encode()
    return list(source.parse(Delivery("POST", {}, (), body), SETTINGS, NOW))


def _entry(item: int | str | None) -> dict[str, Any]:
    return {"changes": [{"field": "email", "value": "ada@example.com"}], **({} if item is None else {"id": item})}


@examples(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.one_of(st.integers(10**18, 10**18 + 9), st.none(), st.just("../x"), st.just("12")), max_size=12))
def test_no_lead_of_a_batch_is_lost(items: list[int | str | None]) -> None:
    drafts = _parse(*map(_entry, items))
    good = [draft.key for draft in drafts if not draft.problem]
    assert sorted(good) == sorted({str(item) for item in items if isinstance(item, int) or item == "12"})
    assert [draft.problem for draft in drafts].count("unreadable_lead") == items.count(None) + items.count("../x")


def test_nineteen_digits_stay_exact_as_number_and_as_text() -> None:
    (number,), (text,) = _parse(_entry(7126711421177430275)), _parse(_entry("7126711421177430275"))
    assert number == text
    assert number.key == "7126711421177430275"


def test_a_lead_of_overlapping_subscriptions_is_one() -> None:
    assert len(_parse(_entry(5), _entry("5"))) == 1


@pytest.mark.parametrize("other", [0, 2, "2", 11])
def test_other_products_are_left_alone(other: object) -> None:
    assert _parse(_entry(5), object=other) == []


def test_more_than_a_thousand_are_kept_whole_with_a_reason() -> None:
    (draft,) = _parse(*map(_entry, range(1, 1002)))
    assert draft.problem == "unreadable:body.entry:too_many"
    assert len(_parse(*map(_entry, range(1, 1001)))) == 1000


@pytest.mark.parametrize("made", [-1, "soon", 1.5, 10**12])
def test_a_lead_with_a_senseless_time_is_a_lead_all_the_same(made: object) -> None:
    [draft] = _parse({**_entry(5), "create_time": made})
    assert (draft.problem, draft.occurred_at) == (None, None)


def test_a_time_of_the_future_is_not_believed() -> None:
    late = int(NOW.timestamp()) + 301
    assert _parse({**_entry(5), "create_time": late})[0].occurred_at is None
    assert _parse({**_entry(5), "create_time": late - 1})[0].occurred_at is not None
