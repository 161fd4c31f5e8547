"""The sweep's minute: every ten seconds, never past the function's end, and never stopped by a table that was away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from functions import wiring
from functions.sla_check import handler as sla_check
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Misconfigured, Retry


@dataclass
class Minute:
    """An invocation of sixty seconds whose time is ours. `swept` are the seconds at which a sweep began, `lasting` is
    how long each takes at most, `raises` what the n-th raises."""

    now: float = 100.0
    swept: list[float] = field(default_factory=list)
    lasting: float = 0.5
    raises: dict[int, Exception] = field(default_factory=dict)
    telemetry: MemoryTelemetry = field(default_factory=MemoryTelemetry)

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (160.0 - self.now))

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds

    def sweep(self, lasts: Callable[[], bool]) -> int:
        self.swept.append(self.now - 100.0)
        if len(self.swept) in self.raises:
            raise self.raises[len(self.swept)]
        until = self.now + self.lasting
        while self.now < until and lasts():
            self.now += 0.25
        return 1


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> Minute:
    """The handler in a minute of ours, with the settings of a deployment."""
    minute = Minute()
    monkeypatch.setattr(sla_check, "time", minute)
    monkeypatch.setattr(wiring, "sla_check", lambda: minute.sweep)
    monkeypatch.setattr(wiring, "telemetry", lambda: minute.telemetry)
    monkeypatch.setenv("LEADRELAY_SWEEP_SECONDS", "50")
    monkeypatch.setenv("LEADRELAY_SWEEP_EVERY_SECONDS", "10")
    return minute


def test_every_ten_seconds_of_its_minute(minute: Minute) -> None:
    assert sla_check.handler({}, minute) == {"acted": 6}
    assert minute.swept == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize(("every", "lasting"), [("0", "50"), ("10", "0"), ("0", "0")])
def test_once_where_it_is_told_so(minute: Minute, monkeypatch: pytest.MonkeyPatch, every: str, lasting: str) -> None:
    monkeypatch.setenv("LEADRELAY_SWEEP_EVERY_SECONDS", every)
    monkeypatch.setenv("LEADRELAY_SWEEP_SECONDS", lasting)
    assert sla_check.handler({}, minute) == {"acted": 1}


def test_a_sweep_that_took_long_is_followed_at_once_and_the_minute_keeps_its_beat(minute: Minute) -> None:
    minute.lasting = 12
    sla_check.handler({}, minute)
    assert minute.swept == [0, 12, 24, 36, 48]


@pytest.mark.parametrize("lasting", [13, 54, 55, 200])
def test_it_ends_a_margin_before_the_function_does(minute: Minute, lasting: float) -> None:
    minute.lasting = lasting
    sla_check.handler({}, minute)
    assert minute.now <= 155.25
    assert max(minute.swept) < 55


def test_a_table_that_is_away_for_a_moment_costs_one_sweep(minute: Minute) -> None:
    minute.raises = {1: Retry(1, "throttled"), 3: Retry(5, "no answer")}
    assert sla_check.handler({}, minute) == {"acted": 4}
    assert minute.telemetry.total("SweepTroubled") == 2


def test_what_a_person_must_mend_is_an_error_of_the_function(minute: Minute) -> None:
    minute.raises = {1: Misconfigured("no such table")}
    with pytest.raises(Misconfigured):
        sla_check.handler({}, minute)
