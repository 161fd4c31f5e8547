"""The reference source, where a case file is not enough: what varies with time, options and repetition."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit import signing
from connectors.webform import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECRET = "a-signing-secret-of-good-length"
HMAC = SourceSettings("website", "webform", {"mode": "hmac"})


def _delivery(body: bytes, **headers: str) -> Delivery:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery("POST", {"content-type": "application/json", **named}, (), body)


def _parse(said: dict[str, Any], now: datetime = NOW, settings: SourceSettings = HMAC) -> TouchDraft:
    (draft,) = source.parse(_delivery(json.dumps(said).encode()), settings, now)
    return draft


def _signed(stamp: str, body: bytes = b"{}") -> str:
    return f"t={stamp},v1={signing.sign(SECRET, stamp.encode() + b'.' + body).decode()}"


@pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
def test_a_signature_is_good_for_300_seconds_either_way(seconds: int) -> None:
    header = _signed(str(int(NOW.timestamp()) - seconds))
    delivery = _delivery(b"{}", x_leadrelay_signature=header)
    assert source.verify(delivery, HMAC, {"signing_secret": (SECRET,)}, NOW) == "verified"


@pytest.mark.parametrize("seconds", [-301, 301, 3 * 24 * 3600, -115 * 24 * 3600])
def test_and_not_for_longer(seconds: int) -> None:
    header = _signed(str(int(NOW.timestamp()) - seconds))
    with pytest.raises(Unauthentic, match="signature_time"):
        source.verify(_delivery(b"{}", x_leadrelay_signature=header), HMAC, {"signing_secret": (SECRET,)}, NOW)


ODD_TIMES = ["{}.9", " {}", "{} ", "+{}", "1_772_443_800", "nan", "-1772443800", "{}000", "١٧٧٢٤٤٣٨٠٠"]


@pytest.mark.parametrize("written", ODD_TIMES)
def test_a_time_is_ten_digits_and_nothing_else(written: str) -> None:
    stamp = written.format(int(NOW.timestamp()))
    with pytest.raises(Unauthentic, match="signature_form"):
        source.verify(_delivery(b"{}", x_leadrelay_signature=_signed(stamp)), HMAC, {"signing_secret": (SECRET,)}, NOW)


def test_two_times_in_one_header_are_refused() -> None:
    stamp = str(int(NOW.timestamp()))
    header = f"t={stamp},{_signed(stamp)}"
    with pytest.raises(Unauthentic, match="signature_form"):
        source.verify(_delivery(b"{}", x_leadrelay_signature=header), HMAC, {"signing_secret": (SECRET,)}, NOW)


def test_the_fifth_signature_counts_and_the_sixth_does_not() -> None:
    stamp = str(int(NOW.timestamp()))
    right = _signed(stamp).partition(",")[2]
    wrong = "v1=" + "0" * 64
    secrets = {"signing_secret": (SECRET,)}
    fifth = ",".join([f"t={stamp}", *[wrong] * 4, right])
    sixth = ",".join([f"t={stamp}", *[wrong] * 5, right])
    assert source.verify(_delivery(b"{}", x_leadrelay_signature=fifth), HMAC, secrets, NOW) == "verified"
    with pytest.raises(Unauthentic, match="signature_wrong"):
        source.verify(_delivery(b"{}", x_leadrelay_signature=sixth), HMAC, secrets, NOW)


def test_the_same_words_are_one_touch_a_day_however_they_are_spelled() -> None:
    first = _parse({"form": "contact", "email": "ada@example.com", "name": "Ada"})
    other_order = _parse({"fields": {"name": " Ada ", "email": "ada@example.com"}, "form": "contact"})
    as_form = source.parse(
        _delivery(b"name=Ada&email=ada%40example.com&form=contact", content_type="application/x-www-form-urlencoded"),
        HMAC,
        NOW,
    )
    assert first.key == other_order.key == as_form[0].key
    assert (
        _parse({"form": "contact", "email": "ada@example.com", "name": "Ada"}, NOW + timedelta(days=1)).key != first.key
    )
    assert _parse({"form": "contact", "email": "ada@example.com", "name": "Adam"}).key != first.key
    assert _parse({"form": "offer", "email": "ada@example.com", "name": "Ada"}).key != first.key


def test_a_submission_id_is_for_ever_and_its_own_in_each_form_and_event() -> None:
    said = {"form": "contact", "submission_id": "0123-abcd-4567", "email": "ada@example.com"}
    assert _parse(said).key == _parse({**said, "email": "typo@example.com"}, NOW + timedelta(days=400)).key
    assert _parse(said).key != _parse({**said, "form": "offer"}).key
    assert _parse(said).key != _parse({**said, "event": "form_started"}).key
    assert (
        _parse({**said, "submission_id": "7"}).key
        != _parse({**said, "submission_id": "7", "email": "b@example.com"}).key
    )


def test_a_robot_cannot_take_the_place_of_a_person() -> None:
    settings = SourceSettings("landing", "webform", {"mode": "browser", "origins": ["https://www.example.com"]})
    robot = _parse({"form": "f", "submission_id": "id-000001", "email": "ada@example.com"}, settings=settings)
    person = _parse(
        {"form": "f", "submission_id": "id-000001", "email": "ada@example.com", "company_fax": ""}, settings=settings
    )
    assert (robot.suspicion, person.suspicion) == ("honeypot_missing", None)
    assert robot.key != person.key


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_STAMPS = st.integers(0, 9_999_999_999).map(lambda seconds: f"t={seconds:010d},v1=00")


@given(token=_ANYTHING | _STAMPS | st.text(), form=_ANYTHING, trap=_ANYTHING, email=_ANYTHING)
def test_whatever_a_page_sends_is_suspected_malformed_or_read(
    token: object, form: object, trap: object, email: object
) -> None:
    asking = {"mode": "browser", "origins": ["https://www.example.com"], "min_fill_seconds": 5}
    settings = SourceSettings("landing", "webform", asking)
    said = {"form_token": token, "form": form, "company_fax": trap, "fields": {"email": email}}
    delivery = _delivery(json.dumps(said).encode(), origin="https://www.example.com")
    secrets = {"form_secret": (SECRET,)}
    try:
        assert source.verify(delivery, settings, secrets, NOW) == "unverified"
        against = source.suspicion(delivery, settings, secrets, NOW)
        [draft] = source.parse(delivery, settings, NOW)
    except Malformed:
        return
    assert against in {"form_token_missing", "form_token_old", "form_token_wrong"}  # nobody guesses a signature
    assert draft.words.value("form_token") is None


def test_a_time_of_the_future_is_not_believed() -> None:
    soon, late = NOW + timedelta(seconds=299), NOW + timedelta(seconds=301)
    assert _parse({"email": "a@example.com", "occurred_at": soon.isoformat()}).occurred_at == soon
    assert _parse({"email": "a@example.com", "occurred_at": late.isoformat()}).occurred_at is None


@pytest.mark.parametrize("written", ["2026-03-02T09:30:00", "yesterday", "9999-12-31T23:59:59-23:59", 5])
def test_a_time_without_zone_or_sense_is_malformed(written: object) -> None:
    with pytest.raises(Malformed, match="occurred_at"):
        _parse({"email": "a@example.com", "occurred_at": written})


def test_a_browser_body_above_64_kib_is_refused() -> None:
    settings = SourceSettings("landing", "webform", {"mode": "browser", "origins": ["https://www.example.com"]})
    at, above = b"a" * source.BROWSER_BYTES, b"a" * (source.BROWSER_BYTES + 1)
    assert source.verify(_delivery(at, origin="https://www.example.com"), settings, {}, NOW) == "unverified"
    with pytest.raises(Malformed, match="too_large"):
        source.verify(_delivery(above, origin="https://www.example.com"), settings, {}, NOW)


def test_without_origins_no_browser_is_let_in() -> None:
    settings = SourceSettings("landing", "webform", {"mode": "browser"})
    for origin in ("", "null", "https://www.example.com"):
        with pytest.raises(Unauthentic, match="origin"):
            source.verify(_delivery(b"{}", origin=origin), settings, {}, NOW)


@pytest.mark.parametrize("options", [{"mode": "open"}, {"modus": "key"}, {"min_fill_seconds": "soon"}])
def test_a_wrong_option_is_named(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=f"'website'.*{next(iter(options))}"):
        source.parse(_delivery(b"{}"), SourceSettings("website", "webform", options), NOW)


def test_more_fields_than_anybody_asks_are_refused() -> None:
    with pytest.raises(Malformed, match="too_many"):
        _parse({"fields": {f"f{number}": {"a": "x", "b": "y"} for number in range(101)}})
    with pytest.raises(Malformed, match="too_many"):
        _parse({f"f{number}": "x" for number in range(201)})


def test_long_words_are_cut_not_refused() -> None:
    draft = _parse({"email": "a@example.com", "message": "ü" * 100_000, "tags": ["t"] * 400})
    assert len((draft.words.value("message") or "").encode()) == 8192
    assert len(next(answer for answer in draft.words.answers if answer.key == "tags").values) == 50
