from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from leadrelay.aws import clients
from leadrelay.cli import main, rep
from tests.system import System, default_rules


@dataclass(frozen=True)
class Ran:
    """A command that ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Standard error on one line: terminals wrap and frame it."""
        return " ".join(word for word in self.err.split() if not set(word) <= set("│╭╮╰╯─"))


Run = Callable[..., Ran]


@dataclass(frozen=True)
class Stage:
    """A stage whose ports are in memory."""

    system: System

    def store(self) -> Any:
        return self.system.store

    def rules(self) -> Any:
        return self.system.rules

    def secrets(self) -> Any:
        return self.system.secrets


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """What `leadrelay rep` speaks to, in memory."""
    system = System(default_rules())
    monkeypatch.setattr(rep, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(rep, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "200")
    return system


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process."""

    def run(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(int(left.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, object], Path]:
    """Writes a file: text and bytes as they are, everything else as JSON."""

    def write(name: str, content: object) -> Path:
        path = tmp_path / name
        raw = content if isinstance(content, bytes | str) else json.dumps(content)
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        return path

    return write


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account in memory."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    clients._made.cache_clear()
    with mock_aws():
        yield
    clients._made.cache_clear()
