"""The programs of the local cloud: the emulator and the SAM CLI.

They live in a virtual environment of their own, because the emulator pins an exact botocore: installed beside a newer
boto3, pip would quietly fall back to old versions of both.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV_SETTING = "LEADRELAY_LOCAL_VENV"
LOOPBACK = "127.0.0.1"


class LocalCloudError(Exception):
    """The local cloud cannot do what was asked; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are. `libraries` is the site-packages folder of their virtual environment."""

    python: Path
    ministack: Path
    sam: Path
    libraries: Path

    @property
    def programs(self) -> Path:
        """The folder of executables."""
        return self.python.parent


def find_tools(environ: Mapping[str, str] = os.environ) -> Tools:
    """The local tools: in `$LEADRELAY_LOCAL_VENV`, else in `.venv-local` beside the project.

    Raises LocalCloudError naming the program that is missing and the command that installs it.
    """
    venv = Path(environ.get(VENV_SETTING) or PROJECT / ".venv-local").resolve()
    programs = {name: venv / "bin" / name for name in ("python", "ministack", "sam")}
    for name, path in programs.items():
        if not path.exists():
            raise LocalCloudError(f"{name} is not in {venv}; run `make .venv-local`, or set {VENV_SETTING}")
    libraries = next(iter(sorted(venv.glob("lib/python3*/site-packages"))), None)
    if libraries is None:
        raise LocalCloudError(f"{venv} is not a complete virtual environment; remove it and run `make .venv-local`")
    return Tools(libraries=libraries, **programs)


def free_port() -> int:
    """A loopback port that nothing listens on now. Another program may still take it before it is used."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def in_use(port: int) -> bool:
    """Whether something already listens on this loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
