"""Many seeds on several cores, and what came of them."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.simulation.order import reordered
from tests.simulation.planted_bugs import PLANTED
from tests.simulation.world import World

REGRESSIONS = Path(__file__).with_name("regressions.txt")
CATCHERS = Path(__file__).with_name("catchers.txt")
CHUNK = 50

A = TypeVar("A")
B = TypeVar("B")


@dataclass
class Report:
    """What came of some seeds. `broken` is (seed, promise, what); `seconds` is wall time."""

    seeds: int = 0
    calls: int = 0
    seconds: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take another report in."""
        self.seeds += other.seeds
        self.calls += other.calls
        self.seen.update(other.seen)
        self.broken.extend(other.broken)


def regressions() -> list[int]:
    """Seeds that failed once."""
    lines = (line.partition("#")[0].strip() for line in REGRESSIONS.read_text().splitlines())
    return [int(line) for line in lines if line]


def simulate(seeds: Sequence[int], jobs: int) -> Report:
    """Run the seeds, spread over so many processes."""
    began, report = time.monotonic(), Report()
    for part in spread(_some, [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)], jobs):
        report.add(part)
    report.seconds = time.monotonic() - began
    return report


def catches(within: int, jobs: int) -> dict[str, tuple[int, int, str] | None]:
    """For each planted bug a seed below `within` that caught it, the promise it broke and how; None: none of them did.

    The seed that caught it last time is tried first, so that only what has changed since is looked for."""
    known = catchers()
    tasks = [(name, list(dict.fromkeys((known.get(name, 0), *range(within))))) for name in PLANTED]
    return dict(spread(_caught, tasks, jobs))


def catchers() -> dict[str, int]:
    """The seed that caught each planted bug when they were last written down."""
    lines = (line.partition(" ") for line in CATCHERS.read_text().splitlines())
    return {name: int(seed) for seed, _, name in lines}


def keep_catchers(caught: dict[str, tuple[int, int, str] | None]) -> None:
    """Write down which seed caught what."""
    CATCHERS.write_text("".join(f"{found[0]} {name}\n" for name, found in sorted(caught.items()) if found))


def one(seed: int) -> World:
    """One seed, with its touches told again in another order where the seed says so."""
    world = World(seed).run()
    if not world.broken:
        reordered(world)
    return world


def spread(work: Callable[[A], B], parts: Iterable[A], jobs: int) -> Iterator[B]:
    """The work on each part, by so many processes, in the order in which they end."""
    if jobs == 1:
        yield from map(work, parts)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(work, parts)


def _some(seeds: Sequence[int]) -> Report:
    report = Report(seeds=len(seeds))
    gc.disable()  # a world is garbage as a whole, not while it lives
    for seed in seeds:
        world = one(seed)
        report.calls += world.door.calls
        report.seen.update(world.seen)
        report.broken.extend((seed, number, what) for number, what in world.broken)
    gc.collect()
    return report


def _caught(task: tuple[str, Sequence[int]]) -> tuple[str, tuple[int, int, str] | None]:
    name, seeds = task
    with PLANTED[name]():
        for seed in seeds:
            world = one(seed)
            if world.broken:
                return name, (seed, *world.broken[0])
    return name, None
