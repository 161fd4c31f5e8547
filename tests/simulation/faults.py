"""What goes wrong, and how often: every seed draws its own mix, because one fixed rate never reaches recovery."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

_SKEWS = (-60.0, -5.0, 5.0, 120.0, 600.0)
"""Seconds by which a machine's clock is wrong."""


class Crash(BaseException):
    """The process died here. No `except Exception` survives it, so none of our code can outlive its own death."""


@dataclass(frozen=True, slots=True)
class Window:
    """Something that lasts: seconds since the beginning of the world."""

    start: float
    end: float

    def covers(self, at: float) -> bool:
        """Whether it lasts at this moment."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Mix:
    """One seed's weather. Rates are chances per event, from 0 to 1; `trouble` is how many seconds it lasts.

    `door` is the chance that a call of a port is broken and `weights` how (before, after, throttle, unknown, slow);
    `crm` that the CRM answers one operation in a mood. `lost`, `doubled`, `late` and `garbage` are about messages,
    `repeats` about senders, `sweeps` about late, doubled and skipped sweeps. `interleave` is the chance that somebody
    else runs first at a call. `skews` are by how many seconds machines' clocks may be wrong, `jumps` the chance that
    one is set right, or wrong, when it is looked at. Nobody sweeps while it is `unswept`.
    """

    trouble: float
    door: float
    weights: tuple[float, ...]
    crm: float
    lost: float
    doubled: float
    late: float
    repeats: float
    sweeps: float
    interleave: float
    outage: Window | None
    skew: Window | None
    skews: tuple[float, ...]
    jumps: float
    broken_rules: Window | None
    refusing: Window | None
    flips: tuple[tuple[float, int], ...]
    upgrades: tuple[float, ...]
    redrives: tuple[float, ...]
    garbage: float
    unswept: Window | None = None

    @property
    def ahead(self) -> float:
        """By how many seconds a clock may be ahead."""
        return max((0.0, *self.skews))

    @property
    def apart(self) -> float:
        """By how many seconds two clocks may disagree."""
        return max((0.0, *self.skews)) - min((0.0, *self.skews))


CALM = Mix(
    trouble=0, door=0, weights=(1, 1, 1, 1, 1), crm=0, lost=0, doubled=0, late=0, repeats=0, sweeps=0, interleave=0,
    outage=None, skew=None, skews=(), jumps=0, broken_rules=None, refusing=None, flips=(), upgrades=(), redrives=(),
    garbage=0,
)  # fmt: skip
"""Nothing goes wrong."""


def drawn(rng: random.Random) -> Mix:
    """One seed's weather."""
    trouble = rng.choice((6 * MINUTE, 6 * MINUTE, 6 * MINUTE, 10 * MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR))
    long = rng.random() < 0.04
    if long:
        trouble = 26 * HOUR
    skewed = rng.random() < 0.15
    mix = Mix(
        trouble=trouble,
        door=rng.choice((0, 0, 0.01, 0.03, 0.06, 0.12, 0.25)),
        weights=tuple(rng.choice((0.2, 1, 3)) for _ in range(5)),
        crm=rng.choice((0, 0.05, 0.15, 0.4)),
        lost=rng.choice((0, 0, 0.05, 0.2, 0.5)),
        doubled=rng.choice((0, 0.05, 0.3)),
        late=rng.choice((0, 0.1, 0.4)),
        repeats=rng.choice((0, 0.2, 0.5)),
        sweeps=rng.choice((0, 0.1, 0.4)),
        interleave=rng.choice((0, 0.2, 0.5, 0.9)),
        outage=_window(rng, trouble, (MINUTE, 5 * MINUTE, HOUR, DAY)) if long or rng.random() < 0.3 else None,
        skew=_window(rng, trouble, (MINUTE, 10 * MINUTE, HOUR)) if skewed else None,
        skews=(rng.choice(_SKEWS),) if skewed else (),
        jumps=0,
        broken_rules=_window(rng, trouble, (MINUTE, 10 * MINUTE)) if rng.random() < 0.1 else None,
        refusing=_window(rng, trouble, (MINUTE, 10 * MINUTE)) if rng.random() < 0.2 else None,
        flips=_flips(rng, trouble) if rng.random() < 0.3 else (),
        upgrades=(rng.uniform(0, min(trouble, 10 * MINUTE)),) if rng.random() < 0.15 else (),
        redrives=(rng.uniform(0, trouble),) if rng.random() < 0.2 else (),
        garbage=rng.choice((0, 0, 0, 0.1)),
    )
    if rng.random() < 0.08:
        mix = replace(mix, unswept=_window(rng, trouble, (10 * MINUTE, HOUR)))
    return _apart(mix, rng) if skewed else mix


def _apart(mix: Mix, rng: random.Random) -> Mix:
    """Often two machines are wrong each in its own way, and sometimes a clock jumps while somebody works by it."""
    other = (rng.choice(_SKEWS),) if rng.random() < 0.5 else ()
    return replace(mix, skews=(*mix.skews, *other), jumps=rng.choice((0, 0, 0.05, 0.3)))


def _window(rng: random.Random, trouble: float, lengths: tuple[float, ...]) -> Window:
    start = rng.uniform(0, min(trouble, 10 * MINUTE))
    return Window(start, start + rng.choice(lengths) * rng.uniform(0.5, 1))


def _flips(rng: random.Random, trouble: float) -> tuple[tuple[float, int], ...]:
    """New rules, and often back to the old ones."""
    at = rng.uniform(0, min(trouble, 6 * MINUTE))
    flips = [(at, rng.randrange(1, 4))]
    if rng.random() < 0.6:
        flips.append((at + rng.uniform(5, 300), 0))
    return tuple(flips)


@dataclass
class Dice:
    """Draws faults in order and numbers the draws, so that a history can be told again with some of them left out.

    `keep` are the numbers that may strike; None lets all. `struck` says which did, `told` what they were.
    """

    rng: random.Random
    keep: frozenset[int] | None = None
    calm: bool = False
    draws: int = 0
    struck: list[int] = field(default_factory=list)

    def strikes(self, rate: float) -> bool:
        """Whether this fault happens."""
        if self.calm or not rate:
            return False
        self.draws += 1
        if self.rng.random() >= rate:
            return False
        return self._allowed()

    def strike(self) -> bool:
        """A fault that the mix has decided on already: only shrinking can leave it out."""
        self.draws += 1
        return self._allowed()

    def one_of(self, rate: float, kinds: tuple[str, ...], weights: tuple[float, ...] | None = None) -> str | None:
        """Which of these faults happens, or None."""
        if not self.strikes(rate):
            return None
        return self.rng.choices(kinds, weights)[0] if weights else self.rng.choice(kinds)

    def _allowed(self) -> bool:
        if self.keep is not None and self.draws not in self.keep:
            return False
        self.struck.append(self.draws)
        return True
