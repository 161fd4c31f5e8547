"""Waiting for what must become true, without guessing for how long."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from leadrelay.local.cloud import Cloud
from leadrelay.local.reps import Reps
from leadrelay.local.story import last_errors
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture, look, sweep

PATIENCE = 90.0

Question = Callable[[Picture], list[str]]
"""What is still missing in a picture, in words; nothing when it has settled."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Looks, sweeping in between, until the question names no problem; meanwhile the sales team works in the CRM."""

    cloud: Cloud
    reps: Reps
    acts: Sequence[Act]

    def __call__(self, question: Question) -> Picture:
        """The picture in which nothing is missing; fails with what was missing last and the functions' errors."""
        give_up = time.monotonic() + PATIENCE
        while True:
            sweep(self.cloud)
            picture = look(self.cloud)
            self.reps.work(self.acts, picture)
            problems = question(picture)
            if not problems:
                return picture
            if time.monotonic() > give_up:
                pytest.fail("\n".join([*problems, "--- errors in the functions' logs:", *last_errors(self.cloud)]))
            time.sleep(0.5)
