"""Signatures that others published or computed apart from this code, against each vendor's own `verify`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.kit import signing
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic
from tests.connectors.cases import source

SECRET = "test-secret"
NAMES = {
    "meta": "app_secret",
    "calendly": "signing_key",
    "wpforms": "webhook_secret",
    "linkedin": "client_secret",
    "tiktok": "app_secret",
}
"""The secret's name, where it is not `signing_secret`."""
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vendor_vectors.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _short_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret of the vectors is shorter than we would take."""
    monkeypatch.setattr(signing, "MIN_SECRET_BYTES", 1)


def _verify(vector: dict[str, Any], body: bytes, secret: str = SECRET, **headers: str) -> str:
    vendor = vector["vendor"]
    named = {name.lower(): value for name, value in {**vector["headers"], **headers}.items()}
    delivery = Delivery("POST", named, (), body)
    secrets = {NAMES.get(vendor, "signing_secret"): (secret,)}
    return source(vendor).verify(delivery, SourceSettings(vendor, vendor), secrets, _now(vector))


def _now(vector: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(vector.get("at", 0), UTC)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_the_vector_is_verified_and_nothing_like_it(vector: dict[str, Any]) -> None:
    body = vector["body"].encode()
    assert _verify(vector, body) == "verified"
    for wrong in (body + b" ", body[:-1], b""):
        with pytest.raises(Unauthentic):
            _verify(vector, wrong)
    with pytest.raises(Unauthentic):
        _verify(vector, body, "test-secre")
    for refused in vector.get("refused", ()):
        with pytest.raises(Unauthentic):
            _verify(vector, body, **refused)
