"""A cold start pays for every module that a handler imports: a list of what none of them may load at once.

Counted in modules and not in seconds, so that the answer is the same on every machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.infra.cloudformation import ROOT

HANDLERS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))

# Loaded where it is used, by the one function that uses it, when it uses it.
LAZY = (
    *("apprise", "hubspot", "jinja2", "nameparser", "phonenumbers", "requests", "simple_salesforce", "tldextract"),
    *("boto3", "botocore.client", "botocore.session", "disposable_email_domains", "email_validator", "urllib3", "yaml"),
)
# What no package holds at all.
AT_A_DESK = (
    *("duckdb", "holidays", "moto", "rich", "typer"),
    *("leadrelay.cli", "leadrelay.local", "leadrelay.memory", "leadrelay.rulebook"),
)

PROBE = "import json, sys, importlib; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


@cache
def loaded_by(function: str) -> set[str]:
    """Modules in memory once a handler is imported, as at the start of a cold Lambda."""
    settings = {"PATH": os.environ["PATH"], "POWERTOOLS_SERVICE_NAME": function}
    command = [sys.executable, "-c", PROBE, f"functions.{function}.handler"]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_there_is_something_to_measure() -> None:
    assert HANDLERS


@pytest.mark.parametrize("function", HANDLERS)
def test_a_cold_start_loads_only_what_every_call_needs(function: str) -> None:
    unwanted = [f"{name}." for name in (*LAZY, *AT_A_DESK)]
    assert not [name for name in loaded_by(function) if f"{name}.".startswith(tuple(unwanted))]


@pytest.mark.parametrize("function", HANDLERS)
def test_a_handler_loads_no_other_handler_and_no_vendor(function: str) -> None:
    modules = loaded_by(function)
    others = {f"functions.{name}" for name in HANDLERS if name != function}
    assert not modules & others
    vendors = {path.parent.name for path in ROOT.glob("connectors/*/connector.toml")}
    assert not modules & {f"connectors.{vendor}" for vendor in vendors}
