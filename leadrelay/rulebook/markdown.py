"""Lines of Markdown: how generated pages write tables and code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def paragraph(text: object, before: str = "") -> Iterator[str]:
    """The text in one line, whatever its own lines were, and an empty one after it; nothing for no text."""
    if text:
        yield from (before + " ".join(str(text).split()), "")


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """A table with these columns, and an empty line after it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split()).replace("|", "\\|")


def code(text: str | None) -> str:
    """The text as code; nothing for None."""
    return "" if text is None else f"`{' '.join(text.split())}`"
