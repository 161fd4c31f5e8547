"""What is being done, and for how many seconds it was."""

from __future__ import annotations

import time

from rich.console import Console
from rich.status import Status


class Progress:
    """One line per step with its seconds; a spinner while it lasts, where there is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = ""
        self._since = 0.0
        self._status: Status | None = None

    def step(self, text: str) -> None:
        """The last step is done, this one begins."""
        self.end()
        self._step, self._since = text, time.monotonic()
        if self._console.is_terminal:
            self._status = self._console.status(text)
            self._status.start()

    def end(self) -> None:
        """The last step is done."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._step:
            seconds = time.monotonic() - self._since
            self._console.print(f"[green]✓[/] {seconds:6.1f} s  {self._step}", highlight=False)
            self._step = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
        if kind is not None and self._step:
            self._console.print(f"[red]✗[/] {self._step}", highlight=False)
