"""How long each step takes in one warm process over the ports in memory: deciding itself, without a network."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter

from bench.crowd import crowd
from tests.system import System, default_rules

STEPS = {
    "TouchReceived": "fetch",
    "TouchReady": "score",
    "OwnerNeeded": "route",
    "CardChanged": "deliver",
    "NoticeNeeded": "notify",
}
_WARM = 20


@dataclass(frozen=True, slots=True)
class Speed:
    """`milliseconds` of every call by step; `calls` of ports by name, over all leads."""

    leads: int
    milliseconds: dict[str, list[float]]
    calls: Counter[str]

    def percentile(self, step: str, percent: int) -> float:
        """In milliseconds; of one sample, itself."""
        samples = self.milliseconds[step]
        return quantiles(samples, n=100, method="inclusive")[percent - 1] if len(samples) > 1 else samples[0]


def measure(leads: int, seed: int) -> Speed:
    """Send the crowd through; the first few only warm the process."""
    _through(System(default_rules()), _WARM, seed + 1)
    system = System(default_rules())
    return Speed(leads, _through(system, leads, seed), Counter(system.faults.calls))


def _through(system: System, leads: int, seed: int) -> dict[str, list[float]]:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for body in crowd(leads, seed):
        start = perf_counter()
        status = system.post(body).status
        taken["ingest"].append((perf_counter() - start) * 1000)
        if status != 200:
            raise RuntimeError(f"ingest answered {status}")
        while system.queue:
            said = system.queue.popleft()
            start = perf_counter()
            answer = system.work(said)
            taken[STEPS[said.name]].append((perf_counter() - start) * 1000)
            if answer["batchItemFailures"]:
                raise RuntimeError(f"{said.name} failed")
    return taken
