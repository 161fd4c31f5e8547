"""The seed that caught a planted bug last is tried first, and is no more than that: where it catches nothing any more,
every seed is tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.simulation import report
from tests.simulation.planted_bugs import PLANTED
from tests.simulation.run import CAUGHT_WITHIN

WITHIN = 20
BUG = "a bug"
FOUND = (1, "it was seen")


class Histories:
    """Histories that break a promise for some seeds while the bug is there; `tried` are the seeds, in order."""

    def __init__(self, *catching: int) -> None:
        self.catching = catching
        self.tried: list[int] = []
        self.planted = False

    @contextmanager
    def bug(self) -> Iterator[None]:
        self.planted = True
        yield
        self.planted = False

    def one(self, seed: int) -> SimpleNamespace:
        self.tried.append(seed)
        return SimpleNamespace(broken=[FOUND] if self.planted and seed in self.catching else [])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where catchers are written down."""
    path = tmp_path / "catchers.txt"
    monkeypatch.setattr(report, "CATCHERS", path)
    path.write_text("")
    return path


def sought(histories: Histories, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, str] | None:
    monkeypatch.setattr(report, "PLANTED", {BUG: histories.bug})
    monkeypatch.setattr(report, "one", histories.one)
    caught = report.catches(WITHIN, 1)
    assert set(caught) == {BUG}
    report.keep_catchers(caught)
    return caught[BUG]


def test_who_caught_it_last_is_tried_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(f"7 {BUG}\n")
    histories = Histories(3, 7)
    assert sought(histories, monkeypatch) == (7, *FOUND)
    assert histories.tried == [7]


def test_a_catcher_that_catches_nothing_any_more_leads_to_the_whole_search(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f"7 {BUG}\n")
    histories = Histories(9)
    assert sought(histories, monkeypatch) == (9, *FOUND)
    assert histories.tried == [7, *range(7), 8, 9]
    assert file.read_text() == f"9 {BUG}\n"


@pytest.mark.parametrize("known", ["", f"7 {BUG}\n", "7 a bug that is no more\n"])
def test_a_bug_that_no_seed_catches_is_said_after_every_seed_was_tried(
    known: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(known)
    histories = Histories()
    assert sought(histories, monkeypatch) is None
    assert sorted(histories.tried) == list(range(WITHIN))
    assert file.read_text() == ""


def test_what_was_written_down_is_of_bugs_that_are_planted_and_seeds_that_are_tried() -> None:
    known = report.catchers()
    assert set(known) <= set(PLANTED)
    assert set(known.values()) <= set(range(CAUGHT_WITHIN))
