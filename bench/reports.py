"""How long reports take, by the number of facts: `python -m bench.reports --leads 50000 --copies 10`.

A year of so many leads is told, and told again under other names until there are enough facts: 500,000 leads are about
ten million. Then the base tables are made, and every report is asked for the whole year.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from subprocess import run
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs
from leadrelay.reports.engine import Engine
from leadrelay.reports.files import connect, quoted, read_lines
from leadrelay.reports.registry import names, report
from leadrelay.reports.run import answered
from tests.system import default_rules

_NAMES = ("log", "fact_id", "lead_id", "touch_id", "merged_into", "other")
_LISTS = ("absorbed", "remains", "moved")
_YEAR = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31), zone="Europe/Warsaw")
_AFTER = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """`seconds` by the clock, `worked` of processors, however many other programs wait for them; `peak` is the most
    memory of the process so far (GB)."""

    what: str
    seconds: float
    worked: float
    peak: float


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=5000)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--memory", help="the most that DuckDB takes, such as 4GB")
    parser.add_argument(
        "--keep", type=Path, help="a folder of facts: told there where it is empty, else read from there"
    )
    asked = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        if not any(folder.glob("*.parquet")):
            told(asked.leads, asked.copies, folder)
        _print(measured(folder, asked.memory), facts(folder))


def told(leads: int, copies: int, folder: Path) -> None:
    """Facts of a year of `leads`, `copies` times, as Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as lines:
        run([sys.executable, "-m", "tests.reports.year.generate", "--leads", str(leads), lines], check=True)  # noqa: S603
        connection = connect(None)
        connection.execute(f"CREATE TABLE lake AS {read_lines(sorted(Path(lines).glob('*.json')))}")
    for number in range(copies):
        into = quoted(folder / f"{number:03}.parquet")
        connection.execute(f"COPY (SELECT * REPLACE ({', '.join(_renamed(number))}) FROM lake) TO {into}")  # noqa: S608


def _renamed(number: int) -> Iterator[str]:
    yield from (f"{name} || '~{number}' AS {name}" for name in _NAMES)
    yield from (f"regexp_replace({name}, '([^,]+)', '\\1~{number}', 'g') AS {name}" for name in _LISTS)


def facts(folder: Path) -> int:
    """How many there are."""
    [(found,)] = connect(None).execute(f"SELECT count(*) FROM read_parquet('{folder}/*.parquet')").fetchall()  # noqa: S608
    return int(found)


def measured(folder: Path, memory: str | None) -> Iterator[Taken]:
    """The base tables, then each report."""
    made: list[Engine] = []
    yield _taken("base tables", lambda: made.append(Engine.over_facts(folder, memory)))
    rules = default_rules()
    for name in names():
        yield _taken(name, partial(answered, report(name), _YEAR, made[0], rules, _AFTER, Inputs()))


def _taken(what: str, work: Callable[[], object]) -> Taken:
    start, began = perf_counter(), process_time()
    work()
    return Taken(what, perf_counter() - start, process_time() - began, getrusage(RUSAGE_SELF).ru_maxrss / 1e6)


def _print(taken: Iterator[Taken], number: int) -> None:
    print(f"{number:,} facts: seconds, seconds of processors, most memory so far")
    for each in taken:
        print(f"{each.what:12} {each.seconds:7.1f} s {each.worked:7.1f} s {each.peak:5.1f} GB", flush=True)


if __name__ == "__main__":
    main()
