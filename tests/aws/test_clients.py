from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import leadrelay.aws
from leadrelay.aws import clients
from leadrelay.aws.clients import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, client


def test_a_client_is_made_once_with_its_limits(account: None) -> None:
    config = client("dynamodb").meta.config
    assert client("dynamodb") is client("dynamodb")
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)
    assert config.retries["mode"] == "standard"
    assert config.retries["total_max_attempts"] == ATTEMPTS


def test_the_endpoint_comes_from_the_standard_variable(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    clients._made.cache_clear()
    assert client("sqs").meta.endpoint_url == "http://127.0.0.1:4566"
    clients._made.cache_clear()


def test_no_module_loads_boto3_before_the_first_client() -> None:
    names = [module.name for module in pkgutil.walk_packages(leadrelay.aws.__path__, "leadrelay.aws.")]
    assert "leadrelay.aws.table.store" in names
    program = "\n".join(
        [
            "import importlib, sys",
            *(f"importlib.import_module({name!r})" for name in names),
            "assert 'boto3' not in sys.modules, 'boto3 was loaded at import'",
            "from leadrelay.aws.clients import client",
            "client('sqs')",
            "assert 'boto3' in sys.modules",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
