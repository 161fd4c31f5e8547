"""A program that we start, watch and end.

Each child leads a process group of its own, so that ending it also ends what it started (the emulator's workers), and
nothing that somebody else started. What it prints goes to a file, so that an error can show its last lines.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from leadrelay.local.tools import LocalCloudError

TAIL_LINES = 25


class Child:
    """A running program. `log` is the file that holds everything it printed."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is also the id of its process group."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Its exit code. Raises LocalCloudError when it takes longer than so many seconds; the child is ended."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise LocalCloudError(f"{self.name} did not finish in {seconds:g} s{self.last_words()}") from None

    def stop(self, patience: float = 3.0) -> None:
        """End it and everything it started; after `patience` seconds without asking again."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        deadline = time.monotonic() + patience
        while self._group_lives() and time.monotonic() < deadline:
            self._signal(signal.SIGKILL)
            time.sleep(0.02)
        self._process.wait(patience)

    def last_words(self, lines: int = TAIL_LINES) -> str:
        """The end of its log, ready to be appended to an error message."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        tail = [line for line in text.splitlines() if line.strip()][-lines:]
        return "\n".join([f"; its last words ({self.log.name}):", *(f"    {line}" for line in tail)]) if tail else ""

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def run(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path, seconds: float) -> str:
    """Run a program to its end; everything it printed. Raises LocalCloudError with its last words when it fails."""
    child = Child(name, command, environment, log, cwd)
    try:
        code = child.wait(seconds)
    except BaseException:
        child.stop()
        raise
    if code:
        raise LocalCloudError(f"{name} failed with exit code {code}{child.last_words()}")
    return log.read_text("utf-8", "replace")
