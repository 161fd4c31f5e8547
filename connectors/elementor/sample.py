"""Elementor: somebody fills in a form widget with Advanced Data on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from connectors.kit import sample
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_TYPES = {"email": "email", "phone": "tel", "message": "textarea", "employees": "number"}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """Each field with its id, type, title and value; the secret is in the address."""
    said = {**sample.answers(visit), **sample.hidden(visit), "submission_id": visit.key}
    pairs = [("form[id]", visit.form), ("form[name]", "Talk to us")]
    pairs += [pair for name, value in said.items() for pair in _field(name, value)]
    pairs += [("meta[page_url][title]", "Page URL"), ("meta[page_url][value]", sample.page(visit))]
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return Sent(headers, urlencode(pairs).encode(), query=(("token", newest(secrets, "token")),))


def _field(name: str, value: str) -> Iterator[tuple[str, str]]:
    told = {
        "id": name,
        "type": _TYPES.get(name, "text"),
        "title": name.replace("_", " "),
        "value": value,
        "raw_value": value,
    }
    return ((f"fields[{name}][{part}]", text) for part, text in told.items())
