"""`python -m tests.simulation --seeds 2000 --from 0 --jobs 2`: violations, situations, planted bugs, speed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.simulation.report import Report, catches, keep_catchers, regressions, simulate
from tests.simulation.shrink import shrunk, told
from tests.simulation.situations import table, too_rare

CAUGHT_WITHIN = 1000
_SHOWN = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing was violated, every situation occurred and every planted bug was caught."""
    asked = _arguments(arguments)
    if asked.seed is not None:
        return _one(asked.seed)
    seeds = [*regressions(), *range(asked.first, asked.first + asked.seeds)]
    report = simulate(seeds, asked.jobs)
    print(f"{report.seeds} seeds ({asked.first} to {asked.first + asked.seeds - 1} and {len(regressions())} kept)")
    print(f"{report.seeds / report.seconds:.0f} seeds a second, {report.calls / report.seeds:.0f} port calls a seed")
    failed = _violations(report) + _situations(report)
    return 1 if failed + (0 if asked.no_bugs else _bugs(asked.jobs)) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--seed", type=int, help="tell one seed's history, shrunk if it fails")
    parser.add_argument("--no-bugs", action="store_true", help="leave the planted bugs out")
    return parser.parse_args(arguments)


def _one(seed: int) -> int:
    found = shrunk(seed)
    if found is None:
        print(told(seed))
        print(f"seed {seed} keeps every promise")
        return 0
    print(found.history)
    return 1


def _violations(report: Report) -> int:
    print(f"\nviolations: {len(report.broken)}")
    for seed, number, what in sorted(report.broken):
        print(f"  seed {seed}: promise {number}: {what}")
    for seed in sorted({seed for seed, _, _ in report.broken})[:_SHOWN]:
        found = shrunk(seed)
        print(f"\n{found.history if found else f'seed {seed} fails only when told again in another order'}")
    return len(report.broken)


def _situations(report: Report) -> int:
    print(f"\nsometimes (share of seeds):\n{table(report.seen, report.seeds)}")
    rare = too_rare(report.seen, report.seeds)
    for name in rare:
        print(f"  TOO RARE: {name}")
    return len(rare)


def _bugs(jobs: int) -> int:
    print(f"\nplanted bugs (caught by seed, within {CAUGHT_WITHIN}):")
    caught = catches(CAUGHT_WITHIN, jobs)
    keep_catchers(caught)
    for name, found in sorted(caught.items(), key=lambda each: (each[1] or (CAUGHT_WITHIN, 0, ""))[0]):
        print(f"  {name:44} " + (f"seed {found[0]:4}, promise {found[1]}" if found else "NOT CAUGHT"))
    return sum(found is None for found in caught.values())


if __name__ == "__main__":
    sys.exit(main())
