"""Pages as a browser reads them."""

from __future__ import annotations

from html.parser import HTMLParser

BAD = "<img src=x onerror=alert(1)>\"'&"
"""What comes from outside may be anything."""


class _Reader(HTMLParser):
    """What a browser makes of a page: every tag is closed by its own, ids are there once."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(page: str) -> _Reader:
    """The page, which must be well made."""
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    ids = [each["id"] for _, each in reader.tags if "id" in each]
    assert len(ids) == len(set(ids)), ids
    assert not [each for _, each in reader.tags if "style" in each or any(name.startswith("on") for name in each)]
    assert not reader.all("script")
    return reader


def hrefs(page: str) -> list[str]:
    return [each["href"] or "" for each in read(page).all("a") if each.get("href")]
