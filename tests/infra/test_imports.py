"""A cold start pays for every module that a handler imports: a list of what none of them may load at once.

Counted in modules and not in seconds, so that the answer is the same on every machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.infra.cloudformation import ROOT

HANDLERS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))

# Loaded where it is used, by the one function that uses it, when it uses it.
LAZY = {
    "apprise",
    "boto3",
    "botocore",
    "hubspot",
    "jinja2",
    "phonenumbers",
    "requests",
    "simple_salesforce",
    "tldextract",
    "urllib3",
    "yaml",
}
# What no package holds at all.
DESK_ONLY = {"duckdb", "holidays", "moto", "rich", "typer"}
OURS_AT_A_DESK = {"leadrelay.cli", "leadrelay.local", "leadrelay.memory", "leadrelay.rulebook"}
# The functions that decide need their libraries on every call, so they may load them at once.
AT_ONCE = {"score": {"phonenumbers", "tldextract"}, "fetch": {"phonenumbers", "tldextract", "urllib3"}}

PROBE = "import json, sys, importlib; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


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
    modules = loaded_by(function)
    packages = {name.partition(".")[0] for name in modules}
    assert not packages & ((LAZY - AT_ONCE.get(function, set())) | DESK_ONLY)
    assert not {name for name in modules if name.startswith(tuple(OURS_AT_A_DESK))}


@pytest.mark.parametrize("function", HANDLERS)
def test_a_handler_loads_no_other_handler_and_no_vendor(function: str) -> None:
    modules = loaded_by(function)
    others = {f"functions.{name}" for name in HANDLERS if name != function}
    assert not modules & others
    vendors = {path.parent.name for path in ROOT.glob("connectors/*/connector.toml")}
    assert not modules & {f"connectors.{vendor}" for vendor in vendors}
