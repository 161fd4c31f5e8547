"""Names lead to code only when a folder of that name exists."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from connectors import registry
from leadrelay.ports.errors import Misconfigured

HOSTILE = [
    "",
    "kit",
    "registry",
    "os",
    "..",
    "../kit",
    "webform/../meta",
    "webform.source",
    "Webform",
    "webform\n",
    "wébform",
]


@pytest.mark.parametrize("vendor", HOSTILE)
def test_no_text_names_a_module(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr(importlib, "import_module", imported.append)
    for attempt in (lambda: registry.load("source", vendor), lambda: registry.manifest(vendor)):
        with pytest.raises(Misconfigured, match=r"there are: .*webform"):
            attempt()
    assert imported == []


@pytest.mark.parametrize("role", ["", "graph_errors", "__init__", "crm", "source.py", "../kit/http", "Source"])
def test_no_text_names_a_role(role: str) -> None:
    with pytest.raises(Misconfigured, match="it has: source, fetch, sample, sandbox"):
        registry.load(role, "meta")


def test_what_exists_is_found() -> None:
    assert registry.load("source", "meta").__name__ == "connectors.meta.source"
    assert registry.roles("meta") == ("source", "fetch", "sample", "sandbox")
    assert registry.manifest("typeform").fields["type.email"] == "lead.email"


def test_receiving_loads_no_network_library() -> None:
    """Ingest answers inside a visitor's page load: a source is cheap to import."""
    script = (
        "import sys; from connectors import registry\n"
        "for vendor in registry.vendors():\n"
        "    if 'source' in registry.roles(vendor): registry.load('source', vendor)\n"
        "unwanted = {'boto3', 'urllib3', 'requests', 'http.server', 'python_multipart'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
