"""Case files: one request as a sender makes it, and what it must become.

    {"about": one sentence, "request": {"method", "headers", "query"?, "json" | "text" | "base64", "door"?},
     "settings": {"name", "options"}, "secrets": {name: [values]}, "now": UTC time,
     "proof": {"header", "covers_body"} | {"body_key"} | {"query"} | null,
     "expect": {"trust", "drafts"} | {"error"} | {"challenge"}}

`json` is sent in its compact spelling. `proof` says where the sender proves itself, so that the attacks know what to
attack. Expected drafts leave out what is at its default.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest

from connectors import registry
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SecretValues, Source, SourceSettings

Case = dict[str, Any]
_HOME = Path(registry.__file__).parent


def source_vendors() -> list[str]:
    """Vendors that send: found by their folders."""
    return [vendor for vendor in registry.vendors() if "source" in registry.roles(vendor)]


def source(vendor: str) -> Source:
    return cast(Source, registry.load("source", vendor))


def all_cases() -> Iterator[tuple[str, Path, Case]]:
    """From `cases/`, or from `cases_source/` where other roles of the vendor have cases too."""
    for vendor in source_vendors():
        own = _HOME / vendor / "cases_source"
        for path in sorted((own if own.is_dir() else _HOME / vendor / "cases").glob("*.json")):
            yield vendor, path, json.loads(path.read_text("utf-8"))


def params(found: Sequence[tuple[str, str, Case]]) -> list[Any]:
    """(vendor, name, case) as parameters `vendor` and `case` of a test, named for both."""
    return [pytest.param(vendor, case, id=f"{vendor}-{name}") for vendor, name, case in found]


def body(case: Case) -> bytes:
    request = case["request"]
    if "json" in request:
        return json.dumps(request["json"], separators=(",", ":")).encode()
    if "base64" in request:
        return base64.b64decode(request["base64"])
    return cast(str, request.get("text", "")).encode()


def delivery(
    case: Case, content: bytes | None = None, headers: Mapping[str, str | None] = MappingProxyType({})
) -> Delivery:
    """The case's request; `content` replaces its body, `headers` (lower case) add to its own or (None) remove them."""
    request = case["request"]
    named = {name.lower(): value for name, value in request["headers"].items()}
    kept = {name: value for name, value in {**named, **headers}.items() if value is not None}
    query = tuple((name, value) for name, value in request.get("query", []))
    sent = body(case) if content is None else content
    return Delivery(request["method"], kept, query, sent, door=request.get("door", "http"))


def settings(case: Case) -> SourceSettings:
    return SourceSettings(case["settings"]["name"], "vendor", case["settings"]["options"])


def secrets(case: Case) -> SecretValues:
    return {name: tuple(values) for name, values in case["secrets"].items()}


def now(case: Case) -> datetime:
    return datetime.fromisoformat(case["now"]).astimezone(UTC)


def dump(draft: TouchDraft) -> dict[str, Any]:
    return draft.model_dump(mode="json", exclude_defaults=True)


def another_secret(vendor: str) -> str:
    """A secret of the right form that proves nothing. SendGrid's is a public key: that of nobody, here."""
    start, rest = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", "83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GR"
    key = f"{start}{rest}qe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
    return {"sendgrid": key}.get(vendor, "another-active-secret-of-good-length")
