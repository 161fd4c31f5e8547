"""Webflow's clock: milliseconds, in a header of their own, five minutes either way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.kit import signing
from connectors.webflow import source
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("webflow", "webflow")
SECRET = "a-signing-secret-of-good-length"


def _verify(stamp: str) -> str:
    signature = signing.sign(SECRET, stamp.encode("utf-8", "surrogatepass") + b":{}").decode()
    headers = {"x-webflow-timestamp": stamp, "x-webflow-signature": signature}
    return source.verify(Delivery("POST", headers, (), b"{}"), SETTINGS, {"signing_secret": (SECRET,)}, NOW)


@pytest.mark.parametrize("off", [-300_000, -1, 0, 299_999, 300_000])
def test_a_signature_is_good_for_five_minutes_either_way(off: int) -> None:
    assert _verify(str(int(NOW.timestamp() * 1000) + off)) == "verified"


@pytest.mark.parametrize("off", [-300_001, 300_001, -86_400_000, 86_400_000])
def test_and_not_for_longer(off: int) -> None:
    with pytest.raises(Unauthentic, match="signature_time"):
        _verify(str(int(NOW.timestamp() * 1000) + off))


ODD = ["", "1772443800", "{}.0", " {}", "{} ", "+{}", "1_772_443_800_000", "٣" * 13, "9" * 400, "nan", "\udcff" * 13]


@pytest.mark.parametrize("written", ODD)
def test_a_time_is_thirteen_digits_and_nothing_else(written: str) -> None:
    with pytest.raises(Unauthentic, match="signature_form"):
        _verify(written.format(int(NOW.timestamp() * 1000)))


def test_a_time_that_was_not_signed_is_refused() -> None:
    stamp = int(NOW.timestamp() * 1000)
    signature = signing.sign(SECRET, f"{stamp}:{{}}".encode()).decode()
    headers = {"x-webflow-timestamp": str(stamp + 1), "x-webflow-signature": signature}
    with pytest.raises(Unauthentic, match="signature_wrong"):
        source.verify(Delivery("POST", headers, (), b"{}"), SETTINGS, {"signing_secret": (SECRET,)}, NOW)
